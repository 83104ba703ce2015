"""What becomes of a request after the claim: given back, handed over, noted, rested, reopened."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import mydata
from bot.clock import CITY
from bot.desk import rest
from bot.settings import Retention
from bot.store import conversations, handoffs, notes, retention, talks
from bot.store.models import Handoff, HandoffNote, Inbox, Outbox, Staff
from bot.store.vault import Vault
from tests.bot.desk.people import Browser, Office, an_office
from tests.conversation import a_world
from tests.house import KEY

HOURS = a_world().team.hours


def row_of(office: Office, code: str) -> Handoff:
    with office.house.app.database.read() as session:
        row = handoffs.by_code(session, code)
        assert row is not None
        return row


def codes(browser: Browser) -> list[str]:
    return re.findall(r'id="open-([A-Z0-9-]+)"', browser.text)


def heard(office: Office, address: str = "ana") -> list[str]:
    return [sent.text for sent in office.house.channel.to(address)]


def done(office: Office, *names: str) -> list[tuple[str | None, str]]:
    return [(who, act) for who, act, _ in office.acts() if act in names]


async def has_one(office: Office, name: str = "An", code: str = "KPM-7RT") -> Browser:
    """A member who has a resident's request; the resident heard so."""
    await office.request(code=code)
    member = await office.member(name)
    await member.sends(f"/desk/{code}/claim")
    await office.settles()
    return member


# Back to the queue.


