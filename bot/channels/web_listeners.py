"""Pages that listen for answers, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Listener:
    """One open page: up to which answer it has seen, and how to wake it."""

    def __init__(self, seen: int) -> None:
        self.seen = seen
        self.gone = False
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Say that there is something to look at."""
        self._news.set()

    async def wait(self, seconds: float) -> bool:
        """Wait until woken; False when nothing happened for so many seconds."""
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return False
        self._news.clear()
        return True


class Listeners:
    """All open pages, by the pseudonym of their conversation."""

    def __init__(self) -> None:
        self._open: dict[str, set[Listener]] = {}

    def count(self, pseudonym: str) -> int:
        """How many pages of one resident are open here."""
        return len(self._open.get(pseudonym, ()))

    @property
    def pseudonyms(self) -> tuple[str, ...]:
        """Whose pages are open here."""
        return tuple(self._open)

    @contextmanager
    def join(self, pseudonym: str, seen: int) -> Iterator[Listener]:
        """Listen for as long as the context lasts."""
        listener = Listener(seen)
        self._open.setdefault(pseudonym, set()).add(listener)
        try:
            yield listener
        finally:
            others = self._open[pseudonym]
            others.discard(listener)
            if not others:
                del self._open[pseudonym]

    def wake(self, pseudonym: str) -> None:
        """Wake the pages of one resident."""
        for listener in self._open.get(pseudonym, ()):
            listener.wake()

    def wake_behind(self, newest: Mapping[str, int]) -> None:
        """Wake the pages that have not seen the newest answer."""
        for pseudonym, message_id in newest.items():
            for listener in self._open.get(pseudonym, ()):
                if listener.seen < message_id:
                    listener.wake()

    def end(self, pseudonym: str) -> None:
        """Tell the pages of one resident that the chat is gone."""
        for listener in self._open.get(pseudonym, ()):
            listener.gone = True
            listener.wake()
