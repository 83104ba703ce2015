"""The desk as the team uses it, with a resident in another browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.store import conversations, handoffs, staff
from flows.effects import Draft
from tests.browser.conftest import PHONE, Server, Visit, a_server, a_visit
from tests.browser.test_accessible import is_accessible

pytestmark = pytest.mark.browser

PASSWORD = "paard batterij nietje"
DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Server]:
    """A house of its own: nobody else's requests stand in its queue."""
    with a_server(tmp_path) as server:
        yield server


def link(office: Server, name: str) -> str:
    with office.app.database.begin() as session:
        return staff.add(session, f"{name.lower()}@wijk.example", name, office.clock())


@contextmanager
def at_the_desk(chromium: Browser, office: Server, name: str, **options: Any) -> Iterator[Page]:
    """Somebody of the team who just came in; errors of the script fail the test."""
    with a_visit(chromium, office.url, **{"viewport": DESKTOP, **options}) as visit:
        page = visit.page()
        page.on("pageerror", lambda error: pytest.fail(f"the script stumbled: {error}"))
        page.goto(f"/desk/first/{link(office, name)}")
        page.get_by_label("Wachtwoord").fill(PASSWORD)
        page.get_by_label("Nog een keer").fill(PASSWORD)
        page.get_by_role("button", name="Bewaar en ga verder").click()
        expect(page.get_by_role("heading", name="Aanvragen")).to_be_visible()
        yield page
        assert visit.strayed == []


def asks_for_a_person(visit: Visit) -> Page:
    """A resident asks for somebody of the team, in the chat."""
    page = visit.page()
    page.goto("/")
    page.locator("#write").fill("ik wil een mens spreken")
    page.keyboard.press("Enter")
    for label in ("Hier in de chat", "Zo snel het kan", "Zonder naam", "Liever niets", "Verstuur"):
        page.locator("#log article").last.get_by_role("button", name=label).first.click()
    expect(page.locator("#log article").last).to_contain_text("Je aanvraag ligt bij het team")
    return page


def asked(office: Server, code: str, **changes: Any) -> None:
    """A request as the flows would leave it."""
    now = office.clock()
    due = changes.pop("due", office.app.place.city.team.hours.add_hours(now, 8))
    fields = {"topic": "need_contact", "how": "chat", "when": "asap", "language": "nl", **changes}
    with office.app.database.begin() as session:
        resident = conversations.find_or_create(session, "web", code, fields["language"], now)
        handoffs.open_request(session, resident.id, code, Draft(**fields), due, now)


def test_a_request_appears_is_taken_answered_and_closed(chromium: Browser, office: Server) -> None:
    with (
        at_the_desk(chromium, office, "An") as an,
        a_visit(chromium, office.url) as visit,
    ):
        expect(an.locator("main")).to_contain_text("Niemand wacht")
        chat = asks_for_a_person(visit)
        expect(an.get_by_role("button", name="Oppakken")).to_be_visible()
        expect(an).to_have_title(re.compile(r"^\(1\) Aanvragen"))
        expect(an.locator("#news")).to_have_text("Er is een nieuwe aanvraag.")
        an.get_by_role("button", name="Oppakken").click()
        expect(an.locator("main")).to_contain_text("Jij hebt deze aanvraag")
        expect(chat.locator("#log article").last).to_contain_text("An van het team")
        an.get_by_label("Jouw bericht").fill("Dag! Hoe gaat het met je?")
        an.get_by_role("button", name="Verstuur", exact=True).click()
        expect(chat.locator("#log article").last).to_contain_text("Hoe gaat het met je?")
        expect(an.locator(".talk li").last).to_contain_text("Verstuurd")
        chat.locator("#write").fill("niet zo goed")
        chat.keyboard.press("Enter")
        expect(an.locator(".talk li").last).to_contain_text("niet zo goed")
        an.get_by_text("Klaar? Rond de aanvraag af").click()
        an.get_by_label("Geholpen").check()
        an.get_by_role("button", name="Rond af").click()
        expect(an.locator("main")).to_contain_text("De aanvraag is afgerond")
        expect(an.locator("main")).to_contain_text("Niemand wacht")
        expect(chat.locator("#log")).to_contain_text("An heeft je aanvraag afgerond")


