"""Telegram's own limits on speed, kept before it has to ask for them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

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
        self._all: deque[float] = deque(maxlen=ALL_A_SECOND)

    async def wait(self, chat: str) -> None:
        """Return when the next message to a chat may leave, which it then should."""
        while (pause := self._pause(chat)) > 0:
            await self._sleep(pause)
        now = self._clock()
        self._all.append(now)
        self._last[chat] = now
        if len(self._last) > _REMEMBERED:
            recent = now - EACH_CHAT_SECONDS
            self._last = {name: at for name, at in self._last.items() if at > recent}

    def _pause(self, chat: str) -> float:
        ready = [self._last[chat] + EACH_CHAT_SECONDS] if chat in self._last else []
        if len(self._all) == ALL_A_SECOND:
            ready.append(self._all[0] + 1.0)
        return max(ready, default=0.0) - self._clock()
