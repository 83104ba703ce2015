"""One offer: what it is, why it is shown, and the ways to take it up."""

from __future__ import annotations

from dataclasses import replace

from flows import offers
from flows.effects import AllowCheckins, Turn
from flows.handoff import to_person
from flows.heard import Heard, Tapped, Understood
from flows.lines import detail_lines, pass_on_lines
from flows.say import Card, EntryText, Line, Say, Several
from flows.state import State
from flows.step import Step, choices
from flows.world import World


def ask_details(state: State, world: World) -> Say:
    """Tell everything about one offer, and how to go on."""
    entry = world.directory.get(state.fact("entry", ""))
    if entry is None or not world.directory.is_current(entry, world.now):
        return Say("offer.gone", choices=choices("list", "themes"))
    return Say(
        "offer.details",
        cards=(Card(EntryText(entry.id, "name"), detail_lines(entry, state.language)),),
        choices=choices("with_me", "team", "remind", "why", "pass_on", "list"),
    )


def ask_details_again(state: State, world: World) -> Say:
    """Ask how to go on with the offer that is on the screen."""
    return replace(ask_details(state, world), key="offer.what_next", cards=())


def hear_details(state: State, heard: Heard, world: World) -> Turn | None:
    """Take an offer up: with somebody, through the team, later, or for somebody else."""
    entry = state.fact("entry", "")
    match heard:
        case Tapped(choice="list"):
            return Turn(state.at("offers.list" if state.fact("shown") else "find_help.theme"))
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme"))
        case Tapped() if world.directory.get(entry) is None:
            return None
        case Tapped(choice="with_me") | Understood(intent="need_buddy"):
            return _with_me(state, world)
        case Tapped(choice="team"):
            return to_person(state, world)
        case Tapped(choice="remind"):
            return Turn(state.at("checkin.when", about=f"entry:{entry}"), AllowCheckins())
        case Tapped(choice="why"):
            return Turn(state, _why(state))
        case Understood(parsed=parsed) if parsed.filter == "why":
            return Turn(state, _why(state))
        case Understood(parsed=parsed) if parsed.filter and parsed.filter != "details":
            return offers.narrow(state, parsed.filter, world) if state.fact("topic") else None
        case Tapped(choice="pass_on"):
            return Turn(state, _pass_on(entry, world))
    return None


def _with_me(state: State, world: World) -> Turn:
    turn = to_person(state, world, buddy=True)
    return Turn(turn.state, Say("offer.with_me"), *turn.effects)


def _why(state: State) -> Say:
    reasons = state.fact("reasons", {}).get(state.fact("entry"), [])
    lines = tuple(Line(f"reason.{name}") for name in reasons) or (Line("reason.you_chose"),)
    return Say("offers.why", {"reasons": Several(lines)})


def _pass_on(entry_id: str, world: World) -> Say:
    entry = world.directory.get(entry_id)
    lines = () if entry is None else pass_on_lines(entry)
    return Say("offer.pass_on", cards=(Card(EntryText(entry_id, "name"), lines),))


STEPS = {"offer.details": Step(ask_details, hear_details, ask_details_again)}
