"""Two needs in one message: the more urgent first, the other kept until its turn comes."""

from __future__ import annotations

from flows.heard import Heard, Tapped
from flows.say import Choice, Line
from flows.state import State
from flows.topics import HANDED, THEMES, URGENCY
from nlu.types import Parsed


def pair(parsed: Parsed) -> tuple[str, str] | None:
    """The two needs of a message, the more urgent first; None where it holds no two for sure.

    Needs of one theme are mostly one need told twice: then the likeliest are asked about.
    """
    needs = [name for name in parsed.parts if name in HANDED]
    if len(needs) != 2 or not set(needs) <= set(URGENCY):
        return None
    if any(set(needs) <= set(theme) for theme in THEMES.values()):
        return None
    first, second = sorted(needs, key=URGENCY.index)
    return first, second


def waiting(state: State) -> tuple[Choice, ...]:
    """The need that waits, as a choice; nothing where none waits."""
    topic = state.fact("also")
    if topic is None:
        return ()
    label = Line("choice.also", {"topic": Line(f"topic.{topic}")})
    return (Choice(f"topic:{topic}", label),)


def is_wanted(state: State, heard: Heard) -> bool:
    """Whether the need that waits was tapped."""
    return isinstance(heard, Tapped) and heard.choice == f"topic:{state.fact('also')}"
