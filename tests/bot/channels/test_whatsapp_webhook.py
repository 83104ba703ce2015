"""What WhatsApp posts: believed only when signed, answered only when stored."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot.channels.whatsapp_updates import decoded, read
from bot.channels.whatsapp_webhook import HEADER, PATH, is_signed
from bot.store import inbox
from bot.store.models import Inbox
from tests.bot.channels.fake_graph import APP_SECRET, PHONE_ID
from tests.bot.channels.whatsapp_phone import Person
from tests.bot.channels.whatsapp_post import body_of, entry, signed
from tests.bot.channels.whatsapp_street import VERIFY_TOKEN, Street, a_street

Story = Callable[[Street, Person], Awaitable[None]]


def on_whatsapp(folder: Path, story: Story) -> None:
    async def told() -> None:
        async with a_street(folder) as street:
            await story(street, street.somebody())

    asyncio.run(told())


def stored(street: Street) -> int:
    with street.house.app.database.read() as session:
        return session.scalar(select(func.count(Inbox.id))) or 0


def test_the_platform_may_verify_the_address_with_the_word_we_agreed_on(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
        right = await street.client.get(PATH, params={**asked, "hub.verify_token": VERIFY_TOKEN})
        assert (right.status_code, right.text) == (200, "1158201444")
        assert right.headers["content-type"].startswith("text/plain")
        for wrong in ({"hub.verify_token": "guess"}, {}, {"hub.verify_token": "ë"}):
            answer = await street.client.get(PATH, params={**asked, **wrong})
            assert (answer.status_code, answer.text) == (403, "")

    on_whatsapp(tmp_path, story)


def test_only_what_the_platform_signed_is_read(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        raw = json.dumps(body_of(entry(ana.value(ana.text("hallo"))))).encode()
        other = hmac.new(b"another secret", raw, hashlib.sha256).hexdigest()
        for headers in (
            {},
            {HEADER: ""},
            {HEADER: f"sha256={other}"},
            {HEADER: signed(raw)[HEADER].removeprefix("sha256=")},
            {HEADER: signed(raw)[HEADER][:-1]},
            signed(raw + b" "),
        ):
            assert await street.postman.brings_raw(raw, headers) == 403
        assert stored(street) == 0
        assert await street.postman.brings_raw(raw, signed(raw)) == 200
        assert stored(street) == 1

    on_whatsapp(tmp_path, story)


def test_a_body_that_is_posted_again_by_somebody_else_says_nothing_new(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        await ana.says("hallo")
        await street.settles()
        shown = len(ana.shown)
        # Whoever caught it on the way has the signature as well; they can only repeat it.
        assert await street.postman.brings_again() == 200
        await street.settles()
        assert (stored(street), len(ana.shown)) == (1, shown)

    on_whatsapp(tmp_path, story)


def test_two_hundred_comes_only_after_it_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(street: Street, ana: Person) -> None:
        def breaks(*_: Any, **__: Any) -> None:
            raise OperationalError("insert", {}, Exception("disk full"))

        with monkeypatch.context() as broken:
            broken.setattr(inbox, "put", breaks)
            await ana.says("hallo")
        assert street.postman.statuses == [503]
        assert await street.postman.brings_again() == 200
        await street.settles()
        assert ana.shown

    on_whatsapp(tmp_path, story)


def test_a_crisis_is_answered_while_nothing_can_be_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(street: Street, ana: Person) -> None:
        def breaks(*_: Any, **__: Any) -> None:
            raise OperationalError("insert", {}, Exception("disk full"))

        with monkeypatch.context() as broken:
            broken.setattr(inbox, "put", breaks)
            await ana.says("ik wil niet meer leven")
        assert "113" in ana.last

    on_whatsapp(tmp_path, story)


def test_a_crisis_is_answered_beside_news_that_cannot_be_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(street: Street, ana: Person) -> None:
        await ana.says("hallo")
        await street.settles()

        def away(*_: Any, **__: Any) -> None:
            raise OperationalError("begin", {}, Exception("away"))

        moved = {"type": "user_changed_user_id", "user_id": "NL.9", "previous_user_id": "NL.8"}
        value = ana.value(ana.message("system", moved), ana.text("ik wil niet meer leven"))
        with monkeypatch.context() as broken:
            broken.setattr(street.house.app.database, "begin", away)
            await street.postman.brings(value, ana.status(ana.shown[-1].id, "read"))
        assert street.postman.statuses[-1] == 503
        assert "113" in ana.last

    on_whatsapp(tmp_path, story)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"nonsense", b'"text"', b"[" * 100_000, b"\xff\xfe", b"null"]
)
def test_rubbish_that_is_signed_is_refused(tmp_path: Path, body: bytes) -> None:
    async def story(street: Street, ana: Person) -> None:
        assert await street.postman.brings_body(body) == 400

    on_whatsapp(tmp_path, story)


def test_a_body_that_is_too_long_is_refused_before_it_is_read(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        assert await street.postman.brings_body(b" " * 3_200_000) == 413

    on_whatsapp(tmp_path, story)


def test_one_broken_message_does_not_lose_the_others(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        broken = [
            {**ana.text("?"), "timestamp": "soon"},
            {**ana.text("?"), "type": 7},
            {},
            "a word",
            {**ana.text("?"), "id": None},
        ]
        await ana.brings(*broken, ana.text("hallo"))  # type: ignore[arg-type]
        await street.settles()
        assert street.postman.statuses == [200]
        assert ana.shown

    on_whatsapp(tmp_path, story)


def test_the_signature_holds_for_any_bytes() -> None:
    raw = bytes(range(256))
    assert is_signed(raw, signed(raw)[HEADER], APP_SECRET)
    assert not is_signed(raw, "sha256=ü", APP_SECRET)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        *("type", "text", "body", "id", "from", "from_user_id", "timestamp", "interactive"),
        *("system", "button", "payload", "location", "status", "errors", "code", "image"),
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(NAMES, JSON | NAMES, max_size=8), max_size=3), JSON)
def test_nothing_that_is_posted_breaks_the_reading(messages: list[Any], anything: Any) -> None:
    metadata = {"phone_number_id": PHONE_ID}
    value = {"metadata": metadata, "messages": messages, "statuses": messages, "contacts": anything}
    body = decoded(json.dumps(body_of(entry(value))).encode())
    assert body is not None
    read(body, {PHONE_ID})
    other = decoded(json.dumps({"entry": anything}).encode())
    read(other or {}, {PHONE_ID})
