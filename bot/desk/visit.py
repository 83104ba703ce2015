"""One request of a browser at the desk: who it is, and whether it may."""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, quote

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.desk.desk import Desk
from bot.desk.pages import Pages
from bot.store import staff
from bot.store.models import Staff
from bot.store.staff import Login
from bot.web_security import from_own_page, is_secure

COOKIE = "voordeur_desk"
HOME = "/desk"
CODE = re.compile(r"[A-Z0-9]{3}-[A-Z0-9]{3}")
_MOST_BYTES = 256 * 1024
_MOST_FIELDS = 20
# Writing down every page view would make readers wait for one another.
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request by somebody who is logged in."""

    me: Staff
    csrf: str
    token: str
    code: str
    query: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """An answer to a visit; `turn` is the conversation in whose inbox an event was put."""

    response: Response
    turn: int | None = None


Handler = Callable[[Visit], Done]
Endpoint = Callable[[Request], Awaitable[Response]]


class Guard:
    """Lets only people in who are logged in, and only posts that come from our own forms."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages

    def reads(self, handler: Handler, *, by_itself: bool = False) -> Endpoint:
        """An endpoint that shows something.

        What a page fetches `by_itself` is no sign that somebody is still at work.
        """

        async def endpoint(request: Request) -> Response:
            done = await anyio.to_thread.run_sync(
                self._serve, request, handler, None, not by_itself
            )
            return done.response

        return endpoint

    def writes(self, handler: Handler) -> Endpoint:
        """An endpoint that does something: only with the form's token, from our own page."""

        async def endpoint(request: Request) -> Response:
            form = await self.form(request)
            if isinstance(form, Response):
                return form
            done = await anyio.to_thread.run_sync(self._serve, request, handler, form, True)
            if done.turn is not None:
                self._desk.start_turn(done.turn)
            return done.response

        return endpoint

    async def form(self, request: Request) -> Mapping[str, str] | HTMLResponse:
        """The fields of a form of our own page, or a refusal."""
        if not from_own_page(request, self._desk.public_url):
            return self._forged()
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BYTES:
                return self._pages.refuse(413, "Dat is te veel tekst", ["Maak je bericht korter."])
        try:
            fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            return self._pages.refuse(400, "Dit begrijpt het bureau niet", ["Probeer het opnieuw."])
        return dict(fields)

    def login(self, request: Request) -> Login | None:
        """Who is logged in in this browser. Reads the database: not for the event loop."""
        token = request.cookies.get(COOKIE, "")
        if not token:
            return None
        with self._desk.database.read() as session:
            return staff.logged_in(session, token, self._desk.clock())

    def remember(self, request: Request, response: Response, token: str) -> None:
        """Give the browser its login; gone when the browser closes."""
        secure = is_secure(request, self._desk.public_url)
        response.set_cookie(
            COOKIE, token, path=HOME, httponly=True, samesite="strict", secure=secure
        )

    def _serve(
        self, request: Request, handler: Handler, form: Mapping[str, str] | None, at_work: bool
    ) -> Done:
        found = self.login(request)
        if found is None:
            return Done(self._not_logged_in(request))
        given = (form or {}).get("csrf", "")
        if form is not None and not hmac.compare_digest(given.encode(), found.csrf.encode()):
            return Done(self._forged())
        now, token = self._desk.clock(), request.cookies[COOKIE]
        if at_work and found.seen_at <= now - _SEEN_EVERY:
            with self._desk.database.begin() as session:
                staff.seen(session, token, now)
        code = request.path_params.get("code", "").upper()
        return handler(
            Visit(
                me=found.staff,
                csrf=found.csrf,
                token=token,
                code=code if CODE.fullmatch(code) else "",
                query=request.query_params,
                form=form or {},
            )
        )

    def _not_logged_in(self, request: Request) -> Response:
        path = request.url.path
        if request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
            # From a link elsewhere the browser keeps a strict cookie back, once.
            return self._pages.show("again.html", me=None, path=path)
        to = f"?to={quote(path)}" if way_back(path) != HOME else ""
        return RedirectResponse(f"/desk/login{to}", status_code=303)

    def _forged(self) -> HTMLResponse:
        lines = [
            "Dit formulier hoort niet bij deze pagina, of je was intussen uitgelogd.",
            "Ga terug, herlaad de pagina en probeer het opnieuw.",
        ]
        return self._pages.refuse(403, "Dat mag niet", lines)


def way_back(path: str) -> str:
    """Where to go after logging in: a request's page, or else the queue."""
    code = path.removeprefix(f"{HOME}/")
    return path if CODE.fullmatch(code) and path == f"{HOME}/{code}" else HOME


def written_code(typed: str) -> str:
    """A code however somebody typed it, such as "kpm7rt"; empty when it cannot be one."""
    signs = "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum())
    code = f"{signs[:3]}-{signs[3:]}"
    return code if CODE.fullmatch(code) else ""
