"""Trouble on the line, in the database and in the program, and who is answered all the same."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from bot import vectors
from bot.channels.port import Outcome, Rendered, Retry, Unknown
from bot.store import inbox
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
