"""Updates that Telegram brings by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette

from bot.channels.port import Incoming, Receive
from bot.channels.setup import open_channels
from bot.channels.telegram import Webhook
from bot.channels.telegram_webhook import HEADER, MOST_BYTES
from bot.store.models import Inbox
from tests.bot.channels.fake_telegram import TOKEN, FakeTelegram, an_error, serving
from tests.bot.channels.phone import Phone, Street, a_street
from tests.house import a_house

SECRET = "a-secret-of-tests"
HOOK = Webhook("https://chat.example/telegram/hook", SECRET)


@dataclass
class Door:
    """Where updates are brought, by whoever says to be Telegram."""

    street: Street
    client: httpx.AsyncClient

    async def gets(self, body: object, secret: str | None = SECRET) -> int:
        """Bring something; the status that comes back."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if secret is None else {HEADER: secret}
        answer = await self.client.post(HOOK.path, content=content, headers=headers)
        return answer.status_code

    def stored(self) -> int:
        """How many messages are in the inbox."""
        with self.street.house.app.database.read() as session:
            return len(session.scalars(select(Inbox)).all())


@asynccontextmanager
async def a_door(folder: Path, receive: Receive | None = None) -> AsyncIterator[Door]:
    async with a_street(folder, webhook=HOOK) as street:
        routes = street.channel.routes(receive or street.house.app.turns.receive)
        transport = httpx.ASGITransport(Starlette(routes=routes))
        async with httpx.AsyncClient(
            transport=transport, base_url="https://chat.example"
        ) as client:
            yield Door(street, client)


def at_the_door(folder: Path, story: Callable[[Door, Phone], Awaitable[None]]) -> None:
    async def told() -> None:
        async with a_door(folder) as door:
            await story(door, door.street.somebody())

    asyncio.run(told())


def hello(ana: Phone, number: int = 7) -> dict[str, object]:
    return {"update_id": number, "message": ana.message(text="hallo")}


def test_half_a_character_is_taken_over_like_any_other(tmp_path: Path) -> None:
    async def story(door: Door, ana: Phone) -> None:
        half = {"update_id": 8, "message": ana.message(text="half \ud83d een letter")}
        assert await door.gets(half) == 200
        await door.street.house.app.settle()
        assert ana.shown

    at_the_door(tmp_path, story)


def test_a_message_is_stored_before_it_is_taken_over(tmp_path: Path) -> None:
    async def story(door: Door, ana: Phone) -> None:
        assert await door.gets(hello(ana)) == 200
        assert door.stored() == 1
        await door.street.house.app.settle()
        assert len(ana.shown) == 1

    at_the_door(tmp_path, story)


def test_a_message_that_is_brought_again_is_one_message(tmp_path: Path) -> None:
    async def story(door: Door, ana: Phone) -> None:
        update = hello(ana)
        assert [await door.gets(update), await door.gets(update)] == [200, 200]
        await door.street.house.app.settle()
        assert door.stored() == 1
        assert len(ana.shown) == 1

    at_the_door(tmp_path, story)


def test_nobody_else_can_bring_messages(tmp_path: Path) -> None:
    async def story(door: Door, ana: Phone) -> None:
        for secret in (None, "", "wrong", SECRET + "x", SECRET.upper(), "é"):
            headers = b"" if secret is None else secret.encode()
            answer = await door.client.post(
                HOOK.path, json=hello(ana), headers=[(HEADER.encode(), headers)]
            )
            assert answer.status_code == 403
        assert door.stored() == 0

    at_the_door(tmp_path, story)


def test_malformed_bodies_are_refused_and_harm_nothing(tmp_path: Path) -> None:
    async def story(door: Door, ana: Phone) -> None:
        for body in (
            b"",
            b"{",
            b"\xff\xfe",
            b"[" * 100_000,
            [],
            "text",
            7,
            None,
            {},
            {"update_id": "seven"},
            {"update_id": 7, "message": "text"},
            {"update_id": 7, "message": {"text": "no chat"}},
            {"update_id": 7, "message": ana.message(text=["no", "text"])},
            {"update_id": 7, "callback_query": {"id": "1"}},
        ):
            assert await door.gets(body) == 400, body
        assert await door.gets(b" " * (MOST_BYTES + 1)) == 413
        assert (await door.client.get(HOOK.path)).status_code == 405
        assert door.stored() == 0
        assert await door.gets(hello(ana)) == 200

    at_the_door(tmp_path, story)


def test_an_update_of_an_unknown_kind_is_passed_over(tmp_path: Path) -> None:
    async def story(door: Door, ana: Phone) -> None:
        assert await door.gets({"update_id": 7, "something_new": {"id": 1}}) == 200
        assert await door.gets({"update_id": 8, "poll": {"id": 1}}) in (200, 400)
        assert door.stored() == 0

    at_the_door(tmp_path, story)


def test_a_message_that_cannot_be_stored_is_not_taken_over(tmp_path: Path) -> None:
    async def told() -> None:
        async def receive(batch: tuple[Incoming, ...]) -> None:
            raise OperationalError("insert", {}, Exception())

        async with a_door(tmp_path, receive) as door:
            assert await door.gets(hello(door.street.somebody())) == 503

    asyncio.run(told())


def test_telegram_is_asked_to_bring_updates_until_it_agrees(tmp_path: Path) -> None:
    async def told() -> None:
        async with a_street(tmp_path, webhook=HOOK) as street:
            street.telegram.trouble["setWebhook"] = [an_error(502, "Bad Gateway"), "cut off"]
            async with street.listening(), asyncio.timeout(20):
                while street.telegram.webhook is None:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0)
            assert street.telegram.webhook["url"] == HOOK.url
            assert street.telegram.webhook["secret_token"] == SECRET
            assert "message" in street.telegram.webhook["allowed_updates"]
            assert street.telegram.called("getUpdates") == []

    asyncio.run(told())


def test_the_settings_open_telegram(tmp_path: Path) -> None:
    async def told() -> None:
        async with serving(FakeTelegram()) as telegram:
            ana = Phone(telegram, 100)
            telegram.chats.add("100")
            changes = {"telegram_token": TOKEN, "telegram_base_url": telegram.url}
            async with a_house(tmp_path, **changes) as house:
                open_channels(house.app)
                channel = house.app.channels["telegram"]
                reading = asyncio.create_task(channel.run(house.app.turns.receive))
                await ana.says("hallo")
                await telegram.all_read()
                await house.app.settle()
                assert len(ana.shown) == 1
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    asyncio.run(told())


def test_without_a_token_there_is_no_telegram(tmp_path: Path) -> None:
    async def told() -> None:
        async with a_house(tmp_path) as house:
            open_channels(house.app)
            assert set(house.app.channels) == {"watched", "web"}

    asyncio.run(told())
