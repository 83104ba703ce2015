"""The way in for what WhatsApp posts: its signature is checked before anything is read."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.body import body_of
from bot.channels.whatsapp_updates import Json, decoded

log = logging.getLogger(__name__)

PATH = "/whatsapp"
HEADER = "X-Hub-Signature-256"
# The platform's own limit.
MOST_BYTES = 3 * 1_048_576


def routes(
    app_secret: str, verify_token: str, take: Callable[[Json], Awaitable[None]]
) -> list[Route]:
    """The two routes of the webhook. 200 comes only after `take` returned, which stores."""

    async def verify(request: Request) -> Response:
        asked = request.query_params
        given = asked.get("hub.verify_token", "")
        known = hmac.compare_digest(given.encode(), verify_token.encode())
        if asked.get("hub.mode") != "subscribe" or not known:
            return Response(status_code=HTTPStatus.FORBIDDEN)
        return PlainTextResponse(asked.get("hub.challenge", ""))

    async def answer(request: Request) -> Response:
        return Response(status_code=await _answer(request))

    async def _answer(request: Request) -> HTTPStatus:
        payload = await body_of(request, MOST_BYTES)
        if payload is None:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        if not is_signed(payload, request.headers.get(HEADER, ""), app_secret):
            log.warning("something for WhatsApp's address was not signed with our app's secret")
            return HTTPStatus.FORBIDDEN
        body = decoded(payload)
        if body is None:
            return HTTPStatus.BAD_REQUEST
        try:
            await take(body)
        except Exception as error:
            # WhatsApp brings it again; the words of the error may hold what was said.
            log.error("what WhatsApp brought could not be stored: %s", type(error).__name__)
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK

    return [
        Route(PATH, verify, methods=["GET"]),
        Route(PATH, answer, methods=["POST"]),
    ]


def is_signed(payload: bytes, signature: str, app_secret: str) -> bool:
    """Whether the platform signed these very bytes."""
    due = hmac.new(app_secret.encode(), payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature.encode(), f"sha256={due}".encode())