def test_a_ready_made_reply_goes_by_the_keyboard_alone(chromium: Browser, office: Server) -> None:
    with (
        at_the_desk(chromium, office, "An", viewport=PHONE, java_script_enabled=False) as an,
        a_visit(chromium, office.url) as visit,
    ):
        chat = asks_for_a_person(visit)
        an.goto("/desk")
        an.get_by_role("button", name="Oppakken").click()
        an.get_by_role("link", name="Kies een kant-en-klaar antwoord").press("Enter")
        an.get_by_role("link", name="Ik bel je op").press("Enter")
        an.get_by_label("Dag").select_option(index=7)
        an.get_by_label("Van").select_option("10:30")
        an.get_by_label("Tot").select_option("11:00")
        an.get_by_label("Tot").press("Tab")
        an.keyboard.press("Enter")
        expect(an.get_by_role("heading", name="Zo gaat het weg")).to_be_visible()
        an.get_by_role("button", name="Verstuur").press("Enter")
        expect(an.locator("main")).to_contain_text("Je antwoord is onderweg")
        expect(chat.locator("#log article").last).to_contain_text("tussen 10:30 en 11:00")


def test_what_is_being_written_stays_while_words_come_in(chromium: Browser, office: Server) -> None:
    asked(office, "KPM-7RT")
    with at_the_desk(chromium, office, "An", viewport=PHONE) as an:
        an.get_by_role("button", name="Oppakken").click()
        text = an.get_by_label("Jouw bericht")
        text.fill("Ik denk met je")
        place = text.bounding_box()
        with office.app.database.begin() as session:
            row = handoffs.by_code(session, "KPM-7RT")
            assert row is not None
            assert row.conversation_id is not None
            words = "ben je er nog?\n" * 8
            handoffs.add_words(session, row.code, row.conversation_id, words, office.clock())
        expect(an.locator(".talk li")).to_have_count(1)
        expect(an.locator("#news")).to_have_text("Er is een nieuw bericht.")
        expect(text).to_be_focused()
        expect(text).to_have_value("Ik denk met je")
        moved = text.bounding_box()
        assert place is not None
        assert moved is not None
        assert abs(place["y"] - moved["y"]) < 2
        with office.app.database.begin() as session:
            handoffs.withdraw(session, "KPM-7RT", office.clock())
        expect(an.locator("#connection")).to_contain_text("intussen veranderd")
        expect(text).to_have_value("Ik denk met je")


def test_the_place_in_the_queue_is_kept_for_the_keyboard(chromium: Browser, office: Server) -> None:
    for number in range(3, 8):
        asked(office, f"KPM-7R{number}")
    with at_the_desk(chromium, office, "An", viewport=PHONE) as an:
        an.locator("#open-KPM-7R7").focus()
        before = an.evaluate("window.scrollY")
        assert before > 0
        asked(office, "KPM-7RT")
        expect(an.locator("#open-KPM-7RT")).to_be_attached()
        expect(an.locator("#open-KPM-7R7")).to_be_focused()
        assert an.evaluate("window.scrollY") == before
        an.keyboard.press("Enter")
        expect(an.get_by_role("heading", level=1)).to_contain_text("KPM-7R7")


def test_two_members_see_each_other_take_a_request(chromium: Browser, office: Server) -> None:
    asked(office, "KPM-7RT")
    with (
        at_the_desk(chromium, office, "An") as an,
        at_the_desk(chromium, office, "Bo") as bo,
    ):
        bo.locator("#open-KPM-7RT").click()
        an.get_by_role("button", name="Oppakken").click()
        expect(bo.locator("main")).to_contain_text("An heeft deze aanvraag")
        expect(bo.get_by_role("button", name="Oppakken")).to_have_count(0)


def test_who_logs_out_elsewhere_is_out_here_and_keeps_what_was_written(
    chromium: Browser, office: Server
) -> None:
    asked(office, "KPM-7RT")
    with at_the_desk(chromium, office, "An") as an:
        an.get_by_role("button", name="Oppakken").click()
        other = an.context.new_page()
        other.goto("/desk")
        an.get_by_label("Jouw bericht").fill("nog niet verstuurd")
        other.get_by_role("button", name="Uitloggen").click()
        expect(other.get_by_role("heading", name="Inloggen")).to_be_visible()
        asked(office, "KPM-7R3")
        expect(an.locator("#connection")).to_contain_text("Je bent uitgelogd")
        expect(an.get_by_label("Jouw bericht")).to_have_value("nog niet verstuurd")


def test_everything_works_without_script(chromium: Browser, office: Server) -> None:
    asked(office, "KPM-7RT")
    with at_the_desk(chromium, office, "An", java_script_enabled=False) as an:
        an.get_by_role("button", name="Oppakken").click()
        an.get_by_label("Jouw bericht").fill("Dag!")
        an.get_by_role("button", name="Verstuur", exact=True).click()
        expect(an.locator(".talk li")).to_contain_text("Dag!")
        an.get_by_text("Klaar? Rond de aanvraag af").click()
        an.get_by_role("button", name="Geef terug aan het programma").click()
        expect(an.locator("main")).to_contain_text("Het programma praat weer met de bewoner")


