"""Answers on their way, in order per conversation."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from bot.store.conversations import address_of, hold_lightly
from bot.store.db import vault
from bot.store.models import Conversation, Outbox
from bot.store.vault import WrongKeyError
from flows.say import Say

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=60)
# Why an answer is held: the resident was asked to write, did not agree to that, or cannot be.
HELD = ("asked", "no_consent", "no_template")
# What waits because its resident could not be asked to write yet.
_KNOCKING = "knocking"
# From what says least to what says most.
_DELIVERY = ("sent", "failed", "delivered", "read")

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
    heard_at: datetime | None


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
        heard_at=conversation.heard_at,
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


def hold(
    session: Session, leaving: Leaving, reason: str, now: datetime, knock: str | None = None
) -> bool:
    """Keep an answer until the resident writes; False when they did meanwhile, and it may leave.

    `reason` is for the desk (see `HELD`); `knock` is the platform's id of the message that asked
    them to write.
    """
    if not _still_silent(session, leaving, now):
        return False
    session.execute(
        update(Outbox)
        .where(Outbox.id == leaving.id)
        .values(status="held", claimed_until=None, error=reason, platform_id=knock)
    )
    return True


def knock_later(session: Session, leaving: Leaving, due: datetime, now: datetime) -> None:
    """The resident could not be asked to write yet; the answer may leave as soon as they do."""
    if _still_silent(session, leaving, now):
        session.execute(
            update(Outbox)
            .where(Outbox.id == leaving.id)
            .values(due_at=due, claimed_until=None, error=_KNOCKING)
        )


def _still_silent(session: Session, leaving: Leaving, now: datetime) -> bool:
    conversation = hold_lightly(session, leaving.conversation_id)
    if conversation is None or conversation.heard_at != leaving.heard_at:
        # They wrote while it was on its way: it may leave after all.
        later(session, leaving.id, now)
        return False
    conversation.holding = True
    return True


def release(session: Session, conversation_id: int, now: datetime) -> int:
    """Let what was held leave, before anything newer; how many answers."""
    freed: Any = session.execute(
        update(Outbox)
        .where(Outbox.conversation_id == conversation_id, _is_held())
        .values(status="waiting", due_at=now, error=None, platform_id=None)
    )
    return int(freed.rowcount)


def drop_held(session: Session, conversation_id: int) -> None:
    """Send nothing of what was held: it is not wanted."""
    session.execute(
        update(Outbox)
        .where(Outbox.conversation_id == conversation_id, _is_held())
        .values(status="failed", sealed=None, claimed_until=None, error="not wanted")
    )


def _is_held() -> Any:
    knocking = and_(Outbox.status == "waiting", Outbox.error == _KNOCKING)
    return or_(Outbox.status == "held", knocking)


def held(session: Session) -> Sequence[tuple[str, str, int]]:
    """What is held, over all conversations: reason, language, how many."""
    rows = session.execute(
        select(Outbox.error, Outbox.language, func.count())
        .where(Outbox.status == "held")
        .group_by(Outbox.error, Outbox.language)
        .order_by(Outbox.error, Outbox.language)
    )
    return [(row[0] or "", row[1], row[2]) for row in rows]


def delivery(
    session: Session, platform_id: str, became: str, reason: str | None = None
) -> int | None:
    """Write down what a platform tells of an answer that left; its conversation, None: unknown.

    `became` is sent, delivered, read or failed. News may come in any order: what is further on
    stays, and what was delivered did not fail.
    """
    row = session.scalar(select(Outbox).where(Outbox.platform_id == platform_id).limit(1))
    if row is None:
        return None
    if row.status == "held":
        # It is about the knock; what was held still comes when they write.
        row.error = reason if became == "failed" else row.error
    elif _DELIVERY.index(became) > _DELIVERY.index(row.delivery or "sent"):
        row.delivery = became
        if became == "failed":
            row.status, row.error = "failed", (reason or "other")[:200]
        elif row.status == "failed":
            row.status, row.error = "sent", None
    return row.conversation_id


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
