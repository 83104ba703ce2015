"""What was misunderstood is counted: the language, what was offered, and no word of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import inspect, select

from bot.settings import Retention
from bot.store import needs, retention
from bot.store.db import Database
from bot.store.models import Misread
from flows.effects import RecordMisread
from flows.heard import Understood
from tests.conversation import TUESDAY, Resident, understood
from tests.house import House, a_house

SECRET = "mijn zus Samira uit Berkum"
VEILED = "zo zwaar allemaal"


def counts(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        return [(row.language, row.reason, row.offered) for row in session.scalars(select(Misread))]


def after(folder: Path, story: Callable[[House], Awaitable[None]]) -> list[tuple[str, str, str]]:
    """What is counted once a story at a house was told."""

    async def told() -> list[tuple[str, str, str]]:
        async with a_house(folder) as house:
            house.meaning.means.update({"hallo": "greet", SECRET: "affirm"})
            await story(house)
            return counts(house.app.database)

    return asyncio.run(told())


def test_a_message_of_which_nothing_was_made_is_counted_without_its_words(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        await house.hears("ana", "hallo")
        house.clock.forward(minutes=17)
        await house.hears("ana", SECRET)
        assert "begreep ik niet goed" in " ".join(sent.text for sent in house.channel.to("ana"))
        with house.app.database.read() as session:
            row = session.scalars(select(Misread)).one()
            assert row.at == TUESDAY.replace(minute=0)
        columns = inspect(house.app.database.engine).get_columns("misread")
        assert {column["name"] for column in columns} == {
            *("id", "at", "language", "reason", "offered"),
        }

    assert after(tmp_path, story) == [("nl", "missed", "")]


def test_no_foreign_key_leads_from_a_count_to_a_conversation(database: Database) -> None:
    assert inspect(database.engine).get_foreign_keys("misread") == []


def test_what_words_alone_miss_is_not_counted(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        await house.hears("ana", "hallo")
        await house.hears("ana", "qwrtpsdfg")

    assert after(tmp_path, story) == []


def test_something_else_counts_what_was_offered(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        await house.hears("ana", "hallo")
        await house.hears("ana", "iemand om mee te schaken")
        assert "Bedoel je dit?" in house.last("ana")
        await house.taps("ana", "Iets anders")

    ((language, reason, offered),) = after(tmp_path, story)
    assert (language, reason) == ("nl", "refused")
    assert "need_daytime" in offered.split(",")
    assert offered.split(",") == sorted(offered.split(","))


def test_one_of_what_was_offered_is_no_misunderstanding(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        await house.hears("ana", "hallo")
        await house.hears("ana", "iemand om mee te schaken")
        await house.taps("ana", "Iets doen overdag")

    assert after(tmp_path, story) == []


def veiled() -> Understood:
    return Understood(replace(understood(VEILED).parsed, crisis_maybe="crisis_suicide"))


def test_a_crisis_that_was_not_meant_is_counted() -> None:
    resident = Resident().says("hallo", "greet").meets(veiled()).hears("crisis.maybe_suicide")
    resident.taps("crisis:no").causes(
        RecordMisread, lambda count: count == RecordMisread("refused", ("crisis_suicide",))
    )


def test_no_typed_counts_like_no_tapped() -> None:
    resident = Resident().says("hallo", "greet").meets(veiled()).says("nee")
    resident.causes(RecordMisread, lambda count: count.offered == ("crisis_suicide",))
    resident.says("die post", ("need_forms", "need_debt")).says("nee").is_at("find_help.theme")
    resident.causes(RecordMisread, lambda count: set(count.offered) == {"need_forms", "need_debt"})


def test_a_crisis_that_was_meant_is_not_counted() -> None:
    resident = Resident().says("hallo", "greet").meets(veiled()).taps("crisis:yes")
    assert resident.turn is not None
    assert not any(isinstance(effect, RecordMisread) for effect in resident.turn.effects)


def test_a_place_that_is_skipped_is_no_misunderstanding() -> None:
    resident = Resident().says("ik ben alleen", "need_contact").says("nee").is_at("offers.list")
    assert resident.turn is not None
    assert not any(isinstance(effect, RecordMisread) for effect in resident.turn.effects)


def test_counts_are_by_language_reason_and_offer_since_a_moment(database: Database) -> None:
    both = RecordMisread("refused", ("need_forms", "need_debt"))
    with database.begin() as session:
        for days in (0, 10, 40):
            needs.misread(session, both, "tr", TUESDAY - timedelta(days=days))
        needs.misread(session, RecordMisread("missed"), "nl", TUESDAY)
    with database.read() as session:
        found = needs.misreads(session, TUESDAY - timedelta(days=30))
    assert {(one.language, one.reason, one.offered, one.times) for one in found} == {
        ("tr", "refused", ("need_debt", "need_forms"), 2),
        ("nl", "missed", (), 1),
    }


def test_counts_go_when_their_time_is_over(database: Database) -> None:
    keep = Retention()
    with database.begin() as session:
        needs.misread(session, RecordMisread("missed"), "nl", TUESDAY)
        retention.sweep(session, keep, TUESDAY + timedelta(days=keep.need - 1))
    assert counts(database) == [("nl", "missed", "")]
    with database.begin() as session:
        retention.sweep(session, keep, TUESDAY + timedelta(days=keep.need + 1))
    assert counts(database) == []
