"""A Bot API server on the loopback: as strict as the real one, with a clock that tests move."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "123456:for-tests-only"
_CHAT_SECONDS = 1.0
_MOST_A_SECOND = 30
_JSON = {
    *("offset", "timeout", "limit", "allowed_updates", "reply_markup", "link_preview_options"),
    *("commands", "scope"),
}
_PARAMS = {
    "sendMessage": {"chat_id", "text", "reply_markup", "link_preview_options"},
    "getUpdates": {"offset", "timeout", "allowed_updates", "limit"},
    "answerCallbackQuery": {"callback_query_id"},
    "leaveChat": {"chat_id"},
    "setMyCommands": {"commands", "scope", "language_code"},
    "setMyDescription": {"description", "language_code"},
    "setMyShortDescription": {"short_description", "language_code"},
    "setWebhook": {"url", "secret_token", "allowed_updates"},
    "deleteWebhook": {"drop_pending_updates"},
}


class VirtualTime:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class _Refusal(Exception):
    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.parameters = parameters


@dataclass
class FakeTelegram:
    """What the server knows. `trouble` holds answers to give before a method works again."""

    time: VirtualTime = field(default_factory=VirtualTime)
    chats: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    sent: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    trouble: dict[str, list[Response | str]] = field(default_factory=dict)
    webhook: dict[str, Any] | None = None
    url: str = ""

    def __post_init__(self) -> None:
        self._updates: list[dict[str, Any]] = []
        self._numbers = iter(range(1_000, 1_000_000))
        self._queries: set[str] = set()
        self._moved = asyncio.Condition()
        self._readers = 0
        self._closing = False

    # What residents do.

    async def brings(self, **what: Any) -> dict[str, Any]:
        """Something happened; `what` is one field of an update."""
        update = {"update_id": next(self._numbers), **what}
        query = what.get("callback_query")
        if isinstance(query, dict):
            self._queries.add(query["id"])
        async with self._moved:
            self._updates.append(update)
            self._moved.notify_all()
        return update

    async def all_read(self) -> None:
        """Return when the bot has confirmed every update."""
        async with asyncio.timeout(20), self._moved:
            await self._moved.wait_for(lambda: not self._updates)

    def to(self, chat: int) -> list[dict[str, Any]]:
        """The messages a chat shows."""
        return [message for message in self.sent if message["chat_id"] == str(chat)]

    def called(self, method: str) -> list[dict[str, Any]]:
        """The parameters of every call of a method."""
        return [params for name, params in self.calls if name == method]

    # What the server does.

    def app(self) -> Starlette:
        """The server."""
        return Starlette(routes=[Route("/bot{token}/{method}", self._answer, methods=["POST"])])

    async def close(self) -> None:
        """Let nobody wait any longer."""
        async with self._moved:
            self._closing = True
            self._moved.notify_all()

    async def _answer(self, request: Request) -> Response:
        method = request.path_params["method"]
        params = {name: _value(name, str(value)) for name, value in (await request.form()).items()}
        self.calls.append((method, params))
        planned = self.trouble.get(method)
        if planned:
            answer = planned.pop(0)
            if isinstance(answer, Response):
                return answer
            if answer == "done, then cut off":
                await self._do(method, params)
            return _CutOff()
        try:
            if request.path_params["token"] != TOKEN:
                raise _Refusal(401, "Unauthorized")
            result = await self._do(method, params)
        except _Refusal as refusal:
            return an_error(refusal.code, str(refusal), **refusal.parameters)
        # With escapes, as Telegram writes: that carries half characters too.
        answer = json.dumps({"ok": True, "result": result})
        return Response(answer, media_type="application/json")

    async def _do(self, method: str, params: dict[str, Any]) -> Any:
        if method not in _PARAMS:
            raise _Refusal(404, "Not Found")
        strange = set(params) - _PARAMS[method]
        if strange:
            raise _Refusal(400, f"Bad Request: the tests know no {strange}")
        does: Callable[[dict[str, Any]], Awaitable[Any]] = getattr(self, f"_{method}")
        return await does(params)

    async def _sendMessage(self, params: dict[str, Any]) -> dict[str, Any]:
        chat, text = str(params["chat_id"]), str(params["text"])
        if chat not in self.chats:
            raise _Refusal(400, "Bad Request: chat not found")
        if chat in self.blocked:
            raise _Refusal(403, "Forbidden: bot was blocked by the user")
        if not text.strip("\u200f\u200e\u200b \n\t"):
            raise _Refusal(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4_096:
            raise _Refusal(400, "Bad Request: message is too long")
        _check_keyboard(params.get("reply_markup"))
        now = self.time()
        recent = [message for message in self.sent if message["at"] > now - 1.0]
        if any(now - one["at"] < _CHAT_SECONDS for one in recent if one["chat_id"] == chat):
            raise _Refusal(429, "Too Many Requests: retry after 7", retry_after=7)
        if len(recent) >= _MOST_A_SECOND:
            raise _Refusal(429, "Too Many Requests: retry after 3", retry_after=3)
        number = next(self._numbers)
        self.sent.append({**params, "chat_id": chat, "text": text, "at": now, "id": number})
        kind = "private" if int(chat) > 0 else "group"
        return {
            "message_id": number,
            "date": 1_795_000_000,
            "chat": {"id": int(chat), "type": kind},
            "text": text,
        }

    async def _getUpdates(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook is not None:
            raise _Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if not params.get("allowed_updates"):
            raise _Refusal(400, "Bad Request: the tests want allowed_updates named")
        self._readers += 1
        reader, offset = self._readers, params.get("offset", 0)
        async with self._moved:
            self._updates = [one for one in self._updates if one["update_id"] >= offset]
            self._moved.notify_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(params.get("timeout", 0)):
                    await self._moved.wait_for(
                        lambda: self._updates or self._closing or reader != self._readers
                    )
        if reader != self._readers:
            raise _Refusal(409, "Conflict: terminated by other getUpdates request")
        return self._updates[:100]

    async def _answerCallbackQuery(self, params: dict[str, Any]) -> bool:
        if str(params["callback_query_id"]) not in self._queries:
            raise _Refusal(400, "Bad Request: query is too old or query ID is invalid")
        return True

    async def _leaveChat(self, params: dict[str, Any]) -> bool:
        self.chats.discard(str(params["chat_id"]))
        return True

    async def _setMyCommands(self, params: dict[str, Any]) -> bool:
        for command in params["commands"]:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise _Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise _Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        return True

    async def _setMyDescription(self, params: dict[str, Any]) -> bool:
        return _no_longer("description", params, 512)

    async def _setMyShortDescription(self, params: dict[str, Any]) -> bool:
        return _no_longer("short_description", params, 120)

    async def _setWebhook(self, params: dict[str, Any]) -> bool:
        if not str(params["url"]).startswith("https://"):
            raise _Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", str(params["secret_token"])):
            raise _Refusal(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = params
        return True

    async def _deleteWebhook(self, params: dict[str, Any]) -> bool:
        self.webhook = None
        return True


class _CutOff(Response):
    """Breaks the connection where an answer was awaited."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


