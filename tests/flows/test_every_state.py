"""Every reachable state against the whole input alphabet, breadth first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from flows.always import SILENT_STEPS
from flows.effects import OpenHandoff, TakeLink, Turn, WithdrawHandoff
from flows.engine import take_turn
from flows.heard import (
    CheckinDue,
    HandoffMoved,
    Heard,
    LinkMoved,
    Located,
    Opened,
    Stale,
    Started,
    Tapped,
    Understood,
    Unreadable,
)
from flows.say import Line
from flows.state import State
from flows.steps import STEPS
from flows.world import HandoffView, World
from tests.conversation import a_world, example_map, understood

Node = tuple[State, World]
ALWAYS = tuple(f"always:{word}" for word in ("person", "stop", "back", "menu", "language"))


def _maybe(text: str) -> Understood:
    heard = understood(text, "need_mental")
    return Understood(replace(heard.parsed, crisis=None, crisis_maybe="crisis_suicide"))


@cache
def alphabet() -> tuple[Heard, ...]:
    """What can be heard in any state, besides the choices on the screen."""
    entry = example_map().entries[0].id
    return (
        *(Tapped(word) for word in ALWAYS),
        *(understood(text) for text in ("ja", "nee", "sla over", "blabla", "1", "06 12345678")),
        *(understood(text) for text in ("Holtenbroek", "te duur", "in het engels", "'s avonds")),
        understood("ik ben zo alleen", "need_contact"),
        understood("die post en dat geld", ("need_forms", "need_debt")),
        *(
            understood(f"dit betekent {intent}", intent)
            for intent in (
                *("greet", "goodbye", "thanks", "ask_help", "ask_team", "ask_hours", "ask_bot"),
                *("ask_privacy", "delete_data", "repeat", "show_more", "complaint", "worry_other"),
                *("other_municipal", "out_of_scope", "ask_human", "restart", "need_buddy"),
            )
        ),
        understood("ik wil niet meer leven"),
        understood("mijn man slaat mij"),
        understood("brand in huis bel de brandweer"),
        _maybe("het hoeft voor mij allemaal niet meer zo"),
        Located("holtenbroek"),
        Located(None),
        Unreadable("voice"),
        Unreadable("sticker"),
        Stale("card:1"),
        Started(),
        Started("need_meal"),
        Started(entry),
        Started("rubbish"),
        CheckinDue(entry=entry),
        CheckinDue(handoff="KPM-7RT"),
        Opened(),
    )


def desk(world: World) -> Iterator[Heard]:
    if world.handoff is not None:
        for what in ("claimed", "replied", "handed_back", "closed", "lapsed"):
            yield HandoffMoved(what, world.handoff.code, by="Noor", text="dag", outcome="helped")
        yield HandoffMoved("replied", world.handoff.code, by="Noor", text=Line("reply.done"))


def other_apps(state: State) -> Iterator[Heard]:
    # A code was asked for or typed in a conversation that had begun.
    if state.seq:
        for what in ("done", "unknown", "taken"):
            yield LinkMoved(what)


def after(turn: Turn, world: World) -> World:
    for effect in turn.effects:
        match effect:
            case OpenHandoff(code, draft, due):
                world = replace(world, handoff=HandoffView(code, due, draft.how))
            case WithdrawHandoff():
                world = replace(world, handoff=None)
            case _:
                pass
    return world


def signature(state: State, world: World) -> object:
    """What makes a state behave differently; the ids of offers do not."""
    shape = frozenset(state.facts) & {"topic", "entry", "shown", "editing", "crisis", "about"}
    return state.step, shape, len(state.offered), state.misses > 0, world.handoff is None


@cache
def reachable() -> tuple[tuple[Node, Heard, Turn], ...]:
    """Every turn from every reachable state."""
    first = (State(), a_world())
    known = {signature(*first)}
    queue: deque[Node] = deque([first])
    turns = []
    while queue and len(known) < 2500:
        state, world = queue.popleft()
        taps = (Tapped(code) for code in dict.fromkeys(state.offered))
        for heard in (*taps, *alphabet(), *desk(world), *other_apps(state)):
            turn = take_turn(state, heard, world)
            turns.append(((state, world), heard, turn))
            node = (turn.state, after(turn, world))
            if (mark := signature(*node)) not in known:
                known.add(mark)
                queue.append(node)
    return tuple(turns)


@pytest.mark.slow
def test_every_step_is_reached() -> None:
    assert {turn.state.step for _, _, turn in reachable()} == set(STEPS)


@pytest.mark.slow
def test_no_turn_ends_without_a_way_on() -> None:
    for (state, _), heard, turn in reachable():
        awaits = any(isinstance(effect, TakeLink) for effect in turn.effects)
        if turn.state.step not in SILENT_STEPS and not awaits:
            assert turn.says, (state.step, heard)
            assert turn.state.offered, (state.step, heard, turn.state.step)


@pytest.mark.slow
def test_a_person_is_one_message_away_from_everywhere() -> None:
    for (state, world), heard, turn in reachable():
        if heard == Tapped("always:person"):
            expected = "handoff.how" if world.handoff is None else "handoff.waiting"
            assert turn.state.step == expected, state.step


@pytest.mark.slow
def test_a_crisis_is_answered_from_everywhere() -> None:
    for (state, _), heard, turn in reachable():
        crisis = getattr(getattr(heard, "parsed", None), "crisis", None)
        if crisis:
            if state.step != "talk.person":
                assert turn.state.step == "crisis.open", state.step
                assert turn.state.fact("kind") == crisis
            assert f"crisis.{crisis.removeprefix('crisis_')}" in turn.says[-1].key


@pytest.mark.slow
def test_every_choice_on_the_screen_leads_somewhere() -> None:
    for (state, _), heard, turn in reachable():
        if isinstance(heard, Tapped):
            assert turn.state.misses <= state.misses, (state.step, heard)


@pytest.mark.slow
def test_codes_fit_the_narrowest_button() -> None:
    for _, _, turn in reachable():
        for code in turn.state.offered:
            assert len(f"{10**9 - 1}:{code}".encode()) <= 64
