"""Trouble on the line, in the database and in the program, and who is answered all the same."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot import turn, vectors
from bot.channels.port import Outcome, Rendered, Retry, Unknown
from bot.store import conversations, inbox
from bot.store.models import Outbox
from tests.house import WatchedChannel, a_house

DARK = "ik wil niet meer leven"


def away(*_: object, **__: object) -> None:
    raise OperationalError("insert", {}, Exception("the disk is gone"))


@dataclass
class BreakingChannel(WatchedChannel):
    """A channel with a bug: sending raises so many times."""

    breaks: int = 1

    async def send(self, address: str, message: Rendered) -> Outcome:
        if self.breaks:
            self.breaks -= 1
            raise ZeroDivisionError
        return await super().send(address, message)


def test_a_channel_that_breaks_is_tried_once_more_and_not_for_ever(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            house.app.channels["watched"] = BreakingChannel(breaks=3)
            await house.hears("ana", "hallo")
            house.clock.forward(minutes=2)
            await house.app.settle()
            with house.app.database.read() as session:
                assert session.scalars(select(Outbox.error)).all() == ["delivery unknown twice"]

    asyncio.run(story())


def test_an_answer_that_has_been_tried_long_enough_lets_the_next_one_leave(tmp_path: Path) -> None:
    async def story(outcome: Outcome, folder: Path) -> None:
        async with a_house(folder) as house:
            house.channel.answers = [Retry(1), outcome]
            await house.hears("ana", "hallo")
            with house.app.database.begin() as session:
                session.execute(update(Outbox).values(attempts=1000))
            house.clock.forward(hours=1)
            await house.app.settle()
            with house.app.database.read() as session:
                assert session.scalars(select(Outbox.error)).all() == ["gave up"]
            await house.hears("ana", "menu")
            assert house.channel.sent

    for name, outcome in (("unknown", Unknown("cut off")), ("retry", Retry(1))):
        (tmp_path / name).mkdir()
        asyncio.run(story(outcome, tmp_path / name))


def test_a_crisis_whose_answer_could_not_leave_is_answered_when_it_comes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            monkeypatch.setattr(inbox, "put", away)
            house.channel.answers = [Retry(5)]
            for _ in range(3):
                with pytest.raises(OperationalError):
                    await house.gets("ana", DARK, key="1")
            assert len(house.channel.to("ana")) == 1
            with pytest.raises(OperationalError):
                await house.gets("bea", DARK, key="1")
            assert len(house.channel.to("bea")) == 1

    asyncio.run(story())


def test_a_broken_file_of_vectors_is_as_good_as_none(tmp_path: Path) -> None:
    store = tmp_path / "map-vectors.npz"
    np.savez(store, keys=np.array(["a"]), vectors=np.ones((1, 4)))
    whole = store.read_bytes()
    for broken in (b"", whole[: len(whole) // 2], b"PK\x03\x04" + b"x" * 50, b"\x93NUMPY"):
        store.write_bytes(broken)
        assert vectors._read(store) == {}


@dataclass
class CallingChannel(WatchedChannel):
    """A channel that lets a test know when something was sent."""

    something: threading.Event = field(default_factory=threading.Event)

    async def send(self, address: str, message: Rendered) -> Outcome:
        outcome = await super().send(address, message)
        self.something.set()
        return outcome


def test_a_crisis_is_answered_while_the_database_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            channel = house.channel = CallingChannel()
            house.app.channels["watched"] = channel
            put, helped = inbox.put, []

            def hangs(*args: Any, **named: Any) -> inbox.Stored | None:
                helped.append(channel.something.wait(10))
                return put(*args, **named)

            monkeypatch.setattr(inbox, "put", hangs)
            monkeypatch.setattr(turn, "PATIENCE_SECONDS", 0.01)
            await house.hears("ana", DARK)
            assert helped == [True]
            assert all("0800-0113" in message.text for message in channel.to("ana"))
            assert len(channel.to("ana")) == 2

    asyncio.run(story())


def test_a_crisis_is_answered_once_when_the_database_goes_after_storing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            monkeypatch.setattr(turn, "_AFTER_TROUBLE_SECONDS", 0)
            with monkeypatch.context() as trouble:
                trouble.setattr(conversations, "lock", away)
                for text in (DARK, "hallo"):
                    await house.gets("ana", text)
                    await house.app.turns.lanes.close()
                assert len(house.channel.to("ana")) == 1
                assert "0800-0113" in house.last("ana")
            await house.app.settle()
            answered = len(house.channel.to("ana"))
            assert answered > 1
            with monkeypatch.context() as trouble:
                trouble.setattr(conversations, "lock", away)
                await house.gets("ana", "en nu?")
                await house.app.turns.lanes.close()
                assert len(house.channel.to("ana")) == answered

    asyncio.run(story())


def test_a_crisis_that_was_answered_is_not_answered_again_for_a_later_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = conversations.lock

    async def story() -> None:
        async with a_house(tmp_path) as house:
            monkeypatch.setattr(turn, "_AFTER_TROUBLE_SECONDS", 0)
            taken: list[int] = []

            def goes_after_one(session: Session, conversation_id: int) -> Any:
                taken.append(conversation_id)
                return lock(session, conversation_id) if len(taken) == 1 else away()

            monkeypatch.setattr(conversations, "lock", goes_after_one)
            start = house.app.turns.lanes.start
            monkeypatch.setattr(house.app.turns.lanes, "start", lambda _: None)
            await house.gets("ana", DARK)
            await house.gets("ana", "hallo")
            with house.app.database.read() as session:
                (ana,) = inbox.waiting(session)
            start(ana)
            await house.app.turns.lanes.close()
            await house.app.outbox.lanes.idle()
            assert len(taken) == 2
            assert len(house.channel.to("ana")) == 1

    asyncio.run(story())


@pytest.mark.parametrize("words", [DARK, "ik ben iedereen tot last"])
def test_a_bug_during_a_crisis_still_gives_the_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            monkeypatch.setattr(turn, "take_turn", lambda *_: 1 / 0)
            await house.hears("ana", words)
            assert "0800-0113" in house.last("ana")

    asyncio.run(story())


def test_words_for_help_are_never_taken_for_a_button(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            await house.hears("ana", "hallo")
            await house.hears("ana", "menu")
            await house.hears("ana", f"geld en werk{' ' * 100}{DARK}")
            assert "0800-0113" in house.last("ana")
            monkeypatch.setattr(house.app.turns._labels, "code", lambda *_: "always:menu")
            await house.hears("bea", DARK)
            assert "0800-0113" in house.last("bea")
            await house.hears("cas", "een mens")
            assert "Waar gaat het over" not in house.last("cas")

    asyncio.run(story())


def test_a_bug_in_the_understanding_is_apologised_for_and_the_next_message_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:

            async def breaks(*_: object) -> None:
                raise ZeroDivisionError

            with monkeypatch.context() as broken:
                broken.setattr(house.meaning, "parse", breaks)
                await house.hears("ana", "hallo")
            (sorry,) = house.channel.to("ana")
            assert "ging bij mij iets mis" in sorry.text
            await house.hears("ana", "menu")
            assert len(house.channel.to("ana")) > 1

    asyncio.run(story())
