"""One message in, one transaction out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.channels.port import Blocked, Retry, Tap, Unknown
from bot.store import conversations, handoffs, inbox
from bot.store.models import Conversation, Handoff, Inbox, Outbox
from tests.house import House, TestClock, WatchedChannel, a_house

ALONE = "ik ben zo alleen de laatste tijd"


def count(house: House, model: type) -> int:
    with house.app.database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_resident_is_helped_from_first_word_to_request(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            house.meaning.means[ALONE] = "need_contact"
            await house.hears("ana", ALONE)
            assert "In welke buurt" in house.last("ana")
            await house.hears("ana", "Holtenbroek")
            assert "Mensen ontmoeten" in house.last("ana")
            await house.hears("ana", "1")
            await house.taps("ana", "Praat met het team")
            await house.taps("ana", "Hier in de chat")
            await house.taps("ana", "Zo snel het kan")
            await house.taps("ana", "Zonder naam")
            await house.hears("ana", "ik durf niet zo goed")
            assert "ik durf niet zo goed" in house.last("ana")
            await house.taps("ana", "Verstuur")
            with house.app.database.read() as session:
                (request,) = [row for row, _ in handoffs.queue(session)]
                assert request.topic == "need_contact"
                assert handoffs.details(session, request)["note"] == "ik durf niet zo goed"
                assert any(request.code in sent.text for sent in house.channel.to("ana"))

    asyncio.run(story())


def test_the_same_message_twice_is_one_turn(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            await house.hears("ana", "hallo", key="7")
            answers = len(house.channel.sent)
            await house.hears("ana", "hallo", key="7")
            assert len(house.channel.sent) == answers

    asyncio.run(story())


def test_messages_of_one_resident_stay_in_order_however_fast_they_come(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            house.meaning.means[ALONE] = "need_contact"
            for text in (ALONE, "Assendorp", "1", "terug"):
                await house.gets("ana", text)
            await house.app.settle()
            texts = [message.text for message in house.channel.to("ana")]
            assert "stap terug" in texts[-2]
            assert count(house, Outbox) == len(texts)

    asyncio.run(story())


def test_a_message_stored_before_a_crash_is_answered_after_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            with house.app.database.begin() as session:
                body = {"kind": "text", "text": "hallo"}
                inbox.put(session, "watched", "ana", "1", body, language="nl", now=house.clock())
        async with a_house(tmp_path) as house:
            await house.app.settle()
            assert house.channel.to("ana")

    asyncio.run(story())


def test_a_wait_asked_by_the_platform_is_kept_and_the_order_with_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            house.channel.answers = [Retry(30)]
            await house.hears("ana", "hallo")
            await house.hears("ana", "menu")
            assert house.channel.sent == []
            house.clock.forward(seconds=31)
            await house.app.settle()
            texts = [message.text for message in house.channel.to("ana")]
            assert texts[0].startswith("Hallo!")
            assert len(texts) == 2

    asyncio.run(story())


def test_an_answer_whose_delivery_is_unknown_is_repeated_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            house.channel.answers = [Unknown("cut off"), Unknown("cut off")]
            await house.hears("ana", "hallo")
            house.clock.forward(seconds=60)
            await house.app.settle()
            house.clock.forward(seconds=600)
            await house.app.settle()
            assert house.channel.sent == []
            with house.app.database.read() as session:
                row = session.scalars(select(Outbox)).one()
                assert (row.status, row.attempts, row.sealed) == ("failed", 2, None)

    asyncio.run(story())


def test_nothing_more_is_sent_to_somebody_who_blocked_the_bot(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            house.channel.answers = [Blocked()]
            await house.hears("ana", "hallo")
            await house.app.settle()
            assert house.channel.sent == []
            assert count(house, Outbox) == 1
            await house.hears("ana", "ik ben er weer")
            assert house.channel.to("ana")

    asyncio.run(story())


def test_a_bug_is_apologised_for_and_harms_nothing(tmp_path: Path, monkeypatch: object) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            await house.hears("ana", "hallo")
            import bot.turn as turn

            def broken(*_: object) -> None:
                raise ZeroDivisionError

            kept, turn.take_turn = turn.take_turn, broken  # type: ignore[assignment]
            try:
                await house.hears("ana", "menu")
            finally:
                turn.take_turn = kept
            assert "mis" in house.last("ana")
            await house.hears("ana", "menu")
            assert "Waar gaat het over" in house.last("ana")

    asyncio.run(story())


def test_an_old_button_is_answered_kindly_and_changes_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            await house.hears("ana", "hallo")
            await house.taps("ana", "Onderwerpen")
            await house.hears("ana", Tap("themes", 1))
            assert "ouder bericht" in house.channel.to("ana")[-2].text
            assert "Waar gaat het over" in house.last("ana")

    asyncio.run(story())


def test_words_leave_the_database_when_they_are_no_longer_needed(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            await house.hears("ana", "mijn geheim is blauw")
            with house.app.database.read() as session:
                assert all(row.sealed is None for row in session.scalars(select(Inbox)))
                assert all(row.sealed is None for row in session.scalars(select(Outbox)))
        assert b"blauw" not in (tmp_path / "v.db").read_bytes()

    asyncio.run(story())


def test_forget_me_erases_everything_once_the_answer_has_left(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            await house.hears("ana", "hallo")
            house.meaning.means["vergeet mij"] = "delete_data"
            await house.hears("ana", "vergeet mij")
            await house.taps("ana", "Ja, wis alles")
            assert "gewist" in house.last("ana")
            for model in (Conversation, Inbox, Outbox, Handoff):
                assert count(house, model) == 0

    asyncio.run(story())


def test_a_citizen_service_number_is_never_stored(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            await house.hears("ana", "mijn bsn is 111222333")
            assert "BSN" in " ".join(message.text for message in house.channel.to("ana"))
        assert b"111222333" not in (tmp_path / "v.db").read_bytes()

    asyncio.run(story())


def test_a_check_in_comes_at_its_time_and_never_in_quiet_hours(tmp_path: Path) -> None:
    async def story() -> None:
        clock = TestClock()
        async with a_house(tmp_path, clock) as house:
            house.meaning.means[ALONE] = "need_contact"
            for text in (ALONE, "Assendorp", "1"):
                await house.hears("ana", text)
            await house.taps("ana", "Herinner mij")
            await house.taps("ana", "Morgen")
            before = len(house.channel.sent)
            clock.forward(hours=12)
            await house.app.schedule.checkins()
            await house.app.settle()
            assert len(house.channel.sent) == before
            clock.forward(hours=14)
            await house.app.schedule.checkins()
            await house.app.settle()
            assert "Je vroeg me" in house.last("ana")
            assert "Assendorp" not in house.last("ana")

    asyncio.run(story())


def test_a_promise_that_lapses_is_told_with_a_telephone_number(tmp_path: Path) -> None:
    async def story() -> None:
        clock = TestClock()
        async with a_house(tmp_path, clock) as house:
            await house.hears("ana", "ik wil een mens spreken")
            for label in ("Hier in de chat", "Zo snel het kan", "Zonder naam", "Liever niets"):
                await house.taps("ana", label)
            await house.taps("ana", "Verstuur")
            clock.forward(days=3)
            await house.app.schedule.promises()
            await house.app.settle()
            told = " ".join(message.text for message in house.channel.to("ana")[-2:])
            assert "14 038" in told
            before = len(house.channel.sent)
            await house.app.schedule.promises()
            await house.app.settle()
            assert len(house.channel.sent) == before

    asyncio.run(story())


async def asks_for_the_team(house: House) -> None:
    await house.hears("ana", "ik wil een mens spreken")
    for label in ("Hier in de chat", "Zo snel het kan", "Zonder naam", "Liever niets"):
        await house.taps("ana", label)
    await house.taps("ana", "Verstuur")


def dies(_: int) -> None:
    raise ProcessLookupError


def test_staff_hear_of_a_request_even_when_it_crashes_right_after_the_turn(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path, telegram_staff_chat="-100777") as house:
            house.app.turns._after = lambda _: None
            await asks_for_the_team(house)
        async with a_house(tmp_path) as house:
            staff = WatchedChannel(name="telegram")
            house.app.add(staff)
            house.clock.forward(hours=1)
            await house.app.settle()
            (notice,) = staff.to("-100777")
            assert "/desk/" in notice.text
            assert count(house, Handoff) == 1

    asyncio.run(story())


def test_staff_hear_of_a_lapsed_promise_even_when_it_crashes_right_after(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path, telegram_staff_chat="-100777") as house:
            staff = WatchedChannel(name="telegram")
            house.app.add(staff)
            await asks_for_the_team(house)
            assert len(staff.to("-100777")) == 1
            house.clock.forward(days=3)
            house.app.schedule._start_turn = dies
            with pytest.raises(ProcessLookupError):
                await house.app.schedule.promises()
            await house.app.settle()
            assert len(staff.to("-100777")) == 2

    asyncio.run(story())


def test_without_a_staff_chat_nobody_is_told(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            await asks_for_the_team(house)
            assert count(house, Conversation) == 1

    asyncio.run(story())


@pytest.mark.postgres
def test_a_conversation_that_another_process_holds_is_left_to_the_next_look(
    tmp_path: Path, postgres_url: str
) -> None:
    async def story() -> None:
        async with a_house(tmp_path, database_url=postgres_url) as house:
            await house.hears("ana", "hallo")
            before = len(house.channel.sent)
            with house.app.database.begin() as session:
                ana = session.scalars(select(Conversation)).one()
                body = {"kind": "text", "text": "menu"}
                inbox.put_event(session, ana.id, "1", body, house.clock())
            with house.app.database.begin() as elsewhere:
                assert conversations.lock(elsewhere, ana.id) is not None
                house.app.turns.lanes.start(ana.id)
                async with asyncio.timeout(5):
                    await house.app.turns.lanes.rest(ana.id)
                assert len(house.channel.sent) == before
            await house.app.settle()
            assert "Waar gaat het over" in house.last("ana")

    asyncio.run(story())


def test_a_button_may_be_typed_instead_of_tapped(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_house(tmp_path) as house:
            await house.hears("ana", "hallo")
            await house.hears("ana", "onderwerpen!")
            await house.hears("ana", "GELD EN WERK")
            await house.hears("ana", "schulden")
            assert "Schulden" in house.last("ana")
            await house.hears("ana", "heel zwolle")
            assert "1. " in house.last("ana")

    asyncio.run(story())
