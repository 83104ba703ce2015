"""What staff did: rows are added and read, and go only when their time is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import Audit, Staff


@dataclass(frozen=True, slots=True)
class Act:
    """One thing somebody did. `who` is None where nobody was logged in."""

    at: datetime
    who: str | None
    action: str
    subject: str


def add(
    session: Session, staff_id: int | None, action: str, now: datetime, subject: str = ""
) -> None:
    """Write down an act; `subject` is a request's code or nothing, never a person."""
    session.add(Audit(at=now, staff_id=staff_id, action=action, subject=subject))


def latest(session: Session, limit: int = 200) -> Sequence[Act]:
    """The newest acts, the newest first."""
    rows = session.execute(
        select(Audit, Staff.name)
        .outerjoin(Staff, Staff.id == Audit.staff_id)
        .order_by(Audit.id.desc())
        .limit(limit)
    )
    return [Act(row.at, name, row.action, row.subject) for row, name in rows]
