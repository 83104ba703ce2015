"""Moments to come back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.store.inbox import put_event
from bot.store.models import Checkin, Conversation


def plan(
    session: Session,
    conversation_id: int,
    due: datetime,
    *,
    entry: str | None = None,
    handoff: str | None = None,
) -> None:
    """Plan one moment; an earlier plan about the same thing is replaced."""
    session.execute(
        update(Checkin)
        .where(
            Checkin.conversation_id == conversation_id,
            Checkin.status == "planned",
            Checkin.entry.is_not_distinct_from(entry),
            Checkin.handoff.is_not_distinct_from(handoff),
        )
        .values(status="dropped")
    )
    session.add(Checkin(conversation_id=conversation_id, entry=entry, handoff=handoff, due_at=due))


def stop(session: Session, conversation: Conversation) -> None:
    """Drop what is planned; plan nothing until the resident allows it."""
    conversation.checkins_stopped = True
    session.execute(
        update(Checkin)
        .where(Checkin.conversation_id == conversation.id, Checkin.status == "planned")
        .values(status="dropped")
    )


def release_due(session: Session, now: datetime, limit: int = 200) -> Sequence[int]:
    """Turn due moments into events of their conversations; returns those conversations."""
    due = session.scalars(
        select(Checkin)
        .where(Checkin.status == "planned", Checkin.due_at <= now)
        .order_by(Checkin.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for checkin in due:
        checkin.status = "sent"
        body = {"kind": "checkin", "entry": checkin.entry, "handoff": checkin.handoff}
        put_event(session, checkin.conversation_id, f"checkin:{checkin.id}", body, now)
    return [checkin.conversation_id for checkin in due]
