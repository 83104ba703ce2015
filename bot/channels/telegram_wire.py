"""The line to a Bot API server: python-telegram-bot as transport, and what its errors mean."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.channels.port import Blocked, Outcome, Refused, Retry, Unknown
from bot.channels.telegram_updates import decoded, sound

log = logging.getLogger(__name__)

PUBLIC_SERVER = "https://api.telegram.org"
_TOO_FAST = 429
# The server answered that it did nothing. After a 504 nobody knows.
_NOT_SERVED = (500, 502, 503)
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
_NOBODY_THERE = ("chat not found", "user not found", "peer_id_invalid")
_SOON, _LATER = 3.0, 60.0


class TooFastError(TelegramError):
    """Too many messages; `after` is how many seconds to wait."""

    def __init__(self, after: float) -> None:
        super().__init__("too fast")
        self.after = after


class NotServedError(TelegramError):
    """The server could not do it now, and said so."""


class _Request(HTTPXRequest):
    """Sorts out the answers that the library would only warn about, or write into the log."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        code, payload = await super().do_request(*args, **kwargs)
        if code == _TOO_FAST:
            raise TooFastError(_wait_asked(payload))
        if code in _NOT_SERVED:
            raise NotServedError(str(code))
        return code, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            data = decoded(payload)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            raise TelegramError("not an answer of a Bot API server")
        return data


class _Updates(_Request):
    """Lets no unreadable update hold up the others; its number stays, so that it is passed."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        data = _Request.parse_json_payload(payload)
        if isinstance(data.get("result"), list):
            data["result"] = [_kept(raw) for raw in data["result"] if _number(raw) is not None]
        return data


def _kept(raw: Any) -> Any:
    if sound(raw) is not None:
        return raw
    log.warning("update %d cannot be read", _number(raw))
    return {"update_id": _number(raw)}


def _number(raw: Any) -> int | None:
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) else None


def _wait_asked(payload: bytes) -> float:
    try:
        return max(1.0, float(json.loads(payload)["parameters"]["retry_after"]))
    except (ValueError, KeyError, TypeError):
        return _SOON


class Wire:
    """The connections of one bot. They are open as long as somebody uses them."""

    def __init__(self, token: str, base_url: str = "") -> None:
        """`base_url` lets another Bot API server stand in for Telegram's own."""
        self._request = _Request(
            read_timeout=20.0, connect_timeout=10.0, write_timeout=10.0, pool_timeout=5.0
        )
        self._updates = _Updates(
            connection_pool_size=2, read_timeout=10.0, connect_timeout=10.0, write_timeout=10.0
        )
        server = (base_url or PUBLIC_SERVER).rstrip("/")
        self.bot = Bot(
            token,
            base_url=f"{server}/bot",
            request=self._request,
            get_updates_request=self._updates,
        )
        self._users = 0
        self._door = asyncio.Lock()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Bot]:
        """Use the bot. The last one to leave closes the connections."""
        async with self._door:
            self._users += 1
            await self._request.initialize()
            await self._updates.initialize()
        try:
            yield self.bot
        finally:
            async with self._door:
                self._users -= 1
                if not self._users:
                    await self._request.shutdown()
                    await self._updates.shutdown()


def outcome(error: TelegramError) -> Outcome:
    """What became of a message whose sending ended in an error."""
    match error:
        case TooFastError(after=after):
            return Retry(after)
        case NotServedError():
            return Retry(_SOON)
        case Forbidden():
            return Blocked()
        case BadRequest(message=reason) if reason.lower().startswith(_NOBODY_THERE):
            return Blocked()
        case BadRequest(message=reason):
            return Refused(_without_numbers(reason))
        case ChatMigrated():
            return Refused("the group has another id now")
        case InvalidToken() | Conflict():
            log.error("Telegram does not know this bot: is the token right?")
            return Retry(_LATER)
        case NetworkError() if isinstance(error.__cause__, _NEVER_SENT):
            return Retry(_SOON)
    return Unknown(type(error.__cause__ or error).__name__)


def _without_numbers(reason: str) -> str:
    return "".join("#" if sign.isdecimal() else sign for sign in reason[:120])
