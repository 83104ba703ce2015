"""The chat as people use it: with a phone, with a keyboard, with a bad connection."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Server, Visit, a_server, a_visit

pytestmark = pytest.mark.browser

ALONE = "ik ben zo alleen de laatste tijd"


def opened(visit: Visit, path: str = "/") -> Page:
    """The page, once its script runs; errors of the script fail the test."""
    page = visit.page()
    page.on("pageerror", lambda error: pytest.fail(f"the script stumbled: {error}"))
    page.goto(path)
    return page


def says(page: Page, text: str) -> None:
    page.get_by_label(re.compile("Schrijf hier|اكتب هنا|Write here")).fill(text)
    page.keyboard.press("Enter")


def newest(page: Page) -> Locator:
    return page.locator("#log article").last


def finds_company(page: Page, server: Server) -> None:
    """Go from the first words to three offers."""
    server.meaning.means[ALONE] = "need_contact"
    says(page, ALONE)
    expect(newest(page)).to_contain_text("In welke buurt")
    says(page, "Holtenbroek")
    expect(newest(page).locator(".card")).to_have_count(3)


def test_from_the_first_words_to_an_offer_and_back(visit: Visit, server: Server) -> None:
    page = opened(visit)
    finds_company(page, server)
    expect(page.locator(".mine").first).to_contain_text(ALONE)
    name = newest(page).locator(".card h3").first.inner_text()
    newest(page).get_by_role("button", name=f"Bekijk dit {name}").click()
    expect(newest(page)).to_contain_text("Hier staat alles")
    expect(newest(page)).to_contain_text("Nagekeken op")
    expect(newest(page).locator(".card")).to_have_count(1)
    page.get_by_role("button", name="Terug", exact=True).click()
    expect(newest(page).locator(".card")).to_have_count(3)
    expect(page.locator("article:not(.past) .open")).to_have_count(3)


def test_the_page_says_what_it_is_and_asks_nothing(visit: Visit) -> None:
    page = opened(visit)
    expect(page).to_have_title(re.compile("Voordeur"))
    expect(page.locator("main")).to_contain_text("Je naam hoeft niet.")
    page.get_by_role("button", name="Kom binnen").click()
    expect(newest(page)).to_contain_text("computerprogramma, geen mens")
    expect(page.locator("#threshold")).to_have_count(0)


def test_a_conversation_with_the_keyboard_alone(visit: Visit, server: Server) -> None:
    page = opened(visit)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Meteen schrijven")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#write")).to_be_focused()
    server.meaning.means[ALONE] = "need_contact"
    page.keyboard.type(ALONE)
    page.keyboard.press("Enter")
    expect(newest(page)).to_contain_text("In welke buurt")
    expect(page.locator("#write")).to_be_focused()
    page.keyboard.type("Holtenbroek")
    page.keyboard.press("Enter")
    first = newest(page).get_by_role("button").first
    expect(first).to_contain_text("Bekijk dit")
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if first.evaluate("button => button === document.activeElement"):
            break
    outline = first.evaluate("button => getComputedStyle(button).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    # What was tapped is gone; the focus is with the answer, its choices one Tab away.
    expect(newest(page)).to_contain_text("Hier staat alles")
    expect(newest(page)).to_be_focused()
    page.keyboard.press("Tab")
    inside = (
        "document.activeElement.closest('article') === document.querySelector('#log').lastChild"
    )
    assert page.evaluate(inside)


def test_the_whole_page_turns_around_in_arabic(chromium: Browser, server: Server) -> None:
    with a_visit(chromium, server.url, locale="ar") as visit:
        page = opened(visit)
        assert page.evaluate("document.documentElement.dir") == "rtl"
        page.get_by_role("button", name="تفضّل بالدخول").click()
        expect(newest(page)).to_have_attribute("dir", "rtl")
        send = page.locator("#send").bounding_box()
        write = page.locator("#write").bounding_box()
        assert send
        assert write
        assert send["x"] < write["x"]
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert visit.strayed == []


def test_the_page_follows_when_the_language_changes(visit: Visit) -> None:
    page = opened(visit)
    page.get_by_role("button", name="Andere taal", exact=True).click()
    page.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("#write")).to_have_attribute("placeholder", "اكتب هنا")
    page.get_by_label("اكتب هنا").fill("مرحبا")
    page.keyboard.press("Enter")
    expect(page.locator(".mine").last).to_contain_text("مرحبا")
    expect(page.locator(".mine.waiting")).to_have_count(0)


def test_it_goes_on_after_the_server_was_away(chromium: Browser, tmp_path: Path) -> None:
    with a_server(tmp_path) as server, a_visit(chromium, server.url) as visit:
        page = opened(visit)
        says(page, "menu")
        expect(newest(page)).to_contain_text("Waar gaat het over")
        server.stop()
        expect(page.locator("#state")).to_contain_text("Verbinding kwijt")
        says(page, "terug")
        expect(page.locator("#state")).to_contain_text("Nog niet verstuurd")
        expect(page.locator(".mine.waiting")).to_contain_text("terug")
        server.start()
        expect(page.locator(".mine.waiting")).to_have_count(0, timeout=20_000)
        expect(newest(page)).to_contain_text("Hallo", timeout=20_000)
        expect(page.locator("#state")).to_have_text("", timeout=20_000)
        assert page.locator(".mine", has_text="terug").count() == 1


def test_coming_back_shows_the_conversation_again(visit: Visit) -> None:
    page = opened(visit)
    says(page, "menu")
    expect(newest(page)).to_contain_text("Waar gaat het over")
    letters = page.locator("#log article").count()
    page.reload()
    expect(page.locator("#log article")).to_have_count(letters)
    newest(page).get_by_role("button", name="Geld en werk").click()
    expect(newest(page)).to_contain_text("Wat past het best")


def test_leave_goes_somewhere_neutral_and_shows_nothing_more(
    chromium: Browser, server: Server
) -> None:
    with a_visit(chromium, server.url) as visit:
        page = opened(visit)
        says(page, "mijn man slaat mij")
        expect(newest(page)).to_contain_text("Veilig Thuis")
        page.get_by_role("link", name="Snel weg").click()
        page.wait_for_url(lambda address: not address.startswith(server.url))
        assert "elsewhere" in page.content()
        assert page.evaluate("history.length") <= 2
        assert [address.split("/")[2] for address in visit.strayed] == ["www.weeronline.nl"]


def test_wipe_asks_once_and_leaves_nothing(visit: Visit) -> None:
    page = opened(visit)
    says(page, "menu")
    expect(newest(page)).to_contain_text("Waar gaat het over")
    other = visit.page()
    other.goto("/")
    expect(newest(other)).to_contain_text("Waar gaat het over")
    page.get_by_text("Wis gesprek").click()
    page.get_by_role("button", name="Ja, wis alles").click()
    expect(page.locator("main")).to_contain_text("Alles is gewist")
    expect(page.locator("article")).to_have_count(0)
    expect(other.locator("article")).to_have_count(0)


def test_their_place_is_used_only_when_they_give_it(chromium: Browser, server: Server) -> None:
    here = {"latitude": 52.5254, "longitude": 6.0838}
    with a_visit(chromium, server.url, geolocation=here, permissions=["geolocation"]) as visit:
        page = opened(visit)
        server.meaning.means[ALONE] = "need_contact"
        says(page, ALONE)
        newest(page).get_by_role("button", name="Gebruik mijn plek").click()
        expect(newest(page).locator(".card").first).to_be_visible()


def test_without_a_script_it_works_by_forms(chromium: Browser, server: Server) -> None:
    with a_visit(chromium, server.url, java_script_enabled=False) as visit:
        page = visit.page()
        page.goto("/")
        server.meaning.means[ALONE] = "need_contact"
        page.fill("#write", ALONE)
        page.click("#send")
        assert "In welke buurt" in page.locator("#log").inner_text()
        page.get_by_role("button", name="Heel Zwolle").click()
        assert page.locator(".card").count() == 3
        page.locator(".open").first.click()
        assert "Hier staat alles" in page.locator("#log").inner_text()
        page.get_by_text("Wis gesprek").click()
        page.get_by_role("button", name="Ja, wis alles").click()
        assert "Alles is gewist" in page.locator("main").inner_text()


def test_twice_the_text_size_fits_on_a_phone(visit: Visit, server: Server) -> None:
    page = opened(visit)
    finds_company(page, server)
    page.evaluate("document.documentElement.style.fontSize = '225%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for name in ("Snel weg", "Wis gesprek"):
        expect(page.get_by_text(name)).to_be_visible()


def test_everything_to_tap_is_large_enough(visit: Visit, server: Server) -> None:
    page = opened(visit)
    finds_company(page, server)
    for target in page.locator("button:visible, summary:visible, .leave:visible").all():
        box = target.bounding_box()
        assert box
        assert box["height"] >= 44, target.inner_text()
        assert box["width"] >= 44, target.inner_text()


def test_the_way_out_stays_in_sight_on_a_screen_with_little_room(
    chromium: Browser, server: Server
) -> None:
    with a_visit(chromium, server.url, viewport={"width": 180, "height": 370}) as visit:
        page = opened(visit)
        finds_company(page, server)
        expect(page.get_by_text("Snel weg")).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") <= 180
