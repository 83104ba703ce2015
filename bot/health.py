"""Whether it lives, whether it is ready, and figures for Prometheus."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Check = Callable[[], Awaitable[bool]]


def routes(checks: dict[str, Check]) -> list[Route]:
    """`/healthz`, `/readyz` (503 while one of the checks fails, naming which) and `/metrics`."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def readyz(_: Request) -> Response:
        found = {name: await check() for name, check in checks.items()}
        body = {name: "ok" if good else "not reached" for name, good in found.items()}
        return JSONResponse(body, status_code=200 if all(found.values()) else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]
