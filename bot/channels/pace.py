"""A platform's own limits on speed, kept before it has to ask for them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

_REMEMBERED = 1_000


class Pacer:
    """Room for so many messages a second in all, and for one to a chat every so many seconds."""

    def __init__(
        self,
        chat_seconds: float,
        all_a_second: int,
        burst: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`chat_seconds` make room for one more message to a chat, which saves up to `burst`.

        `clock` gives seconds that only grow; `sleep` waits for so many of them.
        """
        self._chat_seconds = chat_seconds
        self._all_a_second = all_a_second
        self._saved = (burst - 1) * chat_seconds
        self._clock = clock
        self._sleep = sleep
        # When each chat would have its room back, were every message a full step apart.
        self._busy_until: dict[str, float] = {}
        self._recent: deque[float] = deque()
        self._under_way = 0

    @asynccontextmanager
    async def turn(self, chat: str) -> AsyncIterator[None]:
        """Hold this while a message to a chat is sent; it begins when that may be.

        Time counts from when the sending ended: only then has the platform surely counted it.
        """
        while (pause := self._pause(chat)) > 0:
            await self._sleep(pause)
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._note(chat)

    def _pause(self, chat: str) -> float:
        now = self._clock()
        while self._recent and self._recent[0] <= now - 1.0:
            self._recent.popleft()
        pause = self._busy_until.get(chat, now) - self._saved - now
        if len(self._recent) + self._under_way >= self._all_a_second:
            room = self._recent[0] + 1.0 - now if self._recent else 1.0 / self._all_a_second
            pause = max(pause, room)
        return pause

    def _note(self, chat: str) -> None:
        now = self._clock()
        self._recent.append(now)
        self._busy_until[chat] = max(now, self._busy_until.get(chat, now)) + self._chat_seconds
        if len(self._busy_until) > _REMEMBERED:
            self._busy_until = {name: at for name, at in self._busy_until.items() if at > now}
