"""One lane a conversation: work in it goes in order, lanes go side by side."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import anyio.to_thread
from sqlalchemy.exc import DBAPIError

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0


class Lanes:
    """Runs the work that waits in each conversation, never twice at once in the same one."""

    def __init__(
        self,
        work: Callable[[int], Awaitable[None]],
        postponed: Callable[[int, DBAPIError], Awaitable[None]],
        waiting: Callable[[], Sequence[int]],
        at_once: int,
    ) -> None:
        """`work` does all that waits in a conversation; `postponed` follows a database failure.

        `waiting` names the conversations with work (it is called in a thread, and may raise
        DBAPIError); `at_once` lanes at most are busy at the same time.
        """
        self._work = work
        self._postponed = postponed
        self._waiting = waiting
        self._running: dict[int, asyncio.Task[None]] = {}
        # Something came after the last look of a task that was about to end.
        self._again: set[int] = set()
        self._slots = asyncio.Semaphore(at_once)

    def start(self, conversation_id: int) -> None:
        """Do what waits in one conversation, also if that is happening already."""
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        self._running[conversation_id] = asyncio.create_task(self._run(conversation_id))

    async def watch(self) -> None:
        """Look for work (after a restart, from other processes), until cancelled."""
        while True:
            try:
                await self._start_waiting()
            except DBAPIError as error:
                log.warning("the database does not answer: %s", type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS)

    async def idle(self) -> None:
        """Return when nothing is left to do now."""
        while True:
            await self._start_waiting()
            if not self._running:
                return
            await asyncio.gather(*self._running.values())

    async def rest(self, conversation_id: int) -> None:
        """Return when one conversation has nothing under way."""
        while (task := self._running.get(conversation_id)) is not None:
            await asyncio.wait((task,))

    async def close(self) -> None:
        """Let what is under way finish."""
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _start_waiting(self) -> None:
        for conversation_id in await anyio.to_thread.run_sync(self._waiting):
            self.start(conversation_id)

    async def _run(self, conversation_id: int) -> None:
        try:
            async with self._slots:
                await self._work(conversation_id)
        except DBAPIError as error:
            await self._postponed(conversation_id, error)
        finally:
            del self._running[conversation_id]
            if conversation_id in self._again:
                self._again.discard(conversation_id)
                self.start(conversation_id)