def test_a_request_goes_to_a_colleague_whose_page_is_open(
    chromium: Browser, office: Server
) -> None:
    asked(office, "KPM-7RT", due=office.clock() + timedelta(days=9))
    with (
        at_the_desk(chromium, office, "Bo") as bo,
        at_the_desk(chromium, office, "An", viewport=PHONE) as an,
    ):
        an.get_by_role("button", name="Oppakken").click()
        bo.goto("/desk")
        bo.get_by_text("Zoek en filter").click()
        bo.get_by_label("Code van de aanvraag").fill("kpm7rt")
        bo.keyboard.press("Enter")
        expect(bo.locator("main")).to_contain_text("An heeft deze aanvraag")
        an.get_by_text("Geef aan een ander").click()
        an.get_by_label("Collega", exact=True).select_option("Bo")
        an.get_by_label("Notitie voor je collega").fill("belt liever na vieren")
        an.get_by_role("button", name="Draag over").click()
        expect(an.locator("main")).to_contain_text("Je collega heeft de aanvraag nu")
        expect(bo.locator("main")).to_contain_text("Jij hebt deze aanvraag")
        expect(bo.locator(".notes")).to_contain_text("belt liever na vieren")
        bo.get_by_text("Laat rusten tot later").click()
        bo.get_by_role("button", name=re.compile("^Tot ")).first.click()
        expect(bo.locator("main")).to_contain_text("De aanvraag rust")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_at_the_desk(
    chromium: Browser,
    office: Server,
    colours: Literal["light", "dark"],
    viewport: dict[str, int],
) -> None:
    late = office.clock()
    asked(office, "KPM-7RT", note="أنا وحيدة جدا", language="ar", name="Amal", due=late)
    asked(office, "KPM-7R3", crisis="crisis_violence", how="call", contact="06 12345678")
    options: dict[str, Any] = {
        "color_scheme": colours,
        "viewport": viewport,
        "reduced_motion": "reduce",
        # The pages forbid scripts that are not their own; axe is one.
        "bypass_csp": True,
    }
    with a_visit(chromium, office.url, **options) as visit:
        page = visit.page()
        page.goto("/desk")
        is_accessible(page)
        page.get_by_label("E-mailadres").fill("x@wijk.example")
        page.get_by_label("Wachtwoord").fill("verkeerd geraden")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_be_visible()
        is_accessible(page)
        page.goto(f"/desk/first/{link(office, 'Bo')}")
        is_accessible(page)
        page.goto("/desk/first/x")
        is_accessible(page)
    with at_the_desk(chromium, office, "An", **options) as an:
        an.get_by_text("Zoek en filter").click()
        is_accessible(an)
        an.locator("#open-KPM-7R3").click()
        expect(an.locator(".crisis")).to_be_visible()
        is_accessible(an)
        an.get_by_role("link", name="Alle aanvragen").click()
        an.locator("#claim-KPM-7RT").click()
        for text in ("Dag Amal", ""):
            an.get_by_label("Jouw bericht").fill(text or " ")
            an.get_by_role("button", name="Verstuur", exact=True).click()
            expect(an.locator(".talk li")).to_have_count(1)
        expect(an.get_by_role("alert")).to_be_visible()
        an.get_by_text("Maak een notitie voor het team").click()
        an.get_by_label("Notitie", exact=True).fill("belt liever na vieren")
        an.get_by_role("button", name="Bewaar de notitie").click()
        expect(an.get_by_role("status").first).to_contain_text("Alleen het team ziet hem")
        for summary in an.locator("details > summary").all():
            summary.click()
        is_accessible(an)
        an.get_by_role("link", name="Kies een kant-en-klaar antwoord").click()
        is_accessible(an)
        an.get_by_role("link", name="Zullen we afspreken").click()
        an.get_by_label("Plek").fill("  ")
        an.get_by_label("Dag").select_option(index=7)
        an.get_by_label("Hoe laat").select_option("10:30")
        an.get_by_role("button", name="Laat het zien").click()
        expect(an.get_by_role("alert")).to_be_visible()
        is_accessible(an)
        an.get_by_label("Plek").fill("de Terp")
        an.get_by_role("button", name="Laat het zien").click()
        expect(an.locator("#shown")).to_contain_text("de Terp")
        is_accessible(an)
        an.get_by_role("button", name="Verstuur").click()
        expect(an.locator(".talk li").last).to_contain_text("Zo leest de bewoner het")
        is_accessible(an)
        an.goto("/desk?show=mine&language=pl")
        is_accessible(an)
        an.goto("/desk/audit")
        is_accessible(an)
