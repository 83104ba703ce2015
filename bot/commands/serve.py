"""`voordeur serve`: everything that was configured, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging

import click
import uvicorn

from bot.app import App
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
    asyncio.run(_serve(chosen))


async def _serve(chosen: Settings) -> None:
    child = None if chosen.nlu_url else NluChild()
    url = chosen.nlu_url or (child.url if child else "")
    token = chosen.nlu_token.get_secret_value() or (child.token if child else "")
    app = App(chosen, nlu=NluClient(url, token))
    open_channels(app)
    running = asyncio.create_task(child.keep_running()) if child else None
    server = uvicorn.Server(
        uvicorn.Config(
            app.web(),
            host=chosen.host,
            port=chosen.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        )
    )
    click.echo(f"chat: {chosen.link}/   desk: {chosen.link}/desk", err=True)
    try:
        await server.serve()
    finally:
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
