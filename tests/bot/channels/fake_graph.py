"""The Cloud API of WhatsApp on the loopback: as strict as the real one, with clocks tests move."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Literal

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.bot.channels.fake_telegram import VirtualTime
from tests.bot.channels.graph_rules import (
    Json,
    Refusal,
    an_error,
    check_message,
    only,
)
from tests.bot.channels.graph_templates import Templates

WABA = "102290129340398"
PHONE_ID = "106540352242922"
PHONE_NUMBER = "15550783881"
TOKEN = "EAA-for-tests-only"
APP_SECRET = "an-app-secret-of-tests"
WINDOW = timedelta(hours=24)

_PAIR_BURST = 45
_PAIR_SECONDS = 6.0
_MOST_A_SECOND = 80

Work = Literal["message", "read", "templates", "template"]
"""What is asked: to send, to mark as read, to list templates, to make one."""

HangUp = Literal["hang up before", "hang up after it was taken"]


@dataclass(eq=False)
class Account:
    """Somebody on WhatsApp, as the platform knows them.

    `user_id` is the business-scoped id; `wa_id` is None where the number is withheld, and then
    they can be reached by `user_id` only. `wrote` has the last time they wrote, by phone id.
    """

    user_id: str
    wa_id: str | None
    name: str
    username: str | None = None
    wrote: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """A message that the server took: the body that was asked, and when by the rates' clock."""

    id: str
    phone_id: str
    account: Account
    body: Json
    at: float


