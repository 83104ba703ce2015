"""`voordeur keys`: the keys that seal what is kept."""

from __future__ import annotations

import secrets

import click

from bot.app import open_database
from bot.commands.common import settings
from bot.store import retention


@click.group()
def keys() -> None:
    """The keys that seal what is kept."""


@keys.command()
def new() -> None:
    """Print a fresh key. Put it in front in VOORDEUR_SECRET_KEY, a comma after it."""
    click.echo(secrets.token_urlsafe(48))


@keys.command()
def rotate() -> None:
    """Seal everything again with the first key; afterwards the old ones can go."""
    database = open_database(settings())
    with database.begin() as session:
        count = retention.rotate(session)
    click.echo(f"{count} values sealed with the first key", err=True)
    database.close()
