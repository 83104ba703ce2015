"""The web chat's routes: the page, what it posts, and the stream of answers."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import anyio
import anyio.to_thread
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from bot import mydata
from bot.channels import web_post
from bot.channels.port import Incoming, Receive, Rendered, Text
from bot.channels.web import NAME, WebChannel, from_json
from bot.channels.web_browsers import Browsers, new_token
from bot.channels.web_post import Unusable
from bot.channels.web_view import Kept, Page, View
from bot.clock import Clock
from bot.store import conversations, web
from bot.store.db import Database
from bot.store.models import Conversation
from bot.web_security import Pace, SecurityHeaders

log = logging.getLogger(__name__)

_MOST_A_MINUTE = 30
_MOST_PAGES = 8
_HEARTBEAT_SECONDS = 15.0
_ANSWER_SECONDS = 4.0
_LOOK_SECONDS = 0.1
_ALL = 2**62
_TOO_FAST = Unusable(429, "web.too_fast")
_ELSEWHERE = Unusable(403, "web.elsewhere")
_TROUBLE = Unusable(503, "web.trouble")


class Chat:
    """The web chat's pages. A browser is known by a random token in a cookie, and nothing else."""

    def __init__(
        self,
        channel: WebChannel,
        receive: Receive,
        database: Database,
        view: View,
        languages: tuple[str, ...],
        clock: Clock,
        public_url: str = "",
    ) -> None:
        self._channel = channel
        self._receive = receive
        self._database = database
        self._view = view
        self._clock = clock
        self._browsers = Browsers(languages, public_url)
        self._pace = Pace(_MOST_A_MINUTE, timedelta(minutes=1), clock)

    def routes(self) -> list[Route]:
        """Every route of the web chat, each with the strict headers."""
        guard = [Middleware(SecurityHeaders)]
        files = self._view.files
        return [
            Route("/", self.page, middleware=guard),
            Route("/chat/say", self.say, methods=["POST"], middleware=guard),
            Route("/chat/events", self.events, middleware=guard),
            Route("/chat/data", self.data, middleware=guard),
            Route("/chat/wipe", self.wipe, methods=["POST"], middleware=guard),
            Route(files.path, files.serve, middleware=guard),
        ]

    # The page.

    async def page(self, request: Request) -> Response:
        """The page with every answer that is kept for this browser."""
        wiped = "wiped" in request.query_params
        start = request.query_params.get("start", "")[:64]
        return await self._page(request, start=start, notice="web.wiped" if wiped else None)

    async def _page(self, request: Request, status: int = 200, **shown: Any) -> Response:
        token = self._browsers.token(request)
        asked = self._browsers.language(request)
        try:
            language, answers = await self._in_database(_answers, token or "", 0)
        except DBAPIError:
            language, answers = None, []
            status, shown = 503, {"problem": _TROUBLE.words, **shown}
        if language is None and answers:
            last = answers[-1]
            language = last.message.language
            await self._drop_farewell(token or "", last.id or 0)
        answers = [*answers, *shown.pop("in_hand", ())]
        page = Page(language=language or asked, answers=answers, **shown)
        response = HTMLResponse(self._view.page(page), status)
        if token is None:
            self._browsers.remember(request, response, new_token())
        return response

    # What it posts.

    async def say(self, request: Request) -> Response:
        """Take one message. 202 or a redirect once it is stored, and not before."""
        if not self._browsers.is_own(request):
            return await self._refuse(request, _ELSEWHERE)
        fields = await web_post.fields_of(request)
        if isinstance(fields, Unusable):
            return await self._refuse(request, fields)
        posted = web_post.read(fields)
        if isinstance(posted, Unusable):
            return await self._refuse(request, posted)
        token = self._browsers.token(request)
        address = token or new_token()
        unsent = posted.content.text if isinstance(posted.content, Text) else ""
        if not self._pace.allows(self._channel.pseudonym(address)):
            return await self._refuse(request, _TOO_FAST, unsent=unsent)
        incoming = Incoming(
            channel=NAME,
            address=address,
            key=posted.key,
            content=posted.content,
            at=self._clock(),
            language=self._browsers.language(request, str(fields.get("language"))),
        )
        with self._channel.in_hand() as in_hand:
            try:
                await self._receive((incoming,))
            except DBAPIError as error:
                log.error("a message could not be stored: %s", type(error).__name__)
                return await self._refuse(request, _TROUBLE, unsent=unsent, in_hand=in_hand)
        if web_post.is_json(request):
            response: Response = JSONResponse({"new": token is None}, 202)
        else:
            response = await self._after_form(address)
        if token is None:
            self._browsers.remember(request, response, address)
        return response

    async def _after_form(self, address: str) -> Response:
        """Wait for the answer as long as somebody without a script would, then show the page."""
        pseudonym = self._channel.pseudonym(address)
        with (
            self._channel.listeners.join(pseudonym, 0) as listener,
            anyio.move_on_after(_ANSWER_SECONDS),
            suppress(DBAPIError),
        ):
            while not await self._in_database(_at_rest, address):
                await listener.wait(_LOOK_SECONDS)
        return RedirectResponse("/#write", 303)

    async def _refuse(
        self,
        request: Request,
        why: Unusable,
        *,
        unsent: str = "",
        in_hand: list[Rendered] | None = None,
    ) -> Response:
        answers = [Kept(None, message) for message in in_hand or ()]
        if not web_post.is_json(request):
            return await self._page(
                request, why.status, problem=why.words, unsent=unsent, in_hand=answers
            )
        language = answers[0].message.language if answers else await self._language(request)
        return JSONResponse(
            {
                "problem": self._view.word(language, why.words),
                "answers": [self._view.event(answer) for answer in answers],
            },
            why.status,
        )

    # What it hears.

    async def events(self, request: Request) -> Response:
        """Answers as server-sent events, from the last one seen on; the id is the answer's own."""
        token = self._browsers.token(request)
        if token is None:
            # 204 tells a browser not to try again.
            return Response(status_code=204)
        pseudonym = self._channel.pseudonym(token)
        if self._channel.listeners.count(pseudonym) >= _MOST_PAGES:
            return Response(status_code=429)
        last = request.headers.get("last-event-id") or request.query_params.get("after", "")
        seen = int(last) if re.fullmatch(r"[0-9]{1,18}", last) else 0
        return StreamingResponse(
            self._stream(token, pseudonym, seen),
            media_type="text/event-stream",
            headers={"X-Accel-Buffering": "no"},
        )

    async def _stream(self, token: str, pseudonym: str, seen: int) -> AsyncIterator[str]:
        yield "retry: 2000\n\n"
        brought = False
        with self._channel.listeners.join(pseudonym, seen) as listener:
            while not listener.gone:
                try:
                    language, answers = await self._in_database(_answers, token, listener.seen)
                except DBAPIError:
                    language, answers = None, []
                for kept in answers:
                    yield f"id: {kept.id}\ndata: {self._view.event(kept)}\n\n"
                    listener.seen = kept.id or listener.seen
                    brought = True
                if not answers and not await listener.wait(_HEARTBEAT_SECONDS):
                    yield ": still here\n\n"
                    if brought and language is None:
                        # By now the other open pages of this browser have it too.
                        brought = not await self._drop_farewell(token, listener.seen)
        yield "event: gone\ndata: \n\n"

    # Their own data.

    async def data(self, request: Request) -> Response:
        """Everything that is kept about this browser's conversation, as a JSON file."""
        token = self._browsers.token(request)
        try:
            kept = await self._in_database(_everything, token or "")
        except DBAPIError:
            return await self._refuse(request, _TROUBLE)
        name = 'attachment; filename="voordeur.json"'
        return JSONResponse(kept, headers={"Content-Disposition": name})

    async def wipe(self, request: Request) -> Response:
        """Erase the conversation and forget the browser."""
        if not self._browsers.is_own(request):
            return await self._refuse(request, _ELSEWHERE)
        token = self._browsers.token(request)
        if token is not None:
            try:
                await anyio.to_thread.run_sync(self._wipe, token)
            except DBAPIError:
                return await self._refuse(request, _TROUBLE)
            self._channel.listeners.end(self._channel.pseudonym(token))
        language = self._browsers.language(request)
        response = RedirectResponse(f"/?wiped&lang={language}", 303)
        self._browsers.forget(request, response)
        return response

    def _wipe(self, token: str) -> None:
        with self._database.begin() as session:
            conversation = conversations.find(session, NAME, token)
            if conversation is not None:
                web.wipe(session, conversation, self._clock())
            web.drop_farewell(session, self._channel.pseudonym(token), _ALL)

    async def _drop_farewell(self, token: str, seen: int) -> bool:
        """Erase the last words of a conversation that is gone, now that they were shown."""

        def drop() -> None:
            with self._database.begin() as session:
                web.drop_farewell(session, self._channel.pseudonym(token), seen)

        try:
            await anyio.to_thread.run_sync(drop)
        except DBAPIError:
            return False
        return True

    async def _language(self, request: Request) -> str:
        """The language of the conversation, else the one that is asked for."""
        token = self._browsers.token(request)
        try:
            spoken, _ = await self._in_database(_answers, token or "", _ALL)
        except DBAPIError:
            spoken = None
        return spoken or self._browsers.language(request)

    async def _in_database(self, look: Callable[..., Any], token: str, *more: object) -> Any:
        def read() -> Any:
            with self._database.read() as session:
                conversation = conversations.find(session, NAME, token)
                return look(session, conversation, self._channel.pseudonym(token), *more)

        return await anyio.to_thread.run_sync(read)


def _answers(
    session: Session, conversation: Conversation | None, pseudonym: str, seen: int
) -> tuple[str | None, list[Kept]]:
    """The language of a conversation, None once it is gone, and its answers, farewell included."""
    rows = web.after(session, pseudonym, seen)
    answers = [Kept(row_id, from_json(body)) for row_id, body in rows]
    if conversation is None:
        return None, answers
    return conversations.state_of(session, conversation).language, answers


def _at_rest(session: Session, conversation: Conversation | None, _pseudonym: str) -> bool:
    return conversation is None or web.at_rest(session, conversation)


def _everything(
    session: Session, conversation: Conversation | None, pseudonym: str
) -> dict[str, Any]:
    if conversation is None:
        return {}
    answers = [body["text"] for _, body in web.after(session, pseudonym, 0)]
    return {**mydata.export(session, conversation), "answers": answers}
