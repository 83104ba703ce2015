"""A whole Voordeur on its own database, with a clock that tests move and a channel to watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bot.app import App
from bot.channels.port import (
    Content,
    Incoming,
    Limits,
    Outcome,
    Receive,
    Rendered,
    Sent,
    Shut,
    Tap,
    Text,
)
from bot.channels.render import parse_data
from bot.place import City, Place
from bot.settings import Settings
from nlu.types import Intent, Parsed
from tests.conversation import LANGUAGES, TUESDAY, a_world, words_alone

KEY = "a key for tests only: forty signs long or so"


class TestClock:
    """A clock that stands still until it is moved."""

    __test__ = False

    def __init__(self, at: datetime = TUESDAY) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.at += timedelta(**span)


@dataclass
class WatchedChannel:
    """A channel whose platform is a list; `answers` are outcomes to give before it works."""

    name: str = "watched"
    limits: Limits = field(default_factory=lambda: Limits(4096, 100, 60, 64, cards=False))
    sent: list[tuple[str, Rendered]] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)

    async def send(self, address: str, message: Rendered) -> Outcome:
        """Remember the message, or give the next prepared outcome."""
        if self.answers:
            outcome = self.answers.pop(0)
            if not isinstance(outcome, Sent):
                return outcome
        self.sent.append((address, message))
        return Sent(str(len(self.sent)))

    async def run(self, receive: Receive) -> None:
        """There is nothing to receive."""

    def to(self, address: str) -> list[Rendered]:
        """What arrived at an address."""
        return [message for whose, message in self.sent if whose == address]


@dataclass
class WindowedChannel(WatchedChannel):
    """A channel whose platform lets through only a knock when somebody has not written for a day.

    `heard` is when each address wrote last; `clock` says what time it is there.
    """

    name: str = "windowed"
    window: timedelta = timedelta(hours=24)
    clock: TestClock = field(default_factory=TestClock)
    heard: dict[str, datetime] = field(default_factory=dict)
    knocks: list[tuple[str, str]] = field(default_factory=list)
    refusals: int = 0

    async def send(self, address: str, message: Rendered) -> Outcome:
        """Refuse what comes too late."""
        wrote = self.heard.get(address)
        if wrote is None or self.clock() >= wrote + self.window:
            self.refusals += 1
            return Shut()
        return await WatchedChannel.send(self, address, message)

    async def knock(self, address: str, language: str) -> Outcome:
        """Remember who was knocked for, and in which language."""
        self.knocks.append((address, language))
        return Sent(f"knock {len(self.knocks)}")


class Meaning:
    """Understanding with the classifier's part told beforehand, by text."""

    def __init__(self) -> None:
        self._words = words_alone()
        self.means: dict[str, str] = {}

    async def parse(self, text: str, prior_language: str) -> Parsed:
        """What words say, and what was told about this text."""
        parsed = await self._words.parse(text, prior_language)
        meant = self.means.get(text)
        if meant is None:
            return parsed
        return replace(parsed, intents=(Intent(meant, 0.9),), understood=True)

    def crisis_in(self, text: str, prior_language: str) -> tuple[str, str] | None:
        """What words say."""
        return self._words.crisis_in(text, prior_language)


@dataclass
class House:
    """A Voordeur to knock on. `windowed` has the addresses that write on a windowed channel."""

    app: App
    clock: TestClock
    channel: WatchedChannel
    meaning: Meaning
    keys: Any = field(default_factory=count)
    windowed: dict[str, WindowedChannel] = field(default_factory=dict)

    async def hears(self, address: str, content: Content | str, key: str | None = None) -> None:
        """A message arrives and everything it sets in motion comes to rest."""
        await self.gets(address, content, key)
        await self.app.settle()

    async def gets(self, address: str, content: Content | str, key: str | None = None) -> None:
        """A message arrives and is stored."""
        said = Text(content) if isinstance(content, str) else content
        name = key or f"message {next(self.keys)}"
        channel = self.windowed.get(address, self.channel)
        if isinstance(channel, WindowedChannel):
            channel.heard[address] = self.clock()
        incoming = Incoming(channel.name, address, name, said, self.clock())
        await self.app.turns.receive((incoming,))

    async def taps(self, address: str, label: str) -> None:
        """Tap a button of the newest message that has one with this label."""
        for message in reversed(self.windowed.get(address, self.channel).to(address)):
            for button in (*message.buttons, *message.always):
                if button.label == label:
                    tap = parse_data(button.data)
                    assert isinstance(tap, Tap)
                    await self.hears(address, tap)
                    return
        raise AssertionError(f"no button {label!r} was shown to {address}")

    def last(self, address: str) -> str:
        """The newest text at an address."""
        return self.channel.to(address)[-1].text


def settings_in(folder: Path, **changes: Any) -> Settings:
    """Settings of a house in a folder, whatever the environment says."""
    usual = {"var": folder, "secret_key": KEY, "database_url": f"sqlite:///{folder}/v.db"}
    return Settings(**{**usual, **changes})


def a_place() -> Place:
    """The example city, read once for all tests."""
    world = a_world()
    return Place(City(world.directory, world.team, LANGUAGES, world.retention))


@asynccontextmanager
async def a_house(
    folder: Path, clock: TestClock | None = None, **changes: Any
) -> AsyncIterator[House]:
    """Build a house on the database in `folder`; the loops that look by themselves do not run."""
    clock = clock or TestClock()
    meaning = Meaning()
    app = App(settings_in(folder, **changes), clock=clock, place=a_place(), understander=meaning)
    channel = WatchedChannel()
    app.add(channel)
    await asyncio.to_thread(app.database.migrate)
    try:
        yield House(app, clock, channel, meaning)
    finally:
        await app.turns.lanes.close()
        await app.outbox.lanes.close()
        app.database.close()
