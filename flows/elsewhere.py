"""What the team does not do itself, and complaints: said kindly, with what is possible."""

from __future__ import annotations

from flows.effects import Turn
from flows.handoff import to_person
from flows.heard import Heard, Tapped
from flows.say import Say
from flows.state import State
from flows.step import Step, choices
from flows.world import World


def ask_complaint(state: State, world: World) -> Say:
    """Take a complaint seriously: a person, or the formal way."""
    return Say(
        "elsewhere.complaint",
        {"phone": world.team.municipality_phone},
        choices=choices("person", "themes"),
    )


def hear_complaint(state: State, heard: Heard, world: World) -> Turn | None:
    """Bring it to a person."""
    match heard:
        case Tapped(choice="person"):
            return to_person(state, world, topic="complaint", entry=None)
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme"))
    return None


STEPS = {"elsewhere.complaint": Step(ask_complaint, hear_complaint)}
