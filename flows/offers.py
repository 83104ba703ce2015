"""What there is: three fitting offers, others, and why these."""

from __future__ import annotations

import re

from flows.effects import RecordNeed, Turn
from flows.handoff import to_person
from flows.heard import Heard, Tapped, Understood
from flows.hints import WHOLE_CITY, heard_facts
from flows.lines import card_lines
from flows.say import Card, Choice, EntryText, Line, PlaceName, Say, Several
from flows.second import is_wanted, pair, waiting
from flows.state import State
from flows.step import Step, choice, choices
from flows.topics import OWN
from flows.world import World
from knowledge.search import Hit, Query

PAGE = 3
_NEAR_KM = 1.5
# Typed filters are the same words as the tapped ones.
FILTERS = ("too_expensive", "too_far", "evening_only", "weekend_only", "my_language", "age")
_YEARS = re.compile(r"(?<!\d)(\d{1,2}|1[01]\d)(?!\d)")
_OF_ONE_SEARCH = (*("seen", "shown", "like", "reasons", "why_not", "entry", "buddy", "also"),)
AGES = {"child": 8, "teen": 15, "young": 22, "adult": 45, "senior": 70}


def begin(state: State, topic: str, world: World, **facts: object) -> Turn:
    """Look for a need afresh: at once where the place is known, else that is asked for."""
    state = state.at(
        "find_help.place", **{**dict.fromkeys(_OF_ONE_SEARCH), "topic": topic, **facts}
    )
    if topic == "worry_other":
        return Turn(state.at("worry.how", other=True))
    return show(state, world) if state.fact("place") else Turn(state)


def turn_to_second(state: State, world: World) -> Turn:
    """Look for the need that waited; the first waits in turn where nothing was shown for it yet."""
    topic: str = state.fact("also")
    also = state.fact("topic") if state.step == "find_help.place" else None
    other = None if topic in OWN else state.fact("other")
    return begin(state, topic, world, also=also, other=other)


def show(state: State, world: World) -> Turn:
    """Search with all that is known and show the best that were not shown before."""
    hits = _search(state, world)
    topic, place = state.fact("topic"), _place(state)
    if not hits:
        why = "seen_all" if state.fact("seen") else "nothing_fits"
        need = RecordNeed(topic, place, met=False, reason=state.fact("why_not", why))
        return Turn(state.at("offers.none"), need)
    shown = [hit.entry.id for hit in hits]
    first_time = state.fact("counted") != topic
    seen = [*state.fact("seen", []), *shown]
    reasons = {hit.entry.id: list(hit.reasons) for hit in hits}
    state = state.at("offers.list", shown=shown, seen=seen, reasons=reasons, counted=topic)
    return Turn(state, RecordNeed(topic, place, met=True)) if first_time else Turn(state)


def _search(state: State, world: World) -> tuple[Hit, ...]:
    return world.directory.search(
        Query(
            now=world.now,
            topic=state.fact("topic"),
            place=_place(state),
            when=state.fact("when"),
            age=state.fact("age"),
            max_price=state.fact("price"),
            language=state.fact("spoken", state.language),
            speaks=state.fact("spoken"),
            prefer=tuple(state.fact("like", [])),
            max_km=_NEAR_KM if state.fact("near") else None,
            exclude=frozenset(state.fact("seen", [])),
            limit=PAGE,
        )
    )


def _place(state: State) -> str | None:
    place: str | None = state.fact("place")
    return None if place == WHOLE_CITY else place


# The list.


def ask_list(state: State, world: World) -> Say:
    """Show the offers of this page as cards."""
    entries = [
        entry
        for entry in (world.directory.get(name) for name in state.fact("shown", []))
        if entry is not None and world.directory.is_current(entry, world.now)
    ]
    if not entries:
        return ask_none(state, world)
    cards = tuple(
        Card(
            EntryText(entry.id, "name"),
            card_lines(entry, state.language),
            Choice(f"card:{number}", Line("choice.open", {"name": EntryText(entry.id, "name")})),
        )
        for number, entry in enumerate(entries, start=1)
    )
    return Say(
        "offers.list",
        {"n": len(cards), "topic": Line(f"topic.{state.fact('topic')}"), "where": where(state)},
        cards=cards,
        choices=(*choices("more", "change", "none_fits"), *waiting(state)),
    )


def ask_list_again(state: State, world: World) -> Say:
    """Ask which of the offers on the screen it shall be."""
    shown = ask_list(state, world)
    opening = tuple(card.choice for card in shown.cards if card.choice is not None)
    if not opening:
        return shown
    return Say("offers.which", choices=(*opening, *shown.choices))


def where(state: State) -> Line:
    """The place that was searched, in words."""
    place = _place(state)
    return Line("place.whole") if place is None else Line("place.near", {"place": PlaceName(place)})


