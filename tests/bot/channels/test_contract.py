"""What holds for every channel."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.channels.port import Channel, Sent, Tap
from bot.channels.render import data, parse_data
from bot.channels.terminal import Terminal
from bot.channels.web import WebChannel, from_json
from bot.store import conversations
from bot.store.db import vault
from bot.store.models import WebMessage
from flows.always import WORDS
from flows.say import Choice, Line, Say
from tests.bot.channels.fake_graph import PHONE_ID
from tests.bot.channels.phone import a_street, buttons
from tests.bot.channels.whatsapp_street import a_street as a_whatsapp_street
from tests.house import House, a_house

SIGNS = "\u200e\u200f\u2068\u2069"


@dataclass
class Shown:
    """What a resident sees: texts in order, and the buttons of the newest message."""

    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)


@dataclass
class Rig:
    """A channel with its platform, and somebody at `address`."""

    house: House
    channel: Channel
    address: str
    shown: Callable[[], Shown]

    async def tells(self, say: Say, language: str = "nl") -> Shown:
        """Send a message whole; what is seen of it afterwards."""
        before = len(self.shown().texts)
        for message in self.house.app.render(say, language, 7, self.channel):
            assert isinstance(await self.channel.send(self.address, message), Sent)
        shown = self.shown()
        return Shown(shown.texts[before:], shown.labels, shown.data)


@asynccontextmanager
async def telegram(folder: Path) -> AsyncIterator[Rig]:
    async with a_street(folder) as street:
        ana = street.somebody()

        def shown() -> Shown:
            newest = [button for message in ana.shown[-1:] for button in buttons(message)]
            return Shown(
                [message["text"] for message in ana.shown],
                [button["text"] for button in newest],
                [button["callback_data"] for button in newest],
            )

        yield Rig(street.house, street.channel, str(ana.chat), shown)


@asynccontextmanager
async def terminal(folder: Path) -> AsyncIterator[Rig]:
    async with a_house(folder) as house:
        screen: list[str] = []
        channel = Terminal(screen.append)

        def shown() -> Shown:
            lines = screen[-1].split("\n") if screen else []
            labels = [line.split(". ", 1)[1] for line in lines if re.match(r"  \d+\. ", line)]
            taps = [channel.read(str(number)) for number in range(1, len(labels) + 1)]
            return Shown(
                [re.sub(r"(?m)^  .*\n", "", text).rstrip("\n") for text in screen],
                labels,
                [data(tap.seq or 0, tap.choice) for tap in taps if isinstance(tap, Tap)],
            )

        yield Rig(house, channel, "terminal", shown)


@asynccontextmanager
async def web(folder: Path) -> AsyncIterator[Rig]:
    async with a_house(folder) as house:
        database = house.app.database
        channel = WebChannel(database, house.clock)
        with database.begin() as session:
            conversations.find_or_create(session, "web", "a token", "nl", house.clock())

        def shown() -> Shown:
            with database.read() as session:
                kept = session.scalars(select(WebMessage).order_by(WebMessage.id)).all()
                messages = [from_json(vault(session).open(row.sealed)) for row in kept]
            newest = [button for message in messages[-1:] for button in message.buttons]
            return Shown(
                [message.text for message in messages],
                [button.label for button in newest],
                [button.data for button in newest],
            )

        yield Rig(house, channel, "a token", shown)


@asynccontextmanager
async def whatsapp(folder: Path) -> AsyncIterator[Rig]:
    async with a_whatsapp_street(folder) as street:
        ana = street.somebody()
        await ana.says("hallo")
        await street.settles()
        before = len(ana.shown)

        def shown() -> Shown:
            messages = ana.shown[before:]
            choices = [choice for message in messages[-1:] for choice in message.choices]
            return Shown(
                [message.text for message in messages],
                [label for label, _ in choices],
                [data for _, data in choices],
            )

        yield Rig(street.house, street.channel, f"{PHONE_ID}:{ana.account.user_id}", shown)


CHANNELS: dict[str, Callable[[Path], AbstractAsyncContextManager[Rig]]] = {
    "telegram": telegram,
    "terminal": terminal,
    "web": web,
    "whatsapp": whatsapp,
}
HELP = Say(
    "about.help",
    choices=(Choice("themes", Line("choice.themes")), Choice("person", Line("choice.person"))),
)


def bare(text: str) -> str:
    """A text without the marks that give it its direction."""
    return "".join(sign for sign in text if sign not in SIGNS)


@pytest.mark.parametrize("name", CHANNELS)
def test_every_channel_keeps_the_contract(name: str, tmp_path: Path) -> None:
    async def told() -> None:
        async with CHANNELS[name](tmp_path) as rig:
            assert rig.channel.name == name
            for rule in RULES:
                await rule(rig)

    asyncio.run(told())


async def choices_are_seen_and_bring_back_what_they_stand_for(rig: Rig) -> None:
    shown = await rig.tells(HELP)
    assert "in de buurt" in shown.texts[-1]
    assert shown.labels[:2] == ["Onderwerpen", "Praat met een mens"]
    taps = [parse_data(data) for data in shown.data]
    assert [(tap.choice, tap.seq) for tap in taps[:2] if tap] == [("themes", 7), ("person", 7)]


async def a_long_text_arrives_whole_and_in_order(rig: Rig) -> None:
    words = " ".join(f"Woord {number} van een lange brief." for number in range(2_000))
    shown = await rig.tells(Say("talk.reply", {"by": "Sam", "text": words}))
    assert " ".join(" ".join(shown.texts).split()) == f"Sam: {words}"


async def signs_of_every_kind_arrive(rig: Rig) -> None:
    for text in (
        "🙂" * 5_000,
        "👩‍👩‍👧‍👦 " * 900,
        "a\u200bb\u200dc",
        "çğış żółć ґїє",
        "سلام " * 2_000,
    ):
        shown = await rig.tells(Say("talk.reply", {"by": "Sam", "text": text}))
        arrived = "".join("".join(shown.texts).split())
        assert arrived == "Sam:" + "".join(text.split()), text[:9]


async def right_to_left_arrives_as_it_was_written(rig: Rig) -> None:
    (written,) = rig.house.app.render(HELP, "ar", 7, rig.channel)
    shown = await rig.tells(HELP, "ar")
    assert bare(shown.texts[-1]) == bare(written.text)
    assert written.direction == "rtl"


async def many_long_choices_stay_within_the_limits(rig: Rig) -> None:
    limits = rig.channel.limits
    code = "x" * 44
    label = Line("talk.reply", {"by": "Sam", "text": "een heel lang opschrift " * 20})
    several = tuple(Choice(f"{code}{number:04}", label) for number in range(limits.buttons + 20))
    shown = await rig.tells(Say("about.help", choices=several))
    own = [one for one in shown.data if not one.startswith("always:")]
    # The rest of them, on a message of its own.
    assert own == [data(7, choice.code) for choice in several[-len(own) :]]
    assert len(shown.texts) == -(-len(several) // limits.buttons)
    assert all(len(one.encode()) <= limits.data for one in own)
    assert all(len(one) <= limits.label for one in shown.labels)


async def every_message_of_the_first_turn_can_be_shown_in_every_language(rig: Rig) -> None:
    for language in rig.house.app.settings.languages:
        await rig.tells(HELP, language)


RULES: tuple[Callable[[Rig], Awaitable[None]], ...] = (
    choices_are_seen_and_bring_back_what_they_stand_for,
    a_long_text_arrives_whole_and_in_order,
    signs_of_every_kind_arrive,
    right_to_left_arrives_as_it_was_written,
    many_long_choices_stay_within_the_limits,
    every_message_of_the_first_turn_can_be_shown_in_every_language,
)


def test_always_words_can_be_tapped_wherever_they_are_shown() -> None:
    for word in WORDS:
        tap = parse_data(f"always:{word}")
        assert tap is not None
        assert (tap.choice, tap.seq) == (f"always:{word}", None)
