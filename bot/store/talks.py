"""What the desk reads of requests beyond the queue: the talk, its delivery, what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.store import handoffs
from bot.store.conversations import state_of
from bot.store.models import (
    Conversation,
    Handoff,
    HandoffMessage,
    HandoffNote,
    Outbox,
    Staff,
)

# Answers that left are forgotten after some days; until then a reply without one is on its way.
_SOON_LINKED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Words:
    """One message of a talk.

    `by` is None for the resident. `delivery` is waiting, held, sent, delivered, read, failed or
    forgotten for a reply of the team and None for the resident's words; `why` is the reason why
    one is held or failed. Of a ready-made reply `text` is the Dutch, and `shown` what the
    resident read in `language`; both are empty for what was typed.
    """

    id: int
    at: datetime
    text: str
    by: str | None
    delivery: str | None
    why: str | None
    shown: str = ""
    language: str = ""


def read(session: Session, row: Handoff, now: datetime) -> Sequence[Words]:
    """The messages of a talk, oldest first."""
    rows = session.execute(
        select(HandoffMessage, Staff.name, Outbox.status, Outbox.error, Outbox.delivery)
        .outerjoin(Staff, Staff.id == HandoffMessage.staff_id)
        .outerjoin(Outbox, Outbox.id == HandoffMessage.outbox_id)
        .where(HandoffMessage.handoff_id == row.id)
        .order_by(HandoffMessage.id)
    )
    return [
        Words(
            id=message.id,
            at=message.at,
            text=words.text,
            by=name,
            delivery=None if message.staff_id is None else _state(status, delivery, message, now),
            why=error if status in ("failed", "held") else None,
            shown=words.shown,
            language=words.language,
        )
        for message, name, status, error, delivery in rows
        for words in (handoffs.unseal(session, message.sealed),)
    ]


def _state(status: str | None, delivery: str | None, message: HandoffMessage, now: datetime) -> str:
    if status == "sent" and delivery is not None:
        return delivery
    return status or _unlinked(message, now)


def _unlinked(message: HandoffMessage, now: datetime) -> str:
    return "waiting" if message.at > now - _SOON_LINKED else "forgotten"


def unanswered(session: Session) -> frozenset[int]:
    """Ids of live requests in whose talk the resident had the last word."""
    last = (
        select(func.max(HandoffMessage.id))
        .join(Handoff, Handoff.id == HandoffMessage.handoff_id)
        .where(Handoff.status.in_(handoffs.LIVE))
        .group_by(HandoffMessage.handoff_id)
    )
    return frozenset(
        session.scalars(
            select(HandoffMessage.handoff_id).where(
                HandoffMessage.id.in_(last), HandoffMessage.staff_id.is_(None)
            )
        )
    )


def hold(session: Session, code: str) -> Handoff | None:
    """A request by its code, held for this transaction."""
    return session.scalar(select(Handoff).where(Handoff.code == code).with_for_update())


def is_said(
    session: Session, row: Handoff, staff: Staff, said: str | handoffs.Ready, after: int
) -> bool:
    """Whether a staff member said just this after message `after`: the form came twice."""
    rows = session.scalars(
        select(HandoffMessage.sealed).where(
            HandoffMessage.handoff_id == row.id,
            HandoffMessage.staff_id == staff.id,
            HandoffMessage.id > after,
        )
    )
    words = handoffs.to_stored(said)
    return any(handoffs.unseal(session, sealed) == words for sealed in rows)


def written_in(session: Session, row: Handoff) -> str:
    """The language in which the chat of a request goes on; the request's own without a chat."""
    if row.conversation_id is None:
        return row.language
    conversation = session.get(Conversation, row.conversation_id)
    return row.language if conversation is None else state_of(session, conversation).language


def claimer(session: Session, row: Handoff) -> str | None:
    """The name of who has a request."""
    if row.claimed_by is None:
        return None
    return session.scalar(select(Staff.name).where(Staff.id == row.claimed_by))


def mark(session: Session) -> str:
    """A mark that changes whenever the queue, a talk of it or a delivery in a talk changes."""
    queue = session.execute(
        select(
            func.count(),
            func.max(Handoff.id),
            func.max(Handoff.claimed_at),
            func.count(Handoff.claimed_by),
            func.max(Handoff.snoozed_until),
            func.count(Handoff.snoozed_until),
        ).where(Handoff.status.in_(handoffs.LIVE))
    ).one()
    notes = session.scalar(select(func.max(HandoffNote.id)))
    talk = session.execute(
        select(
            func.max(HandoffMessage.id),
            func.count().filter(Outbox.status == "sent"),
            func.count().filter(Outbox.status == "failed"),
            func.count().filter(Outbox.status == "held"),
            func.count().filter(Outbox.delivery == "delivered"),
            func.count().filter(Outbox.delivery == "read"),
        )
        .select_from(HandoffMessage)
        .join(Handoff, Handoff.id == HandoffMessage.handoff_id)
        .outerjoin(Outbox, Outbox.id == HandoffMessage.outbox_id)
        .where(Handoff.status.in_(handoffs.LIVE))
    ).one()
    return "|".join(str(part) for part in (*queue, notes, *talk))
