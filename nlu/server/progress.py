"""Shows how far a longer piece of work is."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TextIO

FIRST_AFTER = 2.0  # seconds; quicker work says nothing
EVERY = 1.0


class Progress:
    """Call with `(done, all)`; prints a line now and then, on a terminal over the previous one."""

    def __init__(self, what: str, out: TextIO) -> None:
        self._what = what
        self._out = out
        self._started = time.monotonic()
        self._next = self._started + FIRST_AFTER
        self._shown = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown and self._out.isatty():
            self._out.write("\n")

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._next and not (self._shown and done == total):
            return
        self._next = now + EVERY
        self._shown = True
        start, end = ("\r", "") if self._out.isatty() else ("", "\n")
        seconds = now - self._started
        self._out.write(f"{start}{self._what}: {done} of {total}, {seconds:.0f} s{end}")
        self._out.flush()
