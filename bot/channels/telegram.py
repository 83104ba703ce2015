"""Telegram as a channel. The library only carries; what is said lives in the inbox and outbox."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import ParamSpec
from urllib.parse import urlsplit

from starlette.routing import Route
from telegram import LinkPreviewOptions, Update
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels import telegram_webhook
from bot.channels.pace import Pacer
from bot.channels.port import Incoming, Outcome, Receive, Rendered, Sent
from bot.channels.telegram_introduction import introduce
from bot.channels.telegram_updates import KINDS, NAME, Closed, InGroup, read
from bot.channels.telegram_wire import TooFastError, Wire, outcome
from bot.channels.telegram_write import LIMITS, keyboard, written
from bot.clock import Clock
from bot.trouble import told

log = logging.getLogger(__name__)

P = ParamSpec("P")

_POLL_SECONDS = 50
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_GROUPS_REMEMBERED = 10_000
# The platform's limits: a message a second to a chat, thirty a second in all.
_CHAT_SECONDS, _ALL_A_SECOND = 1.0, 30
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram brings updates, and the secret by which we know that it is Telegram."""

    url: str
    secret: str

    @property
    def path(self) -> str:
        """The path of the URL."""
        return urlsplit(self.url).path or "/"


class TelegramChannel:
    """The bot on Telegram. Addresses are chat ids."""

    name = NAME
    limits = LIMITS

    def __init__(
        self,
        wire: Wire,
        *,
        languages: Sequence[str],
        write: Callable[[str, str], str],
        closed: Callable[[str], Awaitable[None]],
        clock: Clock,
        webhook: Webhook | None = None,
        staff_chat: str = "",
        pacer: Pacer | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`write` gives the words of a key in a language, for what no conversation says.

        `closed` is told the address of somebody who blocked the bot. `staff_chat` gets notices,
        and is not talked with.
        """
        self._wire = wire
        self._languages = languages
        self._write = write
        self._closed = closed
        self._clock = clock
        self._webhook = webhook
        self._staff_chat = staff_chat
        self._pacer = pacer or Pacer(_CHAT_SECONDS, _ALL_A_SECOND)
        self._sleep = sleep
        self._told: set[str] = set()
        self._asides: set[asyncio.Task[None]] = set()

    async def send(self, address: str, message: Rendered) -> Outcome:
        """Deliver one message."""
        try:
            async with self._pacer.turn(address), self._wire.open() as bot:
                sent = await bot.send_message(
                    address,
                    written(message),
                    reply_markup=None if address == self._staff_chat else keyboard(message),
                    link_preview_options=_NO_PREVIEW,
                )
        except TelegramError as error:
            return outcome(error)
        return Sent(str(sent.message_id))

    async def run(self, receive: Receive) -> None:
        """Receive until cancelled; with a webhook, only hold the line open."""
        async with self._wire.open() as bot:
            self._aside(introduce, bot, self._languages, self._write)
            try:
                if self._webhook is None:
                    await self._poll(receive)
                else:
                    await self._announce(self._webhook)
                    await asyncio.Event().wait()
            finally:
                for task in self._asides:
                    task.cancel()
                await asyncio.gather(*self._asides, return_exceptions=True)

    def routes(self, receive: Receive) -> list[Route]:
        """The webhook's route, when there is a webhook."""
        if self._webhook is None:
            return []

        async def take(update: Update) -> None:
            await self._take((update,), receive)

        return [telegram_webhook.route(self._webhook.path, self._webhook.secret, take)]

    async def _poll(self, receive: Receive) -> None:
        """Read batch after batch; the offset moves only past what is stored.

        A batch that is read again after a crash holds messages the inbox knows already. Once the
        server has nothing left the offset has done its work, and is forgotten: Telegram may
        begin its numbers anew after a quiet week.
        """
        bot = self._wire.bot
        offset: int | None = None
        troubles = 0
        while True:
            try:
                updates = await bot.get_updates(
                    offset=offset, timeout=_POLL_SECONDS, allowed_updates=KINDS
                )
                await self._take(updates, receive)
                offset = updates[-1].update_id + 1 if updates else None
                troubles = 0
            except Exception as error:
                # Whatever it was: nobody is heard while this loop stands still.
                troubles += 1
                if isinstance(error, Conflict) and "webhook" in error.message.lower():
                    log.warning("this bot was on a webhook: taking it off, to read by ourselves")
                    self._aside(bot.delete_webhook)
                else:
                    _tell(error)
                await self._sleep(_wait(error, troubles))

    async def _announce(self, webhook: Webhook) -> None:
        """Ask Telegram to bring updates, as often as it takes."""
        troubles = 0
        while True:
            try:
                await self._wire.bot.set_webhook(
                    webhook.url, secret_token=webhook.secret, allowed_updates=KINDS
                )
                return
            except TelegramError as error:
                troubles += 1
                _tell(error)
                await self._sleep(_wait(error, troubles))

    async def _take(self, updates: Sequence[Update], receive: Receive) -> None:
        """Store what was said. Raises what `receive` raises."""
        batch: list[Incoming] = []
        for update in updates:
            if update.callback_query is not None:
                self._aside(self._stop_spinning, update.callback_query.id)
            match read(update, self._clock()):
                case Incoming() as incoming:
                    batch.append(incoming)
                case Closed(address):
                    await self._closed(address)
                case InGroup() as group:
                    self._tell_group(group)
        if batch:
            await receive(tuple(batch))

    async def _stop_spinning(self, query: str) -> None:
        async with self._wire.open() as bot:
            await bot.answer_callback_query(query)

    def _tell_group(self, group: InGroup) -> None:
        if group.address == self._staff_chat or group.address in self._told:
            return
        if len(self._told) >= _GROUPS_REMEMBERED:
            self._told.clear()
        self._told.add(group.address)
        self._aside(self._leave, group)

    async def _leave(self, group: InGroup) -> None:
        """Say that it talks one to one, and go: who is not there cannot read along."""
        hint = (group.language or "").split("-")[0]
        language = hint if hint in self._languages else self._languages[0]
        async with self._pacer.turn(group.address), self._wire.open() as bot:
            with suppress(TelegramError):
                await bot.send_message(group.address, self._write("telegram.group", language))
            await bot.leave_chat(group.address)

    def _aside(
        self, work: Callable[P, Awaitable[object]], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Do what may fail, without keeping anybody waiting."""

        async def quietly() -> None:
            try:
                await work(*args, **kwargs)
            except TelegramError as error:
                log.info("left undone on Telegram: %s", type(error).__name__)
            except Exception as error:
                log.error("left undone on Telegram: %s", told(error))

        task = asyncio.create_task(quietly())
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)


def _tell(error: Exception) -> None:
    match error:
        case Conflict():
            log.error("another program reads this bot's updates: only one may")
        case InvalidToken():
            log.error("Telegram does not know this token: set VOORDEUR_TELEGRAM_TOKEN right")
        case _:
            log.warning("receiving from Telegram failed: %s", type(error).__name__)


def _wait(error: Exception, troubles: int) -> float:
    if isinstance(error, TooFastError):
        return error.after
    longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(troubles - 1, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
