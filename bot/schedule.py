"""The clock's work: check-ins, promises, retention. APScheduler rings; the rows are the truth."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import DBAPIError

from bot.clock import CITY, Clock
from bot.place import Place
from bot.settings import Retention
from bot.staff_notices import StaffNotices
from bot.store import checkins, handoffs, retention
from bot.store.db import Database

log = logging.getLogger(__name__)

Found = TypeVar("Found")

_CHECKIN_SECONDS = 20
_PROMISE_SECONDS = 30
_SWEEP_HOURS = 6


class Schedule:
    """Rings when something is due and starts the turns of the conversations it is about."""

    def __init__(
        self,
        database: Database,
        place: Place,
        keep: Retention,
        clock: Clock,
        staff: StaffNotices,
        start_turn: Callable[[int], None],
        start_sending: Callable[[int], None],
    ) -> None:
        """The last two get a conversation in which something waits to be heard, or to leave."""
        self._database = database
        self._place = place
        self._keep = keep
        self._clock = clock
        self._staff = staff
        self._start_turn = start_turn
        self._start_sending = start_sending
        self._scheduler = AsyncIOScheduler(timezone=CITY, job_defaults={"coalesce": True})

    def start(self) -> None:
        """Start ringing, in the running event loop."""
        add = self._scheduler.add_job
        add(self.checkins, "interval", seconds=_CHECKIN_SECONDS)
        add(self.promises, "interval", seconds=_PROMISE_SECONDS)
        add(self.sweep, "interval", hours=_SWEEP_HOURS, next_run_time=self._clock())
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ringing."""
        self._scheduler.shutdown(wait=False)

    async def checkins(self) -> None:
        """Release the check-ins that are due, except in quiet hours."""
        if not self.is_quiet():
            await self._ring(self._release_checkins, self._start_turn)

    async def promises(self) -> None:
        """Tell residents and the team of promises that were not kept."""

        def both(found: tuple[int | None, int | None]) -> None:
            resident, staff = found
            if resident is not None:
                self._start_turn(resident)
            if staff is not None:
                self._start_sending(staff)

        await self._ring(self._tell_lapsed, both)

    async def sweep(self) -> None:
        """Erase what is past its time."""

        def erase() -> list[dict[str, int]]:
            with self._database.begin() as session:
                return [retention.sweep(session, self._keep, self._clock())]

        await self._ring(erase, lambda erased: log.info("erased %s", erased))

    def is_quiet(self) -> bool:
        """Whether this is a part of the day in which the bot starts no message."""
        start, until = self._place.city.team.quiet
        at = self._clock().astimezone(CITY).time()
        return (start <= at < until) if start <= until else (at >= start or at < until)

    async def _ring(self, work: Callable[[], list[Found]], then: Callable[[Found], None]) -> None:
        try:
            found = await anyio.to_thread.run_sync(work)
        except DBAPIError as error:
            log.warning("the database does not answer: %s", type(error).__name__)
            return
        for one in found:
            then(one)

    def _release_checkins(self) -> list[int]:
        with self._database.begin() as session:
            return list(checkins.release_due(session, self._clock()))

    def _tell_lapsed(self) -> list[tuple[int | None, int | None]]:
        now = self._clock()
        told = []
        with self._database.begin() as session:
            for request in handoffs.lapsed(session, now):
                handoffs.tell_lapsed(session, request, now)
                staff = self._staff.lapsed(session, request.code, now)
                told.append((request.conversation_id, staff))
        return told
