"""One resident in two apps, by a code and only by their own act."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.store import conversations, handoffs, links, outbox
from bot.store.models import Conversation, Handoff, LinkCode
from flows.say import Say
from tests.conversation import TUESDAY
from tests.house import House, WatchedChannel, a_house

LATER = TUESDAY + timedelta(days=1)
Story = Callable[[House, WatchedChannel, WatchedChannel], Awaitable[None]]


def tell(folder: Path, story: Story) -> None:
    """`ana` is the same resident on two channels; `bo` somebody else."""

    async def told() -> None:
        async with a_house(folder) as house:
            other = WatchedChannel(name="other")
            house.app.add(other)
            await story(house, house.channel, other)

    asyncio.run(told())


async def at(house: House, channel: WatchedChannel, *acts: str, who: str = "ana") -> str:
    """Say or tap these things there; the newest text."""
    house.channel = channel
    for act in acts:
        labels = [
            button.label
            for message in channel.to(who)[-1:]
            for button in (*message.buttons, *message.always)
        ]
        await (house.taps if act in labels else house.hears)(who, act)
    return channel.to(who)[-1].text


ASKS = "wat weten jullie van mij"


async def opens_the_menu(house: House, channel: WatchedChannel, who: str) -> None:
    house.meaning.means[ASKS] = "ask_privacy"
    await at(house, channel, ASKS, "Ook in een andere app", who=who)


async def a_code(house: House, channel: WatchedChannel, who: str = "ana") -> str:
    before = len(channel.to(who))
    await opens_the_menu(house, channel, who)
    await at(house, channel, "Geef mij een code", who=who)
    told = " ".join(message.text for message in channel.to(who)[before:])
    found = re.search(r"[A-Z0-9]{3}-[A-Z0-9]{3}", told)
    assert found is not None, told
    return found[0]


async def types(house: House, channel: WatchedChannel, code: str, who: str = "ana") -> str:
    before = len(channel.to(who))
    await opens_the_menu(house, channel, who)
    await at(house, channel, "Ik heb een code", code, who=who)
    return " ".join(message.text for message in channel.to(who)[before:])


def count(house: House, model: type) -> int:
    with house.app.database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_code_of_one_app_links_the_other(tmp_path: Path) -> None:
    async def story(house: House, one: WatchedChannel, other: WatchedChannel) -> None:
        code = await a_code(house, one)
        heard = await types(house, other, code.lower().replace("-", " "))
        assert "Gelukt. Je gesprekken horen nu bij elkaar." in heard
        assert any("Je code is gebruikt" in message.text for message in one.to("ana"))
        assert count(house, LinkCode) == 0

    tell(tmp_path, story)


def test_a_code_works_once_in_its_time_and_not_for_oneself(tmp_path: Path) -> None:
    async def story(house: House, one: WatchedChannel, other: WatchedChannel) -> None:
        code = await a_code(house, one)
        assert "Deze code werkt niet" in await types(house, one, code)
        house.clock.forward(minutes=16)
        assert "Deze code werkt niet" in await types(house, other, code)
        code = await a_code(house, one)
        assert "Gelukt" in await types(house, other, code)
        assert "Deze code werkt niet" in await types(house, other, code, who="bo")
        assert "Deze code werkt niet" in await types(house, other, "AAA-AAA", who="bo")

    tell(tmp_path, story)


def test_guessing_leads_nowhere(tmp_path: Path) -> None:
    async def story(house: House, one: WatchedChannel, other: WatchedChannel) -> None:
        await a_code(house, one)
        await types(house, other, "AAA-AAA", who="bo")
        for number in range(4):
            last = await at(house, other, f"AAA-AA{number}", who="bo")
        assert "Met een code maak ik er één gesprek van" in last

    tell(tmp_path, story)


def test_a_request_is_known_on_both_and_answered_where_they_wrote_last(tmp_path: Path) -> None:
    async def story(house: House, one: WatchedChannel, other: WatchedChannel) -> None:
        await at(house, one, "hallo", "een mens", "Hier in de chat", "Zo snel het kan")
        await at(house, one, "Zonder naam", "Liever niets", "Verstuur")
        await types(house, other, await a_code(house, one))
        assert "Je aanvraag" in await at(house, other, "een mens")
        await at(house, other, "Ik zit nu achter de computer.")
        with house.app.database.read() as session:
            request = session.scalars(select(Handoff)).one()
            there = conversations.find(session, "other", "ana")
            assert there is not None
            assert request.conversation_id == there.id
            assert [spoken.text for spoken in handoffs.talk(session, request)] == [
                "Ik zit nu achter de computer."
            ]

    tell(tmp_path, story)


def test_my_data_tells_of_the_link_and_of_requests_made_elsewhere(tmp_path: Path) -> None:
    async def story(house: House, one: WatchedChannel, other: WatchedChannel) -> None:
        await at(house, one, "hallo", "een mens", "Hier in de chat", "Zo snel het kan")
        await at(house, one, "Zonder naam", "Liever niets", "Verstuur")
        await types(house, other, await a_code(house, one))
        before = len(other.to("ana"))
        await at(house, other, ASKS, "Mijn gegevens")
        told = " ".join(message.text for message in other.to("ana")[before:])
        assert "Gekoppeld met 1 ander gesprek" in told
        with house.app.database.read() as session:
            assert session.scalars(select(Handoff.code)).one() in told

    tell(tmp_path, story)


def test_forgetting_on_one_erases_on_both(tmp_path: Path) -> None:
    async def story(house: House, one: WatchedChannel, other: WatchedChannel) -> None:
        await types(house, other, await a_code(house, one))
        house.meaning.means["wis alles"] = "delete_data"
        await at(house, other, "wis alles", "Ja, wis alles")
        assert count(house, Conversation) == 0

    tell(tmp_path, story)


async def asks_for_a_person(house: House, channel: WatchedChannel) -> None:
    house.meaning.means["ik wil iemand spreken over mijn huis"] = "ask_human"
    await at(house, channel, "ik wil iemand spreken over mijn huis")
    await at(house, channel, "Hier in de chat", "Zo snel het kan", "Zonder naam", "Liever niets")
    await at(house, channel, "Verstuur")


def test_with_a_request_on_each_words_go_to_their_own(tmp_path: Path) -> None:
    async def story(house: House, one: WatchedChannel, other: WatchedChannel) -> None:
        await asks_for_a_person(house, one)
        await asks_for_a_person(house, other)
        await types(house, other, await a_code(house, one))
        await at(house, one, "een mens", "dit hoort bij de eerste")
        with house.app.database.read() as session:
            first, second = session.scalars(select(Handoff).order_by(Handoff.id)).all()
            assert [spoken.text for spoken in handoffs.talk(session, first)] == [
                "dit hoort bij de eerste"
            ]
            assert not handoffs.talk(session, second)

    tell(tmp_path, story)


def test_after_the_link_is_undone_a_request_is_only_with_who_opened_it(tmp_path: Path) -> None:
    async def story(house: House, one: WatchedChannel, other: WatchedChannel) -> None:
        await asks_for_a_person(house, one)
        await types(house, other, await a_code(house, one))
        await at(house, other, "een mens", "ik schrijf nu hier")
        await opens_the_menu(house, one, "ana")
        await at(house, one, "Koppeling verbreken")
        assert "KPM" not in await at(house, other, ASKS, "Mijn gegevens")
        with house.app.database.read() as session:
            request = session.scalars(select(Handoff)).one()
            opener = conversations.find(session, "watched", "ana")
            assert opener is not None
            assert request.conversation_id == opener.id

    tell(tmp_path, story)


def test_forgetting_leaves_no_facts_with_the_other_one(tmp_path: Path) -> None:
    async def story(house: House, one: WatchedChannel, other: WatchedChannel) -> None:
        await types(house, other, await a_code(house, one))
        house.meaning.means["schulden"] = "need_debt"
        await at(house, one, "schulden")
        with house.app.database.begin() as session:
            first = conversations.find(session, "watched", "ana")
            assert first is not None
            # Something is still on its way there.
            outbox.put(session, first.id, Say("always.stopped"), language="nl", seq=1, now=LATER)
        house.meaning.means["wis alles"] = "delete_data"
        await at(house, other, "wis alles", "Ja, wis alles")
        with house.app.database.read() as session:
            left = conversations.find(session, "watched", "ana")
            assert left is not None
            assert not conversations.state_of(session, left).facts

    tell(tmp_path, story)


def test_after_the_link_is_undone_each_stands_by_itself(tmp_path: Path) -> None:
    async def story(house: House, one: WatchedChannel, other: WatchedChannel) -> None:
        await types(house, other, await a_code(house, one))
        await opens_the_menu(house, one, "ana")
        assert "Waar gaat het over" in await at(house, one, "Koppeling verbreken")
        house.meaning.means["wis alles"] = "delete_data"
        await at(house, other, "wis alles", "Ja, wis alles")
        assert count(house, Conversation) == 1
        with house.app.database.read() as session:
            left = session.scalars(select(Conversation)).one()
            assert not links.linked(session, left)

    tell(tmp_path, story)


def test_three_apps_of_one_resident_are_one(tmp_path: Path) -> None:
    async def story(house: House, one: WatchedChannel, other: WatchedChannel) -> None:
        third: Any = WatchedChannel(name="third")
        house.app.add(third)
        await types(house, other, await a_code(house, one))
        await types(house, third, await a_code(house, other))
        with house.app.database.read() as session:
            first = conversations.find(session, "watched", "ana")
            assert first is not None
            assert {found.channel for found in links.linked(session, first)} == {"other", "third"}

    tell(tmp_path, story)
