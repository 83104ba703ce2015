"""A real Chromium and a real server on a loopback port, for every page there is."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bot.app import App
from bot.channels.web_open import open_web
from tests.house import Meaning, TestClock, settings_in

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_START_SECONDS = 20
PHONE = {"width": 360, "height": 740}


@dataclass
class Server:
    """A Voordeur that answers at `url`; it can be stopped and started at the same address."""

    folder: Path
    clock: TestClock = field(default_factory=TestClock)
    meaning: Meaning = field(default_factory=Meaning)
    port: int = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Open the door; returns when it is open."""
        self.app = App(settings_in(self.folder), clock=self.clock, understander=self.meaning)
        open_web(self.app)
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(
            self.app.web(), ws="none", log_config=None, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listening],))
        self._thread.start()
        until = time.monotonic() + _START_SECONDS
        while not self._server.started:
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.02)

    def stop(self) -> None:
        """Close the door; returns when it is closed."""
        self._server.should_exit = True
        self._thread.join()


@contextmanager
def a_server(folder: Path) -> Iterator[Server]:
    """A server that is running."""
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that leave it running."""
    with a_server(tmp_path_factory.mktemp("house")) as server:
        yield server


# Not for the whole session: while it is open, no other test can run an event loop of its own.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A browser, or a skipped test where there is none."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@dataclass
class Visit:
    """One browser of one person, and every address outside the server that it asked for."""

    context: BrowserContext
    strayed: list[str] = field(default_factory=list)

    def page(self) -> Page:
        """Open a tab."""
        return self.context.new_page()


@contextmanager
def a_visit(chromium: Browser, url: str, **options: Any) -> Iterator[Visit]:
    """Come by with a fresh browser. Nothing outside the server is ever reached."""
    context = chromium.new_context(
        **{"locale": "nl-NL", "viewport": PHONE, "base_url": url, **options}
    )
    context.set_default_timeout(10_000)
    visit = Visit(context)

    def stay_here(route: Any) -> None:
        visit.strayed.append(route.request.url)
        route.fulfill(status=200, content_type="text/html", body="<title>elsewhere</title>")

    context.route(lambda address: not address.startswith(url), stay_here)
    try:
        yield visit
    finally:
        context.close()


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Visit]:
    """Somebody with a phone that speaks Dutch."""
    with a_visit(chromium, server.url) as visit:
        yield visit
        assert visit.strayed == []
