"""The staff's web desk."""

from __future__ import annotations

import logging

from sqlalchemy.exc import DBAPIError
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.desk.desk import Desk
from bot.desk.door import Door
from bot.desk.live import Live
from bot.desk.misread import Misread
from bot.desk.pages import Pages
from bot.desk.queue import Queue
from bot.desk.ready import ReadyReplies
from bot.desk.requests import Requests
from bot.desk.visit import Endpoint, Guard
from bot.web_security import SecurityHeaders

log = logging.getLogger(__name__)

__all__ = ["Desk", "routes"]


def routes(desk: Desk) -> list[Route]:
    """Every route of the desk, under /desk, each with the strict headers."""
    pages = Pages(desk)
    guard = Guard(desk, pages)
    parts = [
        Route(pages.files.path, pages.files.serve),
        *Door(desk, pages, guard).routes(),
        *Live(desk, guard).routes(),
        *Misread(desk, pages, guard).routes(),
        *ReadyReplies(desk, pages, guard).routes(),
        *Queue(desk, pages, guard).routes(),
        *Requests(desk, pages, guard).routes(),
    ]
    strict = [Middleware(SecurityHeaders)]
    return [
        Route(
            part.path,
            _patient(part.endpoint, pages),
            methods=sorted(part.methods or ()),
            middleware=strict,
        )
        for part in parts
    ]


def _patient(endpoint: Endpoint, pages: Pages) -> Endpoint:
    """The endpoint, with a kind answer for when the database does not answer."""

    async def tries(request: Request) -> Response:
        try:
            return await endpoint(request)
        except DBAPIError as error:
            log.warning("the database does not answer: %s", type(error).__name__)
            lines = ["Er is niets verstuurd of veranderd. Probeer het over een minuut opnieuw."]
            return pages.refuse(503, "Het bureau is even niet bereikbaar", lines)

    return tries
