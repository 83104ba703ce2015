"""What becomes of a request between the claim and the end: given on, put to rest, opened again.

The caller holds the row (`talks.hold`), so that of two acts at once the second sees the first.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.store import links
from bot.store.handoffs import has, of_conversation, tell_claimed
from bot.store.models import Conversation, Handoff, Staff

REOPEN_WITHIN = timedelta(days=7)


def release(row: Handoff, staff: Staff) -> bool:
    """Give a request back to the queue, its promise as it was; the resident hears nothing.

    False unless this staff member has the request.
    """
    if not has(row, staff):
        return False
    row.status, row.claimed_by, row.claimed_at, row.snoozed_until = "open", None, None, None
    return True


def hand_over(session: Session, row: Handoff, staff: Staff, to: Staff, now: datetime) -> bool:
    """Give a request to a colleague; the resident hears who it is when the name is another.

    False unless `staff` has the request.
    """
    if not has(row, staff):
        return False
    row.claimed_by, row.claimed_at, row.snoozed_until = to.id, now, None
    if to.name != staff.name:
        tell_claimed(session, row.conversation_id, row.code, to, now)
    return True


def may_rest(row: Handoff, until: datetime) -> bool:
    """Whether a request can rest until then: one that nobody answered not beyond its promise."""
    return row.answered_at is not None or until <= row.due_at


def snooze(row: Handoff, staff: Staff, until: datetime | None) -> bool:
    """Let a request rest until a moment, or with None wake it.

    False unless this staff member has the request and it may rest so long.
    """
    if not has(row, staff) or (until is not None and not may_rest(row, until)):
        return False
    row.snoozed_until = until
    return True


def may_reopen(row: Handoff, staff: Staff, now: datetime) -> bool:
    """Whether a request can be opened again: by who closed it, soon, with its words still there."""
    return (
        row.status == "closed"
        and row.claimed_by == staff.id
        and row.closed_at is not None
        and now - row.closed_at <= REOPEN_WITHIN
        and row.conversation_id is not None
        and row.details_sealed is not None
    )


def reopen(session: Session, row: Handoff, staff: Staff, now: datetime) -> bool:
    """Open a closed request again, for who closed it; the resident hears nothing.

    False when it may not be, or the resident has a newer request: their words go there.
    """
    if not may_reopen(row, staff, now) or row.conversation_id is None:
        return False
    conversation = session.get_one(Conversation, row.conversation_id)
    linked = (other.id for other in links.linked(session, conversation))
    if of_conversation(session, conversation.id, *linked) is not None:
        return False
    row.status, row.outcome, row.closed_at, row.claimed_at = "claimed", None, None, now
    if row.answered_at is None and row.due_at <= now:
        # What became of the promise, the resident heard when it was closed.
        row.told_at = row.told_at or now
    return True
