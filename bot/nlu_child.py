"""Starts the NLU service as a child and starts it again when it dies."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from pathlib import Path

from bot.settings import ROOT

log = logging.getLogger(__name__)

PYTHON = ROOT / "nlu" / "server" / ".venv" / "bin" / "python"
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0
_STEADY_SECONDS = 60.0


class NluChild:
    """A child process on a free loopback port, with a token of its own."""

    def __init__(self, python: Path = PYTHON) -> None:
        self._python = python
        self.token = secrets.token_urlsafe(32)
        self.port = _free_port()

    @property
    def url(self) -> str:
        """Where the child answers."""
        return f"http://127.0.0.1:{self.port}"

    async def keep_running(self) -> None:
        """Run the child until cancelled, with a pause that grows while it keeps dying."""
        wait = _FIRST_WAIT
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            try:
                code = await self._run_once()
                log.warning("the NLU service ended with %d", code)
            except OSError as error:
                log.error("the NLU service cannot start (%s): run `make run`", error.strerror)
            wait = _FIRST_WAIT if loop.time() - started > _STEADY_SECONDS else wait
            await asyncio.sleep(wait)
            wait = min(_LONGEST_WAIT, wait * 2)

    async def _run_once(self) -> int:
        child = await asyncio.create_subprocess_exec(
            self._python,
            *("-m", "nlu.server.serve", "--port", str(self.port)),
            cwd=ROOT,
            env={**os.environ, "VOORDEUR_NLU_TOKEN": self.token},
            stdin=asyncio.subprocess.DEVNULL,
        )
        try:
            return await child.wait()
        finally:
            if child.returncode is None:
                child.terminate()
                await child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
