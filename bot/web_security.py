"""What every page of ours has in common: strict headers, and posts from our own pages only."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.clock import Clock

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

_HEADERS = {
    "Content-Security-Policy": _POLICY,
    # Nothing is told to other sites. Not "no-referrer": with that, a plain form of our own page
    # would be posted with "Origin: null" and could not be told from somebody else's.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}


class SecurityHeaders:
    """ASGI middleware: adds the headers that a response does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with headers added at the start of a response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def is_secure(request: Request, public_url: str = "") -> bool:
    """Whether the browser speaks https, with us or with a proxy in front."""
    return request.url.scheme == "https" or public_url.startswith("https://")


def from_own_page(request: Request, public_url: str = "") -> bool:
    """Whether a post comes from a page of ours, as the browser itself says it."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("origin", "")).netloc
    own = {request.headers.get("host", ""), urlsplit(public_url).netloc} - {""}
    return origin in own


class Pace:
    """Lets so many things through in a span of time, for each key; kept in memory only."""

    _KEYS = 10_000

    def __init__(self, most: int, span: timedelta, clock: Clock) -> None:
        self._most = most
        self._span = span
        self._clock = clock
        self._passed: dict[str, deque[datetime]] = {}

    def allows(self, key: str) -> bool:
        """Whether one more may pass now; it is counted when it may."""
        now = self._clock()
        passed = self._passed.pop(key, None) or deque()
        while passed and passed[0] <= now - self._span:
            passed.popleft()
        allowed = len(passed) < self._most
        if allowed:
            passed.append(now)
        self._passed[key] = passed
        if len(self._passed) > self._KEYS:
            del self._passed[next(iter(self._passed))]
        return allowed
