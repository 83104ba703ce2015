"""How a promise stands, in words and as a level that colours go by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_datetime

from bot.clock import CITY

_SOON = timedelta(hours=2)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Promise:
    """`level` is late, soon, calm, kept or wrote (kept, but the resident wrote again).

    `words` say the same; `due` is the moment itself.
    """

    level: str
    words: str
    due: datetime


def promise(due: datetime, answered: bool, now: datetime, *, wrote: bool = False) -> Promise:
    """How the promise to answer before `due` stands; `wrote`: the resident had the last word."""
    if answered and wrote:
        return Promise("wrote", "nieuw bericht", due)
    if answered:
        return Promise("kept", "beantwoord", due)
    left = due - now
    if left <= timedelta(0):
        late = span(-left)
        return Promise("late", f"{late} te laat" if late else "nu te laat", due)
    level = "soon" if left <= _SOON else "calm"
    return Promise(level, f"nog {span(left) or 'even'}", due)


def span(length: timedelta) -> str:
    """A length of time in its largest whole unit; empty for less than a minute."""
    if length >= 2 * _DAY:
        return f"{length // _DAY} dagen"
    if length >= _HOUR:
        return f"{length // _HOUR} uur"
    minutes = length // timedelta(minutes=1)
    if minutes == 0:
        return ""
    return "1 minuut" if minutes == 1 else f"{minutes} minuten"


def moment(at: datetime, now: datetime) -> str:
    """A moment as people say it: "vandaag 15:00", "gisteren 9:12", "ma 23 nov 14:05"."""
    local, today = at.astimezone(CITY), now.astimezone(CITY).date()
    days = (local.date() - today).days
    named = {-1: "gisteren", 0: "vandaag", 1: "morgen"}.get(days)
    if named is not None:
        return f"{named} {local:%H:%M}"
    return format_datetime(local, "EEE d MMM HH:mm", locale="nl")
