"""Answers for web pages: kept until the page has surely seen them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.store import inbox, outbox, retention
from bot.store.db import vault
from bot.store.models import Conversation, WebMessage


def put(session: Session, pseudonym: str, body: dict[str, Any], now: datetime) -> int:
    """Keep one answer; its id, which only grows within a conversation."""
    row = WebMessage(pseudonym=pseudonym, sealed=vault(session).seal(body), at=now)
    session.add(row)
    session.flush()
    return row.id


def after(
    session: Session, pseudonym: str, seen: int, limit: int = 200
) -> Sequence[tuple[int, dict[str, Any]]]:
    """The answers that came after the one with id `seen`, oldest first."""
    rows = session.scalars(
        select(WebMessage)
        .where(WebMessage.pseudonym == pseudonym, WebMessage.id > seen)
        .order_by(WebMessage.id)
        .limit(limit)
    )
    return [(row.id, vault(session).open(row.sealed)) for row in rows]


def newest(session: Session, pseudonyms: Collection[str]) -> dict[str, int]:
    """The id of the newest answer for each of these that has one."""
    rows = session.execute(
        select(WebMessage.pseudonym, func.max(WebMessage.id))
        .where(WebMessage.pseudonym.in_(pseudonyms))
        .group_by(WebMessage.pseudonym)
    )
    return {row[0]: row[1] for row in rows}


def drop_farewell(session: Session, pseudonym: str, seen: int) -> None:
    """Erase what a page saw, up to the answer with id `seen`, if its conversation is gone."""
    known = select(Conversation.id).where(Conversation.pseudonym == pseudonym)
    session.execute(
        delete(WebMessage).where(
            WebMessage.pseudonym == pseudonym, WebMessage.id <= seen, ~known.exists()
        )
    )


def at_rest(session: Session, conversation: Conversation) -> bool:
    """Whether every message of a conversation is answered and every answer is here."""
    return not inbox.unhandled(session, conversation) and outbox.is_empty(session, conversation.id)


def wipe(session: Session, conversation: Conversation, now: datetime) -> None:
    """Erase everything about a resident at once; nothing is left to answer."""
    retention.forget(session, conversation, now)
    session.flush()
    session.execute(delete(Conversation).where(Conversation.id == conversation.id))
