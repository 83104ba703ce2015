"""Sends what turns decided: in order per conversation, patiently, and never in vain."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio.to_thread
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.channels.port import (
    Blocked,
    Channel,
    Outcome,
    Refused,
    Rendered,
    Retry,
    Sent,
    Shut,
    Unknown,
    Windowed,
)
from bot.clock import Clock
from bot.lanes import Lanes
from bot.metrics import SENT
from bot.store import consents, conversations, outbox, retention
from bot.store.db import Database
from bot.store.outbox import Leaving
from bot.trouble import told
from flows.say import Say

log = logging.getLogger(__name__)

Render = Callable[[Say, str, int, Channel], tuple[Rendered, ...]]

_AT_ONCE = 32
_FIRST_WAIT = 2.0
_LONGEST_WAIT = 900.0
# Some nine hours with the waits above: longer than any outage worth waiting for in a chat.
_MOST_ATTEMPTS = 40
# Before a window shuts: what the platform takes may yet be too late where it counts.
_MARGIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Held:
    """It waits until the resident writes; `reason` is one of `bot.store.outbox.HELD`.

    `knock` is the platform's id of a knock that left just now.
    """

    reason: str
    knock: str | None = None


@dataclass(frozen=True, slots=True)
class KnockLater:
    """The resident cannot be asked to write now; try again after so many seconds."""

    after: float


class Outbox:
    """Drains the outbox through the channels."""

    def __init__(
        self, database: Database, channels: Mapping[str, Channel], render: Render, clock: Clock
    ) -> None:
        self._database = database
        self._channels = channels
        self._render = render
        self._clock = clock
        self.lanes = Lanes(self._send_all, self._postponed, self._waiting, _AT_ONCE)

    def _waiting(self) -> list[int]:
        """Conversations with an answer that could leave now."""
        with self._database.read() as session:
            return list(outbox.waiting(session, self._clock()))

    async def _send_all(self, conversation_id: int) -> None:
        leaving = await anyio.to_thread.run_sync(self._claim, conversation_id)
        while leaving is not None:
            outcome: Outcome | Held | KnockLater = await self._outcome(leaving)
            if isinstance(outcome, Shut):
                outcome = await self._knock(leaving)
            leaving = await anyio.to_thread.run_sync(self._settle, leaving, outcome)

    async def _postponed(self, conversation_id: int, error: DBAPIError) -> None:
        log.warning(
            "sending in conversation %d postponed: %s", conversation_id, type(error).__name__
        )

    async def _outcome(self, leaving: Leaving) -> Outcome:
        channel = self._channels.get(leaving.channel)
        if channel is None:
            outcome: Outcome = Retry(_LONGEST_WAIT)
        elif isinstance(channel, Windowed) and self._is_shut(leaving, channel.window):
            outcome = Shut()
        else:
            outcome = await self._send(leaving, channel)
        SENT.labels(leaving.channel, type(outcome).__name__.lower()).inc()
        log.info(
            "answer %d conversation=%d %s%s",
            leaving.id,
            leaving.conversation_id,
            type(outcome).__name__,
            f" ({outcome.reason})" if isinstance(outcome, Refused) else "",
        )
        return outcome

    async def _send(self, leaving: Leaving, channel: Channel) -> Outcome:
        try:
            messages = self._render(leaving.say, leaving.language, leaving.seq, channel)
        except Exception as error:
            log.error("answer %d cannot be written: %s", leaving.id, told(error))
            return Refused("cannot be written")
        outcome: Outcome = Sent("")
        for number, message in enumerate(messages):
            if number < leaving.parts_sent:
                continue
            try:
                outcome = await channel.send(leaving.address, message)
            except Exception as error:
                log.error("answer %d: sending broke: %s", leaving.id, told(error))
                outcome = Unknown("sending broke")
            if not isinstance(outcome, Sent):
                return outcome
            if number + 1 < len(messages):
                await anyio.to_thread.run_sync(self._part_sent, leaving.id, number + 1)
        return outcome

    def _is_shut(self, leaving: Leaving, window: timedelta) -> bool:
        return leaving.heard_at is None or self._clock() >= leaving.heard_at + window - _MARGIN

    async def _knock(self, leaving: Leaving) -> Outcome | Held | KnockLater:
        """Ask the resident to write, once in a silence, if they agreed to that."""
        channel = self._channels.get(leaving.channel)
        if not isinstance(channel, Windowed):
            return Refused("shut")
        reason = await anyio.to_thread.run_sync(self._why_not_knock, leaving)
        if reason is not None:
            return Held(reason)
        try:
            outcome = await channel.knock(leaving.address, leaving.language)
        except Exception as error:
            log.error("answer %d: knocking broke: %s", leaving.id, told(error))
            outcome = Unknown("knocking broke")
        log.info("knock conversation=%d %s", leaving.conversation_id, type(outcome).__name__)
        match outcome:
            case Sent(message_id):
                return Held("asked", message_id)
            case Unknown():
                return Held("asked", "")
            case Refused(reason):
                return Held(reason)
            case Retry() if leaving.attempts >= _MOST_ATTEMPTS:
                return Held("other")
            case Retry(after):
                return KnockLater(after)
        return outcome

    def _why_not_knock(self, leaving: Leaving) -> str | None:
        with self._database.read() as session:
            if not consents.standing(session, leaving.conversation_id):
                return "no_consent"
            knocked = conversations.knocked_at(session, leaving.conversation_id)
        heard = leaving.heard_at
        return "asked" if knocked is not None and (heard is None or knocked > heard) else None

    def _claim(self, conversation_id: int) -> Leaving | None:
        with self._database.begin() as session:
            return _next(session, conversation_id, self._clock())

    def _part_sent(self, row_id: int, parts: int) -> None:
        with self._database.begin() as session:
            outbox.part_sent(session, row_id, parts, self._clock())

    def _settle(self, leaving: Leaving, outcome: Outcome | Held | KnockLater) -> Leaving | None:
        """Write down what became of an answer; the next one that may leave now."""
        now = self._clock()
        with self._database.begin() as session:
            _write_down(session, leaving, outcome, now)
            return _next(session, leaving.conversation_id, now)


def _write_down(
    session: Session, leaving: Leaving, outcome: Outcome | Held | KnockLater, now: datetime
) -> None:
    match outcome:
        case Held(reason, knock):
            if outbox.hold(session, leaving, reason, now, knock or None) and knock is not None:
                conversations.mark_knocked(session, leaving.conversation_id, now)
        case KnockLater(after):
            due = now + timedelta(seconds=max(after, _wait(leaving.attempts)))
            outbox.knock_later(session, leaving, due, now)
        case Sent(message_id):
            outbox.sent(session, leaving.id, message_id, now)
        case Refused(reason):
            outbox.failed(session, leaving.id, reason)
        case Blocked():
            conversations.mark_blocked(session, leaving.conversation_id, now)
            outbox.drop(session, leaving.conversation_id, "blocked")
        case Unknown() | Retry() if leaving.attempts >= _MOST_ATTEMPTS:
            outbox.failed(session, leaving.id, "gave up")
        case Unknown() if leaving.was_unknown:
            outbox.failed(session, leaving.id, "delivery unknown twice")
        case Unknown():
            due = now + timedelta(seconds=_FIRST_WAIT)
            outbox.later(session, leaving.id, due, unknown=True)
        case Retry(after):
            wait = max(after, _wait(leaving.attempts))
            outbox.later(session, leaving.id, now + timedelta(seconds=wait))


def _next(session: Session, conversation_id: int, now: datetime) -> Leaving | None:
    """Claim the next answer; when none is left, let go of who asked to be forgotten."""
    leaving = outbox.claim(session, conversation_id, now)
    if leaving is None:
        retention.erase_if_done(session, conversation_id)
    return leaving


def _wait(attempts: int) -> float:
    longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(attempts - 1, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
