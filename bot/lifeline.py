"""Answers a crisis when nothing can be stored: straight to the channel, without a database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bot.channels.port import Channel, Incoming, Rendered, Sent, Text, Unknown
from bot.place import Place
from bot.trouble import told
from flows import crisis
from flows.say import Say

log = logging.getLogger(__name__)

Look = Callable[[str], tuple[str, str] | None]
"""A text to (crisis name, language), or None; pure and without the NLU service."""

Render = Callable[[Say, str, int, Channel], tuple[Rendered, ...]]

_REMEMBERED = 10_000

_Key = tuple[str, str, str]


class Lifeline:
    """The last resort: a crisis is answered even while the database is away."""

    def __init__(
        self, look: Look, render: Render, channels: Mapping[str, Channel], place: Place
    ) -> None:
        self._look = look
        self._render = render
        self._channels = channels
        self._place = place
        self._answered: dict[_Key, None] = {}

    async def answer(self, batch: tuple[Incoming, ...]) -> None:
        """Answer the texts of a batch that are a crisis, each only once however often it comes.

        What could not be delivered is answered when it comes again.
        """
        for incoming in batch:
            channel = self._channels.get(incoming.channel)
            key = (incoming.channel, incoming.address, incoming.key)
            if channel is None or key in self._answered:
                continue
            match incoming.content:
                case Text(text):
                    found = self._look(text)
                case _:
                    found = None
            if found is None:
                continue
            # Remembered before it leaves: the same message may be in hand a second time.
            self._remember(key)
            if await self._say(channel, incoming.address, *found):
                log.error("a crisis was answered without the database on %s", incoming.channel)
            else:
                self._answered.pop(key, None)
                log.error("a crisis could not be answered on %s", incoming.channel)

    async def _say(self, channel: Channel, address: str, kind: str, language: str) -> bool:
        """Whether the words arrived, or may have."""
        say = crisis.first_words(kind, self._place.city.team)
        for message in self._render(say, language, 0, channel):
            try:
                outcome = await channel.send(address, message)
            except Exception as error:
                log.error("sending broke: %s", told(error))
                return False
            if not isinstance(outcome, Sent | Unknown):
                return False
        return True

    def _remember(self, key: _Key) -> None:
        self._answered[key] = None
        while len(self._answered) > _REMEMBERED:
            del self._answered[next(iter(self._answered))]