def hear_list(state: State, heard: Heard, world: World) -> Turn | None:
    """Open an offer, show others, look with a limit, or turn to the need that waited."""
    if is_wanted(state, heard):
        return turn_to_second(state, world)
    match heard:
        case Tapped(choice=code) if code.startswith("card:"):
            return open_card(state, code.removeprefix("card:"))
        case Tapped(choice="change"):
            return Turn(state.at("offers.change"))
        case Tapped(choice="none_fits"):
            need = RecordNeed(state.fact("topic"), _place(state), met=False, reason="none_fits")
            return Turn(state.at("offers.none"), need)
        case Tapped(choice=code) if code == "more" or code in FILTERS:
            return narrow(state, code, world)
        case Understood(parsed=parsed) if parsed.filter == "details":
            return open_card(state, "1")
        case Understood(parsed=parsed) if parsed.filter == "why":
            return Turn(state, why_list(state))
        case Understood(parsed=parsed) if parsed.filter:
            return narrow(state, parsed.filter, world)
        case Understood(intent="show_more"):
            return narrow(state, "more", world)
        case Understood(parsed=parsed) if pair(parsed) is not None:
            return None
        case Understood(parsed=parsed) if parsed.sure in (None, state.fact("topic")):
            return _by_what_was_named(state, heard, world)
    return None


def _by_what_was_named(state: State, heard: Understood, world: World) -> Turn | None:
    opened = open_card(state, heard.text.strip())
    if opened is not None:
        return opened
    facts = heard_facts(heard.parsed, world)
    if not facts.keys() - {"other"}:
        return None
    return show(state.at("offers.list", seen=None, **facts), world)


def open_card(state: State, number: str) -> Turn | None:
    """Open the offer with this number on the page; None when there is none."""
    shown = state.fact("shown", [])
    if not number.isdecimal() or not 1 <= int(number) <= len(shown):
        return None
    return Turn(state.at("offer.details", entry=shown[int(number) - 1]))


def narrow(state: State, wish: str, world: World) -> Turn | None:
    """Look again with one more limit; `more` looks on."""
    match wish:
        case "more" | "something_else":
            return show(state.at("offers.list", why_not=None), world)
        case "too_expensive":
            return _again(state, world, price="free", why_not="too_expensive")
        case "too_far":
            if _place(state) is None:
                return Turn(state.at("find_help.place", seen=None))
            return _again(state, world, near=True, why_not="too_far")
        case "evening_only":
            return _again(state, world, when="evening", why_not="evening")
        case "weekend_only":
            return _again(state, world, when="weekend", why_not="weekend")
        case "my_language":
            return _again(state, world, spoken=state.language, why_not="language")
        case "age":
            return Turn(state.at("offers.age"))
        case _:
            return None


def _again(state: State, world: World, **facts: object) -> Turn:
    return show(state.at("offers.list", seen=None, shown=None, **facts), world)


def why_list(state: State) -> Say:
    """Say what put these offers in front."""
    reasons = state.fact("reasons", {})
    met = list(dict.fromkeys(reason for found in reasons.values() for reason in found))
    return Say("offers.why", {"reasons": _reasons(met)})


def _reasons(names: list[str]) -> Several:
    return Several(tuple(Line(f"reason.{name}") for name in names) or (Line("reason.topic"),))


# What should be different.


def ask_change(state: State, world: World) -> Say:
    """Ask what should be different."""
    return Say("offers.ask_change", choices=choices(*FILTERS, "whole_city", "themes"))


def hear_change(state: State, heard: Heard, world: World) -> Turn | None:
    """Look again with the chosen limit."""
    match heard:
        case Tapped(choice="whole_city"):
            return _again(state, world, place=WHOLE_CITY, near=None, why_not=None)
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme"))
    return hear_list(state, heard, world)


# For what age.


def ask_age(state: State, world: World) -> Say:
    """Ask roughly how old somebody is."""
    key = "offers.ask_age_other" if state.fact("other") else "offers.ask_age"
    return Say(key, choices=tuple(choice(f"age:{name}") for name in AGES))


def hear_age(state: State, heard: Heard, world: World) -> Turn | None:
    """Take an age group or a number of years."""
    match heard:
        case Tapped(choice=code) if code.removeprefix("age:") in AGES:
            return _again(state, world, age=AGES[code.removeprefix("age:")], why_not="age")
        case Understood(text=text) if (years := _YEARS.search(text)) is not None:
            return _again(state, world, age=int(years[1]), why_not="age")
    return None


# Nothing fits.


def ask_none(state: State, world: World) -> Say:
    """Say that nothing fits, that this is counted, and offer a person and other ways."""
    return Say(
        "offers.none",
        {"topic": Line(f"topic.{state.fact('topic')}"), "where": where(state)},
        choices=(
            choice("person"),
            *waiting(state),
            *choices("whole_city", "start_again", "themes"),
        ),
    )


def hear_none(state: State, heard: Heard, world: World) -> Turn | None:
    """Go on with a person, without limits, or with another need."""
    match heard:
        case Tapped(choice="person"):
            return to_person(state, world)
        case Tapped(choice="whole_city"):
            return _again(state, world, place=WHOLE_CITY, near=None, why_not=None)
        case Tapped(choice="start_again"):
            unlimited = dict.fromkeys(("when", "price", "spoken", "age", "near", "why_not"))
            return _again(state, world, **unlimited)
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme"))
        case Understood(parsed=parsed) if parsed.answer == "yes":
            return to_person(state, world)
    return hear_list(state, heard, world)


STEPS = {
    "offers.list": Step(ask_list, hear_list, ask_list_again),
    "offers.change": Step(ask_change, hear_change),
    "offers.age": Step(ask_age, hear_age),
    "offers.none": Step(ask_none, hear_none),
}
