"""One turn: crisis first, then the words that always hold, then the step, then the meaning."""

from __future__ import annotations

from dataclasses import replace

from flows import always, checkin, crisis, link, route, talk, welcome
from flows.effects import LASTING, TakeLink, Turn
from flows.heard import (
    CheckinDue,
    HandoffMoved,
    Heard,
    LinkMoved,
    Located,
    Opened,
    Stale,
    Started,
    Understood,
    Unreadable,
)
from flows.misread import missed
from flows.say import Say
from flows.state import START, State
from flows.steps import STEPS
from flows.world import World

MASKED_NUMBER = "[BSN]"


def take_turn(state: State, heard: Heard, world: World) -> Turn:
    """Return the next state and what to do for one thing heard. Pure; raises only on bugs."""
    state = _known(state, world)
    spoken = _in_their_language(state, heard)
    turn = _decide(spoken, heard, world)
    if turn.state.step not in STEPS:
        turn = Turn(turn.state.fresh(START), *turn.effects)
    return _finish(state, turn, heard, world)


def _known(state: State, world: World) -> State:
    """The state as this release and these settings know it; an older one begins anew."""
    if state.language not in world.languages:
        state = replace(state, language=world.languages[0])
    return state if state.step in STEPS else state.fresh(START)


def _decide(state: State, heard: Heard, world: World) -> Turn:
    for look in (crisis.look, always.look):
        turn = look(state, heard, world)
        if turn is not None:
            return turn
    match heard:
        case CheckinDue():
            return checkin.due(state, heard, world)
        case HandoffMoved():
            return talk.moved(state, heard, world)
        case LinkMoved():
            return link.moved(state, heard, world)
        case Started(payload):
            return welcome.started(state, payload, world)
        case Opened():
            return _where_we_were(state, world)
        case Stale():
            return Turn(state, Say("engine.stale"))
        case Unreadable(kind):
            return Turn(state, Say(_unreadable(kind)))
    turn = STEPS[state.step].hear(state, heard, world)
    if turn is None and isinstance(heard, Understood):
        turn = route.by_meaning(state, heard, world)
    return turn or _missed(state, heard)


def _where_we_were(state: State, world: World) -> Turn:
    if state.seq == 0:
        return Turn(state.at(START))
    if always.is_silent(state):
        return Turn(state, STEPS[state.step].ask(state, world))
    return Turn(state)


def _unreadable(kind: str) -> str:
    return f"engine.unreadable_{kind if kind in ('voice', 'photo') else 'other'}"


def _missed(state: State, heard: Heard) -> Turn:
    if isinstance(heard, Located):
        return Turn(state, Say("engine.location_not_needed"))
    return missed(state, heard)


def _in_their_language(state: State, heard: Heard) -> State:
    # A name or an address says nothing about the language of the conversation.
    if not isinstance(heard, Understood) or state.step in always.OPEN_STEPS:
        return state
    parsed = heard.parsed
    first_words = state.seq == 0
    language = parsed.language if first_words else parsed.language_switch
    return replace(state, language=language) if language else state


def _finish(old: State, turn: Turn, heard: Heard, world: World) -> Turn:
    state, effects = turn.state, turn.effects
    if isinstance(heard, HandoffMoved | LinkMoved) and state == old:
        # A notice from elsewhere leaves the screen, and what can be tapped on it, as it is.
        return Turn(old, *effects)
    if isinstance(heard, Understood):
        effects = (*_about_the_words(old, state, heard), *effects)
    # What comes of a code follows at once, and asks by itself.
    awaits = any(isinstance(effect, TakeLink) for effect in effects)
    if not (always.is_silent(state) or awaits):
        effects = (*effects, _ask(old, state, world))
    says = tuple(effect for effect in effects if isinstance(effect, Say))
    lasting = any(isinstance(effect, LASTING) for effect in effects)
    undone = always.is_back(old, heard)
    moved = (state.step, state.facts) != (old.step, old.facts)
    earlier = {**old.to_json(), "before": None} if moved else old.before
    happened = isinstance(heard, HandoffMoved | CheckinDue | LinkMoved)
    before = None if lasting or undone or happened else earlier
    offered = tuple(
        chosen.code
        for say in says
        for chosen in (*say.choices, *(card.choice for card in say.cards if card.choice))
    )
    stamped = replace(
        state, seq=old.seq + 1, before=before, offered=offered if says else old.offered
    )
    return Turn(stamped, *effects)


def _ask(old: State, new: State, world: World) -> Say:
    step = STEPS[new.step]
    still_shown = old.step == new.step and old.facts == new.facts and old.seq > 0
    if still_shown and step.again is not None:
        return step.again(new, world)
    return step.ask(new, world)


def _about_the_words(old: State, new: State, heard: Understood) -> tuple[Say, ...]:
    notices: list[Say] = []
    if old.seq == 0 and not new.step.startswith(("crisis.", "welcome.")):
        notices.append(Say("welcome.short"))
    elif old.language != new.language and new.language == heard.parsed.language_switch:
        notices.append(Say("language.switched"))
    if MASKED_NUMBER in heard.text:
        notices.append(Say("privacy.number_masked"))
    return tuple(notices)
