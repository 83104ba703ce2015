"""Until when a request can rest: the mornings and afternoons on which the team works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from bot.clock import CITY
from knowledge.hours import OfficeHours

_DAYS_AHEAD = 14
_MONDAY = 7
_PARTS = (time(0), time(12, 30))


def name(at: datetime) -> str:
    """A moment as forms carry it."""
    return f"{at.astimezone(CITY):%Y-%m-%dT%H:%M}"


def slots(hours: OfficeHours, now: datetime) -> Sequence[datetime]:
    """The starts of the team's mornings and afternoons from now on, for two weeks."""
    today = now.astimezone(CITY).date()
    days = (today + timedelta(days=ahead) for ahead in range(_DAYS_AHEAD + 1))
    found = (
        (day, hours.next_opening(datetime.combine(day, part, CITY)))
        for day in days
        for part in _PARTS
    )
    return sorted({at for day, at in found if at.date() == day and at > now})


def usual(hours: OfficeHours, now: datetime) -> Sequence[datetime]:
    """What is asked for most: tomorrow, in three days, on Monday; each when the team opens."""
    today = now.astimezone(CITY).date()
    monday = today + timedelta(days=_MONDAY - today.weekday())
    days: Sequence[date] = (today + timedelta(days=1), today + timedelta(days=3), monday)
    return sorted({hours.next_opening(datetime.combine(day, time(0), CITY)) for day in days})
