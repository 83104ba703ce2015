"""The worried bystander: careful, in this order: danger, violence, then how to be near."""

from __future__ import annotations

from flows import offers
from flows.effects import Turn
from flows.handoff import to_person
from flows.heard import Heard, Tapped
from flows.say import Say
from flows.state import State
from flows.step import Step, choices
from flows.world import World


def ask_how(state: State, world: World) -> Say:
    """Ask what kind of worry it is, without asking who it is about."""
    return Say(
        "worry.ask",
        {"emergency": world.team.lines["emergency"]},
        choices=choices("worry:danger", "worry:violence", "worry:suicide", "worry:other"),
    )


def hear_how(state: State, heard: Heard, world: World) -> Turn | None:
    """Danger and violence go to their own words; other worries to how to be near."""
    match heard:
        case Tapped(choice="worry:danger"):
            return Turn(state.at("crisis.open", kind="crisis_emergency", resume="worry.near"))
        case Tapped(choice="worry:violence"):
            return Turn(state.at("crisis.open", kind="crisis_violence", resume="worry.near"))
        case Tapped(choice="worry:suicide"):
            return Turn(state.at("crisis.open", kind="crisis_suicide", resume="worry.near"))
        case Tapped(choice="worry:other"):
            return Turn(state.at("worry.near"))
    return None


def ask_near(state: State, world: World) -> Say:
    """Say how to start a talk, and that the team thinks along without a name."""
    return Say("worry.near", choices=choices("person", "worry:offers", "themes"))


def hear_near(state: State, heard: Heard, world: World) -> Turn | None:
    """Go to the team, to offers for the worried, or to the menu."""
    match heard:
        case Tapped(choice="person"):
            return to_person(state, world)
        case Tapped(choice="worry:offers"):
            looking = state.at("find_help.place", topic="worry_other", seen=None, shown=None)
            return offers.show(looking, world) if state.fact("place") else Turn(looking)
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme"))
    return None


STEPS = {"worry.how": Step(ask_how, hear_how), "worry.near": Step(ask_near, hear_near)}
