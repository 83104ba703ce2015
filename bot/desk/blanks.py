"""The blanks of a ready-made reply: what can be chosen, and what was filled in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from babel.dates import format_date

from bot import bsn
from bot.characters import whole
from bot.clock import CITY
from flows.say import Value, When

# In the order in which they are asked.
BLANKS = ("place", "name", "day", "at", "from", "to", "n")
DAYS = 7
MOST_WEEKS = 12
MOST_SIGNS = 80
_HALF_HOURS = tuple(f"{hour:02}:{minute:02}" for hour in range(7, 22) for minute in (0, 30))


class BlankError(ValueError):
    """What was filled in will not do.

    `problem` is empty, order (ends before it begins) or past; `blanks` are the ones to look at.
    """

    def __init__(self, problem: str, *blanks: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.blanks = blanks


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: what is sent, and what is read."""

    value: str
    label: str


def options(now: datetime) -> Mapping[str, tuple[Option, ...]]:
    """What can be chosen in each blank; a blank that is not among them is typed."""
    today = now.astimezone(CITY).date()
    hours = tuple(Option(hour, hour) for hour in _HALF_HOURS)
    weeks = tuple(Option(str(number), str(number)) for number in range(1, MOST_WEEKS + 1))
    days = tuple(_day(today, ahead) for ahead in range(DAYS))
    return {"day": days, "at": hours, "from": hours, "to": hours, "n": weeks}


def _day(today: date, ahead: int) -> Option:
    day = today + timedelta(days=ahead)
    named = {0: "vandaag, ", 1: "morgen, "}.get(ahead, "")
    return Option(day.isoformat(), named + format_date(day, format="EEEE d MMMM", locale="nl"))


def fill(names: Collection[str], form: Mapping[str, str], now: datetime) -> dict[str, Value]:
    """The values of the blanks `names`, from a form. Raises `BlankError`.

    A text is one line, without signs that cannot be seen and citizen service numbers.
    """
    choices = options(now)
    given: dict[str, str] = {}
    for name in names:
        text = form.get(name, "")
        if name not in choices:
            given[name] = _plain(text)
        elif text in {option.value for option in choices[name]}:
            given[name] = text
    missing = [name for name in BLANKS if name in names and not given.get(name)]
    if missing:
        raise BlankError("empty", *missing)
    _check_times(given, now)
    return {name: _value(name, text, given) for name, text in given.items()}


def _plain(text: str) -> str:
    seen = "".join(sign if sign.isprintable() else " " for sign in whole(text))
    return bsn.mask(" ".join(seen.split()))[:MOST_SIGNS].strip()


def _check_times(given: Mapping[str, str], now: datetime) -> None:
    if "to" in given and given["to"] <= given["from"]:
        raise BlankError("order", "from", "to")
    for last in ("to", "at"):
        if last in given and _moment(given["day"], given[last]) <= now:
            raise BlankError("past", "day", last)


def _value(name: str, text: str, given: Mapping[str, str]) -> Value:
    match name:
        case "day":
            return When(date.fromisoformat(text), "day")
        case "at" | "from" | "to":
            return When(_moment(given["day"], text), "time")
        case "n":
            return int(text)
    return text


def _moment(day: str, hour: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), CITY)
