"""Danger to life, violence at home, emergencies: before everything else, in every state.

Needs neither the NLU service nor the database: words alone raise it, and the numbers are part
of the team's own file. It never ends the chat, never asks for details, never diagnoses.
"""

from __future__ import annotations

from flows import handoff
from flows.effects import MarkUrgent, Relay, StopCheckins, Turn
from flows.heard import Heard, Tapped, Understood
from flows.hints import heard_facts
from flows.say import Say, Value
from flows.state import START, State
from flows.step import Step, choices
from flows.world import Team, World

_NUMBERS = (
    *("emergency", "suicide", "suicide_free", "suicide_chat"),
    *("violence", "child", "sexual_violence", "listen"),
)


def look(state: State, heard: Heard, world: World) -> Turn | None:
    """Answer a crisis in what was typed, or return None."""
    if not isinstance(heard, Understood):
        return None
    parsed = heard.parsed
    if state.step == "talk.person" and world.handoff is not None:
        return _while_talking(state, heard, world.handoff.code, world)
    if parsed.crisis:
        return Turn(_enter(state, "crisis.open", parsed.crisis))
    if parsed.crisis_maybe:
        return _perhaps(state, heard, parsed.crisis_maybe)
    return None


def _perhaps(state: State, heard: Understood, kind: str) -> Turn:
    """Ask once; said again it is taken as a crisis."""
    if state.step == "crisis.maybe":
        return Turn(_enter(state, "crisis.open", kind).at("crisis.open", meant=None))
    if state.step.startswith("crisis."):
        return Turn(state, Say("crisis.still_here"))
    meant = heard.intent or next(iter(heard.parsed.likely), None)
    return Turn(_enter(state, "crisis.maybe", kind).at("crisis.maybe", meant=meant))


def _while_talking(state: State, heard: Understood, code: str, world: World) -> Turn | None:
    """Give the numbers, and leave the resident with the person they are talking to."""
    kind = heard.parsed.crisis or heard.parsed.crisis_maybe
    if kind is None:
        return None
    relay = Relay(code, heard.text)
    return Turn(state, relay, MarkUrgent(code, kind), first_words(kind, world.team))


def _enter(state: State, step: str, kind: str) -> State:
    resume = state.fact("resume", START) if state.step.startswith("crisis.") else state.step
    other = state.fact("other") if state.step.startswith("worry.") else None
    return state.at(step, kind=kind, resume=resume, other=other)


def first_words(kind: str, team: Team) -> Say:
    """The words for a crisis, for when there is no conversation to keep them in."""
    return Say(f"crisis.{kind.removeprefix('crisis_')}", _numbers(team))


def _numbers(team: Team) -> dict[str, Value]:
    return {name: team.lines[name] for name in _NUMBERS}


def _kind(state: State) -> str:
    kind: str = state.fact("kind", "crisis_emergency")
    return kind.removeprefix("crisis_")


def ask_open(state: State, world: World) -> Say:
    """The right number at once, and a person."""
    kind = _kind(state)
    about_other = "_other" if state.fact("other") else ""
    codes = ["crisis:person"]
    if kind == "violence":
        codes.append("crisis:not_safe")
    codes.append("crisis:me" if about_other else "crisis:other")
    return Say(
        f"crisis.{kind}{about_other}",
        _numbers(world.team),
        choices=choices(*codes, "crisis:go_on"),
    )


def hear_open(state: State, heard: Heard, world: World) -> Turn | None:
    """A person, words for somebody else's danger, or on with what was asked."""
    match heard:
        case Tapped(choice="crisis:person"):
            return to_person(state, world)
        case Tapped(choice="crisis:other"):
            return Turn(state.at("crisis.open", other=True))
        case Tapped(choice="crisis:me"):
            return Turn(state.at("crisis.open", other=None))
        case Tapped(choice="crisis:not_safe"):
            return Turn(state.at("crisis.not_safe"), StopCheckins())
        case Tapped(choice="crisis:go_on"):
            return _go_on(state)
        case Understood(parsed=parsed) if parsed.answer == "yes":
            return to_person(state, world)
        case Understood(parsed=parsed) if parsed.answer == "no":
            return _go_on(state)
        case Understood(intent=None):
            return Turn(state, Say("crisis.still_here"))
    return None


def to_person(state: State, world: World) -> Turn:
    """Bring somebody in a crisis to the team with as few questions as there can be."""
    kind = state.fact("kind")
    if world.handoff is not None:
        code = world.handoff.code
        note = Say("crisis.person_knows", {"code": code})
        urgent = MarkUrgent(code, str(kind))
        return Turn(state.at("handoff.waiting", kind=None, resume=None), urgent, note)
    return handoff.to_person(state.at(state.step, kind=None), world, crisis=kind)


def _go_on(state: State) -> Turn:
    step = state.fact("resume", START)
    return Turn(state.at(step, kind=None, resume=None, meant=None), Say("crisis.glad_you_said"))


# Perhaps.


def ask_maybe(state: State, world: World) -> Say:
    """One short warm question, with the number already in it."""
    return Say(
        f"crisis.maybe_{_kind(state)}",
        _numbers(world.team),
        choices=choices("crisis:yes", "crisis:no", "crisis:person"),
    )


def hear_maybe(state: State, heard: Heard, world: World) -> Turn | None:
    """Yes opens the crisis words; no goes on with what was meant."""
    match heard:
        case Tapped(choice="crisis:yes"):
            return Turn(state.at("crisis.open", meant=None))
        case Tapped(choice="crisis:no"):
            return _not_a_crisis(state)
        case Tapped(choice="crisis:person"):
            return to_person(state, world)
        case Understood(parsed=parsed) if parsed.answer == "yes":
            return Turn(state.at("crisis.open", meant=None))
        case Understood(parsed=parsed) if parsed.answer == "no":
            return _not_a_crisis(state)
        case Understood(parsed=parsed, intent=None) if not parsed.likely:
            # A place or a time: kept for later, and the question stays as it was. Whom it is
            # about is asked for in a crisis, never guessed.
            facts = heard_facts(parsed, world)
            facts.pop("other", None)
            if any(state.fact(name) != value for name, value in facts.items()):
                return Turn(state.at("crisis.maybe", **facts))
    return None


def _not_a_crisis(state: State) -> Turn:
    meant = state.fact("meant")
    if isinstance(meant, str) and meant.startswith("need_"):
        likely = state.at("find_help.which", likely=[meant], meant=None, kind=None, resume=None)
        return Turn(likely, Say("crisis.thanks_for_saying"))
    return _go_on(state)


# Not safe to write.


def ask_not_safe(state: State, world: World) -> Say:
    """Few words; nothing that asks for an answer now."""
    return Say("crisis.not_safe", _numbers(world.team), choices=choices("crisis:go_on", "forget"))


def hear_not_safe(state: State, heard: Heard, world: World) -> Turn | None:
    """On, or erase."""
    match heard:
        case Tapped(choice="crisis:go_on"):
            return _go_on(state)
        case Tapped(choice="forget"):
            return Turn(state.at("about.forget", kind=None, resume=None))
    return None


STEPS = {
    "crisis.open": Step(ask_open, hear_open),
    "crisis.maybe": Step(ask_maybe, hear_maybe),
    "crisis.not_safe": Step(ask_not_safe, hear_not_safe),
}
