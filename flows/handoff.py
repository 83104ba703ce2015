"""To a person of the team: how, when, as whom; the summary lies in `flows/summary.py`."""

from __future__ import annotations

from datetime import datetime

from flows.effects import Turn
from flows.heard import Heard, Tapped, Understood
from flows.say import Choice, Line, Say, When
from flows.state import State
from flows.step import Step, choice, choices
from flows.world import World

HOWS = ("chat", "call", "visit", "appointment")
WHENS = ("asap", "morning", "afternoon", "evening")
# The team can only call or visit somebody whose number or address it has.
NEEDS_CONTACT = ("call", "visit")
NOTE_LENGTH = 1000
NAME_LENGTH = 60
CONTACT_LENGTH = 200
_DRAFT = (
    *("how", "wanted", "speak", "name", "contact", "note", "buddy", "editing", "crisis", "resume"),
)


def due_at(world: World) -> datetime:
    """When somebody answers at the latest: the promise, in the team's opening hours."""
    return world.team.hours.add_hours(world.now, world.team.promise_hours)


def to_person(state: State, world: World, **facts: object) -> Turn:
    """Bring the resident to a person: on to the open request, or to a new one.

    One request at a time: what comes up meanwhile goes along with the one that is open.
    """
    if world.handoff is not None:
        code = world.handoff.code
        return Turn(state.at("handoff.waiting"), Say("handoff.one_at_a_time", {"code": code}))
    return Turn(without_draft(state, "handoff.how").at("handoff.how", **facts))


def without_draft(state: State, step: str) -> State:
    """Go to `step` with what was filled in for the team forgotten."""
    return state.at(step, **dict.fromkeys(_DRAFT))


def _next(state: State, step: str, **facts: object) -> Turn:
    """Go on to `step`, or back to the summary where one answer was being changed."""
    after = "handoff.summary" if state.fact("editing") else step
    return Turn(state.at(after, **{**facts, "editing": None}))


def _skipped(heard: Heard) -> bool:
    match heard:
        case Tapped(choice="skip"):
            return True
        case Understood(parsed=parsed):
            return parsed.answer in ("skip", "no")
    return False


# Shall I?


def ask_offer(state: State, world: World) -> Say:
    """Offer a person."""
    return Say("handoff.shall_i", choices=choices("person", "themes"))


def hear_offer(state: State, heard: Heard, world: World) -> Turn | None:
    """Yes leads to a person, no to the menu."""
    match heard:
        case Tapped(choice="person"):
            return to_person(state, world)
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme"))
        case Understood(parsed=parsed) if parsed.answer == "yes":
            return to_person(state, world)
        case Understood(parsed=parsed) if parsed.answer == "no":
            return Turn(state.at("find_help.theme"))
    return None


# How.


def ask_how(state: State, world: World) -> Say:
    """Ask how a person may reach the resident, and say honestly when that will be."""
    hows = tuple(choice(f"how:{name}") for name in HOWS)
    promise = When(due_at(world))
    if world.team.hours.is_open(world.now):
        return Say("handoff.ask_how", {"due": promise}, choices=hows)
    others = {"listen": world.team.lines["listen"], "emergency": world.team.lines["emergency"]}
    return Say("handoff.ask_how_closed", {"due": promise, **others}, choices=hows)


def hear_how(state: State, heard: Heard, world: World) -> Turn | None:
    """Take the way; in a crisis nothing more is asked than that."""
    match heard:
        case Tapped(choice=code) if code.removeprefix("how:") in HOWS:
            how = code.removeprefix("how:")
        case _:
            return None
    same = how == state.fact("how")
    state = state.at(state.step, how=how, contact=state.fact("contact") if same else None)
    if how in NEEDS_CONTACT and not state.fact("contact"):
        return Turn(state.at("handoff.contact"))
    if state.fact("crisis"):
        return Turn(state.at("handoff.summary", editing=None))
    return _next(state, "handoff.when")


