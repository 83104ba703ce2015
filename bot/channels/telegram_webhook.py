"""The way in for updates that Telegram brings by itself."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update

from bot.channels.body import body_of
from bot.channels.telegram_updates import decoded, sound

log = logging.getLogger(__name__)

HEADER = "X-Telegram-Bot-Api-Secret-Token"
MOST_BYTES = 1_048_576


def route(path: str, secret: str, take: Callable[[Update], Awaitable[None]]) -> Route:
    """Answers 200 only after `take` returned, which stores what the update says."""

    async def answer(request: Request) -> Response:
        return Response(status_code=await _answer(request))

    async def _answer(request: Request) -> HTTPStatus:
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return HTTPStatus.FORBIDDEN
        body = await body_of(request, MOST_BYTES)
        if body is None:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        try:
            update = sound(decoded(body))
        except (ValueError, RecursionError):
            update = None
        if update is None:
            return HTTPStatus.BAD_REQUEST
        try:
            await take(update)
        except Exception as error:
            # Telegram brings it again; the words of the error may hold what was said.
            log.error("update %d could not be stored: %s", update.update_id, type(error).__name__)
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK

    return Route(path, answer, methods=["POST"])
