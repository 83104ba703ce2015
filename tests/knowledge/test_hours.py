"""When something is open: holidays, past midnight, odd weeks, clocks that change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from dateutil.rrule import MONTHLY, WEEKLY, rrule, rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import hours
from knowledge.hours import AMSTERDAM, OfficeHours
from knowledge.model import Schedule
from tests.knowledge.conftest import PLAIN


def at(text: str) -> datetime:
    """A moment in Dutch local time: "2026-11-24 14:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def midnight(day: date) -> datetime:
    """The beginning of a day as dateutil wants it: without a zone."""
    return datetime.combine(day, time())


def opening(days: str, opens: str, closes: str, **more: object) -> Schedule:
    rule = Schedule(
        byday=tuple(days.split(",")),
        opens_at=time.fromisoformat(opens),
        closes_at=time.fromisoformat(closes),
    )
    return replace(rule, **more)  # type: ignore[arg-type]


EVENING = opening("MO", "19:00", "22:00")
LATE = opening("FR", "22:00", "02:00")
ALWAYS = opening("MO,TU,WE,TH,FR,SA,SU", "00:00", "00:00", on_holidays=True)
FIRST_SUNDAY = opening("1SU", "15:00", "17:00", freq="MONTHLY")
LAST_FRIDAY = opening("-1FR", "15:00", "17:00", freq="MONTHLY")
ODD_WEEKS = opening("TH", "19:00", "21:00", interval=2, dtstart=date(2026, 11, 5))
SPRING = opening("TU", "18:00", "21:00", valid_from=date(2027, 3, 1), valid_to=date(2027, 4, 30))
THRICE = opening("TU", "18:00", "21:00", dtstart=date(2026, 11, 3), count=3)
WORDS_ONLY = Schedule(byday=("MO",), description="op afspraak")


@pytest.mark.parametrize(
    ("rule", "moment", "expected"),
    [
        (EVENING, "2026-11-23 18:59", False),
        (EVENING, "2026-11-23 19:00", True),
        (EVENING, "2026-11-23 21:59", True),
        (EVENING, "2026-11-23 22:00", False),
        (EVENING, "2026-11-24 20:00", False),
        (EVENING, "2027-03-29 20:00", False),  # Easter Monday
        (LATE, "2026-11-27 23:30", True),
        (LATE, "2026-11-28 01:59", True),
        (LATE, "2026-11-28 02:00", False),
        (LATE, "2026-11-27 01:00", False),
        (LATE, "2026-12-25 23:00", False),  # Christmas is a Friday
        (LATE, "2026-12-26 01:00", False),  # and its night does not run on
        (ALWAYS, "2026-12-25 03:00", True),
        (ALWAYS, "2027-04-27 12:00", True),
        (FIRST_SUNDAY, "2026-11-01 16:00", True),
        (FIRST_SUNDAY, "2026-11-08 16:00", False),
        (LAST_FRIDAY, "2026-11-27 16:00", True),
        (LAST_FRIDAY, "2026-11-20 16:00", False),
        (ODD_WEEKS, "2026-11-19 20:00", True),
        (ODD_WEEKS, "2026-11-12 20:00", False),
        (ODD_WEEKS, "2026-10-22 20:00", False),  # before it began
        (SPRING, "2027-03-02 19:00", True),
        (SPRING, "2026-11-24 19:00", False),
        (SPRING, "2027-05-04 19:00", False),
        (THRICE, "2026-11-17 19:00", True),
        (THRICE, "2026-11-24 19:00", False),
        (WORDS_ONLY, "2026-11-23 12:00", False),
    ],
)
def test_open_or_not(rule: Schedule, moment: str, expected: bool) -> None:
    assert hours.is_open(replace(PLAIN, schedules=(rule,)), at(moment)) == expected


@pytest.mark.parametrize(
    ("rule", "moment", "expected"),
    [
        (EVENING, "2026-11-23 12:00", "2026-11-23 19:00"),
        (EVENING, "2026-11-23 19:30", "2026-11-30 19:00"),
        (EVENING, "2027-03-28 12:00", "2027-04-05 19:00"),  # over Easter Monday
        (FIRST_SUNDAY, "2026-11-02 12:00", "2026-12-06 15:00"),
        (SPRING, "2026-10-24 12:00", None),
        (WORDS_ONLY, "2026-11-23 12:00", None),
    ],
)
def test_next_opening(rule: Schedule, moment: str, expected: str | None) -> None:
    found = hours.next_opening(replace(PLAIN, schedules=(rule,)), at(moment))
    assert found == (at(expected) if expected else None)


