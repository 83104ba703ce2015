"""From a need to a place to look: topic, for whom, where."""

from __future__ import annotations

from collections.abc import Sequence

from flows import offers
from flows.effects import Turn
from flows.heard import Heard, Located, Tapped, Understood
from flows.hints import WHOLE_CITY, heard_facts, similar
from flows.say import Choice, Line, Say
from flows.second import is_wanted, pair, waiting
from flows.state import State
from flows.step import Step, choice, choices, topic_choice
from flows.topics import OWN, SEARCHED, THEMES
from flows.world import World
from nlu.types import Parsed


def with_topic(state: State, topic: str, world: World, parsed: Parsed | None = None) -> Turn:
    """Start looking for one need, using whatever else was said in the same breath."""
    facts: dict[str, object] = {}
    if topic == state.fact("topic"):
        facts["also"] = state.fact("also")
    if parsed is not None:
        facts.update(heard_facts(parsed, world), like=similar(parsed, topic, world))
        if topic in OWN:
            facts.pop("other", None)
    return offers.begin(state, topic, world, **facts)


def with_both(state: State, topics: tuple[str, str], world: World, parsed: Parsed) -> Turn:
    """Start looking for the first of two needs; the second waits, and both are said."""
    first, second = topics
    turn = with_topic(state, first, world, parsed)
    names = {"first": Line(f"topic.{first}"), "second": Line(f"topic.{second}")}
    kept = turn.state.at(turn.state.step, also=second)
    return Turn(kept, Say("find_help.two", names), *turn.effects)


def choose_between(state: State, topics: Sequence[str]) -> Turn:
    """Offer the likeliest needs as buttons instead of guessing."""
    return Turn(state.at("find_help.which", likely=list(topics)))


# Which theme.


def ask_theme(state: State, world: World) -> Say:
    """Show the themes of the menu."""
    key = "find_help.ask_theme_other" if state.fact("other") else "find_help.ask_theme"
    themes = tuple(Choice(f"theme:{name}", Line(f"theme.{name}")) for name in THEMES)
    return Say(key, choices=(*waiting(state), *themes, *_whom(state)))


def _whom(state: State) -> tuple[Choice, ...]:
    return choices("for_self") if state.fact("other") else choices("for_other")


def hear_theme(state: State, heard: Heard, world: World) -> Turn | None:
    """Open a theme, or turn to the need that waited."""
    if is_wanted(state, heard):
        return offers.turn_to_second(state, world)
    match heard:
        case Tapped(choice=code) if code.removeprefix("theme:") in THEMES:
            name = code.removeprefix("theme:")
            if len(THEMES[name]) == 1:
                return with_topic(state, THEMES[name][0], world)
            return Turn(state.at("find_help.topic", theme=name))
    return _hear_whom(state, heard)


def _hear_whom(state: State, heard: Heard) -> Turn | None:
    match heard:
        case Tapped(choice="for_other"):
            return Turn(state.at(state.step, other=True))
        case Tapped(choice="for_self"):
            return Turn(state.at(state.step, other=None))
        case Understood(parsed=parsed, intent=None) if not parsed.likely:
            if any(entity.kind == "other" for entity in parsed.entities):
                return Turn(state.at(state.step, other=True))
    return None


# Which topic of the theme.


def ask_topic(state: State, world: World) -> Say:
    """Show the topics of one theme."""
    topics = THEMES.get(state.fact("theme", ""), THEMES["company"])
    return Say(
        "find_help.ask_topic",
        choices=(*(topic_choice(topic) for topic in topics), choice("themes")),
    )


def hear_topic(state: State, heard: Heard, world: World) -> Turn | None:
    """Take a topic, from a list or as one of the likeliest."""
    match heard:
        case Tapped(choice=code) if code.removeprefix("topic:") in SEARCHED:
            return with_topic_keeping_words(state, code.removeprefix("topic:"), world)
        case Tapped(choice="topic:complaint"):
            return Turn(state.at("elsewhere.complaint"))
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme"))
    return None


