"""What a turn wants done. Only `bot/turn.py` performs effects, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flows.say import Say
from flows.state import State


@dataclass(frozen=True, slots=True)
class Draft:
    """A request to the team as the resident composed and saw it.

    `how` is chat, call, visit or appointment; `when` is asap, morning, afternoon or evening;
    `contact` is where to call or visit, given only when that was chosen; `note` is the
    resident's own words, at most 1,000 characters, with citizen service numbers masked.
    """

    topic: str | None
    how: str
    when: str
    language: str
    name: str | None = None
    contact: str | None = None
    note: str | None = None
    neighbourhood: str | None = None
    entry: str | None = None
    buddy: bool = False
    for_other: bool = False
    crisis: str | None = None


@dataclass(frozen=True, slots=True)
class OpenHandoff:
    """Bring this to the team's desk under `code`, promised before `due`."""

    code: str
    draft: Draft
    due: datetime


@dataclass(frozen=True, slots=True)
class WithdrawHandoff:
    """The resident takes the request back."""

    code: str


@dataclass(frozen=True, slots=True)
class Relay:
    """Pass the resident's words on to the open handoff."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class MarkUrgent:
    """Put the open request on top of the desk: there is a crisis of this kind."""

    code: str
    crisis: str


@dataclass(frozen=True, slots=True)
class PlanCheckin:
    """Come back at `due` about one entry or one handoff."""

    due: datetime
    entry: str | None = None
    handoff: str | None = None


@dataclass(frozen=True, slots=True)
class StopCheckins:
    """Drop planned check-ins and plan none until the resident allows it again.

    `everything`: nothing at all that they did not just ask for, also not from the team.
    """

    everything: bool = False


@dataclass(frozen=True, slots=True)
class AllowCheckins:
    """The resident asked for a check-in: the earlier stop no longer holds."""


@dataclass(frozen=True, slots=True)
class RecordNeed:
    """Count a need without a person: `met` is false when nothing fitted or was wanted."""

    topic: str
    neighbourhood: str | None
    met: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RecordMisread:
    """Count, without a person or a word, that a message was not understood.

    `reason` is missed (nothing was made of it) or refused (the intents in `offered` were put
    to the resident, who meant none of them).
    """

    reason: Literal["missed", "refused"]
    offered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkEntry:
    """What a resident met at an entry: went_well, not_yet, did_not_fit or unreachable."""

    entry: str
    outcome: str


@dataclass(frozen=True, slots=True)
class OfferLink:
    """Let who types `code` in another app within so many minutes link that conversation."""

    code: str
    minutes: int


@dataclass(frozen=True, slots=True)
class TakeLink:
    """Link this conversation with the one that offered `code`; heard of as `LinkMoved`."""

    code: str


@dataclass(frozen=True, slots=True)
class Unlink:
    """Let this conversation stand by itself again."""


@dataclass(frozen=True, slots=True)
class TellMyData:
    """Send the resident everything that is kept about them."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Erase everything that is kept about the resident, after this turn's answers are sent."""


Effect = (
    Say
    | OpenHandoff
    | WithdrawHandoff
    | Relay
    | MarkUrgent
    | PlanCheckin
    | StopCheckins
    | AllowCheckins
    | RecordNeed
    | RecordMisread
    | MarkEntry
    | OfferLink
    | TakeLink
    | Unlink
    | TellMyData
    | Forget
)

# After these an undo would promise what it cannot do.
LASTING = (
    OpenHandoff,
    WithdrawHandoff,
    Relay,
    MarkUrgent,
    PlanCheckin,
    StopCheckins,
    MarkEntry,
    OfferLink,
    TakeLink,
    Unlink,
    Forget,
)


@dataclass(frozen=True, slots=True, init=False)
class Turn:
    """The outcome of one message: the next state and what to do, in order."""

    state: State
    effects: tuple[Effect, ...]

    def __init__(self, state: State, *effects: Effect) -> None:
        object.__setattr__(self, "state", state)
        object.__setattr__(self, "effects", effects)

    @property
    def says(self) -> tuple[Say, ...]:
        """The messages among the effects."""
        return tuple(effect for effect in self.effects if isinstance(effect, Say))
