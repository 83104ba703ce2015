"""The way in and out: login, the first login by a link, logout."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.desk import passwords
from bot.desk.desk import Desk
from bot.desk.pages import Pages
from bot.desk.visit import COOKIE, HOME, Done, Guard, Visit, way_back
from bot.store import audit, staff
from bot.web_security import Pace

_MOST_TRIES = 30
_TRIES_SPAN = timedelta(minutes=10)


class Door:
    """Lets staff in and out."""

    def __init__(self, desk: Desk, pages: Pages, guard: Guard) -> None:
        self._desk = desk
        self._pages = pages
        self._guard = guard
        self._pace = Pace(_MOST_TRIES, _TRIES_SPAN, desk.clock)
        self._salt = secrets.token_bytes(16)

    def routes(self) -> list[Route]:
        """The routes of the way in and out."""
        return [
            Route("/desk/login", self.show_login),
            Route("/desk/login", self.log_in, methods=["POST"]),
            Route("/desk/logout", self._guard.writes(self.log_out), methods=["POST"]),
            Route("/desk/first/{token}", self.show_first),
            Route("/desk/first/{token}", self.set_password, methods=["POST"]),
        ]

    # Login.

    async def show_login(self, request: Request) -> Response:
        """The login form, or the queue for who is in already."""
        to = way_back(request.query_params.get("to", ""))
        if await anyio.to_thread.run_sync(self._guard.login, request) is not None:
            return RedirectResponse(to, status_code=303)
        return self._login_page(to)

    def _login_page(self, to: str, email: str = "", *, wrong: bool = False) -> Response:
        status = 422 if wrong else 200
        return self._pages.show("login.html", status, me=None, to=to, email=email, wrong=wrong)

    async def log_in(self, request: Request) -> Response:
        """Check who it is. The answer is the same for a wrong password and an unknown address."""
        form = await self._posted(request)
        if isinstance(form, Response):
            return form
        to, email = way_back(form.get("to", "")), form.get("email", "")
        token = await anyio.to_thread.run_sync(self._log_in, email, form.get("password", ""))
        if token is None:
            return self._login_page(to, email, wrong=True)
        response = RedirectResponse(to, status_code=303)
        self._guard.remember(request, response, token)
        return response

    def _log_in(self, email: str, password: str) -> str | None:
        with self._desk.database.read() as session:
            person = staff.by_email(session, email)
        # Outside any transaction: it takes long on purpose.
        right = passwords.fits(None if person is None else person.password_hash, password)
        now = self._desk.clock()
        with self._desk.database.begin() as session:
            person = staff.by_email(session, email)
            if person is None or not person.active or staff.is_locked(person, now):
                audit.add(session, None if person is None else person.id, "login_failed", now)
                return None
            if not right:
                locked = staff.count_wrong_try(session, person, now)
                audit.add(session, person.id, "login_locked" if locked else "login_failed", now)
                return None
            staff.forgive(person)
            audit.add(session, person.id, "login", now)
            return staff.log_in(session, person, now)

    def log_out(self, visit: Visit) -> Done:
        """End the login, here and in every tab."""
        with self._desk.database.begin() as session:
            staff.log_out(session, visit.token)
            audit.add(session, visit.me.id, "logout", self._desk.clock())
        response = RedirectResponse("/desk/login", status_code=303)
        response.delete_cookie(COOKIE, path=HOME)
        return Done(response)

    # The one-time link. Looking at it does not use it: mail programs look at links too.

    async def show_first(self, request: Request) -> Response:
        """The form for the first password."""
        return await anyio.to_thread.run_sync(self._first_page, request.path_params["token"])

    def _first_page(self, token: str, problem: str | None = None) -> Response:
        with self._desk.database.read() as session:
            person = staff.link_owner(session, token, self._desk.clock())
        if person is None:
            lines = [
                "Een link werkt één keer en 72 uur lang.",
                "Vraag de beheerder om een nieuwe link. Heb je al een wachtwoord? Log dan in.",
            ]
            return self._pages.refuse(404, "Deze link werkt niet meer", lines)
        said = None if problem is None else self._problem(problem)
        return self._pages.show(
            "first.html",
            200 if said is None else 422,
            me=None,
            person=person,
            problem=said,
            least=passwords.SHORTEST,
            most=passwords.LONGEST,
        )

    def _problem(self, name: str) -> str:
        said = self._pages.view.word("password", name)
        return said.format(least=passwords.SHORTEST, most=passwords.LONGEST)

    async def set_password(self, request: Request) -> Response:
        """Set the password and go in."""
        form = await self._posted(request)
        if isinstance(form, Response):
            return form
        token = request.path_params["token"]
        done = await anyio.to_thread.run_sync(self._set_password, token, form)
        if isinstance(done, Response):
            return done
        response = RedirectResponse(HOME, status_code=303)
        self._guard.remember(request, response, done)
        return response

    def _set_password(self, token: str, form: Mapping[str, str]) -> str | Response:
        now, password = self._desk.clock(), form.get("password", "")
        with self._desk.database.read() as session:
            person = staff.link_owner(session, token, now)
        if person is None:
            return self._first_page(token)
        obvious = self._pages.view.words["obvious"]
        problem = passwords.problem(password, (person.name, person.email), obvious)
        if problem is None and form.get("again") != password:
            problem = "differs"
        if problem is not None:
            return self._first_page(token, problem)
        password_hash = passwords.hashed(password)
        with self._desk.database.begin() as session:
            person = staff.use_link(session, token, password_hash, now)
            if person is not None:
                audit.add(session, person.id, "first_login", now)
                return staff.log_in(session, person, now)
        return self._first_page(token)

    async def _posted(self, request: Request) -> Mapping[str, str] | Response:
        """The fields of a form that strangers can send, unless it is one too many."""
        host = "" if request.client is None else request.client.host
        if not self._pace.allows(hashlib.sha256(self._salt + host.encode()).hexdigest()):
            lines = ["Er is te vaak geprobeerd. Wacht tien minuten en probeer het dan opnieuw."]
            return self._pages.refuse(429, "Even wachten", lines)
        return await self._guard.form(request)
