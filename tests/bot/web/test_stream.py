"""The stream of answers, and picking it up after it broke."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.channels import web_routes
from bot.channels.port import Blocked, Rendered
from bot.channels.web import WebChannel
from bot.store import web
from bot.store.models import Conversation, WebMessage
from tests.bot.web.visitor import Visitor, a_visitor

Story = Callable[[Visitor], Awaitable[None]]


def tell(folder: Path, story: Story) -> None:
    async def whole() -> None:
        async with a_visitor(folder) as visitor:
            await visitor.opens()
            await story(visitor)

    asyncio.run(whole())


def channel(ana: Visitor) -> WebChannel:
    found = ana.house.app.channels["web"]
    assert isinstance(found, WebChannel)
    return found


def test_an_answer_comes_over_the_open_stream(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        async with ana.listens() as stream:
            await ana.posts({"start": ""})
            event = await stream.next()
            assert "computerprogramma" in event["html"]
            assert (event["seq"], event["language"]) == (1, "nl")

    tell(tmp_path, story)


def test_what_was_missed_is_picked_up_once(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.posts({"start": ""})
        async with ana.listens() as stream:
            first = (await stream.next())["id"]
        await ana.says("menu")
        await ana.says("terug")
        async with ana.listens({"last-event-id": str(first)}, after=0) as stream:
            missed = [await stream.next() for _ in range(3)]
            assert all(event["id"] > first for event in missed)
            assert "Waar gaat het over" in missed[0]["html"]
            await asyncio.sleep(0)
            assert stream.is_quiet()
        async with ana.listens(after=missed[-2]["id"]) as stream:
            assert (await stream.next())["id"] == missed[-1]["id"]

    tell(tmp_path, story)


def test_a_strange_position_is_the_beginning(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.posts({"start": ""})
        for position in ("-1", "abc", "9" * 30, "1; drop"):
            async with ana.listens({"last-event-id": position}) as stream:
                assert "computerprogramma" in (await stream.next())["html"]

    tell(tmp_path, story)


def test_nobody_listens_without_a_cookie(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        ana.http.cookies.clear()
        assert (await ana.opens("/chat/events")).status_code == 204

    tell(tmp_path, story)


def test_too_many_open_pages_are_refused(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        token = ana.http.cookies["voordeur"]
        listeners = channel(ana).listeners
        name = channel(ana).pseudonym(token)
        joined = [listeners.join(name, 0) for _ in range(8)]
        for one in joined:
            one.__enter__()
        assert (await ana.opens("/chat/events")).status_code == 429
        for one in joined:
            one.__exit__(None, None, None)
        assert listeners.pseudonyms == ()

    tell(tmp_path, story)


def test_the_other_open_page_hears_that_the_chat_was_wiped(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.posts({"start": ""})
        async with ana.listens() as stream:
            await stream.next()
            await ana.submits("/chat/wipe")
            assert await stream.next() == {"event": "gone"}

    tell(tmp_path, story)


async def asks_to_be_forgotten(ana: Visitor) -> None:
    await ana.posts({"start": ""})
    await ana.says("/forget")
    await ana.taps("Ja, wis alles")


def kept(ana: Visitor) -> int:
    with ana.house.app.database.read() as session:
        models = (Conversation, WebMessage)
        return sum(session.scalar(select(func.count()).select_from(m)) or 0 for m in models)


def test_who_is_forgotten_is_told_so_over_the_stream_and_then_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(ana: Visitor) -> None:
        monkeypatch.setattr(web_routes, "_HEARTBEAT_SECONDS", 0.05)
        await ana.posts({"start": ""})
        async with ana.listens() as here, ana.listens() as in_another_tab:
            await asks_to_be_forgotten(ana)
            for stream in (here, in_another_tab):
                while "Alles is gewist" not in (await stream.next())["html"]:
                    pass
            await here.beats(4)
            assert kept(ana) == 0

    tell(tmp_path, story)


def test_who_is_forgotten_is_told_so_on_the_page_and_then_nothing_is_left(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await asks_to_be_forgotten(ana)
        assert "Alles is gewist" in await ana.sees()
        assert kept(ana) == 0
        assert "<article" not in await ana.sees()

    tell(tmp_path, story)


def test_a_farewell_that_nobody_saw_goes_with_a_wipe_or_with_time(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await asks_to_be_forgotten(ana)
        await ana.submits("/chat/wipe")
        assert kept(ana) == 0
        await ana.opens()
        await asks_to_be_forgotten(ana)
        ana.house.clock.forward(days=3)
        await ana.house.app.schedule.sweep()
        assert kept(ana) == 0

    tell(tmp_path, story)


def test_an_answer_kept_by_another_process_arrives_too(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.posts({"start": ""})
        looking = asyncio.create_task(channel(ana).run(ana.house.app.turns.receive))
        async with ana.listens() as stream:
            first = await stream.next()
            name = channel(ana).pseudonym(ana.http.cookies["voordeur"])
            with ana.house.app.database.begin() as session:
                ((_, body),) = web.after(session, name, 0)
                web.put(session, name, body, ana.house.clock())
            assert (await stream.next())["id"] > first["id"]
        looking.cancel()

    tell(tmp_path, story)


def test_an_answer_on_its_way_to_a_wiped_chat_is_dropped(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.posts({"start": ""})
        kept = await ana.opens("/chat/data")
        assert kept.json()["answers"]
        token = ana.http.cookies["voordeur"]
        await ana.submits("/chat/wipe")
        outcome = await channel(ana).send(token, Rendered("te laat", "nl", "ltr"))
        assert outcome == Blocked()

    tell(tmp_path, story)
