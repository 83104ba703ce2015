"""A step of a conversation: how it asks, and what it makes of the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flows.effects import Turn
from flows.heard import Heard
from flows.say import Choice, Line, Say
from flows.state import State
from flows.world import World

Ask = Callable[[State, World], Say]
Hear = Callable[[State, Heard, World], Turn | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One place in a conversation.

    `ask` says what the step wants; the engine adds it to every turn that ends in the step, so
    that no turn ends without a way on. `hear` returns the turn an answer leads to, or None for
    an answer that is not about this step; then the meaning of the words decides (`route`).
    `again` is a shorter way to ask, for when the screen still shows what `ask` said.
    """

    ask: Ask
    hear: Hear
    again: Ask | None = None


def choice(code: str, key: str | None = None) -> Choice:
    """A choice labelled by the text `choice.<code>`, or by `key`."""
    return Choice(code, Line(key or f"choice.{code}"))


def choices(*codes: str) -> tuple[Choice, ...]:
    """Choices labelled by their own codes."""
    return tuple(choice(code) for code in codes)


def topic_choice(topic: str) -> Choice:
    """A choice for one topic."""
    return Choice(f"topic:{topic}", Line(f"topic.{topic}"))
