"""Answers on their way, in order per conversation."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from bot.store.conversations import address_of
from bot.store.db import vault
from bot.store.models import Conversation, Outbox
from bot.store.vault import WrongKeyError
from flows.say import Say

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=60)

# Built once: building them anew took longer than running them.
_FIRST = (
    select(Outbox)
    .where(Outbox.conversation_id == bindparam("conversation"), Outbox.status == "waiting")
    .order_by(Outbox.id)
    .limit(1)
    # Waits for who is claiming: the answer after this one must not leave before it.
    .with_for_update()
)
_FINISH = (
    update(Outbox)
    .where(Outbox.id == bindparam("row"))
    .values(
        sealed=None,
        claimed_until=None,
        status=bindparam("become"),
        sent_at=bindparam("left"),
        platform_id=bindparam("platform"),
        error=bindparam("reason"),
    )
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """The next answer of a conversation, claimed for sending."""

    id: int
    conversation_id: int
    channel: str
    address: str
    say: Say
    language: str
    seq: int
    parts_sent: int
    attempts: int
    was_unknown: bool


def put(
    session: Session, conversation_id: int, say: Say, *, language: str, seq: int, now: datetime
) -> Outbox:
    """Add an answer."""
    row = Outbox(
        conversation_id=conversation_id,
        sealed=vault(session).seal(say.to_json()),
        language=language,
        seq=seq,
        created_at=now,
        due_at=now,
    )
    session.add(row)
    session.flush()
    return row


def waiting(session: Session, now: datetime, limit: int = 500) -> Sequence[int]:
    """Conversations whose first waiting answer may leave now."""
    first = (
        select(func.min(Outbox.id))
        .where(Outbox.status == "waiting")
        .group_by(Outbox.conversation_id)
    )
    return session.scalars(
        select(Outbox.conversation_id)
        .where(Outbox.id.in_(first), Outbox.due_at <= now, _free(now))
        .order_by(Outbox.id)
        .limit(limit)
    ).all()


def _free(now: datetime) -> Any:
    return or_(Outbox.claimed_until.is_(None), Outbox.claimed_until <= now)


def claim(session: Session, conversation_id: int, now: datetime) -> Leaving | None:
    """Take the first waiting answer of a conversation; None when there is none or it must wait.

    A claim that ran out belongs to a process that died while sending: whether that answer
    arrived is not known, and it leaves once more.
    """
    row = session.scalar(_FIRST, {"conversation": conversation_id})
    if row is None or row.sealed is None or row.due_at > now:
        return None
    if row.claimed_until is not None and row.claimed_until > now:
        return None
    try:
        say = Say.from_json(vault(session).open(row.sealed))
    except (WrongKeyError, ValueError, LookupError, TypeError) as error:
        # What cannot be read must not keep what was sent before it from being settled.
        log.error("answer %d cannot be read: %s", row.id, type(error).__name__)
        failed(session, row.id, "cannot be read")
        return claim(session, conversation_id, now)
    conversation = session.get_one(Conversation, conversation_id)
    was_unknown = row.error == "unknown"
    row.claimed_until = now + CLAIM
    row.attempts += 1
    return Leaving(
        id=row.id,
        conversation_id=conversation_id,
        channel=conversation.channel,
        address=address_of(session, conversation),
        say=say,
        language=row.language,
        seq=row.seq,
        parts_sent=row.parts_sent,
        attempts=row.attempts,
        was_unknown=was_unknown,
    )


def part_sent(session: Session, row_id: int, parts: int, now: datetime) -> None:
    """Remember how many parts of a long answer have left; the claim holds for the next one."""
    session.execute(
        update(Outbox)
        .where(Outbox.id == row_id)
        .values(parts_sent=parts, claimed_until=now + CLAIM)
    )


def sent(session: Session, row_id: int, platform_id: str, now: datetime) -> None:
    """The platform took it: forget the words."""
    _finish(session, row_id, become="sent", left=now, platform=platform_id[:120])


def failed(session: Session, row_id: int, reason: str) -> None:
    """The platform will never take it."""
    _finish(session, row_id, become="failed", reason=reason[:200])


def _finish(
    session: Session,
    row_id: int,
    *,
    become: str,
    left: datetime | None = None,
    platform: str | None = None,
    reason: str | None = None,
) -> None:
    values = {"become": become, "left": left, "platform": platform, "reason": reason}
    session.execute(_FINISH, {"row": row_id, **values})


def later(session: Session, row_id: int, due: datetime, *, unknown: bool = False) -> None:
    """Try again at `due`. Whose delivery was unknown once stays so, whatever comes after."""
    again = update(Outbox).where(Outbox.id == row_id).values(due_at=due, claimed_until=None)
    session.execute(again.values(error="unknown") if unknown else again)


def drop(session: Session, conversation_id: int, reason: str) -> None:
    """Send nothing more of what was waiting."""
    session.execute(
        update(Outbox)
        .where(Outbox.conversation_id == conversation_id, Outbox.status == "waiting")
        .values(status="failed", sealed=None, claimed_until=None, error=reason[:200])
    )


def is_empty(session: Session, conversation_id: int) -> bool:
    """Whether nothing waits to leave."""
    return (
        session.scalar(
            select(Outbox.id)
            .where(Outbox.conversation_id == conversation_id, Outbox.status == "waiting")
            .limit(1)
        )
        is None
    )


def next_due(session: Session, conversation_id: int) -> datetime | None:
    """When the first waiting answer of a conversation may leave."""
    return session.scalar(
        select(Outbox.due_at)
        .where(Outbox.conversation_id == conversation_id, Outbox.status == "waiting")
        .order_by(Outbox.id)
        .limit(1)
    )
