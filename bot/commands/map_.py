"""`voordeur import`, `export` and `search`: the social map."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click

from bot import vectors
from bot.app import open_place
from bot.clock import now
from bot.commands.common import ANY_PATH, EXISTING, nlu_service, settings, stop
from knowledge.exchange import Loaded, load, save
from knowledge.model import TOPICS
from knowledge.search import Hit, Query


@click.command("import")
@click.argument("path", type=EXISTING)
def import_(path: Path) -> None:
    """Take over a social map (HSDS 3: JSON folder or file, CSV folder or zip), whole or not."""
    chosen = settings()
    loaded = load(path)
    if not isinstance(loaded, Loaded):
        stop(*(str(problem) for problem in loaded), f"nothing was imported from {path}", code=1)
    target = chosen.directory or chosen.var / "map.json"
    if target.is_dir():
        stop(f"VOORDEUR_DIRECTORY is the folder {target}: change the map there, or name a file")
    target.parent.mkdir(parents=True, exist_ok=True)
    save(loaded.directory, target)
    click.echo(f"{len(loaded.directory.entries)} entries imported into {target}", err=True)
    if loaded.inactive:
        click.echo(f"{loaded.inactive} services were left out: not active", err=True)
    click.echo("a running `voordeur serve` takes it over within a minute", err=True)


@click.command()
@click.argument("path", type=ANY_PATH)
def export(path: Path) -> None:
    """Write the social map: a .json file, a .zip of CSV, or a folder of JSON."""
    place = open_place(settings())
    try:
        save(place.city.directory, path)
    except OSError as error:
        stop(str(error))
    click.echo(f"{len(place.city.directory.entries)} entries written to {path}", err=True)


@click.command()
@click.argument("text")
@click.option("--place", help="A neighbourhood, as people say it.")
@click.option("--topic", type=click.Choice(TOPICS), help="Only this need.")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 100))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def search(text: str, place: str | None, topic: str | None, limit: int, as_json: bool) -> None:
    """Search the social map as a conversation does."""
    hits = asyncio.run(_search(text, place, topic, limit))
    if as_json:
        click.echo(json.dumps([_shown(hit) for hit in hits], ensure_ascii=False, indent=2))
        return
    for hit in hits:
        click.echo(f"{hit.score:6.3f}  {hit.entry.name}  ({', '.join(hit.reasons)})")
        click.echo(f"        {hit.entry.summary}")
    if not hits:
        click.echo("nothing fits", err=True)


async def _search(text: str, place: str | None, topic: str | None, limit: int) -> tuple[Hit, ...]:
    chosen = settings()
    directory = open_place(chosen).city.directory
    found = directory.places.find(place) if place else None
    if place and found is None:
        stop(f"--place: no neighbourhood is called {place!r}")
    vector = None
    async with nlu_service(chosen) as client:
        if client is not None:
            directory = await vectors.with_vectors(directory, client, chosen.var) or directory
            reading = await client.parse(text)
            vector = reading.vector if reading else None
    return directory.search(
        Query(
            now=now(),
            words=text,
            vector=vector,
            topic=topic,
            place=found.id if found else None,
            limit=limit,
        )
    )


def _shown(hit: Hit) -> dict[str, object]:
    return {
        "id": hit.entry.id,
        "name": hit.entry.name,
        "summary": hit.entry.summary,
        "topics": list(hit.entry.topics),
        "score": hit.score,
        "distance_km": hit.distance_km,
        "reasons": list(hit.reasons),
        "checked_at": hit.entry.checked_at.isoformat(),
    }
