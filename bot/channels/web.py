"""The web chat as a channel: an answer is kept in the database until its page fetches it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import anyio.to_thread
from sqlalchemy.exc import DBAPIError

from bot.channels.port import (
    Blocked,
    Button,
    Limits,
    Outcome,
    Receive,
    Rendered,
    RenderedCard,
    Retry,
    Sent,
)
from bot.channels.web_listeners import Listeners
from bot.clock import Clock
from bot.store import conversations, web
from bot.store.db import Database

log = logging.getLogger(__name__)

NAME = "web"
_LOOK_SECONDS = 1.0
_RETRY_SECONDS = 2.0


class WebChannel:
    """Answers for pages. The address is the secret token of a browser."""

    name = NAME
    limits = Limits(text=20_000, buttons=100, label=200, data=200, cards=True)

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.listeners = Listeners()
        self._in_hand: dict[asyncio.Task[Any] | None, list[Rendered]] = {}

    def pseudonym(self, address: str) -> str:
        """The name under which answers for an address are kept."""
        return self._database.vault.pseudonym(NAME, address)

    async def send(self, address: str, message: Rendered) -> Outcome:
        """Keep the answer and wake the pages that wait for it."""
        in_hand = self._in_hand.get(asyncio.current_task())
        if in_hand is not None:
            in_hand.append(message)
            return Sent("")
        try:
            message_id = await anyio.to_thread.run_sync(self._keep, address, message)
        except DBAPIError:
            return Retry(_RETRY_SECONDS)
        if message_id is None:
            return Blocked()
        self.listeners.wake(self.pseudonym(address))
        return Sent(str(message_id))

    def _keep(self, address: str, message: Rendered) -> int | None:
        with self._database.begin() as session:
            # A page may be wiped while an answer to it is on its way.
            conversation = conversations.find(session, NAME, address)
            if conversation is None:
                return None
            return web.put(session, conversation.pseudonym, to_json(message), self._clock())

    @contextmanager
    def in_hand(self) -> Iterator[list[Rendered]]:
        """Collect what this very task sends, to hand it over in the response itself.

        Only the lifeline sends while a message is being received: when the database is away,
        and nothing can be kept for the page to fetch.
        """
        task = asyncio.current_task()
        messages: list[Rendered] = []
        self._in_hand[task] = messages
        try:
            yield messages
        finally:
            del self._in_hand[task]

    async def run(self, receive: Receive) -> None:  # noqa: ARG002 - pages post by themselves
        """Look for answers that other processes kept, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            waiting = self.listeners.pseudonyms
            if not waiting:
                continue
            try:
                newest = await anyio.to_thread.run_sync(self._newest, waiting)
            except DBAPIError as error:
                log.warning("the database does not answer: %s", type(error).__name__)
            else:
                self.listeners.wake_behind(newest)

    def _newest(self, pseudonyms: tuple[str, ...]) -> dict[str, int]:
        with self._database.read() as session:
            return web.newest(session, pseudonyms)


def to_json(message: Rendered) -> dict[str, Any]:
    """An answer as it is kept. The words that always hold are on the page already."""
    kept = asdict(message)
    del kept["always"]
    return kept


def from_json(body: dict[str, Any]) -> Rendered:
    """Read what `to_json` wrote."""
    return Rendered(
        text=body["text"],
        language=body["language"],
        direction=body["direction"],
        cards=tuple(
            RenderedCard(card["title"], tuple(card["lines"]), _button(card["button"]))
            for card in body["cards"]
        ),
        buttons=tuple(Button(**button) for button in body["buttons"]),
    )


def _button(body: dict[str, str] | None) -> Button | None:
    return None if body is None else Button(**body)
