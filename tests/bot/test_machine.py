"""Anything in any order: duplicates, restarts, late timers, trouble on the line, two channels.

After each step the house comes to rest, and then nothing was lost and nothing happened twice.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import func, select

from bot.channels.port import Retry, Tap
from bot.channels.render import parse_data
from bot.store import handoffs
from bot.store.models import Conversation, Handoff, Inbox, Outbox, Staff
from tests.house import House, TestClock, WatchedChannel, WindowedChannel, a_house

RESIDENTS = ("ana", "bea", "cas")
# Who is on a channel that knows a window.
BEHIND_A_WINDOW = "cas"
TEXTS = {
    "ik ben zo alleen": "need_contact",
    "ik heb schulden": "need_debt",
    "Holtenbroek": None,
    "ja": None,
    "nee": None,
    "stop": None,
    "terug": None,
    "menu": None,
    "een mens": None,
    "06 12345678": None,
    "ik wil niet meer leven": None,
    "asdf qwer": None,
    "vergeet alles": "delete_data",
    "": None,
}


class Street(RuleBasedStateMachine):
    """Three residents, a desk, a clock, a platform that is sometimes slow, and one that shuts."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.clock = TestClock()
        self.platform = WatchedChannel()
        self.shuts = WindowedChannel(clock=self.clock)
        self.given: list[tuple[str, str, str]] = []
        self.silences = 0
        self.stack = AsyncExitStack()
        self.house = self._open()

    def _open(self) -> House:
        self.stack = AsyncExitStack()
        house = self.run(
            self.stack.enter_async_context(a_house(Path(self.folder.name), self.clock))
        )
        house.app.channels[self.platform.name] = self.platform
        house.channel = self.platform
        house.app.channels[self.shuts.name] = self.shuts
        house.windowed = {BEHIND_A_WINDOW: self.shuts}
        house.meaning.means = {text: means for text, means in TEXTS.items() if means}
        return house

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()

    @rule(who=st.sampled_from(RESIDENTS), text=st.sampled_from(sorted(TEXTS)))
    def writes(self, who: str, text: str) -> None:
        key = f"{len(self.given)}"
        self.given.append((who, text, key))
        self.run(self.house.hears(who, text, key=key))

    @rule(who=st.sampled_from(RESIDENTS), pick=st.integers(0, 30))
    def taps(self, who: str, pick: int) -> None:
        platform = self.house.windowed.get(who, self.platform)
        shown = [b for message in platform.to(who)[-1:] for b in message.buttons]
        if shown:
            tap = parse_data(shown[pick % len(shown)].data)
            assert isinstance(tap, Tap)
            self.run(self.house.hears(who, tap))

    @precondition(lambda self: self.given)
    @rule(pick=st.integers(0, 1000))
    def the_platform_sends_something_again(self, pick: int) -> None:
        who, text, key = self.given[pick % len(self.given)]
        with self.house.app.database.read() as session:
            known = session.scalar(select(func.count()).select_from(Inbox))
            there = session.scalar(select(func.count()).select_from(Conversation))
        before = len(self.platform.sent), len(self.shuts.sent)
        self.run(self.house.hears(who, text, key=key))
        if known and there == len(RESIDENTS) and who not in self._forgotten():
            assert (len(self.platform.sent), len(self.shuts.sent)) == before

    def _forgotten(self) -> set[str]:
        return {who for who, text, _ in self.given if text == "vergeet alles"}

    @rule()
    def everything_restarts(self) -> None:
        self.run(self.stack.aclose())
        self.house = self._open()
        self.run(self.house.app.settle())

    @rule(text=st.sampled_from(sorted(TEXTS)), who=st.sampled_from(RESIDENTS))
    def it_crashes_after_storing(self, who: str, text: str) -> None:
        key = f"{len(self.given)}"
        self.given.append((who, text, key))
        turns = self.house.app.turns
        start: Callable[[int], None] = turns.lanes.start
        turns.lanes.start = lambda _: None  # type: ignore[method-assign]
        self.run(self.house.gets(who, text, key=key))
        turns.lanes.start = start  # type: ignore[method-assign]
        self.everything_restarts()

    @rule(text=st.sampled_from(sorted(TEXTS)), who=st.sampled_from(RESIDENTS))
    def the_platform_is_busy(self, who: str, text: str) -> None:
        self.platform.answers = [Retry(5), Retry(20)]
        self.writes(who, text)
        self.clock.forward(minutes=30)
        self.run(self.house.app.settle())
        self.clock.forward(minutes=30)
        self.run(self.house.app.settle())
        self.platform.answers = []

    @rule(hours=st.integers(1, 80))
    def time_passes(self, hours: int) -> None:
        wrote = self.shuts.heard.get(BEHIND_A_WINDOW)
        if wrote is not None and self.clock() < wrote + self.shuts.window:
            self.silences += 1
        self.clock.forward(hours=hours)
        schedule = self.house.app.schedule
        self.run(schedule.checkins())
        self.run(schedule.promises())
        self.run(schedule.sweep())
        self.run(self.house.app.settle())

    @rule(ends=st.sampled_from(("reply", "close", "back")))
    def the_desk_answers(self, ends: str) -> None:
        with self.house.app.database.begin() as session:
            row = session.scalars(select(Handoff).where(Handoff.status == "open")).first()
            if row is None:
                return
            noor = session.scalar(select(Staff)) or Staff(
                email="noor@example.org", name="Noor", created_at=self.clock()
            )
            session.add(noor)
            session.flush()
            assert handoffs.claim(session, row.code, noor, self.clock())
            session.refresh(row)
            assert handoffs.reply(session, row, noor, "dag, ik ben Noor", self.clock())
            if ends == "close":
                assert handoffs.close(session, row, noor, "helped", self.clock())
            if ends == "back":
                assert handoffs.hand_back(session, row, noor, self.clock())
        self.run(self.house.app.settle())

    @invariant()
    def every_message_was_handled_and_its_words_are_gone(self) -> None:
        with self.house.app.database.read() as session:
            for row in session.scalars(select(Inbox)):
                assert row.done_at is not None
                assert row.sealed is None
                assert not row.failed

    @invariant()
    def every_answer_left_once_and_in_order(self) -> None:
        with self.house.app.database.read() as session:
            rows = session.scalars(select(Outbox).order_by(Outbox.id)).all()
        assert {row.status for row in rows} <= {"sent", "held"}
        for conversation in {row.conversation_id for row in rows}:
            mine = [row for row in rows if row.conversation_id == conversation]
            left = [row for row in mine if row.status == "sent"]
            arrived = [int(row.platform_id or 0) for row in left]
            assert arrived == sorted(set(arrived))
            # What is held is newer than all that left.
            assert mine[: len(left)] == left

    @invariant()
    def nobody_is_written_to_behind_a_shut_window_nor_knocked_for_twice(self) -> None:
        assert self.shuts.refusals == 0
        with self.house.app.database.read() as session:
            for row in session.scalars(select(Conversation)):
                if row.holding:
                    assert row.channel == self.shuts.name
        assert len(self.shuts.knocks) <= self.silences

    @invariant()
    def a_resident_has_at_most_one_open_request_that_the_chat_knows(self) -> None:
        with self.house.app.database.read() as session:
            live = session.scalars(
                select(Handoff.conversation_id).where(Handoff.status.in_(handoffs.LIVE))
            ).all()
        assert len(live) == len(set(live))


Street.TestCase.settings = settings(
    max_examples=8,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestStreet = pytest.mark.slow(Street.TestCase)
