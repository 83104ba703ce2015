"""Telegram's own limits on speed, kept before it has to ask for them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

EACH_CHAT_SECONDS = 1.0
ALL_A_SECOND = 30
_REMEMBERED = 1_000


class Pacer:
    """One message a second to a chat, thirty a second in all."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`clock` gives seconds that only grow; `sleep` waits for so many of them."""
        self._clock = clock
        self._sleep = sleep
        self._last: dict[str, float] = {}
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
        pause = self._last[chat] + EACH_CHAT_SECONDS - now if chat in self._last else 0.0
        if len(self._recent) + self._under_way >= ALL_A_SECOND:
            room = self._recent[0] + 1.0 - now if self._recent else 1.0 / ALL_A_SECOND
            pause = max(pause, room)
        return pause

    def _note(self, chat: str) -> None:
        now = self._clock()
        self._recent.append(now)
        self._last[chat] = now
        if len(self._last) > _REMEMBERED:
            recent = now - EACH_CHAT_SECONDS
            self._last = {name: at for name, at in self._last.items() if at > recent}
