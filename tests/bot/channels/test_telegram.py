"""Residents on Telegram, against a strict server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.channels.port import Button, Incoming, Rendered
from bot.channels.telegram_write import keyboard
from bot.store.models import Conversation, Inbox, Outbox
from tests.bot.channels.fake_telegram import an_error
from tests.bot.channels.phone import STAFF_GROUP, Phone, Street, a_street, buttons

ALONE = "ik ben zo alleen de laatste tijd"
Story = Callable[[Street, Phone], Awaitable[None]]


def on_telegram(folder: Path, story: Story) -> None:
    """Tell a story with one resident while the channel listens."""

    async def told() -> None:
        async with a_street(folder) as street, street.listening():
            await story(street, street.somebody())

    asyncio.run(told())


def test_a_resident_is_helped_from_start_to_request(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        street.house.meaning.means[ALONE] = "need_contact"
        for words in ("/start", ALONE, "Holtenbroek"):
            await ana.says(words)
            await street.settles()
        assert "Mensen ontmoeten" in ana.last
        opening = buttons(ana.shown[-1])[0]
        await ana.presses(opening["callback_data"])
        await street.settles()
        for label in ("Praat met het team", "Hier in de chat", "Zo snel het kan", "Zonder naam"):
            await ana.taps(label)
            await street.settles()
        assert ana.shown
        assert len(street.telegram.called("answerCallbackQuery")) == 5

    on_telegram(tmp_path, story)


def test_the_words_that_always_hold_are_the_last_rows_of_buttons(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        await ana.says("/start")
        await street.settles()
        rows = ana.shown[-1]["reply_markup"]["inline_keyboard"]
        data = [[button["callback_data"] for button in row] for row in rows]
        assert data[-2:] == [
            ["always:person", "always:back", "always:menu"],
            ["always:language", "always:stop"],
        ]

    on_telegram(tmp_path, story)


def test_offers_have_a_row_each_and_short_choices_share_one() -> None:
    choices = tuple(
        Button(label, f"3:{label}") for label in ("Meer", "Niets", "Iets anders dan dit")
    )
    offers = tuple(Button(label, f"3:card:{label}") for label in ("Koor", "Yoga"))
    markup = keyboard(Rendered("tekst", "nl", "ltr", buttons=(*offers, *choices)))
    assert markup is not None
    rows = [[button.text for button in row] for row in markup.inline_keyboard]
    assert rows == [["Koor"], ["Yoga"], ["Meer", "Niets"], ["Iets anders dan dit"]]


def test_a_link_opens_the_chat_at_its_topic(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        await ana.says("/start need_contact")
        await street.settles()
        assert "In welke buurt" in ana.last

    on_telegram(tmp_path, story)


COMMANDS = {
    "/help": "Ik help je iets vinden",
    "/human": "Hoe wil je contact",
    "/language": "In welke taal",
    "/mydata": "Ik bewaar alleen",
    "/forget": "Weet je het zeker",
    "/FORGET@voordeurbot": "Weet je het zeker",
    "/menu": "Waar gaat het over",
    "/nonsense": "begreep ik niet",
    "/help ik wil dood": "113",
    "/stop": "niets meer uit mezelf",
}


def test_commands(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        await ana.says("/start")
        await street.settles()
        for command, heard in COMMANDS.items():
            before = len(ana.shown)
            await ana.says(command)
            await street.settles()
            assert any(heard in message["text"] for message in ana.shown[before:]), command

    on_telegram(tmp_path, story)


def test_a_shared_location_is_a_neighbourhood(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        await ana.says("/start need_contact")
        await street.settles()
        await ana.sends(location={"latitude": 52.528, "longitude": 6.085})
        await street.settles()
        assert "Mensen ontmoeten" in ana.last

    on_telegram(tmp_path, story)


FILE = {"file_id": "1", "file_unique_id": "1"}
SIZED = {**FILE, "width": 9, "height": 9}
STICKER = {**SIZED, "type": "regular", "is_animated": False, "is_video": False}
UNREADABLE: tuple[tuple[dict[str, object], str], ...] = (
    ({"voice": {**FILE, "duration": 3}}, "gesproken"),
    ({"photo": [SIZED]}, "foto"),
    ({"contact": {"phone_number": "0612345678", "first_name": "Eva"}}, "niet lezen"),
    ({"document": FILE}, "niet lezen"),
    ({"video": {**SIZED, "duration": 3}}, "niet lezen"),
    ({"dice": {"emoji": "🎲", "value": 3}}, "niet lezen"),
    ({"sticker": STICKER}, "niet lezen"),
)


def test_what_cannot_be_read_is_said_kindly(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        await ana.says("/start")
        await street.settles()
        for content, heard in UNREADABLE:
            before = len(ana.shown)
            await ana.sends(**content)
            await street.settles()
            assert any(heard in message["text"] for message in ana.shown[before:]), content

    on_telegram(tmp_path, story)


def test_words_under_a_picture_are_heard(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        photo = [{"file_id": "1", "file_unique_id": "1", "width": 9, "height": 9}]
        await ana.sends(photo=photo, caption="ik wil dood")
        await street.settles()
        assert "113" in ana.last

    on_telegram(tmp_path, story)


def test_a_notice_of_the_app_itself_is_passed_over(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        await ana.sends(message_auto_delete_timer_changed={"message_auto_delete_time": 60})
        await street.settles()
        assert ana.shown == []

    on_telegram(tmp_path, story)


def test_an_edited_text_is_said_anew_and_a_moving_location_is_not(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        await ana.says("hallo")
        await street.settles()
        message = ana.message(text="menu", edit_date=1_795_000_009)
        await street.telegram.brings(edited_message=message)
        await street.telegram.brings(edited_message=message)
        await street.settles()
        assert "Waar gaat het over" in ana.last
        shown = len(ana.shown)
        place = {"latitude": 52.5, "longitude": 6.1, "live_period": 900}
        moved = ana.message(location=place, edit_date=1_795_000_010)
        await street.telegram.brings(edited_message=moved)
        await street.settles()
        assert len(ana.shown) == shown

    on_telegram(tmp_path, story)


RUBBISH = ("", "rubbish", "9999999999:themes", "always:nothing", "é:1", "1:", "0:themes")


def test_rubbish_from_a_button_is_answered_kindly(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        await ana.says("/start")
        await street.settles()
        for data in RUBBISH:
            before = len(ana.shown)
            await ana.presses(data)
            await street.settles()
            assert "ouder bericht" in ana.shown[before]["text"], data

    on_telegram(tmp_path, story)


def test_half_a_character_holds_nobody_up(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        eva = street.somebody()
        await ana.says("/start half\ud83d")
        await ana.says("half \ud83d een letter")
        await ana.presses("1:\udc00")
        await ana.sends(caption="\ud83d", photo=[])
        await eva.says("hallo")
        await street.settles()
        assert len(ana.shown) >= 3
        assert eva.shown

    on_telegram(tmp_path, story)


def test_a_button_of_somebody_elses_conversation_does_nothing_here(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        eva = street.somebody()
        street.house.meaning.means["vergeet mij"] = "delete_data"
        for who, words in ((ana, "/start"), (eva, "/start"), (eva, "vergeet mij")):
            await who.says(words)
            await street.settles()
        erase = buttons(eva.shown[-1])[0]["callback_data"]
        assert erase.endswith(":yes_forget")
        await ana.presses(erase)
        await street.settles()
        assert any("ouder bericht" in message["text"] for message in ana.shown)
        assert not any("gewist" in message["text"] for message in eva.shown + ana.shown[1:])
        with street.house.app.database.read() as session:
            assert len(session.scalars(select(Conversation)).all()) == 2

    on_telegram(tmp_path, story)


def test_a_crash_before_the_offset_moves_repeats_nothing(tmp_path: Path) -> None:
    async def told() -> None:
        async with a_street(tmp_path) as street:
            ana = street.somebody()
            stored = asyncio.Event()

            async def crashes(batch: tuple[Incoming, ...]) -> None:
                await street.house.app.turns.receive(batch)
                stored.set()
                await asyncio.Event().wait()

            async with street.listening(crashes):
                await ana.says("hallo")
                await stored.wait()
            async with street.listening():
                await street.settles()
            with street.house.app.database.read() as session:
                assert len(session.scalars(select(Inbox)).all()) == 1
            assert len(ana.shown) == 1

    asyncio.run(told())


def test_a_batch_that_cannot_be_stored_is_read_again(tmp_path: Path) -> None:
    async def told() -> None:
        async with a_street(tmp_path) as street:
            ana = street.somebody()
            troubles = [OperationalError("insert", {}, Exception()), ValueError("a bug")]

            async def receive(batch: tuple[Incoming, ...]) -> None:
                if troubles:
                    raise troubles.pop()
                await street.house.app.turns.receive(batch)

            async with street.listening(receive):
                await ana.says("hallo")
                await street.settles()
            assert troubles == []
            assert len(ana.shown) == 1
            assert len(street.telegram.time.slept) >= 2

    asyncio.run(told())


def test_an_update_that_cannot_be_read_holds_up_nobody(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        await street.telegram.brings(message={"chat": "what is this"})
        await street.telegram.brings(message=ana.message(text={"not": "text"}))
        await street.telegram.brings(something_new={"id": 1})
        await ana.says("hallo")
        await street.settles()
        assert len(ana.shown) == 1

    on_telegram(tmp_path, story)


@pytest.mark.parametrize("code", [401, 409, 429, 500, 502])
def test_reading_goes_on_after_trouble(tmp_path: Path, code: int) -> None:
    async def told() -> None:
        async with a_street(tmp_path) as street:
            ana = street.somebody()
            asked = {"retry_after": 11} if code == 429 else {}
            street.telegram.trouble["getUpdates"] = [
                an_error(code, "no", **asked),
                "cut off",
                an_error(code, "<html>"),
            ]
            async with street.listening():
                await ana.says("hallo")
                await street.settles()
            assert len(ana.shown) == 1
            assert (11 in street.telegram.time.slept) == (code == 429)

    asyncio.run(told())


def test_a_webhook_that_was_left_behind_is_taken_off(tmp_path: Path) -> None:
    async def told() -> None:
        async with a_street(tmp_path) as street:
            ana = street.somebody()
            street.telegram.webhook = {"url": "https://left.behind"}
            async with street.listening():
                await ana.says("hallo")
                await street.settles()
            assert len(ana.shown) == 1

    asyncio.run(told())


def test_a_wait_that_the_server_asks_is_kept(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        slow = an_error(429, "Too Many Requests: retry after 40", retry_after=40)
        street.telegram.trouble["sendMessage"] = [slow]
        await ana.says("hallo")
        await street.settles()
        assert ana.shown == []
        street.house.clock.forward(seconds=39)
        await street.house.app.settle()
        assert ana.shown == []
        street.house.clock.forward(seconds=2)
        await street.house.app.settle()
        assert len(ana.shown) == 1

    on_telegram(tmp_path, story)


def test_answers_keep_the_pace_of_the_platform(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        people = [ana, *(street.somebody() for _ in range(9))]
        for words in ("/start", "menu", "/help", "/mydata"):
            for one in people:
                await one.says(words)
        await street.settles()
        assert all(len(one.shown) >= 5 for one in people)
        with street.house.app.database.read() as session:
            assert all(row.attempts == 1 for row in session.scalars(select(Outbox)))

    on_telegram(tmp_path, story)


def test_an_answer_that_may_have_arrived_is_repeated_at_most_once(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        street.telegram.trouble["sendMessage"] = ["done, then cut off", "cut off"]
        await ana.says("hallo")
        await street.settles()
        street.house.clock.forward(seconds=60)
        await street.house.app.settle()
        street.house.clock.forward(seconds=600)
        await street.house.app.settle()
        assert len(ana.shown) == 1
        assert len(street.telegram.called("sendMessage")) == 2

    on_telegram(tmp_path, story)


def test_who_blocks_the_bot_gets_nothing_more_until_they_write_again(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        await ana.says("hallo")
        await street.settles()
        await street.telegram.brings(my_chat_member=door(ana.message()["chat"], ana, "kicked"))
        await street.settles()
        assert blocked(street)
        await street.telegram.brings(my_chat_member=door(ana.message()["chat"], ana, "member"))
        await ana.says("/start")
        await street.settles()
        assert not blocked(street)
        assert len(ana.shown) == 2

    on_telegram(tmp_path, story)


def test_who_turns_out_to_have_blocked_the_bot_is_not_written_again(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        street.telegram.blocked.add(str(ana.chat))
        await ana.says("hallo")
        await street.settles()
        await street.house.app.settle()
        assert blocked(street)
        assert len(street.telegram.called("sendMessage")) == 1

    on_telegram(tmp_path, story)


def test_in_a_group_it_says_once_that_it_talks_one_to_one_and_leaves(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        group = {"id": -500, "type": "supergroup", "title": "Familie"}
        street.telegram.chats.add("-500")
        await street.telegram.brings(my_chat_member=door(group, ana, "member"))
        await street.telegram.brings(message=ana.message(chat=group, text="mijn geheim is blauw"))
        await street.settles()
        await eventually(lambda: street.telegram.called("leaveChat"))
        (said,) = street.telegram.to(-500)
        assert "nooit in een groep" in said["text"]
        assert "reply_markup" not in said
        with street.house.app.database.read() as session:
            assert session.scalars(select(Inbox)).all() == []

    on_telegram(tmp_path, story)


def test_the_staffs_own_group_is_left_in_peace(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        group = {"id": int(STAFF_GROUP), "type": "supergroup", "title": "Team"}
        street.telegram.chats.add(STAFF_GROUP)
        await street.telegram.brings(message=ana.message(chat=group, text="koffie?"))
        await ana.says("hallo")
        await street.settles()
        assert street.telegram.to(int(STAFF_GROUP)) == []
        assert street.telegram.called("leaveChat") == []

    on_telegram(tmp_path, story)


def test_it_introduces_itself_in_every_language_that_telegram_knows(tmp_path: Path) -> None:
    async def story(street: Street, ana: Phone) -> None:
        await eventually(lambda: len(street.telegram.called("setMyShortDescription")) == 4)
        listed = street.telegram.called("setMyCommands")
        assert [call.get("language_code") for call in listed] == [None, "nl", "en", "ar"]
        assert {command["command"] for command in listed[0]["commands"]} == {
            *("start", "human", "help", "language", "mydata", "forget", "stop")
        }

    on_telegram(tmp_path, story)


def test_an_introduction_that_fails_stops_nothing(tmp_path: Path) -> None:
    async def told() -> None:
        async with a_street(tmp_path) as street:
            ana = street.somebody()
            street.telegram.trouble["setMyCommands"] = [an_error(404, "Not Found"), "cut off"]
            street.telegram.trouble["setMyDescription"] = [an_error(429, "no", retry_after=900)]
            async with street.listening():
                await ana.says("hallo")
                await street.settles()
            assert len(ana.shown) == 1

    asyncio.run(told())


def test_nothing_said_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="bot")

    async def story(street: Street, ana: Phone) -> None:
        secret = "mijn geheim is blauw"
        street.telegram.trouble["sendMessage"] = ["cut off", an_error(400, "Bad Request: no")]
        street.telegram.trouble["getUpdates"] = ["cut off"]
        await street.telegram.brings(message={"text": secret, "chat": 1})
        await ana.says(secret)
        await street.settles()
        street.house.clock.forward(seconds=60)
        await street.house.app.settle()

    on_telegram(tmp_path, story)
    assert "blauw" not in caplog.text
    assert "for-tests-only" not in caplog.text


def door(chat: dict[str, object], who: Phone, status: str) -> dict[str, object]:
    """The bot's own membership of a chat changes."""
    bot = {"id": 1, "is_bot": True, "first_name": "Voordeur"}
    before = {"user": bot, "status": "left"}
    after: dict[str, object] = {"user": bot, "status": status}
    if status == "kicked":
        after["until_date"] = 0
    return {
        "chat": chat,
        "from": who.user,
        "date": 1_795_000_000,
        "old_chat_member": before,
        "new_chat_member": after,
    }


def blocked(street: Street) -> bool:
    """Whether the one conversation there is has its door closed."""
    with street.house.app.database.read() as session:
        return session.scalars(select(Conversation)).one().blocked_at is not None


async def eventually(true: Callable[[], object]) -> None:
    """Return when something has become true, which others see to."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - others do not know that we wait
            await asyncio.sleep(0)
