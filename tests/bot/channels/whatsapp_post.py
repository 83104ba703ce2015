"""The post that WhatsApp brings to the webhook: signed bodies, as often as a test wants."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from tests.bot.channels.fake_graph import APP_SECRET, WABA, FakeGraph
from tests.bot.channels.graph_rules import Json

SIGNATURE = "X-Hub-Signature-256"
Post = Callable[[bytes, dict[str, str]], Awaitable[int]]
"""Brings a raw body with headers to the webhook; the HTTP status that comes back."""


def signed(raw: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    """The headers of a body that the platform signed."""
    digest = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", SIGNATURE: f"sha256={digest}"}


def entry(*values: Json, waba: str = WABA) -> Json:
    """One entry with a change for each value."""
    return {"id": waba, "changes": [{"value": value, "field": "messages"} for value in values]}


def body_of(*entries: Json) -> Json:
    """A whole body for the webhook."""
    return {"object": "whatsapp_business_account", "entry": list(entries)}


def through(client: httpx.AsyncClient, path: str) -> Post:
    """The post that goes through a client to a path."""

    async def post(raw: bytes, headers: dict[str, str]) -> int:
        return (await client.post(path, content=raw, headers=headers)).status_code

    return post


@dataclass
class Postman:
    """Brings bodies to the webhook and keeps the statuses; `raw` has every body, oldest first."""

    graph: FakeGraph
    post: Post
    statuses: list[int] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    async def brings(self, *values: Json) -> int:
        """Bring one signed body with a change for each value; the HTTP status."""
        return await self.brings_body(body_of(entry(*values)))

    async def brings_body(self, body: object) -> int:
        """Bring a whole body, signed: bytes as they are, anything else as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.brings_raw(raw, signed(raw))

    async def brings_raw(self, raw: bytes, headers: dict[str, str]) -> int:
        """Bring bytes with these headers, signed or not."""
        status = await self.post(raw, headers)
        self.raw.append(raw)
        self.statuses.append(status)
        return status

    async def brings_again(self) -> int:
        """Bring the last body once more, byte for byte."""
        return await self.brings_raw(self.raw[-1], signed(self.raw[-1]))
