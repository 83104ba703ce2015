"""Danger to life, violence at home, emergencies: before everything else, in every state.

Needs neither the NLU service nor the database: words alone raise it, and the numbers are part
of the team's own file. It never ends the chat, never asks for details, never diagnoses.
"""

from __future__ import annotations

from flows.effects import Relay, Turn
from flows.heard import Heard, Tapped, Understood
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
    relay = _relay(state, heard, world)
    if parsed.crisis:
        return Turn(_enter(state, "crisis.open", parsed.crisis), *relay)
    if parsed.crisis_maybe and not _already_asked(state, parsed.crisis_maybe):
        kind = parsed.crisis_maybe
        topic = parsed.sure or next(iter(parsed.likely), None)
        return Turn(_enter(state, "crisis.maybe", kind).at("crisis.maybe", meant=topic), *relay)
    return None


def _enter(state: State, step: str, kind: str) -> State:
    resume = state.fact("resume", START) if state.step.startswith("crisis.") else state.step
    return state.at(step, kind=kind, resume=resume)


def _already_asked(state: State, kind: str) -> bool:
    return state.step.startswith("crisis.") and state.fact("kind") == kind


def _relay(state: State, heard: Understood, world: World) -> tuple[Relay, ...]:
    """Who is talking with a person is heard by that person too."""
    if state.step == "talk.person" and world.handoff is not None:
        return (Relay(world.handoff.code, heard.text),)
    return ()


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
    if not about_other:
        codes.append("crisis:other")
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
        case Tapped(choice="crisis:not_safe"):
            return Turn(state.at("crisis.not_safe"))
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
        note = Say("crisis.person_knows", {"code": world.handoff.code})
        return Turn(state.at("handoff.waiting", kind=None, resume=None), note)
    return Turn(state.at("handoff.how", crisis=kind, kind=None, resume=None))


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
