"""What a page posts, and what anybody else might."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot.channels.port import Location, Start, Tap, Text
from bot.channels.web_post import Posted, Unusable, read
from bot.store.models import Conversation, Inbox, WebMessage
from tests.bot.web.visitor import OWN, Visitor, a_visitor, another

JSON = {**OWN, "content-type": "application/json"}

Story = Callable[[Visitor], Awaitable[None]]


def tell(folder: Path, story: Story) -> None:
    async def whole() -> None:
        async with a_visitor(folder) as visitor:
            await visitor.opens()
            await story(visitor)

    asyncio.run(whole())


def count(ana: Visitor, model: type) -> int:
    with ana.house.app.database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_message_is_taken_once_it_is_stored(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        response = await ana.says("hallo")
        assert (response.status_code, response.json()) == (202, {"new": False})
        assert count(ana, Inbox) == 1
        assert "Hallo!" in await ana.sees()

    tell(tmp_path, story)


def test_the_same_key_again_is_the_same_message(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        for _ in range(3):
            assert (await ana.says("hallo", key="the-same-key")).status_code == 202
        assert count(ana, Inbox) == 1
        async with another(ana) as bob:
            await bob.opens()
            await bob.says("hallo", key="the-same-key")
        assert count(ana, Inbox) == 2

    tell(tmp_path, story)


def test_a_message_without_anything_to_see_changes_nothing(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        for text in ("", "   ", "\n\t", "\u200b\u200d\ufeff", "\u2068\u2069", "\x00"):
            response = await ana.says(text)
            assert response.status_code == 422, text
            assert "Schrijf een paar woorden" in response.json()["problem"]
        assert count(ana, Conversation) == 0

    tell(tmp_path, story)


STRANGE = ("🙂🙂🙂", "x" * 100_000, "مرحبا hallo привіт", "a\x00b", "half \ud83d", "<b>&amp;")


def test_strange_messages_are_answered(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        for number, text in enumerate(STRANGE):
            body = json.dumps({"key": f"strange-key-{number}", "text": text}).encode()
            response = await ana.http.post("/chat/say", content=body, headers=JSON)
            assert response.status_code == 202
            before = count(ana, WebMessage)
            await ana.house.app.settle()
            assert count(ana, WebMessage) > before
            assert (await ana.opens()).status_code == 200

    tell(tmp_path, story)


def test_what_is_too_long_is_said_to_be_too_long(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        for size in (100_001, 2_000_000):
            response = await ana.says("x" * size)
            assert response.status_code == 413
            assert "te lang" in response.json()["problem"]
        assert count(ana, Inbox) == 0

    tell(tmp_path, story)


RUBBISH = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"text": 7}',
    b'{"text": null}',
    b'{"choice": ["1:x"]}',
    b'{"choice": "rubbish"}',
    b'{"choice": "always:nonsense"}',
    b'{"choice": "1:x; drop table"}',
    b'{"location": "here"}',
    b'{"location": "1,2,3"}',
    b'{"location": "nan,5"}',
    b'{"location": "91,5"}',
    b'{"text": "hallo", "key": "short"}',
    b'{"text": "hallo", "key": {"a": 1}}',
    b'{"key": "nothing-else"}',
)


def test_rubbish_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        for body in RUBBISH:
            response = await ana.http.post("/chat/say", content=body, headers=JSON)
            assert response.status_code == 400, body
            assert response.json()["problem"]
        assert count(ana, Conversation) == 0

    tell(tmp_path, story)


def test_a_refused_form_keeps_what_was_typed_on_the_page(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        for number in range(30):
            await ana.says("hallo", key=f"key-number-{number}")
        response = await ana.submits(key="form-key-1", text="dit wil ik kwijt")
        assert response.status_code == 429
        assert "te snel" in response.text
        assert ">dit wil ik kwijt</textarea>" in response.text

    tell(tmp_path, story)


def test_thirty_messages_a_minute_is_the_most(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        for _ in range(30):
            assert (await ana.says("hallo")).status_code == 202
        assert (await ana.says("hallo")).status_code == 429
        async with another(ana) as bob:
            assert (await bob.says("hallo")).status_code == 202
        ana.house.clock.forward(seconds=61)
        assert (await ana.says("hallo")).status_code == 202

    tell(tmp_path, story)


ELSEWHERE: tuple[dict[str, str], ...] = (
    {},
    {"origin": "https://elsewhere.example"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site", "origin": "http://voordeur.test"},
    {"sec-fetch-site": "same-site"},
)


def test_a_post_from_another_page_is_refused(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        for headers in ELSEWHERE:
            assert (await ana.posts({"text": "hallo"}, headers)).status_code == 403, headers
            assert (await ana.http.post("/chat/wipe", headers=headers)).status_code == 403
        assert count(ana, Conversation) == 0

    tell(tmp_path, story)


def test_a_browser_that_only_sends_its_origin_is_heard(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        own = {"origin": "http://voordeur.test"}
        assert (await ana.posts({"text": "hallo"}, own)).status_code == 202

    tell(tmp_path, story)


def test_a_forged_cookie_is_no_cookie(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        for cookie in ("", "x", "../../etc", "a" * 44, "é" * 43):
            ana.http.cookies.clear()
            headers = {**OWN, "cookie": f"voordeur={cookie}".encode()}
            response = await ana.http.post("/chat/say", json={"text": "hallo"}, headers=headers)
            assert (response.status_code, response.json()) == (202, {"new": True})
            assert len(response.cookies["voordeur"]) == 43

    tell(tmp_path, story)


def test_a_button_of_somebody_elses_conversation_does_nothing(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.posts({"start": ""})
        async with another(ana) as bob:
            await bob.opens()
            await bob.posts({"choice": "1:send"})
            await bob.posts({"choice": "9:yes_forget"})
            assert "ouder bericht" in await bob.sees()
        assert "ouder bericht" not in await ana.sees()

    tell(tmp_path, story)


def test_the_first_words_are_answered_in_the_language_of_the_page(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.posts({"start": "", "language": "ar"})
        assert '<html lang="ar" dir="rtl">' in await ana.sees()
        async with another(ana) as bob:
            await bob.posts({"start": "", "language": "klingon"})
            assert '<html lang="nl"' in await bob.sees()

    tell(tmp_path, story)


def broken(*_: Any) -> None:
    raise OperationalError("select", {}, Exception("gone"))


def test_when_nothing_can_be_stored_it_says_so_and_keeps_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(ana: Visitor) -> None:
        monkeypatch.setattr(ana.house.app.turns, "_store", broken)
        response = await ana.http.post("/chat/say", data={"text": "help"}, headers=OWN)
        assert response.status_code == 503
        assert "nog niet verstuurd" in response.text
        assert ">help</textarea>" in response.text

    tell(tmp_path, story)


def test_a_crisis_is_answered_in_the_same_breath_without_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(ana: Visitor) -> None:
        monkeypatch.setattr(ana.house.app.database, "begin", broken)
        monkeypatch.setattr(ana.house.app.database, "read", broken)
        say = {"key": "one-key-for-all", "text": "ik wil niet meer leven"}
        response = await ana.http.post("/chat/say", json=say, headers=OWN)
        assert response.status_code == 503
        (answer,) = response.json()["answers"]
        assert "tel:113" in answer
        form = {"text": "i want to kill myself", "key": "another-key"}
        response = await ana.http.post("/chat/say", data=form, headers=OWN)
        assert response.status_code == 503
        assert 'href="tel:113"' in response.text

    tell(tmp_path, story)


def test_wipe_leaves_nothing_behind(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.posts({"start": ""})
        await ana.says("ik wil een mens spreken")
        response = await ana.submits("/chat/wipe?lang=en")
        assert response.headers["location"] == "/?wiped&lang=en"
        assert 'voordeur="";' in response.headers["set-cookie"]
        for model in (Conversation, Inbox, WebMessage):
            assert count(ana, model) == 0
        assert "Everything is erased" in (await ana.opens(response.headers["location"])).text
        assert (await ana.submits("/chat/wipe")).status_code == 303

    tell(tmp_path, story)


def test_my_data_come_as_a_file(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.posts({"start": ""})
        response = await ana.opens("/chat/data")
        assert "attachment" in response.headers["content-disposition"]
        kept = response.json()
        assert kept["channel"] == "web"
        assert "computerprogramma" in kept["answers"][0]

    tell(tmp_path, story)


COMMANDS = {
    "/start": "computerprogramma",
    "/help": "Ik help je iets vinden",
    "/mydata": "Dit is alles wat ik van je bewaar",
    "/forget": "Ja, wis alles",
    "/human": "Hier in de chat",
    "/language": "Türkçe",
    "/stop": "Ik stuur je niets meer",
}


def test_commands_work_as_in_every_chat(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.posts({"start": ""})
        for typed, seen in COMMANDS.items():
            before = len((await ana.sees()).split("<article"))
            assert (await ana.says(typed)).status_code == 202
            answers = (await ana.sees()).split("<article")[before:]
            assert seen in " ".join(answers), typed

    tell(tmp_path, story)


def test_fields_become_messages() -> None:
    key = {"key": "12345678"}
    assert read({**key, "text": "hoi"}) == Posted(Text("hoi"), "12345678")
    assert read({**key, "start": "x" * 99}) == Posted(Start("x" * 64), "12345678")
    assert read({**key, "location": "52.5, 6.1"}) == Posted(Location(52.5, 6.1), "12345678")
    assert read({**key, "text": "/help"}) == Posted(Tap("always:help"), "12345678")
    assert read({**key, "text": "/start debt"}) == Posted(Start("debt"), "12345678")
    assert read({**key, "text": "/stop ik kan niet meer"}) == Posted(
        Text("ik kan niet meer"), "12345678"
    )
    assert isinstance(read({"text": "hoi"}), Posted)
    assert read({"text": " "}) == Unusable(422, "web.empty")
