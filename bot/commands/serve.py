"""`voordeur serve`: everything that was configured, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys

import click
import uvicorn

from bot.app import App, StartError, open_database
from bot.channels.setup import open_channels
from bot.commands.common import log_to_stderr, settings
from bot.nlu_child import NluChild
from bot.settings import Settings
from nlu.client import NluClient

log = logging.getLogger(__name__)


@click.command()
def serve() -> None:
    """Serve the web chat, the desk and every channel that is configured."""
    chosen = settings()
    log_to_stderr(chosen.log_level)
    # What cannot work is told before anything is started.
    open_database(chosen).close()
    with _door(chosen) as door:
        asyncio.run(_serve(chosen, door))


def _door(chosen: Settings) -> socket.socket:
    """The socket to serve on. Raises `StartError` when it cannot be had."""
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    try:
        return socket.create_server((chosen.host, chosen.port), family=family, backlog=2048)
    except (OSError, UnicodeError) as error:
        where = f"VOORDEUR_HOST={chosen.host}, VOORDEUR_PORT={chosen.port}"
        raise StartError(f"{where}: cannot listen there: {error}") from error


async def _serve(chosen: Settings, door: socket.socket) -> None:
    child = None if chosen.nlu_url else NluChild()
    url = chosen.nlu_url or (child.url if child else "")
    token = chosen.nlu_token.get_secret_value() or (child.token if child else "")
    app = App(chosen, nlu=NluClient(url, token))
    open_channels(app)
    running = asyncio.create_task(child.keep_running()) if child else None
    server = uvicorn.Server(
        uvicorn.Config(
            app.web(),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        )
    )
    click.echo(f"chat: {chosen.link}/   desk: {chosen.link}/desk", err=True)
    # The web server raises the signal once more when it is done; the child must be ended first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        await server.serve(sockets=[door])
    finally:
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
