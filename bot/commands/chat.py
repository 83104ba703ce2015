"""`voordeur chat`: the conversation in a terminal."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import click

from bot.app import App
from bot.channels import terminal
from bot.commands.common import ANY_PATH, nlu_service, settings, stop


@click.command()
@click.option("--language", help="Begin in this language, such as ar.")
@click.option("--save", type=ANY_PATH, help="Write the conversation to FILE as a test to finish.")
def chat(language: str | None, save: Path | None) -> None:
    """Talk in the terminal, on a database that is gone afterwards."""
    chosen = settings()
    if language is not None and language not in chosen.languages:
        stop(f"--language: one of {', '.join(chosen.languages)}")
    with tempfile.TemporaryDirectory() as folder:
        alone = chosen.model_copy(
            update={"database_url": f"sqlite:///{folder}/chat.db", "telegram_staff_chat": ""}
        )

        async def talk() -> None:
            async with nlu_service(alone) as client:
                await terminal.chat(App(alone, nlu=client), language, save)

        asyncio.run(talk())
