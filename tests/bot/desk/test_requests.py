"""The team's work at the desk, from the queue to the resident's chat."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.channels.port import Blocked, Refused, Retry
from bot.store import handoffs
from tests.bot.desk.people import Browser, Office, an_office

XSS = "<script>alert('x')</script><img src=x onerror=alert(1)>"


def state(office: Office, code: str) -> tuple[str, str | None]:
    with office.house.app.database.read() as session:
        row = handoffs.by_code(session, code)
        assert row is not None
        return row.status, row.outcome


def codes(browser: Browser) -> list[str]:
    return re.findall(r'id="open-([A-Z0-9-]+)"', browser.text)


def test_a_request_goes_from_the_queue_to_an_answer_and_is_closed(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request("ana", note="ik durf niet zo goed", neighbourhood="berkum")
            an = await office.member("An")
            await an.opens("/desk")
            for shown in ("Berkum", "Nederlands", "In de chat", "zo snel het kan", "nog 23 uur"):
                assert shown in an.text, shown
            await an.sends(f"/desk/{code}/claim")
            assert "Jij</strong> hebt deze aanvraag" in an.text
            assert "ik durf niet zo goed" in an.text
            await office.settles()
            assert "An van het team" in office.house.last("ana")
            await an.sends(f"/desk/{code}/reply", text="Dag! Zullen we bellen?", after="0")
            assert "Je antwoord is onderweg" in an.text
            await office.settles()
            assert office.house.last("ana") == "An: Dag! Zullen we bellen?"
            assert "Verstuurd" in (await an.opens(f"/desk/{code}")).text
            await office.house.hears("ana", "ja graag")
            assert "ja graag" in (await an.opens(f"/desk/{code}/talk")).text
            assert "nieuw bericht voor jou" in (await an.opens("/desk")).text
            await an.opens(f"/desk/{code}")
            await an.sends(f"/desk/{code}/close", outcome="helped")
            assert "afgerond" in an.text
            assert codes(an) == []
            assert state(office, code) == ("closed", "helped")
            await office.settles()
            assert any(
                "An heeft je aanvraag" in sent.text for sent in office.house.channel.to("ana")
            )
            acts = [act for act in office.acts() if act[1] != "open"]
            assert acts == [
                ("An", "first_login", ""),
                ("An", "claim", code),
                ("An", "reply", code),
                ("An", "close", code),
            ]
            assert ("An", "open", code) in office.acts()

    asyncio.run(story())


def test_the_program_takes_over_again_when_it_is_handed_back(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request()
            an = await office.member("An")
            await an.opens("/desk")
            await an.sends(f"/desk/{code}/claim")
            await an.sends(f"/desk/{code}/reply", text="Ik geef je door")
            await an.sends(f"/desk/{code}/hand_back")
            await office.settles()
            texts = " ".join(sent.text for sent in office.house.channel.to("ana"))
            assert "Ik ben er weer, het computerprogramma" in texts
            assert state(office, code) == ("closed", "handed_back")
            assert office.acts()[-1] == ("An", "hand_back", code)

    asyncio.run(story())


def test_a_call_outside_the_chat_keeps_the_promise(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request("ana", how="call", contact="06 12345678")
            an = await office.member("An")
            await an.opens(f"/desk/{code}")
            await an.sends(f"/desk/{code}/claim")
            assert "Ik heb contact gehad" in an.text
            await an.sends(f"/desk/{code}/contacted")
            assert "De belofte is nagekomen" in an.text
            assert "Ik heb contact gehad" not in an.text
            assert office.acts()[-2][1] == "contacted" or office.acts()[-1][1] == "contacted"
            office.house.clock.forward(days=5)
            await office.house.app.schedule.promises()
            await office.settles()
            assert "niet gelukt" not in office.house.last("ana")

    asyncio.run(story())


def test_of_two_who_take_a_request_at_once_one_has_it(tmp_path: Path, database_url: str) -> None:
    async def story() -> None:
        async with an_office(tmp_path, database_url=database_url) as office:
            team = [await office.member(name) for name in ("An", "Bo", "Cem", "Dana")]
            for number in range(4):
                code = await office.request("ana", code=f"KPM-7R{number}")
                for member in team:
                    await member.opens("/desk")
                await asyncio.gather(*(member.sends(f"/desk/{code}/claim") for member in team))
                won = [member for member in team if "Jij hebt deze aanvraag" in member.text]
                lost = [member for member in team if "Net te laat" in member.text]
                assert (len(won), len(lost)) == (1, 3)
                acts = [act for act in office.acts() if act[2] == code]
                (winner,) = [who for who, act, _ in acts if act == "claim"]
                assert len([act for act in acts if act[1] == "claim_lost"]) == 3
                assert all(f"<strong>{winner}</strong> heeft" in member.text for member in lost)
            await office.settles()
            told = [sent.text for sent in office.house.channel.to("ana") if "gezien" in sent.text]
            assert len(told) == 4

    asyncio.run(story())


def test_only_who_has_a_request_may_answer_or_end_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request()
            an, bo = await office.member("An"), await office.member("Bo")
            await bo.opens(f"/desk/{code}")
            await bo.sends(f"/desk/{code}/reply", text="nog niet van mij")
            assert "Niemand heeft deze aanvraag nu" in bo.text
            await an.opens("/desk")
            await an.sends(f"/desk/{code}/claim")
            await bo.opens(f"/desk/{code}")
            assert "<strong>An</strong> heeft" in bo.text
            assert 'id="text"' not in bo.text
            assert "/hand_over" not in bo.text
            before = len(office.acts())
            for act, fields in (
                ("reply", {"text": "van An"}),
                ("close", {"outcome": "helped"}),
                ("hand_back", {}),
            ):
                await bo.sends(f"/desk/{code}/{act}", **fields)
                assert "Alleen wie de aanvraag heeft" in bo.text
            assert [act for _, act, _ in office.acts()[before:]] == ["open"] * 3
            await office.settles()
            assert "van An" not in " ".join(m.text for m in office.house.channel.to("ana"))
            assert state(office, code) == ("claimed", None)

    asyncio.run(story())


def test_nobody_gets_anywhere_without_logging_in(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request()
            stranger = await office.browser()
            reads = {"/desk", "/desk/queue", "/desk/audit", "/desk/begrip", "/desk/zoek"}
            reads |= {"/desk/{code}", "/desk/{code}/talk", "/desk/{code}/ready"}
            acts = ("claim", "reply", "contacted", "hand_back", "close")
            acts += ("note", "release", "hand_over", "snooze", "reopen")
            acts += ("ready/look", "ready/send")
            writes = {"/desk/logout", *(f"/desk/{{code}}/{act}" for act in acts)}
            open_to_all = {"/desk/login", "/desk/first/{token}", "/desk/static/{mark}/{name}"}
            routes = {
                (route.path, method)
                for route in office.web.routes
                if route.path.startswith("/desk")
                for method in route.methods
            }
            known = {(path, "GET") for path in reads} | {(path, "POST") for path in writes}
            rest = {path for path, method in routes - known if method != "HEAD"}
            assert rest == {*open_to_all, "/desk/events"}
            assert known <= routes
            for path, method in known:
                page = await stranger.client.request(method, path.replace("{code}", code))
                assert page.status_code == 303, path
                assert page.headers["location"].startswith("/desk/login")
            assert (await stranger.client.get("/desk/events")).status_code == 204
            assert state(office, code) == ("open", None)

    asyncio.run(story())


@pytest.mark.parametrize("token", [None, "", "forged", "é"])
def test_a_form_without_its_own_token_is_refused(tmp_path: Path, token: str | None) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request()
            an = await office.member("An")
            fields = {"text": "hoi", "outcome": "helped"}
            if token is not None:
                fields["csrf"] = token
            for act in ("logout", *(f"{code}/{a}" for a in ("claim", "reply", "close"))):
                page = await an.client.post(f"/desk/{act}", data=fields)
                assert page.status_code == 403
            assert state(office, code) == ("open", None)
            assert (await an.opens("/desk")).url.path == "/desk"

    asyncio.run(story())


def test_another_members_token_and_another_site_are_refused(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request()
            an, bo = await office.member("An"), await office.member("Bo")
            page = await bo.client.post(f"/desk/{code}/claim", data={"csrf": an.token})
            assert page.status_code == 403
            page = await an.client.post(
                f"/desk/{code}/claim",
                data={"csrf": an.token},
                headers={"Origin": "https://evil.example"},
            )
            assert page.status_code == 403
            assert state(office, code) == ("open", None)

    asyncio.run(story())


def test_what_a_resident_writes_is_shown_and_never_run(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request(name=XSS, note=XSS, contact=XSS, how="visit")
            an = await office.member("An")
            await an.sends(f"/desk/{code}/claim")
            await office.house.hears("ana", XSS)
            for path in ("/desk", f"/desk/{code}", f"/desk/{code}/talk", "/desk/audit"):
                page = (await an.opens(path)).text
                assert "<script>alert" not in page
                assert "<img src=x" not in page
            page = (await an.opens(f"/desk/{code}")).text
            assert page.count("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;") >= 3
            assert not re.search(r"<script>|<[^>]+\s(on[a-z]+|style)=", page)
            await an.sends(f"/desk/{code}/reply", text="x" * 4000 + "</textarea><script>x</script>")
            assert "</textarea><script>" not in an.text

    asyncio.run(story())


def test_a_citizen_service_number_does_not_leave_the_desk(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request()
            an = await office.member("An")
            await an.opens("/desk")
            await an.sends(f"/desk/{code}/claim")
            await an.sends(f"/desk/{code}/reply", text="uw bsn is 111222333, klopt dat?")
            assert "burgerservicenummer is eruit gehaald" in an.text
            await office.settles()
            assert office.house.last("ana") == "An: uw bsn is [BSN], klopt dat?"
        assert b"111222333" not in (tmp_path / "v.db").read_bytes()

    asyncio.run(story())


def test_a_reply_that_cannot_go_is_explained_and_kept(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request()
            an = await office.member("An")
            await an.opens("/desk")
            await an.sends(f"/desk/{code}/claim")
            for empty in ("", "  \r\n ", "\u200b\u200d"):
                page = await an.sends(f"/desk/{code}/reply", text=empty)
                assert page.status_code == 422
                assert "nog leeg" in page.text
            page = await an.sends(f"/desk/{code}/reply", text="lang " * 700)
            assert page.status_code == 422
            assert "3499 tekens" in page.text
            assert "lang lang" in page.text
            page = await an.sends(f"/desk/{code}/reply", text="🙂" * 3000)
            assert page.status_code == 200
            page = await an.sends(f"/desk/{code}/reply", text="x" * 400_000)
            assert page.status_code == 413
            await an.opens(f"/desk/{code}")
            page = await an.sends(f"/desk/{code}/close", outcome="forged")
            assert page.status_code == 422
            assert "Kies eerst" in page.text
            assert state(office, code) == ("claimed", None)

    asyncio.run(story())


def test_a_reply_sent_twice_by_a_double_tap_arrives_once(tmp_path: Path, database_url: str) -> None:
    async def story() -> None:
        async with an_office(tmp_path, database_url=database_url) as office:
            code = await office.request()
            an = await office.member("An")
            await an.sends(f"/desk/{code}/claim")
            form = {"csrf": an.token, "text": "Ik bel je", "after": "0"}
            tap = [an.client.post(f"/desk/{code}/reply", data=form) for _ in range(3)]
            assert {page.status_code for page in await asyncio.gather(*tap)} == {303}
            await office.settles()
            said = [m for m in office.house.channel.to("ana") if m.text == "An: Ik bel je"]
            assert len(said) == 1
            after = re.search(r'id="after" value="(\d+)"', (await an.opens(f"/desk/{code}")).text)
            assert after is not None
            await an.sends(f"/desk/{code}/reply", text="Ik bel je", after=after[1])
            await office.settles()
            said = [m for m in office.house.channel.to("ana") if m.text == "An: Ik bel je"]
            assert len(said) == 2

    asyncio.run(story())


def test_what_became_of_a_reply_is_shown(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request()
            an = await office.member("An")
            await an.sends(f"/desk/{code}/claim")
            await office.settles()
            for outcome, shown in (
                (Retry(30), "Wacht op verzending"),
                (Refused("message is too strange"), "het platform nam het bericht niet aan"),
                (Blocked(), "de bewoner heeft de chat geblokkeerd"),
            ):
                office.house.channel.answers = [outcome]
                await an.opens(f"/desk/{code}")
                await an.sends(f"/desk/{code}/reply", text=f"hoi {shown}")
                await office.settles()
                page = (await an.opens(f"/desk/{code}")).text
                assert shown in page.split("hoi ")[-1].split("</p>", 1)[1]
                office.clock.forward(minutes=2)
                await office.settles()

    asyncio.run(story())


def test_the_nearest_promise_stands_on_top_and_a_crisis_above_all(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            for code, hours in (("AAA-AA3", 9), ("CCC-CC3", 1), ("EEE-EE3", 5)):
                await office.request(code, code=code)
                with office.house.app.database.begin() as session:
                    row = handoffs.by_code(session, code)
                    assert row is not None
                    row.due_at = office.clock().replace(hour=10 + hours)
            await office.request("crisis", code="DDD-DD3", crisis="crisis_violence", how="call")
            an = await office.member("An")
            await an.opens("/desk")
            assert codes(an) == ["DDD-DD3", "CCC-CC3", "EEE-EE3", "AAA-AA3"]
            assert "Dringend: geweld of dreiging" in an.text
            assert "nog 1 uur" in an.text
            office.clock.forward(hours=3)
            await an.opens("/desk")
            assert "2 uur te laat" in an.text
            assert "1 te laat" in an.text
            await an.sends("/desk/CCC-CC3/claim")
            await an.opens("/desk?show=mine")
            assert codes(an) == ["CCC-CC3"]
            await an.opens("/desk?show=free")
            assert codes(an) == ["DDD-DD3", "EEE-EE3", "AAA-AA3"]
            await an.opens("/desk?show=forged")
            await an.sends("/desk/CCC-CC3/reply", text="hallo")
            await an.opens("/desk")
            assert codes(an)[-1] == "CCC-CC3"
            assert "beantwoord" in an.text
            await office.settles()
            await office.house.hears("CCC-CC3", "en nog iets")
            await an.opens("/desk")
            assert codes(an)[:2] == ["DDD-DD3", "CCC-CC3"]

    asyncio.run(story())


def test_everything_the_resident_told_is_shown_in_dutch(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            note = "أنا وحيدة"
            code = await office.request(
                language="ar",
                how="call",
                when="evening",
                name="Amal",
                contact="06 1234 5678",
                note=note,
                neighbourhood="holtenbroek",
                buddy=True,
                for_other=True,
                topic="need_buddy",
                entry="gone-since-the-last-import",
            )
            an = await office.member("An")
            page = (await an.opens(f"/desk/{code.lower()}")).text
            for shown in (
                "Arabisch",
                "Bellen",
                "In de avond",
                "Amal",
                'href="tel:0612345678"',
                "Holtenbroek",
                "Gaat graag met iemand samen",
                "Voor iemand anders",
                "gone-since-the-last-import",
                f'dir="auto" lang="ar">{note}</blockquote>',
            ):
                assert shown in page, shown

    asyncio.run(story())


def test_a_request_that_is_not_there_is_answered_kindly(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await office.member("An")
            for code in ("KPM-7RT", "x", "%00%00%00-%00", "KPM-7RT%27--"):
                for path in (f"/desk/{code}", f"/desk/{code}/talk"):
                    assert (await an.opens(path)).status_code == 404
                await an.opens("/desk")
                acts = ("claim", "reply", "contacted", "close", "hand_back", "reopen")
                for act in (*acts, "note", "release", "hand_over", "snooze"):
                    token = an.token
                    page = await an.client.post(f"/desk/{code}/{act}", data={"csrf": token})
                    assert page.status_code == 404, (code, act)

    asyncio.run(story())


def test_a_withdrawn_request_says_so_and_shows_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request(name="Geheim", note="geheime woorden")
            an = await office.member("An")
            await an.sends(f"/desk/{code}/claim")
            with office.house.app.database.begin() as session:
                handoffs.withdraw(session, code, office.clock())
            page = (await an.opens(f"/desk/{code}")).text
            assert "trok deze aanvraag in" in page
            assert "gewist" in page
            assert "eheim" not in page
            await an.sends(f"/desk/{code}/reply", text="ben je er nog?")
            assert "niet meer open" in an.text
            assert state(office, code) == ("withdrawn", "withdrawn")

    asyncio.run(story())


def test_the_log_only_grows_and_names_no_resident(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            code = await office.request(name="Amal", note="mijn woorden")
            an = await office.member("An")
            await an.opens(f"/desk/{code}")
            stranger = await office.browser()
            await stranger.logs_in("amal@huis.example", "verkeerd geraden 1")
            page = (await an.opens("/desk/audit")).text
            assert "aanvraag bekeken" in page
            assert "inloggen mislukt" in page
            assert "onbekend" in page
            for secret in ("Amal", "amal@", "mijn woorden", "example"):
                assert secret not in page
            await an.opens(f"/desk/{code}/talk")
            assert [act for act in office.acts() if act[1] == "open"] == [("An", "open", code)]

    asyncio.run(story())


def test_a_database_that_is_away_is_told_kindly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await office.member("An")

            def away(*_: object) -> None:
                raise OperationalError("select", {}, Exception("gone"))

            monkeypatch.setattr(handoffs, "queue", away)
            page = await an.opens("/desk")
            assert page.status_code == 503
            assert "niet bereikbaar" in page.text

    asyncio.run(story())
