"""The rules that never bend, where they meet the outside world."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot import bsn, turn
from bot.channels.port import Text
from bot.store import inbox, outbox
from bot.store.models import Conversation
from flows.heard import Understood
from flows.say import Say
from tests.house import a_house

SECRETS = ("Fatima", "Kerkstraat 12", "8011 AB", "0612345678", "schaam me zo", "fatima-adres")


def test_a_whole_conversation_leaves_nothing_of_a_person_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            who = "fatima-adres"
            house.meaning.means["ik schaam me zo voor die schulden"] = "need_debt"
            await house.hears(who, "ik schaam me zo voor die schulden")
            await house.hears(who, "8011 AB")
            await house.hears(who, "een mens")
            await house.taps(who, "Bel mij")
            await house.hears(who, "0612345678, Kerkstraat 12")
            await house.taps(who, "Zo snel het kan")
            await house.hears(who, "Fatima")
            await house.hears(who, "ik schaam me zo")
            await house.taps(who, "Verstuur")
            await house.hears(who, "\u200b" * 5 + "Fatima" * 20_000)

    with caplog.at_level(logging.DEBUG):
        asyncio.run(story())
    assert caplog.records
    logged = caplog.text
    for secret in SECRETS:
        assert secret not in logged


def test_a_bug_leaves_its_places_in_the_log_and_not_what_was_typed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_: object, heard: Understood, __: object) -> None:
        try:
            int(heard.text)
        except ValueError as error:
            raise LookupError(heard.text) from error

    def cannot_write(say: Say, *_: object) -> None:
        raise KeyError(say.params["text"])

    async def story() -> None:
        async with a_house(tmp_path) as house:
            with monkeypatch.context() as while_broken:
                while_broken.setattr(turn, "take_turn", breaks)
                await house.hears("ana", "mijn geheim is blauw")
            assert "mis" in house.last("ana")
            say = Say("handoff.said", {"text": "mijn geheim is rood"})
            with house.app.database.begin() as session:
                ana = session.scalars(select(Conversation)).one()
                outbox.put(session, ana.id, say, language="nl", seq=1, now=house.clock())
            monkeypatch.setattr(house.app.outbox, "_render", cannot_write)
            await house.app.settle()

    with caplog.at_level(logging.DEBUG):
        asyncio.run(story())
    assert "LookupError at turn.py" in caplog.text
    assert "after ValueError at test_safety.py" in caplog.text
    assert "KeyError at outbox.py" in caplog.text
    assert "geheim" not in caplog.text


def test_a_crisis_is_answered_while_nothing_can_be_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("insert", {}, Exception("the disk is gone"))

    async def story() -> None:
        async with a_house(tmp_path) as house:
            monkeypatch.setattr(inbox, "put", away)
            for _ in range(2):
                with pytest.raises(OperationalError):
                    await house.gets("ana", Text("ik wil niet meer leven"), key="1")
            assert len(house.channel.sent) == 1
            assert "0800-0113" in house.last("ana")
            with pytest.raises(OperationalError):
                await house.gets("bea", Text("hallo"), key="2")
            assert house.channel.to("bea") == []

    asyncio.run(story())


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("mijn bsn is 111222333 hoor", "mijn bsn is [BSN] hoor"),
        ("111.222.333", "[BSN]"),
        ("111 222 333", "[BSN]"),
        ("١١١٢٢٢٣٣٣", "[BSN]"),
        ("bel 0612345678", "bel 0612345678"),
        ("123456789", "123456789"),
        ("000000000", "000000000"),
        ("bel +31 6 12345671", "bel +31 6 12345671"),
        ("+31-612345671", "+31-612345671"),
        ("+31 (0)6 12345671", "+31 (0)6 12345671"),
        ("0031 6 12345671", "0031 6 12345671"),
        ("0031612345671", "0031612345671"),
        ("31 111222333", "31 [BSN]"),
        ("+31 6 12345671 en 111222333", "+31 6 12345671 en [BSN]"),
    ],
)
def test_citizen_service_numbers_are_masked_and_others_left(typed: str, kept: str) -> None:
    assert bsn.mask(typed) == kept


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        " ",
        "\u200b\u200d\ufeff",
        "😀🤷🏽‍♀️",
        "x" * 100_000,
        "ｈａllo مرحبا привет",
        "\x00\x07",
        "half \ud83d een letter",
        "1:card:1",
    ],
)
def test_rubbish_is_answered_and_harms_nothing(tmp_path: Path, rubbish: str) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            await house.hears("ana", "hallo")
            await house.hears("ana", rubbish, key=f"key of {rubbish[:10]}")
            assert len(house.channel.to("ana")) >= 2
            await house.hears("ana", "menu")
            assert "Waar gaat het over" in house.last("ana")

    asyncio.run(story())
