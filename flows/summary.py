"""The summary the team will see: shown, changed, sent; then waited for."""

from __future__ import annotations

from flows.effects import Draft, OpenHandoff, Relay, Turn, WithdrawHandoff
from flows.handoff import due_at, to_person, without_draft
from flows.heard import Heard, Tapped, Understood
from flows.say import Card, EntryText, Line, PlaceName, Say, Value, When
from flows.state import State
from flows.step import Step, choices
from flows.topics import HANDED
from flows.world import World

# Questions to the program, not words for the team.
_ABOUT_THE_CHAT = frozenset(
    {
        *("greet", "goodbye", "thanks", "ask_help", "ask_team", "ask_hours", "ask_bot"),
        *("ask_privacy", "delete_data", "repeat"),
    }
)
_EDITS = {
    "edit:how": "handoff.how",
    "edit:contact": "handoff.contact",
    "edit:when": "handoff.when",
    "edit:name": "handoff.name",
    "edit:note": "handoff.note",
    "edit:language": "handoff.language",
}


def draft(state: State) -> Draft:
    """The request as it stands in the facts."""
    topic = state.fact("topic")
    place = state.fact("place")
    return Draft(
        topic=topic if topic in HANDED else None,
        how=state.fact("how", "chat"),
        when=state.fact("wanted", "asap"),
        language=state.fact("speak", state.language),
        name=state.fact("name"),
        contact=state.fact("contact"),
        note=state.fact("note"),
        neighbourhood=None if place == "whole" else place,
        entry=state.fact("entry"),
        buddy=bool(state.fact("buddy")),
        for_other=bool(state.fact("other")),
        crisis=state.fact("crisis"),
    )


def ask_summary(state: State, world: World) -> Say:
    """Show what the team will read, and ask whether it may go."""
    wish = draft(state)
    return Say(
        "handoff.summary",
        {"due": When(due_at(world))},
        cards=(Card(Line("summary.title"), _lines(wish)),),
        choices=choices(
            "send", *(edit for edit in _EDITS if edit != "edit:contact" or wish.contact), "discard"
        ),
    )


def _lines(wish: Draft) -> tuple[Line, ...]:
    lines = [
        Line("summary.topic", {"topic": Line(f"topic.{wish.topic}")}) if wish.topic else None,
        Line("summary.entry", {"name": EntryText(wish.entry, "name")}) if wish.entry else None,
        Line("summary.for_other") if wish.for_other else None,
        Line("summary.buddy") if wish.buddy else None,
        Line("summary.urgent") if wish.crisis else None,
        Line("summary.how", {"how": Line(f"choice.how:{wish.how}")}),
        Line("summary.contact", {"contact": wish.contact}) if wish.contact else None,
        Line("summary.when", {"when": Line(f"choice.when:{wish.when}")}),
        Line("summary.language", {"language": Line(f"language.{wish.language}")}),
        Line("summary.place", {"place": PlaceName(wish.neighbourhood)})
        if wish.neighbourhood
        else None,
        Line("summary.name", {"name": wish.name}) if wish.name else Line("summary.no_name"),
        Line("summary.note", {"note": wish.note}) if wish.note else None,
    ]
    return tuple(line for line in lines if line is not None)


def hear_summary(state: State, heard: Heard, world: World) -> Turn | None:
    """Send it, change one thing, or throw it away."""
    match heard:
        case Tapped(choice="send"):
            return _send(state, world)
        case Tapped(choice=code) if code in _EDITS:
            forgotten = {"contact": None} if code == "edit:contact" else {}
            return Turn(state.at(_EDITS[code], editing=True, **forgotten))
        case Tapped(choice="discard"):
            return Turn(without_draft(state, "find_help.theme"), Say("handoff.discarded"))
        case Understood(parsed=parsed) if parsed.answer == "yes":
            return _send(state, world)
        case Understood(parsed=parsed) if parsed.answer == "no":
            return Turn(without_draft(state, "find_help.theme"), Say("handoff.discarded"))
    return None


def _send(state: State, world: World) -> Turn:
    if world.handoff is not None:
        return to_person(without_draft(state, "handoff.waiting"), world)
    code, due = world.new_code, due_at(world)
    opened = OpenHandoff(code, draft(state), due)
    sent = without_draft(state, "handoff.waiting")
    return Turn(sent, opened, Say("handoff.sent", {"code": code, "due": When(due)}))


# Waiting for a person.


def ask_waiting(state: State, world: World) -> Say:
    """Say how the request stands; words typed now go along with it."""
    request = world.handoff
    going_on = choices("checkin_after", "cancel_request", "themes")
    if request is None:
        return Say("handoff.on_its_way", choices=going_on)
    params: dict[str, Value] = {"code": request.code, "due": When(request.due)}
    if request.claimed_by is not None:
        return Say("handoff.claimed_status", {**params, "by": request.claimed_by}, choices=going_on)
    if request.due < world.now:
        late: dict[str, Value] = {"code": request.code, "phone": world.team.phone}
        return Say("handoff.late_status", late, choices=going_on)
    return Say("handoff.status", params, choices=going_on)


def hear_waiting(state: State, heard: Heard, world: World) -> Turn | None:
    """Cancel, go on with something else, or add words to the request."""
    match heard:
        case Tapped(choice="cancel_request"):
            return Turn(state.at("handoff.cancel"))
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme"))
        case Tapped(choice="checkin_after") if world.handoff is not None:
            return Turn(state.at("checkin.when", about=f"handoff:{world.handoff.code}"))
        case Understood(intent=intent, text=text) if world.handoff is not None:
            if intent not in _ABOUT_THE_CHAT:
                return Turn(state, Relay(world.handoff.code, text), Say("handoff.passed_on"))
    return None


def ask_cancel(state: State, world: World) -> Say:
    """Ask once more before the request is taken back."""
    return Say("handoff.ask_cancel", choices=choices("yes_cancel", "keep"))


def hear_cancel(state: State, heard: Heard, world: World) -> Turn | None:
    """Take it back, or leave it."""
    match heard:
        case Tapped(choice="yes_cancel") if world.handoff is not None:
            return _withdrawn(state, world.handoff.code)
        case Tapped(choice="keep" | "yes_cancel"):
            return Turn(state.at("handoff.waiting"))
        case Understood(parsed=parsed) if parsed.answer == "yes" and world.handoff is not None:
            return _withdrawn(state, world.handoff.code)
        case Understood(parsed=parsed) if parsed.answer == "no":
            return Turn(state.at("handoff.waiting"))
    return None


def _withdrawn(state: State, code: str) -> Turn:
    return Turn(
        state.at("find_help.theme"), WithdrawHandoff(code), Say("handoff.cancelled", {"code": code})
    )


STEPS = {
    "handoff.summary": Step(ask_summary, hear_summary),
    "handoff.waiting": Step(ask_waiting, hear_waiting),
    "handoff.cancel": Step(ask_cancel, hear_cancel),
}
