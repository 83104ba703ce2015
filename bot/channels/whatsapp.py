"""WhatsApp as a channel. The library only carries; what is said lives in the inbox and outbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import httpx
from starlette.routing import Route

from bot.channels import whatsapp_templates, whatsapp_webhook
from bot.channels.pace import Pacer
from bot.channels.port import Outcome, Receive, Refused, Rendered
from bot.channels.whatsapp_errors import GraphError
from bot.channels.whatsapp_updates import NAME, Became, Json, Moved, Said, Seen, parts, read
from bot.channels.whatsapp_wire import Wire
from bot.channels.whatsapp_write import LIMITS, written
from bot.trouble import told

log = logging.getLogger(__name__)

# The platform's limits: one message in six seconds to a person, which may be saved up for a while
# (it allows 45), and 80 a second in all.
_PERSON_SECONDS, _BURST, _ALL_A_SECOND = 6.0, 30, 80
_WINDOW = timedelta(hours=24)
_NOTED_SECONDS = 10.0

Write = Callable[[str, str], str]
"""The words of a key in a language."""


class WhatsAppChannel:
    """The bot on WhatsApp. Addresses name our number and the person (see `whatsapp_updates`)."""

    name = NAME
    limits = LIMITS
    window = _WINDOW

    def __init__(
        self,
        wire: Wire,
        *,
        numbers: Sequence[str],
        write: Write,
        became: Callable[[Became], Awaitable[bool]],
        moved: Callable[[Moved], Awaitable[None]],
        pacer: Pacer | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`numbers` are the ids of our numbers.

        `became` is told what the platform says of answers that left, and whether one was ours is
        what it returns; `moved` is told who has another address. Both raise when that could not
        be stored. `sleep` waits for so many seconds.
        """
        self._wire = wire
        self._numbers = frozenset(numbers)
        self._write = write
        self._became = became
        self._moved = moved
        self._pacer = pacer or Pacer(_PERSON_SECONDS, _ALL_A_SECOND, _BURST)
        self._sleep = sleep
        self._asides: set[asyncio.Task[None]] = set()

    async def send(self, address: str, message: Rendered) -> Outcome:
        """Deliver one message."""
        content = written(message, self._write("whatsapp.choose", message.language))
        async with self._pacer.turn(address):
            return await self._wire.send(address, content)

    async def knock(self, address: str, language: str) -> Outcome:
        """Send the template that says that something waits, in the language, if there is one."""
        template = whatsapp_templates.knock(language)
        if template is None:
            return Refused("no_template")
        async with self._pacer.turn(address):
            return await self._wire.send(address, template)

    async def run(self, receive: Receive) -> None:  # noqa: ARG002 - the platform posts by itself
        """Keep the connections open until cancelled."""
        async with self._wire.open():
            try:
                await asyncio.Event().wait()
            finally:
                for task in self._asides:
                    task.cancel()
                await self.at_rest()

    def routes(self, app_secret: str, verify_token: str, receive: Receive) -> list[Route]:
        """The webhook's routes."""

        async def take(body: Json) -> None:
            await self._take(read(body, self._numbers), receive)

        return whatsapp_webhook.routes(app_secret, verify_token, take)

    async def _take(self, seen: Sequence[Seen], receive: Receive) -> None:
        """Store what was said and what became of answers. Raises what storing raises.

        What was said is received whatever becomes of the rest: it may be a cry for help.
        """
        said = [one for one in seen if isinstance(one, Said)]
        try:
            for one in seen:
                # First: what they said under the new address is theirs as well.
                if isinstance(one, Moved):
                    await self._moved(one)
        finally:
            if said:
                await receive(tuple(one.incoming for one in said))
        for one in seen:
            if isinstance(one, Became) and not await self._became(one):
                self._aside(self._again(one))
        # One tick for each person: reading the last message reads those before it.
        for one in {parts(one.incoming.address): one for one in said}.values():
            self._aside(self._wire.seen(one.number, one.message_id))

    async def at_rest(self) -> None:
        """Return when nothing is done aside any more."""
        while self._asides:
            await asyncio.gather(*self._asides, return_exceptions=True)

    async def _again(self, one: Became) -> None:
        """News of an answer may be faster than our own note that it left: look once more."""
        await self._sleep(_NOTED_SECONDS)
        await self._became(one)

    def _aside(self, work: Awaitable[None]) -> None:
        """Do what may fail, without keeping anybody waiting."""

        async def quietly() -> None:
            try:
                await work
            except (GraphError, httpx.HTTPError) as error:
                log.info("left undone on WhatsApp: %s", type(error).__name__)
            except Exception as error:
                log.error("left undone on WhatsApp: %s", told(error))

        task = asyncio.create_task(quietly())
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)
