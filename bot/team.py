"""Reads the team's own file: hours, promise, quiet hours, and the telephone numbers of help."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import yaml

from flows.world import Team
from knowledge.hours import OfficeHours

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TEXTS = ("name", "city", "phone", "address", "website", "municipality_phone")
_LINES = (
    *("emergency", "suicide", "suicide_free", "suicide_chat"),
    *("violence", "child", "sexual_violence", "listen"),
)
# Not every team has these.
_LINES_IF_ANY = ("interpreter",)


class TeamFileError(ValueError):
    """The team file cannot be used; the message names the file and the field."""


def load_team(path: Path) -> Team:
    """Read the team file. Raises `TeamFileError` naming the file and the field that is wrong."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TeamFileError(f"{path}: cannot be read: {error}") from error
    field = "the whole file"
    try:
        field = "team"
        texts = {name: str(data["team"][name]) for name in _TEXTS}
        field = "hours"
        hours = OfficeHours(
            weekly={
                _WEEKDAYS.index(day): tuple(_span(span) for span in spans)
                for day, spans in data["hours"].items()
            },
            closed=frozenset(_day(day) for day in data.get("closed") or ()),
        )
        field = "promise_hours"
        promise_hours = int(data["promise_hours"])
        field = "quiet"
        quiet_from, quiet_until = (time.fromisoformat(at) for at in data["quiet"])
        field = "lines"
        found = [name for name in _LINES_IF_ANY if name in data["lines"]]
        lines = {name: _line(data["lines"][name]) for name in (*_LINES, *found)}
    except (KeyError, TypeError, ValueError) as error:
        raise TeamFileError(f"{path}: {field}: {error}") from error
    return Team(
        **texts,
        hours=hours,
        promise_hours=promise_hours,
        quiet=(quiet_from, quiet_until),
        lines=lines,
    )


def _span(text: str) -> tuple[time, time]:
    opens, closes = text.split("-")
    return time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _line(value: Any) -> str:
    for name in ("value", "checked_at", "source"):
        if not value.get(name):
            raise ValueError(f"{name} is missing")
    return str(value["value"])
