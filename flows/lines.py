"""What is said about one entry of the social map, line by line."""

from __future__ import annotations

import re
from decimal import Decimal

from flows.say import EntryText, Line, Money, PlaceName, Several, Value, Week, When
from knowledge.model import Entry

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_AMOUNT = r"([0-9]+(?:[.,][0-9]{2})?)"
_EUROS = re.compile(rf"€\s?{_AMOUNT}(?![.,]?[0-9])|{_AMOUNT}\s?euro")


def card_lines(entry: Entry, language: str) -> tuple[Line, ...]:
    """The few lines of a card: what, where, cost, when, in which languages, example or not."""
    lines = [Line("entry.summary", {"text": EntryText(entry.id, "summary")}), _where(entry)]
    lines += [_cost(entry)]
    if hours := _hours(entry):
        lines.append(hours)
    if language != "nl" and language in entry.languages:
        lines.append(Line("entry.your_language"))
    if entry.example:
        lines.append(Line("entry.example"))
    return tuple(lines)


def detail_lines(entry: Entry, language: str) -> tuple[Line, ...]:
    """Everything a shy person wants to know before going."""
    lines = [
        Line("entry.summary", {"text": EntryText(entry.id, "summary")}),
        _more(entry, language),
        _for_whom(entry),
        _cost(entry),
        _hours(entry),
        _where(entry),
        *(
            Line(f"entry.{name}", {"text": EntryText(entry.id, name)})
            for name in ("how_to_get_there", "first_time", "bring", "accessibility")
            if entry.text(name)
        ),
        _languages(entry),
        *_contact(entry),
        Line("entry.checked", {"date": When(entry.checked_at, "date")}),
        Line("entry.example") if entry.example else None,
    ]
    return tuple(line for line in lines if line is not None)


def _more(entry: Entry, language: str) -> Line | None:
    """The longer description, where there is one that the resident can read."""
    readable = language == "nl" or entry.translations.get(language, {}).get("description")
    if entry.example or not entry.description or not readable:
        return None
    return Line("entry.summary", {"text": EntryText(entry.id, "description")})


def pass_on_lines(entry: Entry) -> tuple[Line, ...]:
    """What somebody needs who gets the offer from a friend: one block to copy."""
    lines = [
        Line("entry.summary", {"text": EntryText(entry.id, "summary")}),
        _where(entry),
        _cost(entry),
        _hours(entry),
        *_contact(entry),
    ]
    return tuple(line for line in lines if line is not None)


def _cost(entry: Entry) -> Line:
    text = EntryText(entry.id, "cost")
    if entry.cost.free:
        return Line("entry.free")
    if entry.cost.amount is not None:
        amount = Money(entry.cost.amount)
        if not entry.cost.text:
            return Line("entry.costs", {"amount": amount})
        if not _names(entry.cost.text, entry.cost.amount):
            return Line("entry.costs_with_text", {"amount": amount, "text": text})
    return (
        Line("entry.cost_text", {"text": text}) if entry.cost.text else Line("entry.cost_unknown")
    )


def _names(text: str, amount: Decimal) -> bool:
    """Whether a text on costs tells the amount itself, which is then not said twice."""
    told = (before or after for before, after in _EUROS.findall(text))
    return any(Decimal(number.replace(",", ".")) == amount for number in told)


def _for_whom(entry: Entry) -> Line | None:
    audience = entry.audience
    low, high = audience.age_min, audience.age_max
    if audience.eligibility:
        return Line("entry.for_whom", {"text": EntryText(entry.id, "eligibility")})
    if low is not None and high is not None:
        return Line("entry.ages_between", {"low": low, "high": high})
    if low is not None:
        return Line("entry.ages_from", {"low": low})
    if high is not None:
        return Line("entry.ages_to", {"high": high})
    return Line("entry.for_everybody")


def _hours(entry: Entry) -> Line | None:
    spans = tuple(
        (_DAYS.index(day), f"{schedule.opens_at:%H:%M}", f"{schedule.closes_at:%H:%M}")
        for schedule in entry.schedules
        if schedule.freq == "WEEKLY" and schedule.interval == 1
        if schedule.opens_at is not None and schedule.closes_at is not None
        for day in schedule.byday
    )
    if spans:
        return Line("entry.hours", {"hours": Week(tuple(sorted(spans)))})
    if entry.text("hours"):
        return Line("entry.hours", {"hours": EntryText(entry.id, "hours")})
    return None


def _where(entry: Entry) -> Line:
    place = entry.locations[0] if entry.locations else None
    if place is not None and place.address:
        return Line("entry.at", {"place": place.name, "address": place.address})
    if place is not None and place.name:
        return Line("entry.at_place", {"place": place.name})
    if entry.neighbourhoods:
        names: tuple[Value, ...] = tuple(PlaceName(place) for place in entry.neighbourhoods)
        return Line("entry.in_neighbourhoods", {"places": Several(names)})
    return Line("entry.everywhere", {"area": entry.area})


def _languages(entry: Entry) -> Line | None:
    if set(entry.languages) <= {"nl"}:
        return None
    spoken: tuple[Value, ...] = tuple(Line(f"language.{code}") for code in entry.languages)
    return Line("entry.languages", {"languages": Several(spoken)})


def _contact(entry: Entry) -> tuple[Line, ...]:
    contact = entry.contact
    lines = []
    if contact.phone:
        key = "entry.call_somebody" if contact.name else "entry.call"
        lines.append(Line(key, {"phone": contact.phone, "name": contact.name}))
    if contact.email:
        lines.append(Line("entry.mail", {"email": contact.email}))
    if contact.url:
        lines.append(Line("entry.web", {"url": contact.url}))
    return tuple(lines)
