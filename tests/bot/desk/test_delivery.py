"""What the desk sees of a reply that waits, arrives, is read, or does not."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import select

from bot.channels.port import Open
from bot.store import consents, outbox
from bot.store.models import Conversation, Outbox
from tests.bot.desk.people import Office, an_office
from tests.house import WindowedChannel


def behind_a_window(office: Office) -> None:
    """The residents of this house write on a channel that knows a window."""
    shuts = WindowedChannel(clock=office.clock)
    office.house.app.add(shuts)
    office.house.channel = shuts


def agrees(office: Office) -> None:
    with office.house.app.database.begin() as session:
        conversation = session.scalars(select(Conversation)).one()
        consents.give(session, conversation.id, "handoff", "nl", "Verstuurd.", office.clock())


def test_a_reply_that_waits_says_why_and_where_it_stands_until_they_write(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            behind_a_window(office)
            code = await office.request()
            agrees(office)
            an = await office.member("An")
            await an.sends(f"/desk/{code}/claim")
            await office.settles()
            office.clock.forward(days=2)
            await an.logs_in("an@wijk.example")
            await an.opens(f"/desk/{code}")
            await an.sends(f"/desk/{code}/reply", text="Dag, ik ben An.")
            await office.settles()
            await an.opens(f"/desk/{code}")
            assert "Nog niet verstuurd" in an.text
            assert "antwoorden, dan komt het aan" in an.text
            await an.opens("/desk")
            assert "Berichten die op de bewoner wachten" in an.text
            assert "1 in het Nederlands" in an.text
            await office.house.hears("ana", Open())
            await an.opens(f"/desk/{code}")
            assert "Verstuurd" in an.text
            assert "Nog niet verstuurd" not in an.text
            await an.opens("/desk")
            assert "Berichten die op de bewoner wachten" not in an.text

    asyncio.run(story())


def test_without_consent_the_desk_is_told_to_call(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            behind_a_window(office)
            code = await office.request()
            an = await office.member("An")
            await an.sends(f"/desk/{code}/claim")
            await office.settles()
            office.clock.forward(days=2)
            await an.logs_in("an@wijk.example")
            await an.opens(f"/desk/{code}")
            await an.sends(f"/desk/{code}/reply", text="Dag, ik ben An.")
            await office.settles()
            await an.opens(f"/desk/{code}")
            assert "gaf geen toestemming" in an.text

    asyncio.run(story())


def test_a_reply_that_arrived_and_was_read_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request()
            an = await office.member("An")
            await an.sends(f"/desk/{code}/claim")
            await an.opens(f"/desk/{code}")
            await an.sends(f"/desk/{code}/reply", text="Dag, ik ben An.")
            await office.settles()
            for became, words in (("delivered", "Afgeleverd"), ("read", "Gelezen")):
                with office.house.app.database.begin() as session:
                    newest = select(Outbox.platform_id).order_by(Outbox.id.desc()).limit(1)
                    assert outbox.delivery(session, session.scalar(newest) or "", became)
                await an.opens(f"/desk/{code}")
                assert words in an.text

    asyncio.run(story())
