"""The first words, and what happens after "stop"."""

from __future__ import annotations

from flows import find_help
from flows.effects import Turn
from flows.heard import Heard, Tapped, Understood
from flows.say import Say
from flows.state import START, State
from flows.step import Step, choices
from flows.topics import SEARCHED
from flows.world import World


def ask(state: State, world: World) -> Say:
    """Say who this is, that it is a program, what is kept, and ask what is needed."""
    return Say(
        "welcome.hello",
        {"city": world.team.city, "team": world.team.name},
        choices=choices("themes", "for_other", "about_team", "privacy", "always:language"),
    )


def hear(state: State, heard: Heard, world: World) -> Turn | None:
    """Go where the first tap points."""
    match heard:
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme"))
        case Tapped(choice="for_other"):
            return Turn(state.at("find_help.theme", other=True))
        case Tapped(choice="about_team"):
            return Turn(state.at("about.team"))
        case Tapped(choice="privacy"):
            return Turn(state.at("about.privacy"))
    return None


def started(state: State, payload: str, world: World) -> Turn:
    """Open the door: at a topic or an entry when the link carried one."""
    if payload in SEARCHED:
        return find_help.with_topic(state.fresh(START), payload, world)
    entry = world.directory.get(payload)
    if entry is not None and world.directory.is_current(entry, world.now):
        return Turn(state.fresh("offer.details").at("offer.details", entry=payload))
    return Turn(state.fresh(START))


def ask_stopped(state: State, world: World) -> Say:
    """Say how to come back, and what can be erased."""
    if world.handoff is not None:
        return Say(
            "welcome.stopped_open",
            {"code": world.handoff.code},
            choices=choices("restart", "cancel_request", "forget"),
        )
    return Say("welcome.stopped", choices=choices("restart", "forget"))


def hear_stopped(state: State, heard: Heard, world: World) -> Turn | None:
    """Whoever writes again is welcome again."""
    match heard:
        case Tapped(choice="restart"):
            return Turn(state.fresh(START))
        case Tapped(choice="cancel_request"):
            return Turn(state.at("handoff.cancel"))
        case Tapped(choice="forget"):
            return Turn(state.at("about.forget"))
        case Understood(intent=None):
            return Turn(state.fresh(START))
    return None


STEPS = {START: Step(ask, hear), "welcome.stopped": Step(ask_stopped, hear_stopped)}
