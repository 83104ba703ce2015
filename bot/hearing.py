"""From a stored message to what a flow hears."""

from __future__ import annotations

from typing import Any, Protocol

from bot import bsn
from bot.channels.port import Content, Incoming, Location, Open, Other, Start, Tap, Text
from bot.characters import whole
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
from knowledge.places import Places
from nlu.types import Parsed

TEXT_LENGTH = 100_000
# The most that is passed on to a person in one message.
WORDS_LENGTH = 10_000


class Understanding(Protocol):
    """Whatever can say what a text means."""

    async def parse(self, text: str, prior_language: str) -> Parsed:
        """Never raises on what was typed."""

    def crisis_in(self, text: str, prior_language: str) -> tuple[str, str] | None:
        """The crisis that words alone raise, and the language to answer in."""


def to_body(incoming: Incoming) -> dict[str, Any]:
    """The JSON that is stored of a message, which always can be.

    Half characters and citizen service numbers are masked here, whatever the channel.
    """
    match incoming.content:
        case Text(text):
            return {"kind": "text", "text": bsn.mask(whole(text[:TEXT_LENGTH]))}
        case Tap(choice, seq):
            return {"kind": "tap", "choice": whole(choice), "seq": seq}
        case Location(latitude, longitude):
            return {"kind": "location", "at": [latitude, longitude]}
        case Other(kind):
            return {"kind": "other", "what": kind}
        case Open():
            return {"kind": "open"}
        case Start(payload):
            return {"kind": "start", "payload": whole(payload[:64])}


def to_content(body: dict[str, Any]) -> Content | None:
    """The content of a stored message; None for something that happened inside."""
    match body:
        case {"kind": "text", "text": text}:
            return Text(text)
        case {"kind": "tap", "choice": choice, "seq": seq}:
            return Tap(choice, seq)
        case {"kind": "location", "at": [latitude, longitude]}:
            return Location(latitude, longitude)
        case {"kind": "other", "what": what}:
            return Other(what)
        case {"kind": "open"}:
            return Open()
        case {"kind": "start", "payload": payload}:
            return Start(payload)
    return None


def tapped(tap: Tap, state: State) -> Heard:
    """A tap counts when its own turn offered it; the words that always hold always count."""
    if tap.choice.startswith("always:"):
        return Tapped(tap.choice)
    if tap.seq == state.seq and tap.choice in state.offered:
        return Tapped(tap.choice)
    return Stale(tap.choice)


def located(place: Location, places: Places) -> Located:
    """The neighbourhood of a shared place; the place itself is not kept."""
    found = places.nearest(place.latitude, place.longitude)
    return Located(None if found is None else found.id)


def inside(body: dict[str, Any]) -> Heard:
    """What happened inside: at the desk, or on the clock. Raises ValueError for neither."""
    match body:
        case {"kind": "handoff"}:
            fields = {name: body[name] for name in ("by", "outcome") if name in body}
            text = _reply(body.get("text", ""))
            return HandoffMoved(what=body["what"], code=body["code"], text=text, **fields)
        case {"kind": "checkin"}:
            return CheckinDue(entry=body["entry"], handoff=body["handoff"])
        case {"kind": "link"}:
            return LinkMoved(body["what"])
    raise ValueError(f"an event nobody knows: {body.get('kind')}")


def _reply(text: str | dict[str, Any]) -> str | Line:
    return text if isinstance(text, str) else Line.from_json(text)


def heard(content: Content, parsed: Parsed | None, state: State, places: Places) -> Heard:
    """What a flow hears of a platform's message; `parsed` is given for texts."""
    match content:
        case Text(text) if parsed is not None:
            return Understood(parsed, text[:WORDS_LENGTH])
        case Tap():
            return tapped(content, state)
        case Location():
            return located(content, places)
        case Open():
            return Opened()
        case Start(payload):
            return Started(payload)
        case Other(kind):
            return Unreadable(kind)
    raise ValueError("a text was not parsed")
