"""Open pages hear of changes, as long as their login lasts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.requests import Request

from bot import desk
from bot.clock import CITY
from bot.desk import live
from bot.desk.pages import Pages
from bot.desk.promise import moment, promise, span
from bot.desk.visit import Guard
from bot.store import handoffs
from tests.bot.desk.people import Browser, Office, an_office
from tests.conversation import TUESDAY


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(live, "_HEARTBEAT_SECONDS", 0.05)


def stream(office: Office, member: Browser) -> AsyncIterator[str]:
    app = office.house.app
    parts = desk.Desk(app.database, app.place, app.clock, app.texts, app.turns.lanes.start)
    cookie = f"voordeur_desk={member.client.cookies['voordeur_desk']}".encode()
    request = Request({"type": "http", "headers": [(b"cookie", cookie)]})
    return live.Live(parts, Guard(parts, Pages(parts))).changes(request)


async def next_change(events: AsyncIterator[str]) -> str:
    async with asyncio.timeout(10):
        async for event in events:
            if event.startswith("event: "):
                return event.split("\n")[0].removeprefix("event: ")
    raise AssertionError("the stream ended")


def test_every_step_of_a_request_is_told(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await office.member("An")
            events = stream(office, an)
            assert await next_change(events) == "changed"
            code = await office.request()
            assert await next_change(events) == "changed"
            await an.sends(f"/desk/{code}/claim")
            assert await next_change(events) == "changed"
            await an.sends(f"/desk/{code}/reply", text="Dag!")
            await office.settles()
            assert await next_change(events) == "changed"
            await office.house.hears("ana", "dag An")
            assert await next_change(events) == "changed"
            with office.house.app.database.begin() as session:
                handoffs.withdraw(session, code, office.clock())
            assert await next_change(events) == "changed"

    asyncio.run(story())


def test_notes_rest_and_giving_back_are_told(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await office.member("An")
            code = await office.request()
            for one in (code, await office.request("bea", code="BBB-BB3")):
                await an.sends(f"/desk/{one}/claim")
            await office.settles()
            await an.opens(f"/desk/{code}")
            (moment, *_) = re.findall(r'<option value="(\d[^"]+)"', an.text)
            events = stream(office, an)
            assert await next_change(events) == "changed"
            for act, fields in (
                ("note", {"note": "belt liever"}),
                ("snooze", {"until": moment}),
                ("snooze", {"until": "now"}),
                ("release", {}),
            ):
                await an.opens(f"/desk/{code}")
                await an.sends(f"/desk/{code}/{act}", **fields)
                assert await next_change(events) == "changed", act

    asyncio.run(story())


def test_a_chat_without_a_request_leaves_the_desk_in_peace(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await office.member("An")
            events = stream(office, an)
            await next_change(events)
            await office.house.hears("ana", "hallo")
            told = [await anext(events) for _ in range(3)]
            assert told == [": here\n\n"] * 3

    asyncio.run(story())


def test_the_stream_ends_with_the_login(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await office.member("An")
            events = stream(office, an)
            await next_change(events)
            await an.sends("/desk/logout")
            assert await next_change(events) == "gone"
            assert [event async for event in events] == []

    asyncio.run(story())


@pytest.mark.parametrize(
    ("minutes", "level", "words"),
    [
        (3 * 24 * 60, "calm", "nog 3 dagen"),
        (47 * 60, "calm", "nog 47 uur"),
        (121, "calm", "nog 2 uur"),
        (120, "soon", "nog 2 uur"),
        (119, "soon", "nog 1 uur"),
        (59, "soon", "nog 59 minuten"),
        (1, "soon", "nog 1 minuut"),
        (0.5, "soon", "nog even"),
        (0, "late", "nu te laat"),
        (-1, "late", "1 minuut te laat"),
        (-61, "late", "1 uur te laat"),
        (-3 * 24 * 60, "late", "3 dagen te laat"),
    ],
)
def test_how_a_promise_stands_in_words(minutes: float, level: str, words: str) -> None:
    stands = promise(TUESDAY + timedelta(minutes=minutes), False, TUESDAY)
    assert (stands.level, stands.words) == (level, words)
    assert promise(stands.due, True, TUESDAY).words == "beantwoord"
    assert promise(stands.due, True, TUESDAY, wrote=True).words == "nieuw bericht"


def test_moments_are_said_as_people_say_them() -> None:
    assert span(timedelta(seconds=59)) == ""
    assert moment(TUESDAY, TUESDAY) == "vandaag 10:00"
    assert moment(TUESDAY - timedelta(hours=11), TUESDAY) == "gisteren 23:00"
    assert moment(TUESDAY + timedelta(days=1), TUESDAY) == "morgen 10:00"
    assert moment(TUESDAY + timedelta(days=2), TUESDAY) == "do 26 nov 10:00"
    assert TUESDAY.tzinfo is CITY