def test_nineteen_hours_stays_nineteen_when_the_clocks_change() -> None:
    sunday = replace(PLAIN, schedules=(opening("SU", "19:00", "20:00"),))
    for day in ("2026-10-18", "2026-10-25", "2026-11-01", "2027-03-21", "2027-04-04"):
        assert hours.is_open(sunday, at(f"{day} 19:00"))
        assert not hours.is_open(sunday, at(f"{day} 18:59"))
        assert not hours.is_open(sunday, at(f"{day} 20:00"))


def test_a_night_is_longer_when_the_clock_goes_back() -> None:
    night = replace(PLAIN, schedules=(opening("SA", "23:00", "04:00"),))
    moments = [at("2026-10-24 23:00") + timedelta(minutes=m) for m in range(0, 60 * 8)]
    utc = [m.astimezone(hours.ZoneInfo("UTC")) for m in moments]
    start = utc[0]
    minutes = sum(hours.is_open(night, start + timedelta(minutes=m)) for m in range(0, 60 * 8))
    assert minutes == 6 * 60


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        (EVENING, {"evening"}),
        (LATE, {"evening", "weekend"}),
        (ALWAYS, {"evening", "weekend", "daytime"}),
        (FIRST_SUNDAY, {"weekend"}),
        (opening("MO,TU", "09:00", "17:00"), {"daytime"}),
        (opening("WE", "16:00", "18:30"), {"daytime", "evening"}),
        (opening("SA", "19:00", "21:00"), {"evening", "weekend"}),
        (WORDS_ONLY, set()),
    ],
)
def test_parts_of_the_week(rule: Schedule, parts: set[str]) -> None:
    entry = replace(PLAIN, schedules=(rule,))
    assert {part for part in hours.PARTS if hours.open_in(entry, part)} == parts


def test_a_season_counts_when_it_runs_within_a_month() -> None:
    entry = replace(PLAIN, schedules=(SPRING,))
    assert not hours.open_in(entry, "evening", at("2026-11-24 12:00"))
    assert hours.open_in(entry, "evening", at("2027-02-10 12:00"))
    assert not hours.open_in(entry, "evening", at("2027-05-01 12:00"))


DAYS = st.lists(st.sampled_from(hours.WEEKDAYS), min_size=1, max_size=4, unique=True)
NUMBERED = st.lists(
    st.builds(
        lambda n, day: f"{n}{day}",
        st.sampled_from([1, 2, 3, 4, 5, -1, -2]),
        st.sampled_from(hours.WEEKDAYS),
    ),
    min_size=1,
    max_size=3,
    unique=True,
)
START = date(2026, 1, 1)


@settings(deadline=None, max_examples=60)
@given(
    freq=st.sampled_from(["WEEKLY", "MONTHLY"]),
    plain=DAYS,
    numbered=NUMBERED,
    interval=st.integers(1, 4),
    begin=st.integers(0, 60),
    count=st.none() | st.integers(1, 12),
    length=st.none() | st.integers(0, 200),
)
def test_rules_mean_what_icalendar_says(
    freq: str,
    plain: list[str],
    numbered: list[str],
    interval: int,
    begin: int,
    count: int | None,
    length: int | None,
) -> None:
    days = plain if freq == "WEEKLY" else numbered
    start = START + timedelta(days=begin)
    until = None if length is None or count else start + timedelta(days=length)
    rule = Schedule(
        freq=freq,  # type: ignore[arg-type]
        byday=tuple(days),
        interval=interval,
        dtstart=start,
        until=until,
        count=count,
    )
    text = f"FREQ={freq};INTERVAL={interval};BYDAY={','.join(days)};WKST=MO"
    text += f";COUNT={count}" if count else ""
    text += f";UNTIL={until:%Y%m%d}" if until else ""
    theirs = rrulestr(text, dtstart=midnight(start))
    end = start + timedelta(days=400)
    expected = {
        moment.date()
        for moment in theirs.between(
            midnight(start),
            midnight(end),
            inc=True,
        )
    }
    every = (START + timedelta(days=n) for n in range(600))
    assert {day for day in every if day <= end and hours.occurs_on(rule, day)} == expected


