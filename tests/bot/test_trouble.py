"""Trouble on the line, in the database and in the program, and who is answered all the same."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, update

from bot.channels.port import Outcome, Rendered, Retry, Unknown
from bot.store.models import Outbox
from tests.house import WatchedChannel, a_house


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
