"""Coming back later, if and when the resident wants it, in words that give nothing away."""

from __future__ import annotations

from datetime import datetime, timedelta

from flows import offers
from flows.effects import AllowCheckins, MarkEntry, PlanCheckin, StopCheckins, Turn
from flows.handoff import to_person
from flows.heard import CheckinDue, Heard, Tapped, Understood
from flows.say import EntryText, Line, Say, When
from flows.state import State
from flows.step import Step, choice, choices
from flows.world import World

DAYS = {"tomorrow": 1, "three_days": 3, "week": 7, "two_weeks": 14}
OUTCOMES = ("went_well", "not_yet", "did_not_fit", "unreachable")
# Late enough for a late riser, early enough to still call somebody.
_HOUR = 11
_EVENING_HOUR = 19


def _about(state: State) -> dict[str, str]:
    kind, _, name = state.fact("about", "").partition(":")
    return {kind: name} if kind and name else {}


# When.


def ask_when(state: State, world: World) -> Say:
    """Ask whether and when to come back."""
    return Say(
        "checkin.ask_when",
        choices=(
            *(choice(f"in:{name}") for name in DAYS),
            *choices("in:evening", "no_checkin"),
        ),
    )


def hear_when(state: State, heard: Heard, world: World) -> Turn | None:
    """Plan it, or not."""
    match heard:
        case Tapped(choice="in:evening"):
            return _plan(state, world, 1, _EVENING_HOUR)
        case Tapped(choice=code) if code.removeprefix("in:") in DAYS:
            return _plan(state, world, DAYS[code.removeprefix("in:")], _HOUR)
        case Tapped(choice="no_checkin"):
            return Turn(state.at("find_help.theme", about=None), Say("checkin.none_planned"))
        case Understood(parsed=parsed) if parsed.answer in ("no", "skip"):
            return Turn(state.at("find_help.theme", about=None), Say("checkin.none_planned"))
        case Understood(parsed=parsed) if parsed.answer == "yes":
            return _plan(state, world, DAYS["week"], _HOUR)
    return None


def _plan(state: State, world: World, days: int, hour: int) -> Turn:
    due = _at(world, days, hour)
    planned = PlanCheckin(due, **_about(state))
    after = "offers.list" if state.fact("shown") else "find_help.theme"
    said = Say("checkin.planned", {"at": When(due)})
    return Turn(state.at(after, about=None), AllowCheckins(), planned, said)


def _at(world: World, days: int, hour: int) -> datetime:
    """The hour on a later day, moved into the part of the day in which we may write."""
    start, until = world.team.quiet
    day = world.now + timedelta(days=days)
    wanted = day.replace(hour=hour, minute=0, second=0, microsecond=0)
    at = wanted.time()
    if not (start <= at < until if start <= until else at >= start or at < until):
        return wanted
    allowed = wanted.replace(hour=until.hour, minute=until.minute)
    return allowed if allowed >= wanted else allowed + timedelta(days=1)


# The moment has come.


def due(state: State, heard: CheckinDue, world: World) -> Turn:
    """Knock softly: nothing in this message says what it is about."""
    if state.step == "talk.person":
        tomorrow = _at(world, DAYS["tomorrow"], _HOUR)
        return Turn(state, PlanCheckin(tomorrow, heard.entry, heard.handoff))
    about = f"entry:{heard.entry}" if heard.entry else f"handoff:{heard.handoff}"
    return Turn(state.at("checkin.knock", about=about))


def ask_knock(state: State, world: World) -> Say:
    """Ask whether this is a good moment."""
    return Say("checkin.knock", choices=choices("now_is_fine", "later", "no_more"))


def hear_knock(state: State, heard: Heard, world: World) -> Turn | None:
    """Go on, come back tomorrow, or never again."""
    match heard:
        case Tapped(choice="now_is_fine"):
            return Turn(state.at("checkin.how_was_it"))
        case Tapped(choice="later"):
            return _plan(state, world, 1, _HOUR)
        case Tapped(choice="no_more"):
            return _no_more(state)
        case Understood(parsed=parsed) if parsed.answer == "yes":
            return Turn(state.at("checkin.how_was_it"))
        case Understood(parsed=parsed) if parsed.answer == "no":
            return _plan(state, world, 1, _HOUR)
    return None


