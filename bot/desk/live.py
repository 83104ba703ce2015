"""Tells open pages that something changed; each then fetches what it shows."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import anyio.to_thread
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bot.desk.desk import Desk
from bot.desk.visit import Guard
from bot.store import talks

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
_HEARTBEAT_SECONDS = 15.0
_GONE = "event: gone\ndata: -\n\n"


class Live:
    """The stream of changes. However many pages are open, the database is asked twice a second."""

    def __init__(self, desk: Desk, guard: Guard) -> None:
        self._desk = desk
        self._guard = guard
        self._mark = ""
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    def routes(self) -> list[Route]:
        """The one route."""
        return [Route("/desk/events", self.events)]

    async def events(self, request: Request) -> Response:
        """The stream, for who is logged in."""
        if await self._is_out(request):
            # A page that gets this stops asking.
            return Response(status_code=204)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(
            self.changes(request), media_type="text/event-stream", headers=headers
        )

    async def changes(self, request: Request) -> AsyncIterator[str]:
        """Each new mark as an event; ends when the login does."""
        told, heard_at = "", time.monotonic()
        yield "retry: 2000\n\n"
        while True:
            mark = await self._newest()
            if time.monotonic() - heard_at >= _HEARTBEAT_SECONDS or mark != told:
                if await self._is_out(request):
                    yield _GONE
                    return
                heard_at = time.monotonic()
                yield ": here\n\n" if mark == told else f"event: changed\ndata: {mark}\n\n"
                told = mark
            await asyncio.sleep(LOOK_SECONDS)

    async def _newest(self) -> str:
        async with self._looking:
            if time.monotonic() - self._looked_at >= LOOK_SECONDS:
                try:
                    self._mark = await anyio.to_thread.run_sync(self._look)
                except DBAPIError as error:
                    log.warning("the database does not answer: %s", type(error).__name__)
                self._looked_at = time.monotonic()
            return self._mark

    def _look(self) -> str:
        with self._desk.database.read() as session:
            return talks.mark(session)

    async def _is_out(self, request: Request) -> bool:
        return await anyio.to_thread.run_sync(self._guard.login, request) is None
