"""The line to the Graph API: pywa as transport, and nothing of what it can do besides."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx
from pywa_async.client import WhatsApp
from pywa_async.errors import WhatsAppError

from bot.channels import whatsapp_errors
from bot.channels.port import Outcome, Retry, Sent, Unknown
from bot.channels.whatsapp_errors import GraphError
from bot.channels.whatsapp_updates import parts
from bot.channels.whatsapp_write import Message

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

PUBLIC_SERVER = "https://graph.facebook.com"
VERSION = "26.0"
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
)
_SOON = 3.0
_TIMEOUT = httpx.Timeout(20.0, connect=10.0, write=10.0, pool=5.0)
# The library writes texts and numbers into its log, at the level for finding bugs.
_QUIET = ("pywa", "pywa_async")


class Wire:
    """The connections of one account. They are open as long as somebody uses them."""

    def __init__(self, token: str, base_url: str = "") -> None:
        """`base_url` lets another server stand in for the platform's own."""
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.ERROR)
        self._token = token
        self._base_url = f"{(base_url or PUBLIC_SERVER).rstrip('/')}/v{VERSION}"
        self._session: httpx.AsyncClient | None = None
        self._client: WhatsApp | None = None
        self._users = 0
        self._door = asyncio.Lock()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[WhatsApp]:
        """Use the client. The last one to leave closes the connections."""
        async with self._door:
            if self._session is None or self._client is None:
                self._session = httpx.AsyncClient(timeout=_TIMEOUT)
                self._client = WhatsApp(
                    token=self._token,
                    session=self._session,
                    # What comes in is checked and told apart by us, before it is stored.
                    skip_duplicate_updates=False,
                    validate_updates=False,
                )
                # The library has set its own.
                self._session.base_url = self._base_url
            self._users += 1
            client = self._client
        try:
            yield client
        finally:
            async with self._door:
                self._users -= 1
                if not self._users:
                    await self._session.aclose()
                    self._session = self._client = None

    async def send(self, address: str, message: Message) -> Outcome:
        """Send one message to an address (see `whatsapp_updates.address`)."""
        number, user = parts(address)
        kind, content = message
        try:
            async with self.open() as client:
                sending = client.api.send_message(
                    sender=number,
                    # A telephone number is only digits; everything else is an id of the platform's.
                    to=user if user.isdecimal() else None,
                    recipient=None if user.isdecimal() else user,
                    recipient_type="individual",
                    typ=kind,
                    msg=content,
                )
                answer = await asked(sending)
        except GraphError as error:
            return whatsapp_errors.outcome(error)
        except _NEVER_SENT:
            return Retry(_SOON)
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            # Broken off, or an answer that is none: it may have gone out.
            return Unknown(type(error).__name__)
        return _sent(answer)

    async def seen(self, number: str, message_id: str) -> None:
        """Show that a message was read and is being answered.

        Raises `GraphError` and httpx's errors.
        """
        async with self.open() as client:
            await asked(client.indicate_typing(message_id, sender=number))


async def asked(work: Awaitable[Answer]) -> Answer:
    """The answer to one request. Raises `GraphError` in place of the library's own error.

    Nothing can be noted on that one, not even where it came from, so it must not leave a `with`.
    """
    try:
        return await work
    except WhatsAppError as error:
        words = error.details or error.message
        raise GraphError(error.code, error.status_code, words) from None


def _sent(answer: Any) -> Outcome:
    try:
        return Sent(str(answer["messages"][0]["id"]))
    except (KeyError, IndexError, TypeError):
        return Unknown("an answer without a message")
