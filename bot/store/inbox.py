"""Incoming messages: stored before they are acknowledged, each only once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store import outbox
from bot.store.conversations import find_or_create, hold_lightly, mark_heard
from bot.store.db import vault
from bot.store.models import Conversation, Inbox

INTERNAL = "internal"
OnHeld = Literal["release", "open", "drop"]

# Built once: building them anew took longer than running them.
_OLDEST = (
    select(Inbox.id, Inbox.channel, Inbox.sealed)
    .where(Inbox.conversation_id == bindparam("conversation"), Inbox.done_at.is_(None))
    .order_by(Inbox.id)
    .limit(1)
)
_IS_WAITING = select(Inbox.id).where(
    Inbox.id == bindparam("row"),
    Inbox.conversation_id == bindparam("conversation"),
    Inbox.done_at.is_(None),
)
_DONE = (
    update(Inbox)
    .where(Inbox.id == bindparam("row"))
    .values(done_at=bindparam("now"), sealed=None, failed=bindparam("without"))
    .execution_options(synchronize_session=False)
)
# Only what is known already is no error: a conversation that has just gone is one, and the
# platform sends the message again.
_ADD = {
    name: insert(Inbox)
    .on_conflict_do_nothing(index_elements=("channel", "message"))
    .returning(Inbox.id)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A message that is stored. `released`: answers that were held until then may leave now."""

    conversation_id: int
    released: bool


def put(
    session: Session,
    channel: str,
    address: str,
    key: str,
    body: dict[str, Any],
    *,
    language: str,
    now: datetime,
    at: datetime | None = None,
    formerly: str | None = None,
    on_held: OnHeld = "release",
) -> Stored | None:
    """Store one message of a platform; None for a duplicate.

    `at`: when it was written, by the platform's clock. `on_held`: what it means for answers that
    were held. `open` says no more than that they may come, and is done with that where there are
    any; after `drop` they are not wanted.
    """
    conversation = _held(session, channel, address, language, now, formerly)
    message = vault(session).pseudonym("message", channel, address, key)
    row_id = _add(session, conversation.id, channel, message, body, now)
    if row_id is None:
        return None
    mark_heard(conversation, at or now, now)
    if not conversation.holding:
        return Stored(conversation.id, released=False)
    conversation.holding = False
    if on_held == "drop":
        outbox.drop_held(session, conversation.id)
        return Stored(conversation.id, released=False)
    released = outbox.release(session, conversation.id, now) > 0
    if released and on_held == "open":
        done(session, row_id, now)
    return Stored(conversation.id, released)


def _held(
    session: Session,
    channel: str,
    address: str,
    language: str,
    now: datetime,
    formerly: str | None,
) -> Conversation:
    """The conversation, held: whether answers wait for this message must not change meanwhile."""
    conversation = find_or_create(session, channel, address, language, now, formerly)
    if hold_lightly(session, conversation.id) is None:
        # It was erased in between: this message begins a new one.
        session.expunge(conversation)
        return find_or_create(session, channel, address, language, now)
    return conversation


def put_event(
    session: Session, conversation_id: int, key: str, body: dict[str, Any], now: datetime
) -> bool:
    """Store something that happened inside, in the same order as messages. False: known."""
    message = vault(session).pseudonym("message", INTERNAL, key)
    return _add(session, conversation_id, INTERNAL, message, body, now) is not None


def _add(
    session: Session,
    conversation_id: int,
    channel: str,
    message: str,
    body: dict[str, Any],
    now: datetime,
) -> int | None:
    row = {
        "conversation_id": conversation_id,
        "channel": channel,
        "message": message,
        "sealed": vault(session).seal(body),
        "received_at": now,
        "failed": False,
    }
    return session.scalar(_ADD[session.get_bind().dialect.name], row)


def waiting(session: Session, limit: int = 500) -> Sequence[int]:
    """Conversations with something to do, the longest waiting first."""
    return session.scalars(
        select(Inbox.conversation_id)
        .where(Inbox.done_at.is_(None))
        .group_by(Inbox.conversation_id)
        .order_by(func.min(Inbox.id))
        .limit(limit)
    ).all()


def oldest(session: Session, conversation_id: int) -> tuple[int, str, dict[str, Any]] | None:
    """The next message of a conversation: its row's id, its channel and its body."""
    row = session.execute(_OLDEST, {"conversation": conversation_id}).first()
    if row is None or row.sealed is None:
        return None
    return row.id, row.channel, vault(session).open(row.sealed)


def is_waiting(session: Session, conversation_id: int, row_id: int) -> bool:
    """Whether a message is still there, in this conversation, and nobody took it meanwhile."""
    found = session.scalar(_IS_WAITING, {"row": row_id, "conversation": conversation_id})
    return found is not None


def done(session: Session, row_id: int, now: datetime, *, failed: bool = False) -> None:
    """Forget what a message said; keep that it was handled."""
    session.execute(_DONE, {"row": row_id, "now": now, "without": failed})


def unhandled(session: Session, conversation: Conversation) -> bool:
    """Whether a conversation still has something to do."""
    return oldest(session, conversation.id) is not None
