"""What the desk works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.place import Place
from bot.store.db import Database
from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of Voordeur that the desk needs.

    `start_turn` takes the turns of a conversation; it is called in the event loop after a commit
    that put an event into its inbox. `public_url` is where the pages are reached from outside.
    """

    database: Database
    place: Place
    clock: Clock
    texts: Texts
    start_turn: Callable[[int], None]
    public_url: str = ""
