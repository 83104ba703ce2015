"""Residents on WhatsApp, against a strict server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.store.models import Conversation, Inbox, Outbox
from tests.bot.channels.fake_graph import PHONE_ID
from tests.bot.channels.graph_rules import an_error
from tests.bot.channels.whatsapp_phone import Person
from tests.bot.channels.whatsapp_post import body_of, entry
from tests.bot.channels.whatsapp_street import Street, a_street

ALONE = "ik ben zo alleen de laatste tijd"
HELLO = "hallo"
Story = Callable[[Street, Person], Awaitable[None]]


def on_whatsapp(folder: Path, story: Story, **changes: str) -> None:
    """Tell a story with one resident."""

    async def told() -> None:
        async with a_street(folder, **changes) as street:
            await story(street, street.somebody())

    asyncio.run(told())


def rows(street: Street, model: type) -> list:
    with street.house.app.database.read() as session:
        return list(session.scalars(select(model)))


def test_a_resident_is_helped_from_hello_to_request(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        street.house.meaning.means[ALONE] = "need_contact"
        for words in (HELLO, ALONE, "Holtenbroek"):
            await ana.says(words)
            await street.settles()
        assert "Mensen ontmoeten" in ana.last
        assert ana.shown[-1].kind == "list"
        await ana.taps(ana.shown[-1].labels[0])
        await street.settles()
        for label in ("Praat met het team", "Hier in de chat", "Zo snel het kan", "Zonder naam"):
            await ana.taps(label)
            await street.settles()
        await ana.says("Ik zit hele dagen binnen.")
        await street.settles()
        await ana.taps("Verstuur")
        await street.settles()
        assert any("Verstuurd. Je code is" in shown.text for shown in ana.shown[-2:])
        assert set(street.postman.statuses) == {200}

    on_whatsapp(tmp_path, story)


def test_three_short_choices_are_buttons_and_more_are_a_list(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        await ana.says(HELLO)
        await street.settles()
        assert ana.shown[-1].kind == "list"
        assert ana.shown[-1].opener == "Kies"
        street.house.meaning.means[ALONE] = "need_contact"
        await ana.says(ALONE)
        await street.settles()
        assert (ana.shown[-1].kind, ana.shown[-1].labels) == ("button", ["Heel Zwolle", "Sla over"])

    on_whatsapp(tmp_path, story)


def test_the_words_that_always_hold_stand_in_the_footer_and_can_be_typed(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        await ana.says(HELLO)
        await street.settles()
        footer = ana.shown[-1].footer
        assert footer == "Een mens · Terug · Menu · Andere taal · Stop"
        for word, heard in zip(
            ("Een mens", "Andere taal", "Menu", "Stop"),
            ("Hoe wil je contact", "In welke taal", "Waar gaat het over", "niets meer"),
            strict=True,
        ):
            before = len(ana.shown)
            await ana.says(word)
            await street.settles()
            assert any(heard in shown.text for shown in ana.shown[before:]), word

    on_whatsapp(tmp_path, story)


def test_an_offer_with_a_long_name_is_told_in_full_below_its_row(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        street.house.meaning.means[ALONE] = "need_contact"
        await ana.says(f"{ALONE}")
        await street.settles()
        await ana.says("Holtenbroek")
        await street.settles()
        shown = ana.shown[-1]
        for number, (label, detail) in enumerate(
            zip(shown.labels[:3], shown.descriptions[:3], strict=True), start=1
        ):
            assert label.startswith(f"{number}. ")
            name = detail or label.removeprefix(f"{number}. ")
            assert f"{number}. {name}\n" in shown.text
        assert any(shown.descriptions)

    on_whatsapp(tmp_path, story)


def test_more_choices_than_a_list_holds_come_on_a_second_one(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        await ana.says(HELLO)
        await street.settles()
        await ana.says("Andere taal")
        await street.settles()
        first, second = ana.shown[-2:]
        assert len(first.choices) == 10
        assert second.text == "Meer keuzes:"
        assert "Türkçe" in second.labels
        await ana.taps("Türkçe")
        await street.settles()
        assert rows(street, Outbox)[-1].language == "tr"

    on_whatsapp(tmp_path, story)


def test_everything_but_words_is_answered_kindly_and_a_thumb_is_left_alone(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        await ana.says(HELLO)
        await street.settles()
        for kind, heard in {
            "audio": "gesproken berichten",
            "video": "kan ik helaas niet",
            "sticker": "kan ik helaas niet",
            "document": "kan ik helaas niet",
            "contacts": "kan ik helaas niet",
            "unsupported": "kan ik helaas niet",
        }.items():
            before = len(ana.shown)
            await ana.sends(kind)
            await street.settles()
            assert any(heard in shown.text for shown in ana.shown[before:]), (
                kind,
                [shown.text for shown in ana.shown[before:]],
            )
        before = len(ana.shown)
        await ana.reacts()
        await street.settles()
        assert len(ana.shown) == before

    on_whatsapp(tmp_path, story)


def test_words_under_a_picture_are_words(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        picture = ana.message("image", {"id": "1", "mime_type": "image/jpeg"})
        picture["image"]["caption"] = "ik wil niet meer leven"
        await ana.brings(picture)
        await street.settles()
        assert "113" in " ".join(shown.text for shown in ana.shown)

    on_whatsapp(tmp_path, story)


def test_a_shared_place_is_a_neighbourhood(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        street.house.meaning.means[ALONE] = "need_contact"
        await ana.says(ALONE)
        await street.settles()
        await ana.shares(52.528, 6.085)
        await street.settles()
        assert "Mensen ontmoeten" in ana.last

    on_whatsapp(tmp_path, story)


def test_the_same_message_twice_is_answered_once(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        await ana.says(HELLO)
        await street.settles()
        shown = len(ana.shown)
        assert await street.postman.brings_again() == 200
        street.house.clock.forward(days=3)
        assert await street.postman.brings_again() == 200
        await street.settles()
        assert len(ana.shown) == shown

    on_whatsapp(tmp_path, story)


def test_several_people_and_messages_in_one_body_are_all_heard(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        bo = street.somebody("Bo")
        said = ana.value(ana.text(HELLO), ana.text("menu"))
        other = bo.value(bo.text("ik wil niet meer leven"))
        status = ana.status("wamid.nothing", "read")
        await street.postman.brings_body(body_of(entry(said, status), entry(other)))
        await street.settles()
        assert "Waar gaat het over" in ana.last
        assert any("113" in shown.text for shown in bo.shown)

    on_whatsapp(tmp_path, story)


def test_a_number_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        street.graph.phones["999"] = "15550000000"
        ana.phone_id = "999"
        await ana.says(HELLO)
        await street.settles()
        assert street.postman.statuses == [200]
        assert rows(street, Inbox) == []

    on_whatsapp(tmp_path, story)


def test_two_numbers_of_ours_are_two_conversations(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        street.graph.phones["999"] = "15550000000"
        there = Person(street.postman, ana.account, "999")
        await ana.says(HELLO)
        await there.says(HELLO)
        await street.settles()
        assert len(rows(street, Conversation)) == 2
        assert ana.shown
        assert there.shown

    on_whatsapp(tmp_path, story, whatsapp_phone_id=f"{PHONE_ID}, 999")


def test_somebody_without_a_number_is_reached_by_their_id(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        bo = street.somebody("Bo", number=False)
        await bo.says(HELLO)
        await street.settles()
        assert bo.shown
        assert "recipient" in street.graph.to(bo.account)[-1].body

    on_whatsapp(tmp_path, story)


def test_who_was_known_by_a_number_goes_on_under_their_id(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        old = ana.text(HELLO)
        del old["from_user_id"]
        value = ana.value(old)
        del value["contacts"][0]["user_id"]
        await street.postman.brings(value)
        await street.settles()
        await ana.says("menu")
        await street.settles()
        ana.hides_number()
        await ana.says("menu")
        await street.settles()
        assert len(rows(street, Conversation)) == 1

    on_whatsapp(tmp_path, story)


@pytest.mark.parametrize("change", ["changes_number", "changes_user_id"])
def test_a_new_id_is_the_same_person(tmp_path: Path, change: str) -> None:
    async def story(street: Street, ana: Person) -> None:
        street.house.meaning.means[ALONE] = "need_contact"
        await ana.says(ALONE)
        await street.settles()
        await getattr(ana, change)()
        await ana.says("Holtenbroek")
        await street.settles()
        assert "Mensen ontmoeten" in ana.last
        assert len(rows(street, Conversation)) == 1

    on_whatsapp(tmp_path, story)


def test_a_contact_that_is_somebody_else_is_not_taken_for_the_sender(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        bo = street.somebody("Bo")
        await ana.says(HELLO)
        await street.settles()
        odd = ana.text("menu")
        del odd["from_user_id"]
        value = bo.value(odd)
        await street.postman.brings(value)
        await street.settles()
        assert bo.shown == []

    on_whatsapp(tmp_path, story)


def test_a_message_is_read_and_answered_visibly(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        said = await ana.says(HELLO)
        await street.settles()
        await street.channel.at_rest()
        assert street.graph.reads == [said["id"]]
        assert street.graph.typing == [said["id"]]

    on_whatsapp(tmp_path, story)


def test_what_became_of_an_answer_is_written_down_in_any_order(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        for words in (HELLO, "menu"):
            await ana.says(words)
            await street.settles()
        first, last = ana.shown[0].id, ana.shown[-1].id
        for status in ("delivered", "sent"):
            await street.postman.brings(ana.status(last, status))
        assert rows(street, Outbox)[-1].delivery == "delivered"
        await street.postman.brings(ana.status(last, "read"))
        await street.postman.brings(ana.status(last, "failed", code=131026))
        assert (rows(street, Outbox)[-1].delivery, rows(street, Outbox)[-1].status) == (
            "read",
            "sent",
        )
        await street.postman.brings(ana.status(first, "failed", code=131026))
        failed = rows(street, Outbox)[0]
        assert (failed.status, failed.error) == ("failed", "unreachable")

    on_whatsapp(tmp_path, story)


def test_news_that_comes_before_our_own_note_is_not_lost(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        await ana.says(HELLO)
        await street.settles()

        def noted(_: float) -> None:
            with street.house.app.database.begin() as session:
                row = session.scalars(select(Outbox)).one()
                row.platform_id = "wamid.later"

        street.meanwhile.append(noted)
        await street.postman.brings(ana.status("wamid.later", "failed", code=131026))
        await street.channel.at_rest()
        assert rows(street, Outbox)[0].error == "unreachable"

    on_whatsapp(tmp_path, story)


TROUBLE = {
    131056: ("waiting", None),
    130429: ("waiting", None),
    131048: ("waiting", None),
    131000: ("waiting", None),
    190: ("waiting", None),
    131026: ("failed", "unreachable"),
    131009: ("failed", "code 131009"),
    131050: ("failed", "unwanted"),
}


@pytest.mark.parametrize("code", TROUBLE)
def test_errors_say_whether_to_try_again(tmp_path: Path, code: int) -> None:
    async def story(street: Street, ana: Person) -> None:
        street.graph.answers["message"] = [an_error(code)]
        await ana.says(HELLO)
        await street.settles()
        first = rows(street, Outbox)[0]
        assert (first.status, first.error) == TROUBLE[code]
        if first.status == "waiting":
            street.house.clock.forward(minutes=20)
            street.house.app.outbox.lanes.start(first.conversation_id)
            await street.settles()
            assert rows(street, Outbox)[0].status == "sent"

    on_whatsapp(tmp_path, story)


def test_a_line_that_breaks_before_or_after_loses_nothing(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        street.graph.answers["message"] = ["hang up before"]
        await ana.says(HELLO)
        await street.settles()
        street.house.clock.forward(minutes=1)
        street.house.app.outbox.lanes.start(rows(street, Outbox)[0].conversation_id)
        await street.settles()
        assert {row.status for row in rows(street, Outbox)} == {"sent"}

    on_whatsapp(tmp_path, story)


def test_a_long_talk_keeps_to_the_pace_of_the_platform(tmp_path: Path) -> None:
    async def story(street: Street, ana: Person) -> None:
        for _ in range(40):
            await ana.says("menu")
            await street.settles()
        assert {row.status for row in rows(street, Outbox)} == {"sent"}
        assert street.graph.called("message")
        assert all(row.attempts == 1 for row in rows(street, Outbox))

    on_whatsapp(tmp_path, story)


def test_no_log_holds_a_text_or_a_number(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def story(street: Street, ana: Person) -> None:
        street.graph.answers["message"] = [an_error(131009)]
        await ana.says("mijn geheime woorden")
        await street.settles()
        await street.channel.at_rest()
        ours = [
            record.getMessage()
            for record in caplog.records
            if not record.name.startswith(("tests", "uvicorn", "asyncio"))
        ]
        for secret in ("geheime", "begreep", ana.account.wa_id, ana.account.user_id, "EAA-for"):
            assert not any(str(secret) in line for line in ours), secret

    on_whatsapp(tmp_path, story)