def with_topic_keeping_words(state: State, topic: str, world: World) -> Turn:
    """Start looking for a chosen need; entries found by the words before it stay in front."""
    like = state.fact("like")
    turn = with_topic(state, topic, world)
    kept = turn.state.at(turn.state.step, like=like) if like else turn.state
    return offers.show(kept, world) if kept.step == "offers.list" else Turn(kept)


# Unsure which need was meant.


def ask_which(state: State, world: World) -> Say:
    """Offer the likeliest needs."""
    return Say(
        "find_help.ask_which",
        choices=(
            *(topic_choice(topic) for topic in state.fact("likely", [])),
            choice("themes", "choice.something_else"),
        ),
    )


def hear_which(state: State, heard: Heard, world: World) -> Turn | None:
    """Take one of the likeliest; yes means the first of them."""
    likely = state.fact("likely", [])
    match heard:
        case Understood(parsed=parsed) if parsed.answer == "yes" and len(likely) == 1:
            return hear_topic(state, Tapped(f"topic:{likely[0]}"), world)
        case Understood(parsed=parsed) if parsed.answer == "no":
            return Turn(state.at("find_help.theme"))
        case Understood(parsed=parsed, intent=None) if not parsed.likely:
            # A place or a time: kept for later, and the question stays as it was.
            if facts := heard_facts(parsed, world):
                return Turn(state.at("find_help.which", **facts))
    return hear_topic(state, heard, world)


# Where.


def ask_place(state: State, world: World) -> Say:
    """Ask for the neighbourhood; it may always be skipped."""
    key = "find_help.ask_place_other" if state.fact("other") else "find_help.ask_place"
    again = "find_help.ask_place_again" if state.misses else key
    return Say(
        again,
        {"topic": Line(f"topic.{state.fact('topic')}")},
        choices=(*choices("whole_city", "skip", *_for_self(state)), *_not_these_two(state)),
    )


def _not_these_two(state: State) -> tuple[Choice, ...]:
    """Where two needs were understood: the other one first, or neither."""
    second = waiting(state)
    return (*second, choice("themes", "choice.something_else")) if second else ()


def _for_self(state: State) -> tuple[str, ...]:
    worried = state.fact("topic") == "worry_other"
    return ("for_self",) if state.fact("other") and not worried else ()


def hear_place(state: State, heard: Heard, world: World) -> Turn | None:
    """Take a neighbourhood, a postcode, a location, or the whole city."""
    if is_wanted(state, heard):
        return offers.turn_to_second(state, world)
    match heard:
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme", also=None))
        case Tapped(choice="whole_city" | "skip"):
            return offers.show(state.at("offers.list", place=WHOLE_CITY), world)
        case Tapped(choice=code) if code.startswith("place:"):
            return _at_place(state, code.removeprefix("place:"), world)
        case Located(neighbourhood=None):
            turn = offers.show(state.at("offers.list", place=WHOLE_CITY), world)
            return Turn(turn.state, Say("find_help.outside_city"), *turn.effects)
        case Located(neighbourhood=str(place)):
            return _at_place(state, place, world)
        case Understood(parsed=parsed):
            return _typed_place(state, parsed, world)
    return _hear_whom(state, heard)


def _typed_place(state: State, parsed: Parsed, world: World) -> Turn | None:
    if pair(parsed) is not None:
        return None
    facts = heard_facts(parsed, world)
    if "place" in facts and parsed.sure in (None, state.fact("topic")):
        return offers.show(state.at("offers.list", **facts), world)
    if parsed.answer in ("skip", "no"):
        return offers.show(state.at("offers.list", place=WHOLE_CITY), world)
    if parsed.sure is None and not parsed.likely:
        if facts:
            return Turn(state.at(state.step, **facts))
        if not state.misses:
            return Turn(state.missed())
    return None


def _at_place(state: State, place: str, world: World) -> Turn | None:
    if not any(neighbourhood.id == place for neighbourhood in world.directory.neighbourhoods):
        return None
    return offers.show(state.at("offers.list", place=place), world)


STEPS = {
    "find_help.theme": Step(ask_theme, hear_theme),
    "find_help.topic": Step(ask_topic, hear_topic),
    "find_help.which": Step(ask_which, hear_which),
    "find_help.place": Step(ask_place, hear_place),
}