def _no_more(state: State) -> Turn:
    stopped = Say("checkin.stopped")
    return Turn(state.at("find_help.theme", about=None), StopCheckins(), stopped)


# How was it.


def ask_how_was_it(state: State, world: World) -> Say:
    """Ask how it went, with four answers."""
    outcomes = choices(*OUTCOMES, "no_more")
    entry = _about(state).get("entry")
    if entry is not None and world.directory.get(entry) is not None:
        return Say("checkin.how_entry", {"name": EntryText(entry, "name")}, choices=outcomes)
    return Say("checkin.how_handoff", choices=outcomes)


def hear_how_was_it(state: State, heard: Heard, world: World) -> Turn | None:
    """Every answer does something."""
    match heard:
        case Tapped(choice="no_more"):
            return _no_more(state)
        case Tapped(choice=outcome) if outcome in OUTCOMES:
            return _outcome(state, outcome, world)
        case Understood(parsed=parsed) if parsed.answer == "yes":
            return _outcome(state, "went_well", world)
    return None


def _outcome(state: State, outcome: str, world: World) -> Turn:
    entry_id = _about(state).get("entry")
    entry = world.directory.get(entry_id) if entry_id else None
    marks = (MarkEntry(entry.id, outcome),) if entry is not None else ()
    match outcome:
        case "went_well":
            return Turn(state.at("find_help.theme", about=None), *marks, Say("checkin.good"))
        case "not_yet":
            return Turn(state.at("checkin.nudge"), *marks)
        case _ if entry is not None:
            seen = [*state.fact("seen", []), entry.id]
            tried = state.at("checkin.other_ways", topic=_topic(state, entry.topics), seen=seen)
            return Turn(tried, *marks, Say(f"checkin.{outcome}"))
        case _:
            return Turn(state.at("handoff.offer"), *marks, Say("checkin.person_instead"))


def _topic(state: State, topics: tuple[str, ...]) -> str:
    topic: str = state.fact("topic", topics[0])
    return topic if topic in topics else topics[0]


def ask_nudge(state: State, world: World) -> Say:
    """It did not happen yet: somebody along, another moment, or something else."""
    return Say("checkin.not_yet", choices=choices("with_me", "later", "something_else", "person"))


def ask_other_ways(state: State, world: World) -> Say:
    """It did not work out: other offers, or a person."""
    return Say(
        "checkin.other_ways",
        {"topic": Line(f"topic.{state.fact('topic')}")},
        choices=choices("something_else", "person", "no_more"),
    )


def hear_other_ways(state: State, heard: Heard, world: World) -> Turn | None:
    """Go on with other offers, a companion, a person, or later."""
    entry_id = _about(state).get("entry")
    match heard:
        case Tapped(choice="something_else"):
            entry = world.directory.get(entry_id) if entry_id else None
            if entry is None:
                return Turn(state.at("find_help.theme", about=None))
            topic = _topic(state, entry.topics)
            return offers.show(state.at("offers.list", topic=topic, about=None), world)
        case Tapped(choice="with_me"):
            return to_person(state, world, buddy=True, entry=entry_id, about=None)
        case Tapped(choice="person"):
            return to_person(state, world, entry=entry_id, about=None)
        case Tapped(choice="later"):
            return _plan(state, world, DAYS["week"], _HOUR)
        case Tapped(choice="no_more"):
            return _no_more(state)
    return None


STEPS = {
    "checkin.when": Step(ask_when, hear_when),
    "checkin.knock": Step(ask_knock, hear_knock),
    "checkin.how_was_it": Step(ask_how_was_it, hear_how_was_it),
    "checkin.nudge": Step(ask_nudge, hear_other_ways),
    "checkin.other_ways": Step(ask_other_ways, hear_other_ways),
}
