"""What a turn says: message keys with values, choices and cards. Words come in `bot/texts`.

A value in `params` is a plain string or number, or one of the small tagged values below that
only the renderer can put into the resident's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """A message key with its values: one text of the catalogue."""

    key: str
    params: Mapping[str, Value] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the line as a JSON object."""
        return {"line": self.key, "params": _params_to_json(self.params)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Line:
        """Read what `to_json` wrote. Raises ValueError for a value that is none."""
        return cls(data["line"], _params_from_json(data["params"]))


@dataclass(frozen=True, slots=True)
class When:
    """A moment, written out as `style`: date, time, datetime, day (weekday and date)."""

    at: datetime | date
    style: str = "datetime"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in euros."""

    amount: Decimal


@dataclass(frozen=True, slots=True)
class EntryText:
    """A text field of an entry of the social map, in the resident's language where it exists."""

    entry: str
    field: str


@dataclass(frozen=True, slots=True)
class PlaceName:
    """The name of a neighbourhood, by its id."""

    neighbourhood: str


@dataclass(frozen=True, slots=True)
class Week:
    """Weekly opening hours: (weekday with Monday 0, opens "HH:MM", closes "HH:MM") each."""

    spans: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Several:
    """Values joined as the language joins a list."""

    items: tuple[Value, ...]


Value = str | int | Line | When | Money | EntryText | PlaceName | Week | Several


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to tap. `code` is ASCII, at most 48 bytes, and comes back as `Tapped`."""

    code: str
    label: Line


@dataclass(frozen=True, slots=True)
class Card:
    """An offer in a list: a title, some lines, and what opens it."""

    title: Value
    lines: tuple[Line, ...] = ()
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """One message of the bot."""

    key: str
    params: Mapping[str, Value] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    cards: tuple[Card, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the message as a JSON object for the outbox."""
        return {
            "key": self.key,
            "params": _params_to_json(self.params),
            "choices": [_choice_to_json(choice) for choice in self.choices],
            "cards": [
                {
                    "title": _value_to_json(card.title),
                    "lines": [_value_to_json(line) for line in card.lines],
                    "choice": None if card.choice is None else _choice_to_json(card.choice),
                }
                for card in self.cards
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Say:
        """Read what `to_json` wrote."""
        return cls(
            key=data["key"],
            params=_params_from_json(data["params"]),
            choices=tuple(_choice_from_json(choice) for choice in data["choices"]),
            cards=tuple(
                Card(
                    title=_value_from_json(card["title"]),
                    lines=tuple(Line.from_json(line) for line in card["lines"]),
                    choice=None if card["choice"] is None else _choice_from_json(card["choice"]),
                )
                for card in data["cards"]
            ),
        )


def _params_to_json(params: Mapping[str, Value]) -> dict[str, Any]:
    return {name: _value_to_json(value) for name, value in params.items()}


def _params_from_json(data: Mapping[str, Any]) -> dict[str, Value]:
    return {name: _value_from_json(value) for name, value in data.items()}


def _choice_to_json(choice: Choice) -> dict[str, Any]:
    return {"code": choice.code, "label": _value_to_json(choice.label)}


def _choice_from_json(data: Mapping[str, Any]) -> Choice:
    return Choice(data["code"], Line.from_json(data["label"]))


def _value_to_json(value: Value) -> Any:
    match value:
        case Line():
            return value.to_json()
        case When(at, style):
            return {"when": at.isoformat(), "style": style}
        case Money(amount):
            return {"money": str(amount)}
        case EntryText(entry, name):
            return {"entry": entry, "field": name}
        case PlaceName(neighbourhood):
            return {"place": neighbourhood}
        case Week(spans):
            return {"week": [list(span) for span in spans]}
        case Several(items):
            return {"several": [_value_to_json(item) for item in items]}
        case _:
            return value


def _value_from_json(data: Any) -> Value:
    match data:
        case {"line": _}:
            return Line.from_json(data)
        case {"when": at, "style": style}:
            moment = datetime.fromisoformat(at)
            return When(moment if "T" in at else moment.date(), style)
        case {"money": amount}:
            return Money(Decimal(amount))
        case {"entry": entry, "field": name}:
            return EntryText(entry, name)
        case {"place": neighbourhood}:
            return PlaceName(neighbourhood)
        case {"week": spans}:
            return Week(tuple((day, opens, closes) for day, opens, closes in spans))
        case {"several": items}:
            return Several(tuple(_value_from_json(item) for item in items))
        case str() | int():
            return data
        case _:
            raise ValueError(f"not a value of a message: {data!r}")
