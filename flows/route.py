"""What free text means when the step it was typed in made nothing of it."""

from __future__ import annotations

from collections import Counter

from flows import find_help, offers
from flows.effects import Turn
from flows.heard import Understood
from flows.hints import heard_facts, similar
from flows.misread import missed
from flows.say import Say
from flows.second import pair
from flows.state import START, State
from flows.topics import OWN, SEARCHED
from flows.world import World
from nlu.types import Parsed

# A need that is typed further on is the resident's own again, unless it says otherwise.
_STILL_FOR_OTHERS = ("find_help.", "worry.")

_STEPS = {
    "greet": START,
    "ask_help": "about.help",
    "ask_team": "about.team",
    "ask_hours": "about.hours",
    "ask_bot": "about.bot",
    "ask_privacy": "about.privacy",
    "delete_data": "about.forget",
    "complaint": "elsewhere.complaint",
}


def by_meaning(state: State, heard: Understood, world: World) -> Turn:
    """Follow the intent where the NLU is sure; offer the likeliest where it is not."""
    return _by_need(state, heard, world) or _by_intent(state, heard, world) or missed(state, heard)


def _by_need(state: State, heard: Understood, world: World) -> Turn | None:
    both, intent = pair(heard.parsed), heard.intent
    if not state.step.startswith(_STILL_FOR_OTHERS):
        state = state.at(state.step, other=None)
    if both is not None:
        return find_help.with_both(state, both, world, heard.parsed)
    if intent in SEARCHED:
        return find_help.with_topic(state, intent, world, heard.parsed)
    return None


def _by_intent(state: State, heard: Understood, world: World) -> Turn | None:
    parsed, intent = heard.parsed, heard.intent
    match intent:
        case "greet" if state.seq:
            return Turn(state.at("find_help.theme"), Say("route.hello_again"))
        case str() if intent in _STEPS:
            return Turn(state.at(_STEPS[intent]))
        case "thanks" | "goodbye":
            return Turn(_resting(state), Say(f"route.{intent}"))
        case "affirm" | "deny":
            return None
        case "repeat":
            return Turn(state, Say("route.repeat"))
        case "show_more" if state.fact("topic"):
            return offers.narrow(state, "more", world)
        case "other_municipal":
            municipality = {"phone": world.team.municipality_phone, "city": world.team.city}
            return Turn(state.at("find_help.theme"), Say("route.municipality", municipality))
        case "out_of_scope":
            return Turn(state.at("find_help.theme"), Say("route.out_of_scope"))
    return _unsure(state, parsed, world)


def _resting(state: State) -> State:
    return state if state.step.startswith(("handoff.", "offers.")) else state.at("find_help.theme")


def _unsure(state: State, parsed: Parsed, world: World) -> Turn | None:
    likely = parsed.likely or (() if parsed.understood else by_words(parsed, world))
    if not likely:
        return None
    turn = find_help.choose_between(state, likely)
    facts = heard_facts(parsed, world)
    if OWN.intersection(likely):
        facts.pop("other", None)
    return Turn(turn.state.at(turn.state.step, like=similar(parsed, None, world), **facts))


def by_words(parsed: Parsed, world: World) -> tuple[str, ...]:
    """Topics of the entries whose words come closest: all there is while the NLU is away."""
    entries = (world.directory.get(name) for name in similar(parsed, None, world)[:5])
    topics = Counter(topic for entry in entries if entry for topic in entry.topics[:2])
    return tuple(topic for topic, _ in topics.most_common(3))
