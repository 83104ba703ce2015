"""Incoming messages: stored before they are acknowledged, each only once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store.conversations import find_or_create
from bot.store.db import vault
from bot.store.models import Conversation, Inbox

INTERNAL = "internal"

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


def put(
    session: Session,
    channel: str,
    address: str,
    key: str,
    body: dict[str, Any],
    *,
    language: str,
    now: datetime,
) -> int | None:
    """Store one message of a platform; its conversation's id, or None for a duplicate."""
    conversation = find_or_create(session, channel, address, language, now)
    message = vault(session).pseudonym("message", channel, address, key)
    if not _add(session, conversation.id, channel, message, body, now):
        return None
    conversation.touched_at = now
    conversation.blocked_at = None
    conversation.erase = False
    return conversation.id


def put_event(
    session: Session, conversation_id: int, key: str, body: dict[str, Any], now: datetime
) -> bool:
    """Store something that happened inside, in the same order as messages. False: known."""
    message = vault(session).pseudonym("message", INTERNAL, key)
    return _add(session, conversation_id, INTERNAL, message, body, now)


def _add(
    session: Session,
    conversation_id: int,
    channel: str,
    message: str,
    body: dict[str, Any],
    now: datetime,
) -> bool:
    row = {
        "conversation_id": conversation_id,
        "channel": channel,
        "message": message,
        "sealed": vault(session).seal(body),
        "received_at": now,
        "failed": False,
    }
    return session.scalar(_ADD[session.get_bind().dialect.name], row) is not None


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
