"""What the desk sees of what was not understood: numbers, and small ones not at all."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path

from bot.store import needs
from flows.effects import RecordMisread
from tests.bot.desk.people import Browser, Office, an_office

FORMS_OR_DEBT = RecordMisread("refused", ("need_forms", "need_debt"))
NO_CRISIS = RecordMisread("refused", ("crisis_suicide",))
MISSED = RecordMisread("missed")


def happened(
    office: Office, what: RecordMisread, times: int, language: str = "nl", days_ago: int = 0
) -> None:
    at = office.clock() - timedelta(days=days_ago)
    with office.house.app.database.begin() as session:
        for _ in range(times):
            needs.misread(session, what, language, at)


def rows(browser: Browser, section: str) -> dict[str, list[str]]:
    """The rows of a table by their names, in the order in which they stand."""
    part = browser.text.split(f'aria-labelledby="{section}"')[1].split("</section>")[0]
    found = {}
    for row in re.findall(r"<tr role=\"row\">(.*?)</tr>", part, re.DOTALL)[1:]:
        name = re.search(r"<th[^>]*>(.*?)</th>", row)
        assert name is not None
        found[name[1]] = re.findall(r"<td[^>]*>(.*?)</td>", row)
    return found


def test_counts_are_shown_by_language_and_by_what_was_offered(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            happened(office, MISSED, 7)
            happened(office, MISSED, 6, days_ago=45)
            happened(office, FORMS_OR_DEBT, 5, "tr")
            happened(office, FORMS_OR_DEBT, 5, "nl", days_ago=89)
            happened(office, NO_CRISIS, 9, "tr", days_ago=91)
            an = await office.member("An")
            await an.opens("/desk/begrip")
            few = "minder dan 5"
            assert rows(an, "languages") == {
                "Nederlands": ["7", "13", few, "5"],
                "Turks": [few, few, "5", "5"],
            }
            assert rows(an, "offered") == {"Brieven, formulieren · Schulden": ["5", "10"]}

    asyncio.run(story())


def test_small_numbers_are_not_told_by_the_page_nor_by_its_order(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            happened(office, MISSED, 4, "uk")
            happened(office, MISSED, 1, "ar")
            happened(office, NO_CRISIS, 2, "ar")
            an = await office.member("An")
            await an.opens("/desk/begrip")
            few = "minder dan 5"
            assert list(rows(an, "languages")) == ["Arabisch", "Oekraïens"]
            assert {cell for row in rows(an, "languages").values() for cell in row} == {few}
            assert rows(an, "offered") == {"Gedachten aan zelfdoding": [few, few]}

    asyncio.run(story())


def test_with_nothing_counted_the_page_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await office.member("An")
            assert (await an.opens("/desk/begrip")).status_code == 200
            assert an.text.count("Nog niets geteld.") == 2

    asyncio.run(story())


def test_the_page_is_linked_from_every_page_and_marks_itself(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await office.member("An")
            await an.opens("/desk/audit")
            assert '<a href="/desk/begrip">Niet begrepen</a>' in an.text
            await an.opens("/desk/begrip")
            assert '<a href="/desk/begrip" aria-current="page">' in an.text

    asyncio.run(story())


def test_only_who_is_logged_in_sees_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            stranger = await office.browser()
            page = await stranger.opens("/desk/begrip")
            assert page.url.path == "/desk/login"
            assert "Per taal" not in stranger.text

    asyncio.run(story())
