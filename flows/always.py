"""The words that hold in every state: a person, stop, back, menu, other language."""

from __future__ import annotations

from dataclasses import replace

from flows.effects import StopCheckins, TellMyData, Turn
from flows.handoff import to_person, without_draft
from flows.heard import Heard, Tapped, Understood
from flows.say import Say
from flows.state import START, State
from flows.world import World

# Offered with every message, in this order.
WORDS = ("person", "back", "menu", "language", "stop")
# Understood as well from a command or a fixed button: `always:help` and so on.
COMMANDS = ("restart", "help", "mydata", "forget")

# Where a person is speaking with a person, the program keeps quiet.
SILENT_STEPS = frozenset({"talk.person"})
# Where any words may be the answer, only the exact words that always hold are more than that.
OPEN_STEPS = SILENT_STEPS | {
    *("handoff.name", "handoff.contact", "handoff.note", "handoff.waiting", "link.code"),
}

_BY_INTENT = {
    "ask_human": "person",
    "stop": "stop",
    "go_back": "back",
    "restart": "restart",
    "change_language": "language",
}


def is_silent(state: State) -> bool:
    """Whether the step asks nothing by itself."""
    return state.step in SILENT_STEPS


def word(state: State, heard: Heard) -> str | None:
    """Return which of `WORDS` or `COMMANDS` was heard, None for anything else.

    Where any words may be the answer, only the exact words count, not what the NLU makes of a
    sentence that is meant for a person.
    """
    match heard:
        case Tapped(choice=code) if code.startswith("always:"):
            return code.removeprefix("always:")
        case Understood(parsed=parsed) if parsed.always:
            return parsed.always
        case Understood(intent=intent) if intent in _BY_INTENT and state.step not in OPEN_STEPS:
            return _BY_INTENT[intent]
    return None


def is_back(state: State, heard: Heard) -> bool:
    """Whether the resident asked for one step back."""
    return word(state, heard) == "back"


def look(state: State, heard: Heard, world: World) -> Turn | None:
    """Answer an always-word, or return None where none was heard."""
    match word(state, heard):
        case "person":
            return to_person(state, world)
        case "stop":
            return Turn(state.fresh("welcome.stopped"), StopCheckins(True), Say("always.stopped"))
        case "back":
            return _back(state)
        case "menu":
            return Turn(without_draft(state, "find_help.theme"))
        case "restart":
            return Turn(state.fresh(START))
        case "language":
            return Turn(state.at("language.choose", came_from=_came_from(state)))
        case "help":
            return Turn(state.at("about.help"))
        case "mydata":
            return Turn(state.at("about.privacy"), TellMyData())
        case "forget":
            return Turn(state.at("about.forget"))
        case _:
            return None


def _back(state: State) -> Turn:
    if state.before is None:
        return Turn(state.at("find_help.theme"), Say("always.nothing_to_undo"))
    earlier = State.from_json(state.before)
    return Turn(replace(earlier, language=state.language, misses=0), Say("always.undone"))


def _came_from(state: State) -> str:
    if state.step == "language.choose":
        return str(state.fact("came_from", START))
    return state.step
