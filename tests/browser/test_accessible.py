"""Axe finds nothing on any kind of page, in either direction, in light and in dark."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, a_visit

pytestmark = pytest.mark.browser

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


def is_accessible(page: Page) -> None:
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(one["id"], _where(one)) for one in found] == []


def _where(violation: dict[str, Any]) -> list[str]:
    return [node["html"][:120] for node in violation["nodes"]]


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("language", ["nl", "ar"])
def test_axe_finds_nothing(
    chromium: Browser, server: Server, language: str, colours: Literal["light", "dark"]
) -> None:
    options: dict[str, Any] = {
        "locale": language,
        "color_scheme": colours,
        "reduced_motion": "reduce",
        # The page forbids scripts that are not its own; axe is one.
        "bypass_csp": True,
    }
    with a_visit(chromium, server.url, **options) as visit:
        page = visit.page()
        page.goto("/")
        is_accessible(page)
        page.locator("[name=start]").click()
        newest = page.locator("#log article").last
        newest.locator("button[value$=':themes']").click()
        newest.locator("button[value$=':theme:company']").click()
        newest.locator("button[value$=':topic:need_contact']").click()
        newest.locator("button[value$=':whole_city']").click()
        expect(newest.locator(".card")).to_have_count(3)
        is_accessible(page)
        newest.locator(".open").first.click()
        expect(newest.locator(".card")).to_have_count(1)
        is_accessible(page)
        page.locator("#write").fill("112 nu! er is brand")
        page.keyboard.press("Enter")
        expect(newest.locator("a[href='tel:112']").first).to_be_visible()
        page.locator("summary").click()
        is_accessible(page)
        page.goto("/?wiped")
        is_accessible(page)
