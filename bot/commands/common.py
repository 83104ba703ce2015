"""What commands share: settings, problems as one clear line, a line to the NLU service."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import click

from bot.nlu_child import PYTHON, NluChild
from bot.settings import ROOT, Settings
from nlu.client import NluClient
from nlu.understand import Line, Understander, load_understander

_LOOK_SECONDS = 0.2


def settings() -> Settings:
    """The settings, or the end of the command with a line for each that is wrong."""
    found = Settings.load()
    if not isinstance(found, Settings):
        stop(*found)
    try:
        found.var.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        stop(f"VOORDEUR_VAR: {error}")
    return found


def stop(*lines: str, code: int = 2) -> NoReturn:
    """End the command with what is wrong."""
    for line in lines:
        click.echo(f"voordeur: {line}", err=True)
    sys.exit(code)


def log_to_stderr(level: str) -> None:
    """Log to stderr, one line a record."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # These would write addresses of requests, tokens among them.
    for name in ("httpx", "httpcore", "telegram", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)


@asynccontextmanager
async def nlu_service(chosen: Settings, patience: float = 60.0) -> AsyncIterator[NluClient | None]:
    """A line to the NLU service: the one that was named, else a child for as long as needed.

    None when there is no NLU environment, or it does not answer within `patience` seconds.
    """
    if chosen.nlu_url:
        client = NluClient(chosen.nlu_url, chosen.nlu_token.get_secret_value())
        try:
            yield client
        finally:
            await client.aclose()
        return
    if not PYTHON.exists():
        yield None
        return
    child = NluChild()
    client = NluClient(child.url, child.token)
    running = asyncio.create_task(child.keep_running())
    try:
        yield client if await _answers(client, patience) else None
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await client.aclose()


async def _answers(client: NluClient, patience: float) -> bool:
    for _ in range(int(patience / _LOOK_SECONDS)):
        if await client.health() is not None:
            return True
        await asyncio.sleep(_LOOK_SECONDS)
    return False


def understander(chosen: Settings, line: Line | None) -> Understander:
    """Understanding exactly as a turn has it."""
    from bot.app import open_place

    places = open_place(chosen).city.directory.places
    areas = {code for place in places.all for code in place.postcodes}
    return load_understander(
        ROOT / "nlu" / "data", chosen.languages, places.gazetteer(), areas, line
    )


EXISTING = click.Path(exists=True, path_type=Path)
ANY_PATH = click.Path(path_type=Path)
