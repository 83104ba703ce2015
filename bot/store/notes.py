"""What the team writes down about a request for itself. Nothing here ever leaves the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.db import vault
from bot.store.handoffs import LIVE
from bot.store.models import Handoff, HandoffNote, Staff


@dataclass(frozen=True, slots=True)
class Note:
    """One note; `by` is the name of who wrote it."""

    at: datetime
    text: str
    by: str


def add(session: Session, row: Handoff, staff: Staff, text: str, now: datetime) -> bool:
    """Write a note on a live request, which the caller holds; False when it is over."""
    if row.status not in LIVE:
        return False
    note = HandoffNote(
        handoff_id=row.id, staff_id=staff.id, sealed=vault(session).seal(text), at=now
    )
    session.add(note)
    return True


def read(session: Session, row: Handoff) -> Sequence[Note]:
    """The notes on a request, oldest first."""
    rows = session.execute(
        select(HandoffNote, Staff.name)
        .join(Staff, Staff.id == HandoffNote.staff_id)
        .where(HandoffNote.handoff_id == row.id)
        .order_by(HandoffNote.id)
    )
    return [Note(note.at, vault(session).open(note.sealed), name) for note, name in rows]


def is_last(session: Session, row: Handoff, staff: Staff, text: str) -> bool:
    """Whether the newest note says just this, by this staff member: the form came twice."""
    last = session.scalar(
        select(HandoffNote)
        .where(HandoffNote.handoff_id == row.id)
        .order_by(HandoffNote.id.desc())
        .limit(1)
    )
    return (
        last is not None
        and last.staff_id == staff.id
        and bool(vault(session).open(last.sealed) == text)
    )
