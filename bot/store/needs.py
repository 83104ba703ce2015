"""What the neighbourhood needs, counted without people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.store.models import EntryMark, Misread, Need
from flows.effects import MarkEntry, RecordMisread, RecordNeed


@dataclass(frozen=True, slots=True)
class Misreads:
    """How often messages in a language went wrong for one reason, with these intents offered."""

    language: str
    reason: str
    offered: tuple[str, ...]
    times: int


def record(session: Session, need: RecordNeed, language: str, now: datetime) -> None:
    """Count a need, to the hour."""
    session.add(
        Need(
            at=_hour(now),
            topic=need.topic,
            neighbourhood=need.neighbourhood,
            language=language,
            met=need.met,
            reason=need.reason,
        )
    )


def misread(session: Session, count: RecordMisread, language: str, now: datetime) -> None:
    """Count that a message in a language was not understood, to the hour."""
    offered = ",".join(sorted(count.offered))
    session.add(Misread(at=_hour(now), language=language, reason=count.reason, offered=offered))


def misreads(session: Session, since: datetime) -> Sequence[Misreads]:
    """How often what was not understood since a moment."""
    kind = (Misread.language, Misread.reason, Misread.offered)
    rows = session.execute(select(*kind, func.count()).where(Misread.at >= since).group_by(*kind))
    return [
        Misreads(language, reason, tuple(filter(None, offered.split(","))), times)
        for language, reason, offered, times in rows
    ]


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def mark(session: Session, marked: MarkEntry, now: datetime) -> None:
    """Count what somebody met at an entry, to the day."""
    session.add(EntryMark(day=now.date(), entry=marked.entry, outcome=marked.outcome))