# Where to call or come.


def ask_contact(state: State, world: World) -> Say:
    """Ask for the telephone number or the address."""
    return Say(f"handoff.ask_contact_{state.fact('how', 'call')}", choices=choices("chat_instead"))


def hear_contact(state: State, heard: Heard, world: World) -> Turn | None:
    """Take what is typed as it is."""
    match heard:
        case Tapped(choice="chat_instead"):
            turn = _next(state, "handoff.when", how="chat", contact=None)
        case Understood(text=text) if any(sign.isdigit() for sign in text):
            turn = _next(state, "handoff.when", contact=text.strip()[:CONTACT_LENGTH])
        case Understood():
            return Turn(state, Say("handoff.contact_needs_number"))
        case _:
            return None
    if state.fact("crisis"):
        return Turn(turn.state.at("handoff.summary", editing=None))
    return turn


# When.


def ask_when(state: State, world: World) -> Say:
    """Ask what part of the day suits."""
    return Say("handoff.ask_when", choices=tuple(choice(f"when:{name}") for name in WHENS))


def hear_when(state: State, heard: Heard, world: World) -> Turn | None:
    """Take a part of the day, tapped or named."""
    match heard:
        case Tapped(choice=code) if code.removeprefix("when:") in WHENS:
            return _next(state, "handoff.name", wanted=code.removeprefix("when:"))
        case Understood(parsed=parsed):
            named = parsed.entity("time")
            if named is not None and named.value in WHENS:
                return _next(state, "handoff.name", wanted=named.value)
            if (named is not None and named.value == "now") or parsed.answer == "skip":
                return _next(state, "handoff.name", wanted="asap")
    return None


# Name or none.


def ask_name(state: State, world: World) -> Say:
    """Ask for a first name; none is fine."""
    return Say("handoff.ask_name", choices=(choice("skip", "choice.no_name"),))


def hear_name(state: State, heard: Heard, world: World) -> Turn | None:
    """Take a name, or none."""
    if _skipped(heard):
        return _next(state, "handoff.note", name=None)
    match heard:
        case Understood(text=text) if text.strip():
            return _next(state, "handoff.note", name=" ".join(text.split())[:NAME_LENGTH])
    return None


# In one's own words.


def ask_note(state: State, world: World) -> Say:
    """Ask what the team should know, in the resident's own words; nothing is fine."""
    return Say("handoff.ask_note", choices=(choice("skip", "choice.no_note"),))


def hear_note(state: State, heard: Heard, world: World) -> Turn | None:
    """Take the words as they are."""
    if _skipped(heard):
        return _next(state, "handoff.summary", note=None)
    match heard:
        case Understood(text=text) if text.strip():
            return _next(state, "handoff.summary", note=text.strip()[:NOTE_LENGTH])
    return None


# In which language.


def ask_language(state: State, world: World) -> Say:
    """Ask in which language the person should speak."""
    spoken = tuple(Choice(f"speak:{code}", Line(f"language.{code}")) for code in world.languages)
    return Say("handoff.ask_language", choices=spoken)


def hear_language(state: State, heard: Heard, world: World) -> Turn | None:
    """Take a language for the talk with the team."""
    match heard:
        case Tapped(choice=code) if code.removeprefix("speak:") in world.languages:
            return _next(state, "handoff.summary", speak=code.removeprefix("speak:"))
        case Understood(parsed=parsed):
            named = parsed.entity("language")
            if named is not None:
                return _next(state, "handoff.summary", speak=named.value)
    return None


STEPS = {
    "handoff.offer": Step(ask_offer, hear_offer),
    "handoff.how": Step(ask_how, hear_how),
    "handoff.contact": Step(ask_contact, hear_contact),
    "handoff.when": Step(ask_when, hear_when),
    "handoff.name": Step(ask_name, hear_name),
    "handoff.note": Step(ask_note, hear_note),
    "handoff.language": Step(ask_language, hear_language),
}
