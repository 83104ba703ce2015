"""Somebody with a browser, without the browser: requests, cookies and a stream of answers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from bot.channels.web_open import open_web
from tests.house import House, a_house

OWN = {"sec-fetch-site": "same-origin"}
_keys = count()


@dataclass
class Visitor:
    """One browser. Every message waits until the house has come to rest."""

    house: House
    web: Starlette
    http: httpx.AsyncClient

    async def opens(self, path: str = "/", **more: Any) -> httpx.Response:
        """Ask for a page."""
        return await self.http.get(path, **more)

    async def says(self, text: str, **fields: Any) -> httpx.Response:
        """Type something, as the script sends it."""
        return await self.posts({"text": text, **fields})

    async def posts(self, fields: Any, headers: dict[str, str] = OWN) -> httpx.Response:
        """Send any JSON."""
        if isinstance(fields, dict):
            fields = {"key": f"key-number-{next(_keys)}", **fields}
        response = await self.http.post("/chat/say", json=fields, headers=headers)
        await self.house.app.settle()
        return response

    async def submits(self, path: str = "/chat/say", **fields: str) -> httpx.Response:
        """Send a plain form."""
        response = await self.http.post(path, data=fields, headers=OWN)
        await self.house.app.settle()
        return response

    async def taps(self, label: str) -> httpx.Response:
        """Tap the button with this label on the page as it is now."""
        page = (await self.opens()).text
        found = re.search(rf'value="([^"]+)"[^>]*>{re.escape(label)}<', page)
        assert found, f"no button {label!r}"
        return await self.posts({"choice": found[1]})

    async def sees(self) -> str:
        """The page as it is now."""
        return (await self.opens()).text

    @asynccontextmanager
    async def listens(
        self, headers: dict[str, str] | None = None, after: int | None = None
    ) -> AsyncIterator[Stream]:
        """Hold the stream of answers open."""
        stream = Stream()
        query = "" if after is None else f"after={after}"
        sent = {"cookie": "; ".join(f"{c.name}={c.value}" for c in self.http.cookies.jar)}
        scope = _scope("/chat/events", query, {**sent, **(headers or {})})
        task = asyncio.create_task(self.web(scope, stream.receive, stream.send))
        try:
            yield stream
        finally:
            stream.left.set()
            await asyncio.wait_for(task, 5)


@dataclass
class Stream:
    """What came over the stream."""

    left: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 0
    _events: asyncio.Queue[dict[str, str]] = field(default_factory=asyncio.Queue)

    async def receive(self) -> dict[str, Any]:
        """The page goes away when told to."""
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Take a piece of the response."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        for block in message.get("body", b"").decode().split("\n\n"):
            lines = [line.partition(": ") for line in block.split("\n") if line]
            if lines:
                self._events.put_nowait({name: value for name, _, value in lines})

    async def next(self) -> dict[str, Any]:
        """The next event that is more than a hint or a heartbeat."""
        async with asyncio.timeout(5):
            while True:
                event = await self._events.get()
                if event.get("event"):
                    return {"event": event["event"]}
                if event.get("data"):
                    return {"id": int(event["id"]), **json.loads(event["data"])}

    async def beats(self, times: int) -> None:
        """Return after so many heartbeats."""
        async with asyncio.timeout(5):
            for _ in range(times):
                while "" not in await self._events.get():
                    pass

    def is_quiet(self) -> bool:
        """Whether nothing more came."""
        return self._events.empty()


def _scope(path: str, query: str, headers: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [
            (b"host", b"voordeur.test"),
            *((name.encode(), value.encode()) for name, value in headers.items()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("voordeur.test", 80),
    }


@asynccontextmanager
async def a_visitor(folder: Path, **changes: Any) -> AsyncIterator[Visitor]:
    """Open a house with a web chat, and come to it."""
    async with a_house(folder, **changes) as house:
        open_web(house.app)
        async with _coming_to(house, house.app.web()) as visitor:
            yield visitor


def another(visitor: Visitor) -> AbstractAsyncContextManager[Visitor]:
    """Come to the same house with another browser."""
    return _coming_to(visitor.house, visitor.web)


@asynccontextmanager
async def _coming_to(house: House, web: Starlette) -> AsyncIterator[Visitor]:
    transport = httpx.ASGITransport(app=web)
    async with httpx.AsyncClient(transport=transport, base_url="http://voordeur.test") as http:
        yield Visitor(house, web, http)
