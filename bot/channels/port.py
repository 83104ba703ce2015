"""The port between a chat platform and the conversation: thin, and the same for every channel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Text:
    """Something typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Tap:
    """A button. `seq` is the turn that offered it; None for always-words and menu commands."""

    choice: str
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A shared place, in degrees (WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Other:
    """What the bot cannot read: voice, photo, sticker, video, file, contact, other."""

    kind: str


@dataclass(frozen=True, slots=True)
class Open:
    """What was held back may come: the answer to a knock (see `Windowed`)."""


@dataclass(frozen=True, slots=True)
class Start:
    """The chat was opened, with what the link carried."""

    payload: str = ""


Content = Text | Tap | Location | Other | Open | Start


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message from a platform.

    `key` is unique for the message on its channel (dedupe); `address` is where answers go on
    the platform (a chat id), personal data; `language` is the platform's hint, if it gives one.
    `formerly` is another address by which the same person may be known from before.
    """

    channel: str
    address: str
    key: str
    content: Content
    at: datetime
    language: str | None = None
    formerly: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A rendered choice: what it says, and the data that comes back (at most 64 bytes).

    `detail` says in full what the label had to cut short.
    """

    label: str
    data: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RenderedCard:
    """A rendered offer: its title, its lines, and the button that opens it."""

    title: str
    lines: tuple[str, ...]
    button: Button | None


@dataclass(frozen=True, slots=True)
class Rendered:
    """One platform message within the channel's limits, in one language.

    `always` are the words that hold in every state (person, back, menu, language), shown where
    the channel has room for them: a fixed bar, a last row of buttons, a line of text.
    """

    text: str
    language: str
    direction: str
    cards: tuple[RenderedCard, ...] = ()
    buttons: tuple[Button, ...] = ()
    always: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can show. Texts in units of UTF-16, data in bytes, `buttons` a message.

    `cards`: it has cards of its own; otherwise they are written into the text, with a button
    each. `text_above`: the most above buttons, where that is less than `text`. `detail`: the
    most beside a label that was cut.
    """

    text: int
    buttons: int
    label: int
    data: int
    cards: bool
    text_above: int | None = None
    detail: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it; its id for the message."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now; try again after so many seconds."""

    after: float


@dataclass(frozen=True, slots=True)
class Blocked:
    """The resident closed the door: send nothing more."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform will never take this message; `reason` carries no personal data."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The connection broke after sending: it may or may not have arrived."""

    reason: str


@dataclass(frozen=True, slots=True)
class Shut:
    """The platform takes no free text now: the resident has not written for too long."""


Outcome = Sent | Retry | Blocked | Refused | Unknown | Shut

Receive = Callable[[tuple[Incoming, ...]], Awaitable[None]]
"""Stores a batch in the inbox and returns when it has committed; duplicates are dropped."""


class Channel(Protocol):
    """What every channel offers. `send` never raises for expected trouble: it returns it."""

    name: str
    limits: Limits

    async def send(self, address: str, message: Rendered) -> Outcome:
        """Deliver one message."""

    async def run(self, receive: Receive) -> None:
        """Receive until cancelled (polling); returns at once where a webhook does the work."""


@runtime_checkable
class Windowed(Channel, Protocol):
    """A channel on which a resident must have written lately, else only a knock is let through.

    `window` is how long after their last message free text may leave.
    """

    window: timedelta

    async def knock(self, address: str, language: str) -> Outcome:
        """Say that something waits, and nothing of what it is; `Refused` tells why it cannot."""
