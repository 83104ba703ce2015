"""Wires everything; the only place that does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio.to_thread
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot import desk, health
from bot.channels.port import Channel, Rendered, Windowed
from bot.channels.render import render
from bot.clock import Clock, now
from bot.desk import Desk
from bot.hearing import Understanding
from bot.labels import Labels
from bot.lifeline import Lifeline
from bot.map_keeper import MapKeeper
from bot.metrics import NLU_UP
from bot.outbox import Outbox
from bot.place import City, Place
from bot.schedule import Schedule
from bot.settings import ROOT, Settings
from bot.staff_notices import StaffNotices
from bot.store.db import Database
from bot.store.vault import Vault, keys_from
from bot.team import load_team
from bot.texts import Texts
from bot.trouble import told
from bot.turn import Turns
from flows.say import Say
from knowledge.exchange import Loaded, load
from nlu.client import NluClient
from nlu.understand import Understander, load_understander

log = logging.getLogger(__name__)


class StartError(RuntimeError):
    """Voordeur cannot start; the message says what to do."""


class App:
    """All parts of Voordeur, put together but not yet running."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = now,
        nlu: NluClient | None = None,
        place: Place | None = None,
        understander: Understanding | None = None,
    ) -> None:
        """Build the parts. `nlu` is the line to the NLU service, None to do without.

        `place` and `understander` take the place of those that are made from files.

        Raises `StartError` when a file or key cannot be used.
        """
        self.settings = settings
        self.clock = clock
        self.nlu = nlu
        self.texts = Texts(settings.languages)
        self.database = _database(settings)
        self.place = place or open_place(settings)
        self.understander = understander or _understander(settings, self.place, nlu)
        self.channels: dict[str, Channel] = {}
        checks: dict[str, health.Check] = {
            "database": self._database_answers,
            "nlu": self._nlu_answers,
        }
        self.routes: list[BaseRoute] = [*health.routes(checks)]
        lifeline = Lifeline(self._crisis_in, self.render, self.channels, self.place)
        self.outbox = Outbox(self.database, self.channels, self.render, clock)
        staff = StaffNotices(settings.telegram_staff_chat, settings.link)
        self.turns = Turns(
            self.database,
            self.understander,
            self.place,
            clock,
            lifeline,
            Labels(self.texts),
            staff,
            self._wording,
            self._send_soon,
        )
        self.schedule = Schedule(
            self.database,
            self.place,
            settings.keep,
            clock,
            staff,
            self.turns.lanes.start,
            self._send_soon,
        )
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, channel: Channel, routes: Sequence[BaseRoute] = ()) -> None:
        """Open one more way in."""
        self.channels[channel.name] = channel
        self.routes += routes

    def render(self, say: Say, language: str, seq: int, channel: Channel) -> tuple[Rendered, ...]:
        """Write a message for a channel."""
        directory = self.place.city.directory
        return render(say, language, seq, channel.limits, self.texts, directory)

    def _wording(self, say: Say, language: str, channel: str) -> str | None:
        if not isinstance(self.channels.get(channel), Windowed):
            return None
        # As the catalogue has it: with its values it would say whose request it was.
        return self.texts.raw(language, say.key)[0]

    async def start(self) -> None:
        """Bring the tables up to date and start every loop."""
        await anyio.to_thread.run_sync(self.database.migrate)
        self._run(self.turns.lanes.watch())
        self._run(self.outbox.lanes.watch())
        self.schedule.start()
        for channel in self.channels.values():
            self._run(channel.run(self.turns.receive))
        self._run(MapKeeper(self.settings, self.place, self.nlu).run())

    async def stop(self) -> None:
        """Stop every loop and let what is under way finish."""
        self.schedule.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.turns.lanes.close()
        await self.outbox.lanes.close()
        if self.nlu is not None:
            await self.nlu.aclose()
        self.database.close()

    async def settle(self) -> None:
        """Return when every turn is taken and every answer that could leave has left."""
        await self.turns.lanes.idle()
        await self.outbox.lanes.idle()

    def web(self) -> Starlette:
        """The web application: chat page, desk, webhooks, health."""

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            await self.start()
            try:
                yield
            finally:
                await self.stop()

        parts = Desk(
            self.database,
            self.place,
            self.clock,
            self.texts,
            self.turns.lanes.start,
            self.settings.public_url,
        )
        return Starlette(routes=[*self.routes, *desk.routes(parts)], lifespan=lifespan)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a part of Voordeur stopped: %s", told(error))

    def _send_soon(self, conversation_id: int) -> None:
        self.outbox.lanes.start(conversation_id)

    def _crisis_in(self, words: str) -> tuple[str, str] | None:
        return self.understander.crisis_in(words, self.place.city.languages[0])

    async def _database_answers(self) -> bool:
        def ask() -> None:
            with self.database.read() as session:
                session.execute(text("select 1"))

        with suppress(DBAPIError):
            await anyio.to_thread.run_sync(ask)
            return True
        return False

    async def _nlu_answers(self) -> bool:
        there = self.nlu is not None and await self.nlu.health() is not None
        NLU_UP.set(there)
        return there


def open_vault(settings: Settings) -> Vault:
    """The vault. Raises `StartError` for a key that cannot be used."""
    try:
        return Vault(keys_from(settings.secret_key.get_secret_value(), settings.var))
    except ValueError as error:
        raise StartError(f"VOORDEUR_SECRET_KEY: {error}") from error
    except OSError as error:
        raise StartError(f"VOORDEUR_VAR: {error}") from error


def open_database(settings: Settings) -> Database:
    """The database, brought up to date, for a command that only needs that.

    Raises `StartError` when it cannot be reached or used.
    """
    database = _database(settings)
    try:
        database.migrate()
    except SQLAlchemyError as error:
        raise StartError(_no_database(settings, error)) from error
    return database


def _database(settings: Settings) -> Database:
    vault = open_vault(settings)
    try:
        return Database(settings.database, vault)
    except (SQLAlchemyError, OSError) as error:
        raise StartError(_no_database(settings, error)) from error


def _no_database(settings: Settings, error: Exception) -> str:
    reason = error.orig if isinstance(error, DBAPIError) and error.orig else error
    first = next(iter(str(reason).splitlines()), type(reason).__name__)
    return f"VOORDEUR_{'DATABASE_URL' if settings.database_url else 'VAR'}: {first}"


def open_place(settings: Settings) -> Place:
    """The city: map and team. Raises `StartError` for a file that cannot be used."""
    loaded = load(settings.map)
    if not isinstance(loaded, Loaded):
        problems = "\n".join(str(problem) for problem in loaded[:20])
        raise StartError(f"the social map in {settings.map} cannot be used:\n{problems}")
    try:
        team = load_team(settings.team)
    except ValueError as error:
        raise StartError(str(error)) from error
    retention: Mapping[str, int] = settings.keep.model_dump()
    return Place(City(loaded.directory, team, settings.languages, retention))


def _understander(settings: Settings, place: Place, nlu: NluClient | None) -> Understander:
    places = place.city.directory.places
    areas = {code for neighbourhood in places.all for code in neighbourhood.postcodes}
    data = ROOT / "nlu" / "data"
    return load_understander(data, settings.languages, places.gazetteer(), areas, nlu)
