"""Choosing the language of the conversation."""

from __future__ import annotations

from dataclasses import replace

from flows.effects import Turn
from flows.heard import Heard, Tapped, Understood
from flows.say import Choice, Line, Say
from flows.state import START, State
from flows.step import Step
from flows.world import World


def ask(state: State, world: World) -> Say:
    """Offer every language by its own name."""
    return Say(
        "language.ask",
        choices=tuple(Choice(f"lang:{code}", Line(f"language.{code}")) for code in world.languages),
    )


def hear(state: State, heard: Heard, world: World) -> Turn | None:
    """Follow a tapped language, or one that is named or written in."""
    wanted: str | None = None
    match heard:
        case Tapped(choice=code) if code.startswith("lang:"):
            wanted = code.removeprefix("lang:")
        case Understood(parsed=parsed):
            named = parsed.entity("language")
            wanted = named.value if named else parsed.language_switch
    if wanted not in world.languages:
        return None
    step = state.fact("came_from", START)
    chosen = replace(state.at(step, came_from=None), language=wanted)
    return Turn(chosen, Say("language.switched"))


STEPS = {"language.choose": Step(ask, hear)}