def an_error(code: int, description: str, **parameters: int) -> JSONResponse:
    """An answer that says no."""
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return JSONResponse(body, status_code=code)


def _value(name: str, value: str) -> Any:
    return json.loads(value) if name in _JSON else value


def _no_longer(name: str, params: dict[str, Any], most: int) -> bool:
    if len(params[name]) > most:
        raise _Refusal(400, f"Bad Request: {name} is too long")
    return True


def _check_keyboard(markup: Any) -> None:
    rows = markup["inline_keyboard"] if markup else []
    if sum(len(row) for row in rows) > 100 or any(not 1 <= len(row) <= 8 for row in rows):
        raise _Refusal(400, "Bad Request: reply markup is too long")
    for button in (button for row in rows for button in row):
        if not button["text"]:
            raise _Refusal(400, "Bad Request: inline keyboard button text is empty")
        if not 1 <= len(button["callback_data"].encode()) <= 64:
            raise _Refusal(400, "Bad Request: BUTTON_DATA_INVALID")


@asynccontextmanager
async def serving(telegram: FakeTelegram) -> AsyncIterator[FakeTelegram]:
    """The server, on a port of the loopback."""
    config = uvicorn.Config(
        telegram.app(), port=0, log_level="critical", lifespan="off", ws="none", loop="asyncio"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)
    (port,) = (sock.getsockname()[1] for one in server.servers for sock in one.sockets)
    telegram.url = f"http://127.0.0.1:{port}"
    try:
        yield telegram
    finally:
        await telegram.close()
        server.should_exit = True
        await task
