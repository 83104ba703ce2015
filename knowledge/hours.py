"""When an entry or an office is open, in Europe/Amsterdam with Dutch public holidays.

Every moment that comes in is an aware datetime and so is every one that goes out. What a schedule
says about a day is read in local time, so a repair café at 19:00 stays at 19:00 when the clocks
change. On a public holiday nothing is open unless its schedule says so (`on_holidays`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import holidays

from knowledge.model import Entry, Schedule

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Part = Literal["daytime", "evening", "weekend"]
PARTS: tuple[Part, ...] = get_args(Part)

_UTC = ZoneInfo("UTC")
_DAY = timedelta(days=1)
_SOON = timedelta(days=31)
_EVENING = 18 * 60
_BEFORE_BED = 23 * 60
_MORNING = 8 * 60
_HORIZON_DAYS = 92


@lru_cache(maxsize=32)
def public_holidays(year: int) -> frozenset[date]:
    """The Dutch public holidays of a year."""
    return frozenset(holidays.country_holidays("NL", years=year))


def occurs_on(schedule: Schedule, day: date) -> bool:
    """Whether the schedule's rule has an occurrence that starts on this day.

    Holidays are not looked at here. Raises ValueError when a rule that needs an anchor
    (`interval` above 1, or `count`) has no `dtstart`.
    """
    if not _within(schedule, day) or not _in_pattern(schedule, day):
        return False
    if schedule.count is None:
        return True
    earlier = sum(_in_pattern(schedule, d) for d in _days(_anchor(schedule), day))
    return earlier < schedule.count


def _within(schedule: Schedule, day: date) -> bool:
    starts = (schedule.dtstart, schedule.valid_from)
    ends = (schedule.until, schedule.valid_to)
    return all(s is None or day >= s for s in starts) and all(e is None or day <= e for e in ends)


def _in_pattern(schedule: Schedule, day: date) -> bool:
    return _in_interval(schedule, day) and _on_day(schedule, day)


def _in_interval(schedule: Schedule, day: date) -> bool:
    if schedule.interval == 1:
        return True
    start = _anchor(schedule)
    if schedule.freq == "WEEKLY":
        passed = (_monday(day) - _monday(start)).days // 7
    else:
        passed = (day.year - start.year) * 12 + day.month - start.month
    return passed % schedule.interval == 0


def _on_day(schedule: Schedule, day: date) -> bool:
    if not schedule.byday and not schedule.bymonthday:
        start = _anchor(schedule)
        if schedule.freq == "WEEKLY":
            return day.weekday() == start.weekday()
        return day.day == start.day
    from_end = (_next_month(day) - day).days
    if schedule.bymonthday and not {day.day, -from_end} & set(schedule.bymonthday):
        return False
    if not schedule.byday:
        return True
    name = WEEKDAYS[day.weekday()]
    nth = (day.day - 1) // 7 + 1
    nth_last = (from_end - 1) // 7 + 1
    return bool({name, f"{nth}{name}", f"+{nth}{name}", f"-{nth_last}{name}"} & set(schedule.byday))


def _anchor(schedule: Schedule) -> date:
    if schedule.dtstart is None:
        raise ValueError("a schedule with an interval, a count or no days needs dtstart")
    return schedule.dtstart


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _days(start: date, stop: date) -> Iterator[date]:
    return (start + timedelta(days=n) for n in range((stop - start).days))


def _span(opens: time, closes: time, day: date) -> tuple[datetime, datetime]:
    """The moments, in UTC, between which an occurrence on a day is open."""
    end = day if closes > opens else day + _DAY
    return (
        datetime.combine(day, opens, AMSTERDAM).astimezone(_UTC),
        datetime.combine(end, closes, AMSTERDAM).astimezone(_UTC),
    )


def _spans(entry: Entry, day: date) -> Iterator[tuple[datetime, datetime]]:
    holiday = day in public_holidays(day.year)
    for schedule in entry.schedules:
        if schedule.opens_at is None or schedule.closes_at is None:
            continue
        if (schedule.on_holidays or not holiday) and occurs_on(schedule, day):
            yield _span(schedule.opens_at, schedule.closes_at, day)


def is_open(entry: Entry, at: datetime) -> bool:
    """Whether the entry is open at a moment; the closing moment itself is closed."""
    today = at.astimezone(AMSTERDAM).date()
    return any(
        start <= at < end for day in (today - _DAY, today) for start, end in _spans(entry, day)
    )


def next_opening(entry: Entry, at: datetime) -> datetime | None:
    """The first opening after a moment, in local time; None when none is known for three months.

    An entry that is open already gives its following opening.
    """
    today = at.astimezone(AMSTERDAM).date()
    for day in _days(today, today + timedelta(days=_HORIZON_DAYS)):
        later = [start for start, _ in _spans(entry, day) if start > at]
        if later:
            return min(later).astimezone(AMSTERDAM)
    return None


def open_in(entry: Entry, part: Part, at: datetime | None = None) -> bool:
    """Whether the entry is usually open in a part of the week.

    evening: any day between 18:00 and 23:00; weekend: on Saturday or Sunday; daytime: Monday to
    Friday between 8:00 and 18:00. With `at`, only schedules that run within the next month count.
    """
    day = None if at is None else at.astimezone(AMSTERDAM).date()
    return any(
        part in parts(schedule)
        for schedule in entry.schedules
        if day is None or _runs_soon(schedule, day)
    )


def _runs_soon(schedule: Schedule, day: date) -> bool:
    starts = (schedule.dtstart, schedule.valid_from)
    ends = (schedule.until, schedule.valid_to)
    begun = all(start is None or start <= day + _SOON for start in starts)
    return begun and all(end is None or day <= end for end in ends)


@lru_cache(maxsize=4096)
def parts(schedule: Schedule) -> frozenset[Part]:
    """The parts of the week in which a schedule is open."""
    if schedule.opens_at is None or schedule.closes_at is None:
        return frozenset()
    opens, closes = _minutes(schedule.opens_at), _minutes(schedule.closes_at)
    if closes <= opens:
        closes += 24 * 60
    found: set[Part] = set()
    days = _weekdays(schedule)
    if opens < _BEFORE_BED and closes > _EVENING:
        found.add("evening")
    if days & {5, 6} or (4 in days and closes > 24 * 60):
        found.add("weekend")
    if days & {0, 1, 2, 3, 4} and opens < _EVENING and closes > _MORNING:
        found.add("daytime")
    return frozenset(found)


def week(entry: Entry) -> tuple[bool, ...]:
    """For each hour of the week from Monday 0:00, whether the entry may be open then.

    A quick first look: an hour that is False is certainly closed, whatever the date.
    """
    may_be = [False] * (7 * 24)
    for hour in chain.from_iterable(_week_hours(schedule) for schedule in entry.schedules):
        may_be[hour] = True
    return tuple(may_be)


@lru_cache(maxsize=4096)
def _week_hours(schedule: Schedule) -> frozenset[int]:
    if schedule.opens_at is None or schedule.closes_at is None:
        return frozenset()
    opens, closes = _minutes(schedule.opens_at), _minutes(schedule.closes_at)
    if closes <= opens:
        closes += 24 * 60
    open_hours = range(opens // 60, -(-closes // 60))
    return frozenset(
        (day * 24 + hour) % (7 * 24) for day in _weekdays(schedule) for hour in open_hours
    )


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _weekdays(schedule: Schedule) -> set[int]:
    if schedule.byday:
        return {WEEKDAYS.index(name[-2:]) for name in schedule.byday}
    if schedule.bymonthday or schedule.freq == "MONTHLY":
        return set(range(7))
    return {_anchor(schedule).weekday()}


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The hours in which an office answers: by weekday (0 is Monday), with its closed days.

    A day may have several spans; a span ends after it starts, on the same day. Raises ValueError
    when there is not a single open hour, or a span is upside down.
    """

    weekly: Mapping[int, tuple[tuple[time, time], ...]]
    closed: frozenset[date] = field(default_factory=frozenset)
    open_on_holidays: bool = False

    def __post_init__(self) -> None:
        spans = [(day, span) for day, spans in self.weekly.items() for span in spans]
        if not spans:
            raise ValueError("office hours need at least one open span")
        for day, (opens, closes) in spans:
            if day not in range(7) or closes <= opens:
                raise ValueError(f"not a span of a weekday: {day} {opens}-{closes}")

    def is_open(self, at: datetime) -> bool:
        """Whether the office is open at a moment; the closing moment itself is closed."""
        return any(start <= at < end for start, end in self._spans(_local_day(at)))

    def next_opening(self, at: datetime) -> datetime:
        """The moment itself when open, else the first opening after it, in local time."""
        if self.is_open(at):
            return at.astimezone(AMSTERDAM)
        start, _ = next(span for span in self._from(at) if span[0] > at)
        return start.astimezone(AMSTERDAM)

    def add_hours(self, start: datetime, working_hours: float) -> datetime:
        """The moment by which so many open hours have passed since `start`, in local time.

        Exactly reaching closing time is that closing time, not the next morning.
        """
        left = timedelta(hours=working_hours)
        for opens, closes in self._from(start):
            begin = max(opens, start)
            if begin + left <= closes:
                return (begin + left).astimezone(AMSTERDAM)
            left -= max(closes - begin, timedelta())
        raise ValueError("the office does not open within ten years")

    def _from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        today = _local_day(at)
        for day in _days(today, today + timedelta(days=3653)):
            for start, end in self._spans(day):
                if end > at:
                    yield start, end

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        holiday = not self.open_on_holidays and day in public_holidays(day.year)
        if holiday or day in self.closed:
            return []
        return sorted(
            _span(opens, closes, day) for opens, closes in self.weekly.get(day.weekday(), ())
        )


def _local_day(at: datetime) -> date:
    return at.astimezone(AMSTERDAM).date()
