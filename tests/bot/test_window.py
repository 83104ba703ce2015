"""Behind a window: a knock that gives nothing away, and what was held once they answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import select

from bot.channels.port import Open, Outcome, Refused, Retry, Tap
from bot.store import consents, handoffs, outbox
from bot.store.models import Consent, Conversation, Handoff, Outbox, Staff
from flows.effects import Draft
from tests.house import House, WindowedChannel, a_house

ALONE = "ik ben zo alleen de laatste tijd"


class Door(WindowedChannel):
    """A windowed channel whose knock may be prepared to fail."""

    trouble: Outcome | None = None

    async def knock(self, address: str, language: str) -> Outcome:
        if self.trouble is not None:
            return self.trouble
        return await super().knock(address, language)


@asynccontextmanager
async def a_door(folder: Path) -> AsyncIterator[tuple[House, Door]]:
    async with a_house(folder) as house:
        door = Door(clock=house.clock)
        house.app.add(door)
        house.windowed = {"ana": door}
        house.meaning.means[ALONE] = "need_contact"
        yield house, door


def tell(folder: Path, story: Callable[[House, Door], Awaitable[None]]) -> None:
    async def told() -> None:
        async with a_door(folder) as (house, door):
            await story(house, door)

    asyncio.run(told())


async def asks_for_a_checkin(house: House) -> None:
    """Up to the moment chosen, a week ahead."""
    for words in ("hallo", ALONE, "Holtenbroek", "1"):
        await house.hears("ana", words)
    await house.taps("ana", "Herinner mij")
    await house.taps("ana", "Over een week")


def rows(house: House, model: type) -> list:
    with house.app.database.read() as session:
        return list(session.scalars(select(model).order_by(model.id)))


async def a_week_later(house: House) -> None:
    house.clock.forward(days=7, hours=3)
    await house.app.schedule.checkins()
    await house.app.settle()


async def the_team_replies(house: House, text: str) -> None:
    with house.app.database.begin() as session:
        row = session.scalars(select(Handoff)).one()
        noor = session.scalar(select(Staff)) or Staff(
            email="noor@example.org", name="Noor", created_at=house.clock()
        )
        session.add(noor)
        session.flush()
        handoffs.claim(session, row.code, noor, house.clock())
        session.refresh(row)
        assert handoffs.reply(session, row, noor, text, house.clock())
        conversation = row.conversation_id
    assert conversation is not None
    house.app.turns.lanes.start(conversation)
    await house.app.settle()


async def asks_for_a_person(house: House) -> None:
    for words in ("hallo", "een mens"):
        await house.hears("ana", words)
    for label in ("Hier in de chat", "Zo snel het kan", "Zonder naam", "Liever niets", "Verstuur"):
        await house.taps("ana", label)


def test_inside_the_window_nothing_is_different(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_person(house)
        house.clock.forward(hours=23)
        await the_team_replies(house, "Dag, ik ben Noor.")
        assert "Dag, ik ben Noor." in house.windowed["ana"].to("ana")[-1].text
        assert door.knocks == []

    tell(tmp_path, story)


def test_a_checkin_knocks_and_comes_when_they_answer(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_checkin(house)
        before = len(door.sent)
        await a_week_later(house)
        assert door.knocks == [("ana", "nl")]
        assert len(door.sent) == before
        assert rows(house, Outbox)[-1].status == "held"
        await house.hears("ana", Open())
        assert [message.text for _, message in door.sent[before:]] == [
            "Hallo, hier is Voordeur. Je vroeg me om nog even te vragen hoe het gaat. "
            "Komt het nu uit?"
        ]
        await house.taps("ana", "Ja, nu is goed")
        assert "Hoe ging het" in door.to("ana")[-1].text

    tell(tmp_path, story)


def test_the_word_may_be_typed_in_any_language(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_checkin(house)
        await a_week_later(house)
        before = len(door.sent)
        await house.hears("ana", " OPEN ")
        assert len(door.sent) == before + 1

    tell(tmp_path, story)


def test_other_words_are_answered_after_what_was_held(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_checkin(house)
        await a_week_later(house)
        before = len(door.sent)
        await house.hears("ana", "ik wil niet meer leven")
        texts = [message.text for _, message in door.sent[before:]]
        assert "Komt het nu uit" in texts[0]
        assert any("113" in text for text in texts[1:])

    tell(tmp_path, story)


def test_nobody_is_knocked_for_twice_in_one_silence(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_person(house)
        house.clock.forward(days=2)
        for text in ("Dag, ik ben Noor.", "Ik bel je morgen.", "Schikt dat?"):
            await the_team_replies(house, text)
            house.clock.forward(days=1)
        assert len(door.knocks) == 1
        assert [row.error for row in rows(house, Outbox) if row.status == "held"] == [
            "asked"
        ] * len([row for row in rows(house, Outbox) if row.status == "held"])
        before = len(door.sent)
        await house.hears("ana", Open())
        replies = [message.text for _, message in door.sent[before:]]
        assert [text for text in replies if text.startswith("Noor: ")] == [
            "Noor: Dag, ik ben Noor.",
            "Noor: Ik bel je morgen.",
            "Noor: Schikt dat?",
        ]
        house.clock.forward(days=2)
        await the_team_replies(house, "Tot ziens.")
        assert len(door.knocks) == 2

    tell(tmp_path, story)


def test_open_is_not_passed_on_to_the_team(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_person(house)
        house.clock.forward(days=2)
        await the_team_replies(house, "Dag, ik ben Noor.")
        await house.hears("ana", "open")
        with house.app.database.read() as session:
            row = session.scalars(select(Handoff)).one()
            assert [spoken.by for spoken in handoffs.talk(session, row)] == ["Noor"]

    tell(tmp_path, story)


def test_without_consent_nobody_is_knocked_for(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await house.hears("ana", "hallo")
        with house.app.database.begin() as session:
            conversation = session.scalars(select(Conversation)).one()
            draft = Draft(topic=None, how="call", when="asap", language="nl")
            due = house.clock()
            handoffs.open_request(session, conversation.id, "KPM-7RT", draft, due, due)
        house.clock.forward(days=2)
        await the_team_replies(house, "Dag, ik ben Noor.")
        assert door.knocks == []
        assert {row.error for row in rows(house, Outbox) if row.status == "held"} == {"no_consent"}
        with house.app.database.read() as session:
            assert outbox.held(session)[0][:2] == ("no_consent", "nl")

    tell(tmp_path, story)


def test_what_was_agreed_is_kept_with_time_words_and_source(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_checkin(house)
        (given,) = rows(house, Consent)
        assert (given.source, given.language, given.at) == ("checkin", "nl", house.clock())
        assert given.wording.startswith("Afgesproken. Ik stuur je een berichtje")
        await house.hears("ana", "stop")
        with house.app.database.read() as session:
            assert not consents.standing(session, given.conversation_id)

    tell(tmp_path, story)


def test_stop_holds_until_they_ask_again(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_person(house)
        await house.hears("ana", "stop")
        house.clock.forward(days=2)
        await the_team_replies(house, "Dag, ik ben Noor.")
        assert door.knocks == []
        await house.hears("ana", "menu")
        assert any("ik ben Noor" in message.text for message in door.to("ana"))
        await asks_for_a_checkin(house)
        await a_week_later(house)
        assert len(door.knocks) == 1

    tell(tmp_path, story)


def test_who_wants_no_more_messages_is_not_shown_what_was_held(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        for act in (Tap("always:stop"), "Geen berichten meer", "stop"):
            await asks_for_a_checkin(house)
            await a_week_later(house)
            before = len(door.sent)
            await house.hears("ana", act)
            shown = " ".join(message.text for _, message in door.sent[before:])
            assert "Komt het nu uit" not in shown, act
            with house.app.database.read() as session:
                assert not consents.standing(session, rows(house, Conversation)[0].id)
            house.meaning.means["hallo"] = "restart"

    tell(tmp_path, story)


def test_a_checkin_that_was_only_thought_of_is_no_consent(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        for words in ("hallo", ALONE, "Holtenbroek", "1"):
            await house.hears("ana", words)
        await house.taps("ana", "Herinner mij")
        await house.taps("ana", "Niet nodig")
        assert rows(house, Consent) == []

    tell(tmp_path, story)


def test_a_knock_that_fails_later_is_told_to_the_desk(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_checkin(house)
        await a_week_later(house)
        with house.app.database.begin() as session:
            assert outbox.delivery(session, "knock 1", "failed", "unreachable")
            assert outbox.held(session)[0][0] == "unreachable"
        before = len(door.sent)
        await house.hears("ana", Open())
        assert len(door.sent) == before + 1

    tell(tmp_path, story)


def test_on_other_channels_no_consent_is_kept(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        house.windowed = {}
        await asks_for_a_checkin(house)
        assert rows(house, Consent) == []

    tell(tmp_path, story)


def test_without_a_template_the_desk_knows_why_it_waits(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_person(house)
        door.trouble = Refused("no_template")
        house.clock.forward(days=2)
        await the_team_replies(house, "Dag, ik ben Noor.")
        with house.app.database.read() as session:
            reasons = {reason for reason, _, _ in outbox.held(session)}
        assert reasons == {"no_template"}

    tell(tmp_path, story)


def test_a_crisis_does_not_wait_behind_a_knock_that_cannot_leave(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_checkin(house)
        door.trouble = Retry(900)
        await a_week_later(house)
        before = len(door.sent)
        await house.hears("ana", "ik wil niet meer leven")
        texts = [message.text for _, message in door.sent[before:]]
        assert "Komt het nu uit" in texts[0]
        assert any("113" in text for text in texts[1:])

    tell(tmp_path, story)


def test_a_reply_is_not_lost_however_often_the_knock_fails(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_checkin(house)
        door.trouble = Retry(1)
        await a_week_later(house)
        for _ in range(45):
            house.clock.forward(minutes=20)
            house.app.outbox.lanes.start(rows(house, Conversation)[0].id)
            await house.app.settle()
        assert (rows(house, Outbox)[-1].status, rows(house, Outbox)[-1].error) == ("held", "other")
        before = len(door.sent)
        await house.hears("ana", Open())
        assert len(door.sent) == before + 1

    tell(tmp_path, story)


def test_who_writes_while_the_knock_is_on_its_way_is_knocked_for_in_the_next_silence(
    tmp_path: Path,
) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_checkin(house)
        knock = door.knock

        async def meanwhile(address: str, language: str) -> Outcome:
            await house.gets("ana", "menu")
            return await knock(address, language)

        door.knock = meanwhile  # type: ignore[method-assign]
        await a_week_later(house)
        assert any("Komt het nu uit" in message.text for message in door.to("ana"))
        door.knock = knock  # type: ignore[method-assign]
        await asks_for_a_checkin(house)
        await a_week_later(house)
        assert len(door.knocks) == 2

    tell(tmp_path, story)


def test_open_with_nothing_held_leaves_them_where_they_were(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_person(house)
        await the_team_replies(house, "Dag, ik ben Noor.")
        await house.hears("ana", Open())
        assert "Je praat nu met een mens van het team" in door.to("ana")[-1].text
        await house.hears("ana", "fijn")
        with house.app.database.read() as session:
            row = session.scalars(select(Handoff)).one()
            assert [spoken.text for spoken in handoffs.talk(session, row)][-1] == "fijn"

    tell(tmp_path, story)


def test_open_after_what_was_held_is_gone_says_where_they_are(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_checkin(house)
        await a_week_later(house)
        house.clock.forward(days=15)
        await house.app.schedule.sweep()
        before = len(door.sent)
        await house.hears("ana", Open())
        assert "Komt het nu uit" in door.sent[before][1].text

    tell(tmp_path, story)


def test_no_more_checkins_is_not_no_more_replies(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_person(house)
        await house.hears("ana", Tap("always:menu"))
        await asks_for_a_checkin(house)
        await a_week_later(house)
        await house.hears("ana", Open())
        await house.taps("ana", "Vraag niets meer")
        house.clock.forward(days=2)
        await the_team_replies(house, "Dag, ik ben Noor.")
        assert len(door.knocks) == 2
        assert {given.source for given in rows(house, Consent) if given.withdrawn_at is None} == {
            "handoff"
        }

    tell(tmp_path, story)


def test_what_was_agreed_to_names_no_request(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_person(house)
        code = rows(house, Handoff)[0].code
        assert code not in rows(house, Consent)[0].wording

    tell(tmp_path, story)


def test_a_knock_that_cannot_leave_now_is_tried_again(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_checkin(house)
        door.trouble = Retry(60)
        await a_week_later(house)
        assert rows(house, Outbox)[-1].status == "waiting"
        door.trouble = None
        house.clock.forward(minutes=20)
        house.app.outbox.lanes.start(rows(house, Conversation)[0].id)
        await house.app.settle()
        assert len(door.knocks) == 1

    tell(tmp_path, story)


def test_a_message_that_comes_days_late_opens_no_window(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_checkin(house)
        wrote = house.clock()
        await a_week_later(house)
        late = len(door.sent)
        # Written in time, brought by the platform only now.
        now, house.clock.at = house.clock(), wrote
        await house.gets("ana", "menu")
        house.clock.at = now
        await house.app.settle()
        assert door.refusals == 0
        assert len(door.sent) == late
        assert len(door.knocks) == 1

    tell(tmp_path, story)


def test_forgetting_takes_what_was_held_and_what_was_agreed(tmp_path: Path) -> None:
    async def story(house: House, door: Door) -> None:
        await asks_for_a_checkin(house)
        await a_week_later(house)
        house.meaning.means["wis alles"] = "delete_data"
        await house.hears("ana", "wis alles")
        await house.taps("ana", "Ja, wis alles")
        assert rows(house, Consent) == []
        assert rows(house, Outbox) == []
        assert rows(house, Conversation) == []

    tell(tmp_path, story)
