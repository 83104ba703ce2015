"""The words of the conversation: one gettext catalogue a language, read once at start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from gettext import c2py
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_currency

from bot.clock import CITY
from flows.say import EntryText, Line, Money, PlaceName, Several, Value, Week, When
from knowledge.directory import Directory

FOLDER = Path(__file__).parent

# A first strong isolate and its end: a Latin name or number inside right-to-left text keeps
# its own direction without turning its neighbours around.
_ISOLATE, _END = "\u2068", "\u2069"


class MissingTextError(LookupError):
    """A key that no catalogue has: a bug of a flow."""


@dataclass(frozen=True, slots=True)
class _Language:
    locale: Locale
    plural: Callable[[int], int]
    texts: Mapping[str, str | tuple[str, ...]]


class Texts:
    """Turns keys and values into words."""

    def __init__(self, languages: Iterable[str], folder: Path = FOLDER) -> None:
        """Read the catalogues. Raises FileNotFoundError for a language that has none."""
        self._languages = {code: _read(folder / f"{code}.po", code) for code in languages}

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages there are."""
        return tuple(self._languages)

    def keys(self, language: str) -> frozenset[str]:
        """Every key a language has words for."""
        return frozenset(self._languages[language].texts)

    def raw(self, language: str, key: str) -> tuple[str, ...]:
        """The forms of one text as they stand in the catalogue, for checks."""
        found = self._languages[language].texts[key]
        return (found,) if isinstance(found, str) else found

    def direction(self, language: str) -> str:
        """`ltr` or `rtl`."""
        return self._languages[language].locale.text_direction

    def write(self, line: Line, language: str, directory: Directory) -> str:
        """The words of a line. Raises `MissingTextError` for a key nobody has words for."""
        spoken = self._languages[language]
        found = spoken.texts.get(line.key)
        if found is None:
            raise MissingTextError(f"{language}.po has no text for {line.key}")
        if isinstance(found, tuple):
            count = line.params.get("n", 0)
            form = spoken.plural(count if isinstance(count, int) else 0)
            found = found[min(form, len(found) - 1)]
        return found.format_map(
            {name: self._value(value, language, directory) for name, value in line.params.items()}
        )

    def value(self, value: Value, language: str, directory: Directory) -> str:
        """The words of one value by itself."""
        return self._value(value, language, directory).strip(_ISOLATE + _END)

    def _value(self, value: Value, language: str, directory: Directory) -> str:
        locale = self._languages[language].locale
        match value:
            case Line():
                return self.write(value, language, directory)
            case Several(items):
                written = [self._value(item, language, directory) for item in items]
                return format_list(written, style="standard", locale=locale)
            case When(at, style):
                return _when(at, style, locale)
            case Money(amount):
                return format_currency(amount, "EUR", locale=locale)
            case Week(spans):
                return _week(spans, locale)
            case EntryText(entry, name):
                found = directory.get(entry)
                return self._isolated("" if found is None else found.text(name, language), language)
            case PlaceName(neighbourhood):
                place = directory.places.get(neighbourhood)
                return self._isolated(neighbourhood if place is None else place.name, language)
            case int():
                return str(value)
            case str():
                return self._isolated(value, language)

    def _isolated(self, text: str, language: str) -> str:
        return f"{_ISOLATE}{text}{_END}" if self.direction(language) == "rtl" else text


@cache
def _read(path: Path, code: str) -> _Language:
    with path.open("rb") as file:
        catalog = read_po(file)
    locale = catalog.locale
    if locale is None or locale.language != code:
        raise ValueError(f"{path}: the header's Language is not {code}")
    texts: dict[str, str | tuple[str, ...]] = {}
    for message in catalog:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            texts[key] = (
                message.string if isinstance(message.string, str) else tuple(message.string or ())
            )
    return _Language(locale, c2py(catalog.plural_expr), texts)


def _when(at: datetime | date, style: str, locale: Locale) -> str:
    """A day or a moment, the latter by the clocks of the city wherever it was stored."""
    if isinstance(at, datetime) and at.tzinfo is not None:
        at = at.astimezone(CITY)
    match style:
        case "date":
            return format_date(at, format="long", locale=locale)
        case "time" if isinstance(at, datetime):
            return format_time(at, format="HH:mm", tzinfo=at.tzinfo, locale=locale)
        case "day":
            return format_date(at, format="EEEE d MMMM", locale=locale)
    if isinstance(at, datetime):
        day = format_date(at, format="EEEE d MMMM", locale=locale)
        hour = format_time(at, format="HH:mm", tzinfo=at.tzinfo, locale=locale)
        return f"{day}, {hour}"
    return format_date(at, format="EEEE d MMMM", locale=locale)


def _week(spans: tuple[tuple[int, str, str], ...], locale: Locale) -> str:
    """Days with the same hours together: "ma, di 09:00-12:00; wo 13:00-16:00"."""
    names = locale.days["stand-alone"]["abbreviated"]
    by_hours: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for day in sorted({day for day, _, _ in spans}):
        hours = tuple((opens, closes) for other, opens, closes in spans if other == day)
        by_hours.setdefault(hours, []).append(day)
    parts = []
    for hours, days in by_hours.items():
        named = _days(days, names)
        parts.append(f"{named} " + ", ".join(f"{opens}-{closes}" for opens, closes in hours))
    return "; ".join(parts)


def _days(days: list[int], names: Mapping[int, str]) -> str:
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{names[days[0]]}-{names[days[-1]]}"
    return ", ".join(names[day] for day in days)
