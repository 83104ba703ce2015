"""Counting what was misunderstood: that it happened and what was offered, never a word of it."""

from __future__ import annotations

from dataclasses import replace

from flows.effects import RecordMisread, Turn
from flows.heard import Heard, Tapped, Understood
from flows.say import Say
from flows.state import START, State
from flows.step import Step
from flows.world import World

MISSES_BEFORE_A_PERSON = 2


def missed(state: State, heard: Heard) -> Turn:
    """Say that nothing was understood; the second time in a row, offer a person.

    It is counted only where the NLU service answered: what words alone miss says little.
    """
    read = isinstance(heard, Understood) and heard.parsed.understood
    counts = (RecordMisread("missed"),) if read else ()
    if state.seq == 0:
        return Turn(state.at(START), *counts)
    again = state.missed()
    if again.misses >= MISSES_BEFORE_A_PERSON:
        return Turn(again.at("handoff.offer"), *counts, Say("engine.missed_twice"))
    return Turn(again, *counts, Say("engine.missed"))


def counted(step: Step) -> Step:
    """The step, with each time that somebody meant nothing of what it offered counted."""

    def hear(state: State, heard: Heard, world: World) -> Turn | None:
        turn = step.hear(state, heard, world)
        offered = _refused(state, heard)
        if turn is None or not offered:
            return turn
        return Turn(turn.state, RecordMisread("refused", offered), *turn.effects)

    return replace(step, hear=hear)


def _refused(state: State, heard: Heard) -> tuple[str, ...]:
    tapped = heard.choice if isinstance(heard, Tapped) else None
    no = isinstance(heard, Understood) and heard.parsed.answer == "no"
    match state.step:
        case "find_help.which" if no or tapped == "themes":
            return tuple(state.fact("likely", ()))
        case "find_help.place" if tapped == "themes":
            return (state.fact("topic"), state.fact("also"))
        case "crisis.maybe" if no or tapped == "crisis:no":
            return (state.fact("kind"),)
    return ()
