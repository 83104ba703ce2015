"""What the neighbourhood needs, counted without people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.store.models import EntryMark, Need
from flows.effects import MarkEntry, RecordNeed


def record(session: Session, need: RecordNeed, language: str, now: datetime) -> None:
    """Count a need, to the hour."""
    session.add(
        Need(
            at=now.replace(minute=0, second=0, microsecond=0),
            topic=need.topic,
            neighbourhood=need.neighbourhood,
            language=language,
            met=need.met,
            reason=need.reason,
        )
    )


def mark(session: Session, marked: MarkEntry, now: datetime) -> None:
    """Count what somebody met at an entry, to the day."""
    session.add(EntryMark(day=now.date(), entry=marked.entry, outcome=marked.outcome))