@dataclass
class FakeGraph:
    """What the server knows.

    `clock` says what time it is (windows, timestamps). The rates count the seconds of `time` on
    top of it, so that a sender who sleeps on `time` gets room. `answers` holds, by the work that
    is asked, what to answer before that works again.
    """

    clock: Callable[[], datetime]
    time: VirtualTime = field(default_factory=VirtualTime)
    phones: dict[str, str] = field(default_factory=lambda: {PHONE_ID: PHONE_NUMBER})
    accounts: list[Account] = field(default_factory=list)
    templates: Templates = field(default_factory=Templates)
    pair_limit: bool = True
    throughput: bool = True
    sent: list[Taken] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    typing: list[str] = field(default_factory=list)
    calls: list[tuple[Work, Json]] = field(default_factory=list)
    answers: defaultdict[Work, list[Response | HangUp]] = field(
        default_factory=lambda: defaultdict(list)
    )
    url: str = ""

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._received: dict[str, tuple[str, Account]] = {}
        self._room: dict[tuple[str, Account], tuple[float, float]] = {}

    # What residents do.

    def joins(self, name: str = "Ana", *, number: bool = True, user_id: str = "") -> Account:
        """Somebody gets WhatsApp; without `number` theirs is withheld and they have a username."""
        account = Account(
            user_id or self.new_user_id(),
            self.new_wa_id() if number else None,
            name,
            None if number else f"{name.lower()}.{next(self._numbers)}",
        )
        self.accounts.append(account)
        return account

    def new_user_id(self) -> str:
        """A business-scoped id that nobody has: any letters and digits may follow the dot."""
        return f"NL.1349120865530274{next(self._numbers):04d}aB"

    def new_wa_id(self) -> str:
        """A telephone number that nobody has."""
        return f"3161{next(self._numbers):07d}"

    def receives(self, phone_id: str, account: Account, *, opens: bool = True) -> str:
        """Give the next message of an account an id; it `opens` the window, or not."""
        number = f"{account.user_id}{next(self._numbers)}".encode()
        message_id = f"wamid.{base64.b64encode(number).decode()}"
        self._received[message_id] = (phone_id, account)
        if opens:
            account.wrote[phone_id] = self.clock()
        return message_id

    def to(self, account: Account) -> list[Taken]:
        """The messages an account got, oldest first."""
        return [message for message in self.sent if message.account is account]

    def called(self, work: Work) -> list[Json]:
        """The bodies (or the queries) of every call for this work, refused ones too."""
        return [body for name, body in self.calls if name == work]

    # What the server does.

    def app(self) -> Starlette:
        """The server."""
        messages = Route("/v{version}/{phone_id}/messages", self._messages, methods=["POST"])
        path = f"/v{{version}}/{WABA}/message_templates"
        return Starlette(
            routes=[
                messages,
                Route(path, self._list, methods=["GET"]),
                Route(path, self._create, methods=["POST"]),
            ]
        )

    async def _messages(self, request: Request) -> Response:
        phone_id = request.path_params["phone_id"]
        body = await _body(request)
        if "status" in body:
            return await self._answer(request, "read", body, lambda: self._read(phone_id, body))
        return await self._answer(request, "message", body, lambda: self._send(phone_id, body))

    async def _list(self, request: Request) -> Response:
        query = dict(request.query_params)
        return await self._answer(request, "templates", query, lambda: self.templates.listed(query))

    async def _create(self, request: Request) -> Response:
        body = await _body(request)
        return await self._answer(request, "template", body, lambda: self.templates.made(body))

    async def _answer(
        self, request: Request, work: Work, body: Json, does: Callable[[], Json]
    ) -> Response:
        self.calls.append((work, body))
        planned = self.answers[work].pop(0) if self.answers[work] else None
        if isinstance(planned, Response):
            return planned
        if planned == "hang up before":
            return _HungUp()
        try:
            _check_request(request)
            result = does()
        except Refusal as refusal:
            return an_error(refusal.code, str(refusal), refusal.status)
        return _HungUp() if planned else JSONResponse(result)

    def _read(self, phone_id: str, body: Json) -> Json:
        self._check_phone(phone_id, body)
        only(body, {"messaging_product", "status", "message_id", "typing_indicator"}, "the body")
        message_id = body.get("message_id")
        if body["status"] != "read":
            raise Refusal(100, "status must be read")
        known = self._received.get(message_id) if isinstance(message_id, str) else None
        if known is None or known[0] != phone_id:
            raise Refusal(131009, "message_id is not of a message that was received")
        if "typing_indicator" in body:
            if body["typing_indicator"] != {"type": "text"}:
                raise Refusal(100, "typing_indicator.type must be text")
            self.typing.append(str(message_id))
        self.reads.append(str(message_id))
        return {"success": True}

    def _send(self, phone_id: str, body: Json) -> Json:
        self._check_phone(phone_id, body)
        check_message(body)
        account = self._whom(body)
        self._check_context(phone_id, account, body)
        if body["type"] == "template":
            self.templates.check(body["template"])
        else:
            wrote = account.wrote.get(phone_id)
            if wrote is None or self.clock() - wrote > WINDOW:
                raise Refusal(131047, "More than 24 hours have passed since they last wrote")
        now = self.clock().timestamp() + self.time()
        self._check_rates(phone_id, account, now)
        message_id = f"wamid.{base64.b64encode(f'out{next(self._numbers)}'.encode()).decode()}"
        self.sent.append(Taken(message_id, phone_id, account, body, now))
        if "to" in body:
            contact = {"input": body["to"], "wa_id": account.wa_id}
        else:
            contact = {"input": body["recipient"], "user_id": account.user_id}
        return {
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [{"id": message_id}],
        }

    def _check_phone(self, phone_id: str, body: Json) -> None:
        if phone_id not in self.phones:
            raise Refusal(100, f"Object with ID '{phone_id}' does not exist")
        if body.get("messaging_product") != "whatsapp":
            raise Refusal(100, "messaging_product must be whatsapp")

    def _whom(self, body: Json) -> Account:
        for account in self.accounts:
            if "to" in body and account.wa_id is not None and account.wa_id == body["to"]:
                return account
            if "recipient" in body and account.user_id == body["recipient"]:
                return account
        raise Refusal(131026, "Message Undeliverable.")

    def _check_context(self, phone_id: str, account: Account, body: Json) -> None:
        if "context" not in body:
            return
        message_id = body["context"]["message_id"]
        ours = any(one.id == message_id and one.phone_id == phone_id for one in self.to(account))
        if not ours and self._received.get(message_id) != (phone_id, account):
            raise Refusal(131009, "context.message_id is not of a message in this chat")

    def _check_rates(self, phone_id: str, account: Account, now: float) -> None:
        recent = [one for one in self.sent if one.phone_id == phone_id and one.at > now - 1.0]
        if self.throughput and len(recent) >= _MOST_A_SECOND:
            raise Refusal(130429, "Cloud API message throughput has been reached.")
        room, at = self._room.get((phone_id, account), (float(_PAIR_BURST), now))
        room = min(float(_PAIR_BURST), room + (now - at) / _PAIR_SECONDS)
        if self.pair_limit and room < 1.0:
            raise Refusal(131056, "Too many messages sent to the same person in a short time.")
        self._room[phone_id, account] = (max(0.0, room - 1.0), now)


class _HungUp(Response):
    """Breaks the connection where an answer was awaited."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _body(request: Request) -> Json:
    """The body; one that is no JSON object is empty, and refused for what it lacks."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _check_request(request: Request) -> None:
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        raise Refusal(190, "Invalid OAuth access token - Cannot parse access token", status=401)
    if not re.fullmatch(r"\d{2}\.\d", request.path_params["version"]):
        raise Refusal(100, "Unknown version of the API")
    json_sent = request.headers.get("Content-Type", "").startswith("application/json")
    if request.method == "POST" and not json_sent:
        raise Refusal(100, "The body must be JSON")


@asynccontextmanager
async def serving(graph: FakeGraph) -> AsyncIterator[FakeGraph]:
    """The server, on a port of the loopback: `graph.url` without the version."""
    config = uvicorn.Config(
        graph.app(), port=0, log_level="critical", lifespan="off", ws="none", loop="asyncio"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)
    (port,) = (sock.getsockname()[1] for one in server.servers for sock in one.sockets)
    graph.url = f"http://127.0.0.1:{port}"
    graph.templates.address = f"{graph.url}/v22.0/{WABA}/message_templates"
    try:
        yield graph
    finally:
        server.should_exit = True
        await task