def test_a_request_given_back_waits_for_anybody_with_the_same_promise(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await has_one(office)
            due, before = row_of(office, "KPM-7RT").due_at, heard(office)
            await an.sends("/desk/KPM-7RT/release")
            assert "weer in de rij" in an.text
            await office.settles()
            assert heard(office) == before
            row = row_of(office, "KPM-7RT")
            assert (row.status, row.claimed_by, row.due_at) == ("open", None, due)
            await an.opens("/desk?show=free")
            assert codes(an) == ["KPM-7RT"]
            bo = await office.member("Bo")
            await bo.sends("/desk/KPM-7RT/claim")
            await office.settles()
            assert "Bo van het team" in office.house.last("ana")
            assert done(office, "release") == [("An", "release")]

    asyncio.run(story())


def test_what_was_answered_and_given_back_does_not_sink_to_the_bottom(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await has_one(office)
            await an.sends("/desk/KPM-7RT/reply", text="Dag!")
            await an.sends("/desk/KPM-7RT/release")
            due = office.clock() + timedelta(days=9)
            await office.request("bea", code="BBB-BB3", due=due)
            await an.opens("/desk")
            assert codes(an) == ["KPM-7RT", "BBB-BB3"]

    asyncio.run(story())


def test_giving_back_at_once_is_done_once(tmp_path: Path, database_url: str) -> None:
    async def story() -> None:
        async with an_office(tmp_path, database_url=database_url) as office:
            an = await has_one(office)
            form = {"csrf": an.token}
            taps = [an.client.post("/desk/KPM-7RT/release", data=form) for _ in range(3)]
            pages = await asyncio.gather(*taps)
            assert {page.status_code for page in pages} == {303}
            said = sorted(page.headers["location"].split("=")[1] for page in pages)
            assert said == ["free", "free", "released"]
            assert done(office, "release") == [("An", "release")]

    asyncio.run(story())


# To a colleague.


def test_a_colleague_gets_a_request_with_a_note_and_the_resident_hears_who(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            bo = await office.member("Bo")
            an = await has_one(office)
            await an.opens("/desk/KPM-7RT")
            assert f'<option value="{office.person("Bo").id}">Bo</option>' in an.text
            assert ">An</option>" not in an.text
            await an.sends(
                "/desk/KPM-7RT/hand_over", to=str(office.person("Bo").id), note="bel na vieren"
            )
            assert "Je collega heeft de aanvraag nu" in an.text
            await office.settles()
            assert "Bo van het team" in office.house.last("ana")
            await bo.opens("/desk?show=mine")
            assert codes(bo) == ["KPM-7RT"]
            await bo.opens("/desk/KPM-7RT")
            assert "Jij</strong> hebt deze aanvraag" in bo.text
            assert "bel na vieren" in bo.text
            await bo.sends("/desk/KPM-7RT/reply", text="Dag, ik ben Bo")
            await office.settles()
            assert office.house.last("ana") == "Bo: Dag, ik ben Bo"
            assert done(office, "hand_over") == [("An", "hand_over")]
            assert "bel na vieren" not in " ".join(heard(office))

    asyncio.run(story())


def test_a_colleague_of_the_same_name_is_no_news_to_the_resident(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            await office.member("Bo")
            with office.house.app.database.begin() as session:
                session.scalars(select(Staff).where(Staff.name == "Bo")).one().name = "An"
                to = session.scalars(select(Staff).where(Staff.name == "An")).one().id
            an = await office.browser()
            await an.chooses(office.link("an2@wijk.example", "An"), "paard batterij nietje")
            await office.request()
            await an.sends("/desk/KPM-7RT/claim")
            await office.settles()
            before = heard(office)
            await an.sends("/desk/KPM-7RT/hand_over", to=str(to))
            await office.settles()
            assert heard(office) == before
            assert row_of(office, "KPM-7RT").claimed_by == to

    asyncio.run(story())


def test_a_request_goes_only_to_a_colleague_who_works_here(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            for name in ("Bo", "Dana"):
                await office.member(name)
            office.link("cem@wijk.example", "Cem")
            an = await has_one(office)
            bo = office.person("Bo").id
            with office.house.app.database.begin() as session:
                session.get_one(Staff, bo).active = False
            ids = [bo, office.person("Cem").id, office.person("An").id, 4711]
            for to in ("", "forged", "²", *map(str, ids)):
                await an.opens("/desk/KPM-7RT")
                page = await an.sends("/desk/KPM-7RT/hand_over", to=to, note="mijn notitie")
                assert page.status_code == 422, to
                assert "Kies eerst een collega" in page.text
                assert "mijn notitie" in page.text
            assert row_of(office, "KPM-7RT").claimed_by == office.person("An").id
            with office.house.app.database.read() as session:
                assert session.scalars(select(HandoffNote)).all() == []

    asyncio.run(story())


def test_of_two_hand_overs_at_once_one_counts(tmp_path: Path, database_url: str) -> None:
    async def story() -> None:
        async with an_office(tmp_path, database_url=database_url) as office:
            for name in ("Bo", "Cem"):
                await office.member(name)
            an = await has_one(office)
            to = [office.person(name).id for name in ("Bo", "Cem")]
            pages = await asyncio.gather(
                *(
                    an.client.post("/desk/KPM-7RT/hand_over", data={"csrf": an.token, "to": one})
                    for one in map(str, to)
                )
            )
            said = sorted(page.headers["location"].split("=")[1] for page in pages)
            assert said == ["handed_over", "not_yours"]
            assert row_of(office, "KPM-7RT").claimed_by in to
            assert len(done(office, "hand_over")) == 1
            await office.settles()
            assert len([text for text in heard(office) if "van het team" in text]) == 2

    asyncio.run(story())


# Notes.


def test_a_note_is_for_the_team_alone(tmp_path: Path) -> None:
    secret = "ik denk dat er meer speelt"

    async def story() -> None:
        async with an_office(tmp_path) as office:
            bo = await office.member("Bo")
            an = await has_one(office)
            await bo.opens("/desk/KPM-7RT")
            await bo.sends("/desk/KPM-7RT/note", note=secret)
            assert "Alleen het team ziet hem" in bo.text
            assert secret in (await an.opens("/desk/KPM-7RT/talk")).text
            await an.opens("/desk/KPM-7RT")
            await an.sends("/desk/KPM-7RT/reply", text="Dag!")
            await office.house.hears("ana", "dag")
            await office.house.hears("ana", "mijn gegevens")
            assert secret not in " ".join(heard(office))
            with office.house.app.database.read() as session:
                for table in (Outbox, Inbox):
                    for sealed in session.scalars(select(table.sealed)):
                        opened = session.info["vault"].open(sealed) if sealed else ""
                        assert secret not in str(opened)
                found = conversations.find(session, office.house.channel.name, "ana")
                assert found is not None
                city = office.house.app.place.city
                assert secret not in str(mydata.export(session, found))
                assert secret not in str(mydata.told(session, found, city, office.clock()))
            for name in ("v.db", "v.db-wal"):
                assert secret.encode() not in (tmp_path / name).read_bytes()
            assert done(office, "note") == [("Bo", "note")]
            assert secret not in (await an.opens("/desk/audit")).text

    asyncio.run(story())


def test_a_note_holds_no_citizen_service_number_and_is_short(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            await office.request()
            an = await office.member("An")
            await an.opens("/desk/KPM-7RT")
            await an.sends("/desk/KPM-7RT/note", note="bsn 111222333")
            assert "bsn [BSN]" in an.text
            assert "burgerservicenummer is eruit gehaald" in an.text
            for empty in ("", " \r\n ", "\u200b"):
                page = await an.sends("/desk/KPM-7RT/note", note=empty)
                assert page.status_code == 422
                assert "Je notitie is nog leeg" in page.text
            page = await an.sends("/desk/KPM-7RT/note", note="lang " * 101)
            assert page.status_code == 422
            assert "504 tekens" in page.text
            assert (await an.sends("/desk/KPM-7RT/note", note="x" * 500)).status_code == 200
            assert len(done(office, "note")) == 2

    asyncio.run(story())


def test_a_note_sent_twice_stands_there_once(tmp_path: Path, database_url: str) -> None:
    async def story() -> None:
        async with an_office(tmp_path, database_url=database_url) as office:
            an = await has_one(office)
            form = {"csrf": an.token, "note": "belt liever"}
            taps = [an.client.post("/desk/KPM-7RT/note", data=form) for _ in range(3)]
            assert {page.status_code for page in await asyncio.gather(*taps)} == {303}
            assert (await an.opens("/desk/KPM-7RT")).text.count("belt liever") == 1
            assert done(office, "note") == [("An", "note")]

    asyncio.run(story())


def test_no_note_is_written_on_a_request_that_is_over(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await has_one(office)
            with office.house.app.database.begin() as session:
                handoffs.withdraw(session, "KPM-7RT", office.clock())
            await an.sends("/desk/KPM-7RT/note", note="te laat")
            assert "niet meer open" in an.text
            assert "te laat</p>" not in an.text
            assert 'name="note"' not in an.text

    asyncio.run(story())


def noted(office: Office) -> list[str]:
    with office.house.app.database.read() as session:
        return [
            note.text
            for row in session.scalars(select(Handoff))
            for note in notes.read(session, row)
        ]


@pytest.mark.parametrize("way", ["withdraws", "is forgotten", "is over its time"])
def test_notes_go_with_the_words_of_the_request(tmp_path: Path, way: str) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await has_one(office)
            await an.sends("/desk/KPM-7RT/note", note="belt liever")
            assert noted(office) == ["belt liever"]
            now = office.clock()
            with office.house.app.database.begin() as session:
                match way:
                    case "withdraws":
                        handoffs.withdraw(session, "KPM-7RT", now)
                    case "is forgotten":
                        found = conversations.find(session, office.house.channel.name, "ana")
                        assert found is not None
                        retention.forget(session, found, now)
                    case _:
                        row = talks.hold(session, "KPM-7RT")
                        assert row is not None
                        handoffs.close(session, row, office.person("An"), "helped", now)
                        keep = Retention()
                        late = now + timedelta(days=keep.handoff, seconds=1)
                        session.flush()
                        retention.sweep(session, keep, now + timedelta(days=keep.handoff))
                        assert session.scalars(select(HandoffNote)).all()
                        assert retention.sweep(session, keep, late)["note"] == 1
            assert noted(office) == []

    asyncio.run(story())


def test_notes_follow_when_the_key_is_changed(tmp_path: Path) -> None:
    newer = "another key for tests only: forty signs long"

    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await has_one(office)
            await an.sends("/desk/KPM-7RT/note", note="belt liever")
            with office.house.app.database.begin() as session:
                session.info["vault"] = Vault([newer, KEY])
                retention.rotate(session)
                (sealed,) = session.scalars(select(HandoffNote.sealed))
                assert Vault([newer]).open(sealed) == "belt liever"

    asyncio.run(story())


# Rest.


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY)


@pytest.mark.parametrize(
    ("now", "usual"),
    [
        ("2026-11-24 10:00", ["2026-11-25 08:30", "2026-11-27 08:30", "2026-11-30 08:30"]),
        ("2026-11-27 16:00", ["2026-11-30 08:30"]),
        ("2026-11-30 08:00", ["2026-12-01 08:30", "2026-12-03 08:30", "2026-12-07 08:30"]),
    ],
    ids=["tuesday", "friday", "monday"],
)
def test_the_usual_moments_are_when_the_team_opens(now: str, usual: list[str]) -> None:
    found = [f"{one:%Y-%m-%d %H:%M}" for one in rest.usual(HOURS, at(now))]
    assert found == usual


def test_parts_of_days_are_those_on_which_the_team_works() -> None:
    found = [f"{one:%d %H:%M}" for one in rest.slots(HOURS, at("2026-12-24 09:00"))]
    assert found[:3] == ["24 12:30", "28 08:30", "28 12:30"]


def test_what_rests_leaves_the_top_and_comes_back_by_itself(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await has_one(office)
            await an.sends("/desk/KPM-7RT/reply", text="Ik bel je morgen")
            await office.settles()
            await office.house.hears("ana", "goed")
            await office.request("bea", code="BBB-BB3")
            await an.opens("/desk")
            assert codes(an) == ["KPM-7RT", "BBB-BB3"]
            await an.opens("/desk/KPM-7RT")
            moments = re.findall(r'name="until" value="([^"]+)" class', an.text)
            due, before = row_of(office, "KPM-7RT").due_at, heard(office)
            await an.sends("/desk/KPM-7RT/snooze", until=moments[0])
            assert "De aanvraag rust" in an.text
            assert codes(an) == ["BBB-BB3", "KPM-7RT"]
            assert "rust tot" in an.text
            assert "nieuw bericht voor jou" not in an.text
            assert row_of(office, "KPM-7RT").due_at == due
            until = row_of(office, "KPM-7RT").snoozed_until
            assert until is not None
            office.clock.at = until - timedelta(minutes=1)
            await an.logs_in("an@wijk.example")
            assert codes(an) == ["BBB-BB3", "KPM-7RT"]
            office.clock.at = until
            await an.opens("/desk")
            assert codes(an)[0] == "KPM-7RT"
            assert "nieuw bericht voor jou" in an.text
            await office.settles()
            assert heard(office) == before

    asyncio.run(story())


def test_a_resident_who_writes_wakes_what_rests(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await has_one(office)
            await an.sends("/desk/KPM-7RT/reply", text="Ik bel je morgen")
            await office.settles()
            await an.opens("/desk/KPM-7RT")
            (moment, *_) = re.findall(r'name="until" value="([^"]+)" class', an.text)
            await an.sends("/desk/KPM-7RT/snooze", until=moment)
            await office.house.hears("ana", "kan het ook vandaag?")
            assert row_of(office, "KPM-7RT").snoozed_until is None
            assert "nieuw bericht voor jou" in (await an.opens("/desk")).text

    asyncio.run(story())


def test_a_request_without_an_answer_rests_no_longer_than_its_promise(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await has_one(office)
            due = row_of(office, "KPM-7RT").due_at
            page = (await an.opens("/desk/KPM-7RT")).text
            assert "kan rusten tot de belofte" in page
            offered = re.findall(r'value="(\d{4}-\d\d-\d\dT[\d:]+)"', page)
            assert offered
            assert all(at(one) <= due for one in offered)
            beyond = rest.name(rest.usual(HOURS, office.clock())[-1])
            page = (await an.sends("/desk/KPM-7RT/snooze", until=beyond)).text
            assert "niet langer rusten dan de belofte" in page
            for strange in ("", "2026-11-25T03:00", "yesterday", "<b>"):
                answer = await an.sends("/desk/KPM-7RT/snooze", until=strange)
                assert answer.status_code == 422
                assert "Kies opnieuw tot wanneer" in answer.text
            assert row_of(office, "KPM-7RT").snoozed_until is None
            await an.sends("/desk/KPM-7RT/snooze", until=offered[0])
            assert "De aanvraag rust" in an.text
            await an.opens("/desk/KPM-7RT")
            await an.sends("/desk/KPM-7RT/snooze", until="now")
            assert "weer op zijn plek" in an.text
            assert row_of(office, "KPM-7RT").snoozed_until is None
            assert done(office, "snooze", "wake") == [("An", "snooze"), ("An", "wake")]
            office.clock.at = due
            await office.house.app.schedule.promises()
            await office.settles()
            assert "niet gelukt" in office.house.last("ana")

    asyncio.run(story())


def test_only_who_has_a_request_may_give_it_on_or_let_it_rest(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an, bo = await has_one(office), await office.member("Bo")
            await bo.opens("/desk/KPM-7RT")
            until = rest.name(rest.usual(HOURS, office.clock())[0])
            to = str(office.person("Bo").id)
            for act in ("release", "hand_over", "snooze"):
                await bo.sends(f"/desk/KPM-7RT/{act}", to=to, until=until)
                assert "Alleen wie de aanvraag heeft" in bo.text
            await bo.sends("/desk/KPM-7RT/reopen")
            assert "kan niet meer open" in bo.text
            row = row_of(office, "KPM-7RT")
            assert (row.claimed_by, row.snoozed_until) == (office.person("An").id, None)
            assert done(office, "release", "hand_over", "snooze", "reopen") == []
            for act in ("release", "hand_over", "snooze", "note", "reopen"):
                fields = {"csrf": "forged", "note": "x", "to": to, "until": until}
                page = await an.client.post(f"/desk/KPM-7RT/{act}", data=fields)
                assert page.status_code == 403

    asyncio.run(story())


# Open again.


def test_who_closed_a_request_may_open_it_again_and_close_it_again(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await has_one(office)
            await an.sends("/desk/KPM-7RT/close", outcome="helped")
            await office.settles()
            before = heard(office)
            office.clock.forward(days=6)
            await an.logs_in("an@wijk.example")
            await an.opens("/desk/KPM-7RT")
            await an.sends("/desk/KPM-7RT/reopen")
            assert "Jij hebt deze aanvraag weer" in an.text
            await office.house.app.schedule.promises()
            await office.settles()
            assert heard(office) == before
            row = row_of(office, "KPM-7RT")
            assert (row.status, row.outcome, row.closed_at) == ("claimed", None, None)
            await an.sends("/desk/KPM-7RT/reopen")
            assert done(office, "reopen") == [("An", "reopen")]
            await an.sends("/desk/KPM-7RT/reply", text="Nog één ding")
            await office.settles()
            assert office.house.last("ana") == "An: Nog één ding"
            await an.sends("/desk/KPM-7RT/close", outcome="referred")
            assert "De aanvraag is afgerond" in an.text
            await office.settles()
            assert row_of(office, "KPM-7RT").outcome == "referred"

    asyncio.run(story())


def test_what_is_closed_for_long_or_taken_back_stays_closed(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await has_one(office)
            await an.sends("/desk/KPM-7RT/close", outcome="helped")
            office.clock.forward(days=7, seconds=1)
            await an.logs_in("an@wijk.example")
            page = (await an.opens("/desk/KPM-7RT")).text
            assert "/reopen" not in page
            await an.sends("/desk/KPM-7RT/reopen")
            assert "kan niet meer open" in an.text
            await office.request(code="CCC-CC3")
            await an.sends("/desk/CCC-CC3/claim")
            with office.house.app.database.begin() as session:
                handoffs.withdraw(session, "CCC-CC3", office.clock())
            await an.sends("/desk/CCC-CC3/reopen")
            assert "kan niet meer open" in an.text
            assert row_of(office, "CCC-CC3").status == "withdrawn"

    asyncio.run(story())


def test_a_resident_who_asked_anew_is_helped_there(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await has_one(office)
            await an.sends("/desk/KPM-7RT/close", outcome="helped")
            await office.request(code="CCC-CC3")
            await an.opens("/desk/KPM-7RT")
            await an.sends("/desk/KPM-7RT/reopen")
            assert "heeft een nieuwe aanvraag" in an.text
            assert row_of(office, "KPM-7RT").status == "closed"

    asyncio.run(story())
