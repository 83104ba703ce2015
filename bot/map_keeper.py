"""Keeps the social map in use fresh: a changed file is taken over, vectors follow when they can."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import anyio.to_thread

from bot import vectors
from bot.place import Place
from bot.settings import Settings
from knowledge.directory import Directory
from knowledge.exchange import Loaded, load
from nlu.client import NluClient

log = logging.getLogger(__name__)

_LOOK_SECONDS = 30.0
_VECTOR_SECONDS = 3.0

Mark = tuple[tuple[str, int, int], ...]


class MapKeeper:
    """Looks after the map of a running Voordeur."""

    def __init__(self, settings: Settings, place: Place, nlu: NluClient | None) -> None:
        self._settings = settings
        self._place = place
        self._nlu = nlu
        self._mark = mark(settings.map)

    async def run(self) -> None:
        """Look until cancelled."""
        await self._give_vectors(self._place.city.directory)
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            fresh = await anyio.to_thread.run_sync(self.changed)
            if fresh is not None:
                self._place.use_directory(fresh)
                await self._give_vectors(fresh)

    def changed(self) -> Directory | None:
        """The map anew when its files changed; None when they did not, or cannot be used."""
        now = mark(self._settings.map)
        if now == self._mark:
            return None
        self._mark = now
        loaded = load(self._settings.map)
        if isinstance(loaded, Loaded):
            log.info("the map was read again: %d entries", len(loaded.directory.entries))
            return loaded.directory
        log.error("the changed map has %d problems; the old one stays", len(loaded))
        return None

    async def _give_vectors(self, directory: Directory) -> None:
        while self._nlu is not None:
            found = await vectors.with_vectors(directory, self._nlu, self._settings.var)
            if found is not None:
                self._place.use_directory(found)
                return
            await asyncio.sleep(_VECTOR_SECONDS)


def mark(path: Path) -> Mark:
    """What changes when the files of a map change: names, sizes, times."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    found = [(file, file.stat()) for file in files if file.is_file()]
    return tuple((str(file), stat.st_size, stat.st_mtime_ns) for file, stat in found)
