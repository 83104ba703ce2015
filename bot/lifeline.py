"""Answers a crisis when nothing can be stored: straight to the channel, without a database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bot.channels.port import Channel, Incoming, Rendered, Text
from bot.place import Place
from flows import crisis
from flows.say import Say

log = logging.getLogger(__name__)

Look = Callable[[str], tuple[str, str] | None]
"""A text to (crisis name, language), or None; pure and without the NLU service."""

Render = Callable[[Say, str, int, Channel], tuple[Rendered, ...]]

_REMEMBERED = 10_000


class Lifeline:
    """The last resort: a crisis is answered even while the database is away."""

    def __init__(
        self, look: Look, render: Render, channels: Mapping[str, Channel], place: Place
    ) -> None:
        self._look = look
        self._render = render
        self._channels = channels
        self._place = place
        self._answered: dict[str, None] = {}

    async def answer(self, batch: tuple[Incoming, ...]) -> None:
        """Answer the texts of a batch that are a crisis, each only once however often it comes."""
        for incoming in batch:
            channel = self._channels.get(incoming.channel)
            if channel is None or incoming.key in self._answered:
                continue
            match incoming.content:
                case Text(text):
                    found = self._look(text)
                case _:
                    found = None
            if found is None:
                continue
            self._remember(incoming.key)
            kind, language = found
            say = crisis.first_words(kind, self._place.city.team)
            for message in self._render(say, language, 0, channel):
                await channel.send(incoming.address, message)
            log.error("a crisis was answered without the database on %s", incoming.channel)

    def _remember(self, key: str) -> None:
        self._answered[key] = None
        while len(self._answered) > _REMEMBERED:
            del self._answered[next(iter(self._answered))]
