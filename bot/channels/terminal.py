"""The conversation in a terminal, over the same path as on every other channel."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path

import anyio
import click

from bot.app import App, StartError
from bot.channels import commands
from bot.channels.port import (
    Button,
    Content,
    Incoming,
    Limits,
    Outcome,
    Receive,
    Rendered,
    Sent,
    Start,
    Text,
)
from bot.channels.render import parse_data
from bot.channels.terminal_story import Story

ADDRESS = "terminal"
_CHUNK = 65_536


class Terminal:
    """A channel whose platform is a screen: choices are numbered, and typed as numbers."""

    name = "terminal"
    limits = Limits(text=20_000, buttons=99, label=120, data=64, cards=False)

    def __init__(self, write: Callable[[str], None]) -> None:
        """`write` puts lines on the screen."""
        self._write = write
        self._newest: tuple[Button, ...] = ()
        self._always: tuple[Button, ...] = ()
        self.language: str | None = None

    async def send(self, address: str, message: Rendered) -> Outcome:  # noqa: ARG002 - one screen
        """Show a message."""
        lines = [message.text]
        for number, button in enumerate(message.buttons, start=1):
            lines.append(f"  {number}. {button.label}")
        if message.always and message.language != self.language:
            lines.append("  " + " · ".join(button.label for button in message.always))
        if message.buttons:
            self._newest = message.buttons
        if message.always:
            self._always, self.language = message.always, message.language
        self._write("\n".join(lines) + "\n")
        return Sent("")

    async def run(self, receive: Receive) -> None:
        """`chat` does the reading."""

    def read(self, line: str) -> Content:
        """What a typed line means: a choice by number or label, a command, or a text."""
        typed = line.strip()
        if typed.isdecimal() and 0 < int(typed) <= len(self._newest):
            return _tap(self._newest[int(typed) - 1], line)
        for button in (*self._newest, *self._always):
            if typed.casefold() == button.label.casefold():
                return _tap(button, line)
        return commands.read(line)


def _tap(button: Button, line: str) -> Content:
    return parse_data(button.data) or Text(line)


async def chat(
    app: App,
    language: str | None,
    save: Path | None,
    *,
    lines: AsyncIterator[str] | None = None,
    write: Callable[[str], None] = click.echo,
) -> None:
    """Talk until the lines end; starts the app and stops it.

    `save` is where the conversation is written as a test to finish. `lines` are what is typed,
    by default on standard input. Raises `StartError` when `save` cannot be written.
    """
    if save is not None:
        try:
            await anyio.Path(save).touch()
        except OSError as error:
            raise StartError(f"--save: {save}: {error.strerror}") from error
    terminal = Terminal(write)
    app.add(terminal)
    story = Story(app, language or app.settings.languages[0])
    keys = count()

    async def say(content: Content) -> None:
        if save is not None:
            await story.note(content, terminal.language)
        key = f"message {next(keys)}"
        incoming = Incoming(terminal.name, ADDRESS, key, content, app.clock(), language)
        await app.turns.receive((incoming,))
        await app.settle()

    await app.start()
    try:
        await say(Start())
        async for line in lines or typed(sys.stdin.fileno()):
            if line.strip():
                await say(terminal.read(line))
    finally:
        await app.stop()
        if save is not None:
            await anyio.Path(save).write_text(story.as_test(), encoding="utf-8")


async def typed(source: int) -> AsyncIterator[str]:
    """The lines of a file descriptor as they come, without keeping a thread waiting for them."""
    rest = b""
    while True:
        await _readable(source)
        chunk = os.read(source, _CHUNK)
        *whole, rest = (rest + chunk).split(b"\n")
        if not chunk:
            whole.append(rest)
        for line in whole:
            yield line.decode("utf-8", "replace")
        if not chunk:
            return


async def _readable(source: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(source, ready.set)
    except PermissionError:
        return  # an ordinary file never keeps anybody waiting
    try:
        await ready.wait()
    finally:
        loop.remove_reader(source)