@settings(deadline=None, max_examples=60)
@given(days=st.lists(st.integers(1, 31) | st.integers(-31, -1), min_size=1, max_size=3))
def test_days_of_the_month_mean_what_icalendar_says(days: list[int]) -> None:
    rule = Schedule(freq="MONTHLY", bymonthday=tuple(days))
    theirs = rrule(
        MONTHLY,
        bymonthday=days,
        dtstart=midnight(date(2026, 1, 1)),
        until=midnight(date(2027, 3, 1)),
    )
    expected = {moment.date() for moment in theirs}
    every = (START + timedelta(days=n) for n in range((date(2027, 3, 1) - START).days + 1))
    assert {day for day in every if hours.occurs_on(rule, day)} == expected


def test_a_week_without_days_falls_on_the_day_it_began() -> None:
    rule = Schedule(dtstart=date(2026, 11, 5))
    theirs = rrule(WEEKLY, dtstart=midnight(date(2026, 11, 5)), count=8)
    assert all(hours.occurs_on(rule, moment.date()) for moment in theirs)
    assert not hours.occurs_on(rule, date(2026, 11, 6))


def test_an_interval_without_a_beginning_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="dtstart"):
        hours.occurs_on(Schedule(byday=("MO",), interval=2), date(2026, 11, 23))


OFFICE = OfficeHours(
    {day: ((time(8, 30), time(12, 30)), (time(13), time(17))) for day in range(5)},
    closed=frozenset({date(2026, 12, 24)}),
)


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        ("2026-11-24 08:29", False, "2026-11-24 08:30"),
        ("2026-11-24 08:30", True, "2026-11-24 08:30"),
        ("2026-11-24 12:45", False, "2026-11-24 13:00"),
        ("2026-11-24 17:00", False, "2026-11-25 08:30"),
        ("2026-11-28 11:00", False, "2026-11-30 08:30"),
        ("2026-12-23 17:30", False, "2026-12-28 08:30"),  # closed, Christmas, weekend
        ("2027-04-27 10:00", False, "2027-04-28 08:30"),  # King's Day
    ],
)
def test_the_office(moment: str, is_open: bool, opens: str) -> None:
    assert OFFICE.is_open(at(moment)) == is_open
    assert OFFICE.next_opening(at(moment)) == at(opens)


@pytest.mark.parametrize(
    ("start", "working_hours", "expected"),
    [
        ("2026-11-24 09:00", 2, "2026-11-24 11:00"),
        ("2026-11-24 11:30", 2, "2026-11-24 14:00"),
        ("2026-11-24 16:00", 2, "2026-11-25 09:30"),
        ("2026-11-24 15:00", 2, "2026-11-24 17:00"),
        ("2026-11-27 16:30", 4, "2026-11-30 12:00"),
        ("2026-11-28 22:00", 4, "2026-11-30 12:30"),
        ("2026-12-23 16:00", 8, "2026-12-28 16:00"),
        ("2026-11-24 20:00", 0, "2026-11-25 08:30"),
        ("2027-03-25 16:30", 1, "2027-03-30 09:00"),  # over Easter and the clock going forward
    ],
)
def test_a_promise_counts_open_hours_only(start: str, working_hours: float, expected: str) -> None:
    assert OFFICE.add_hours(at(start), working_hours) == at(expected)


@pytest.mark.parametrize(
    "weekly",
    [{}, {0: ()}, {0: ((time(17), time(9)),)}, {7: ((time(9), time(17)),)}],
)
def test_office_hours_that_cannot_be_are_refused(
    weekly: dict[int, tuple[tuple[time, time], ...]],
) -> None:
    with pytest.raises(ValueError):
        OfficeHours(weekly)


def test_an_office_that_never_opens_again_is_a_mistake() -> None:
    every_monday = frozenset(date(2026, 1, 5) + timedelta(weeks=n) for n in range(700))
    closed = OfficeHours({0: ((time(9), time(17)),)}, closed=every_monday)
    with pytest.raises(ValueError, match="does not open"):
        closed.add_hours(at("2026-11-24 09:00"), 1)
