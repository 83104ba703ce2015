"""What can come in: the closed set of things a flow hears."""

from __future__ import annotations

from dataclasses import dataclass

from flows.say import Line
from nlu.types import Parsed


@dataclass(frozen=True, slots=True)
class Tapped:
    """A choice of the newest message, or an always-word (`always:person` …) from any message."""

    choice: str


@dataclass(frozen=True, slots=True)
class Stale:
    """A tap on a choice of an older message, or on one that was never offered."""

    choice: str


@dataclass(frozen=True, slots=True)
class Understood:
    """Free text with what the NLU made of it; a hint, never a command.

    `said` is the whole text where the NLU read only its beginning.
    """

    parsed: Parsed
    said: str = ""

    @property
    def intent(self) -> str | None:
        """The intent where the NLU is sure, else None."""
        return self.parsed.sure

    @property
    def text(self) -> str:
        """What was typed, for the turn only."""
        return self.said or self.parsed.text


@dataclass(frozen=True, slots=True)
class Located:
    """A shared location, as the neighbourhood it lies in; None when outside the city."""

    neighbourhood: str | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that is not text: voice, photo, sticker, video, file, contact, other."""

    kind: str


@dataclass(frozen=True, slots=True)
class Started:
    """The chat was opened. `payload` is what the link carried: a topic, an entry, or nothing."""

    payload: str = ""


@dataclass(frozen=True, slots=True)
class CheckinDue:
    """A moment the resident chose has come."""

    entry: str | None = None
    handoff: str | None = None


@dataclass(frozen=True, slots=True)
class HandoffMoved:
    """Something happened at the desk.

    `what` is claimed, replied, handed_back, closed or lapsed; `by` is the staff member's first
    name; `text` the reply, as typed or as a ready-made line; `outcome` how it was closed.
    """

    what: str
    code: str
    by: str = ""
    text: str | Line = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """The answer to a knock, where nothing waits any more."""


@dataclass(frozen=True, slots=True)
class LinkMoved:
    """What became of a code that links conversations.

    `what` is done or unknown where it was typed, taken where it was asked for.
    """

    what: str


Heard = (
    Tapped
    | Stale
    | Understood
    | Located
    | Unreadable
    | Started
    | CheckinDue
    | HandoffMoved
    | LinkMoved
    | Opened
)
