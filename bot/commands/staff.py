"""`voordeur staff`: who works at the desk."""

from __future__ import annotations

import click

from bot.app import open_database
from bot.clock import now
from bot.commands.common import settings, stop
from bot.store import staff as people


@click.group()
def staff() -> None:
    """Who works at the desk."""


@staff.command()
@click.argument("email")
@click.argument("name")
def add(email: str, name: str) -> None:
    """Let somebody work at the desk; prints a link for their first login, once.

    For somebody who is there already it prints a fresh link.
    """
    chosen = settings()
    database = open_database(chosen)
    if "@" not in email or not name.strip():
        stop("an e-mail address and a name are needed")
    with database.begin() as session:
        token = people.add(session, email, name, now())
    click.echo(f"{chosen.link}/desk/first/{token}")
    database.close()


@staff.command()
def first() -> None:
    """Print a link for the first login, as long as nobody has set a password."""
    chosen = settings()
    database = open_database(chosen)
    with database.begin() as session:
        token = people.ensure_first(session, now())
    if token is not None:
        click.echo(f"first login at the desk: {chosen.link}/desk/first/{token}")
    database.close()
