"""Finding a request in the queue: by code, neighbourhood, topic, language, way of contact."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from bot.desk.visit import written_code
from tests.bot.desk.people import Browser, Office, an_office


def codes(browser: Browser) -> set[str]:
    return set(re.findall(r'id="open-([A-Z0-9-]+)"', browser.text))


def counts(browser: Browser) -> dict[str, int]:
    found = re.findall(r'id="show-(\w+)".*?class="count">(\d+)<', browser.text)
    return {name: int(count) for name, count in found}


async def a_queue(office: Office) -> Browser:
    """Three requests, of which An has the last."""
    await office.request("ana", code="AAA-AA3", neighbourhood="berkum", language="ar", how="call")
    await office.request("bea", code="CCC-CC3", neighbourhood="berkum", topic="need_debt")
    await office.request("cas", code="DDD-DD3", language="ar", topic=None)
    an = await office.member("An")
    await an.sends("/desk/DDD-DD3/claim")
    return an


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("place=berkum", {"AAA-AA3", "CCC-CC3"}),
        ("place=-", {"DDD-DD3"}),
        ("topic=need_debt", {"CCC-CC3"}),
        ("topic=-", {"DDD-DD3"}),
        ("language=ar", {"AAA-AA3", "DDD-DD3"}),
        ("how=call", {"AAA-AA3"}),
        ("place=berkum&language=ar", {"AAA-AA3"}),
        ("place=&language=", {"AAA-AA3", "CCC-CC3", "DDD-DD3"}),
        ("place=holtenbroek", set()),
        ("colour=red", {"AAA-AA3", "CCC-CC3", "DDD-DD3"}),
    ],
)
def test_the_queue_is_sifted_by_what_is_chosen(tmp_path: Path, query: str, shown: set[str]) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await a_queue(office)
            await an.opens(f"/desk?{query}")
            assert codes(an) == shown
            await an.opens(f"/desk/queue?{query}")
            assert codes(an) == shown

    asyncio.run(story())


def test_the_counts_and_the_links_keep_what_is_chosen(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await a_queue(office)
            await an.opens("/desk?language=ar&show=mine")
            assert codes(an) == {"DDD-DD3"}
            assert counts(an) == {"all": 2, "free": 1, "mine": 1}
            # Who waits is told whole: a choice must not hide that somebody waits too long.
            assert "2 nog vrij, 1 van jou" in an.text
            assert '<option value="ar" selected>Arabisch</option>' in an.text
            assert 'data-part="/desk/queue?show=mine&amp;language=ar"' in an.text
            link = re.search(r'id="show-free" href="([^"]+)"', an.text)
            assert link is not None
            await an.opens(link[1].replace("&amp;", "&"))
            assert codes(an) == {"AAA-AA3"}
            assert counts(an) == {"all": 2, "free": 1, "mine": 1}

    asyncio.run(story())


def test_a_choice_that_nobody_fits_can_be_undone(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await a_queue(office)
            await an.opens('/desk?place="><script>x</script>&show=free')
            assert codes(an) == set()
            assert "Er is geen aanvraag die past" in an.text
            assert '<a href="/desk?show=free">Toon weer alles</a>' in an.text
            assert "niemand meer</option>" in an.text
            assert "<script>x" not in an.text

    asyncio.run(story())


@pytest.mark.parametrize("typed", ["KPM-7RT", "kpm7rt", " kpm 7rt ", "kpm–7rt", "K.P.M.7.R.T"])
def test_a_code_opens_its_request_however_it_is_typed(tmp_path: Path, typed: str) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            await office.request()
            an = await office.member("An")
            an.page = await an.client.get(
                "/desk/zoek", params={"code": typed}, follow_redirects=True
            )
            assert an.page.url.path == "/desk/KPM-7RT"
            assert "Niemand heeft deze aanvraag nog" in an.text

    asyncio.run(story())


@pytest.mark.parametrize("typed", ["", "KPM-7R", "CCC-CC3", "KPM-7RTX", "<b>x</b>", "ＫＰＭ７ＲＴ"])
def test_a_code_that_is_not_there_is_told_at_the_queue(tmp_path: Path, typed: str) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            await office.request()
            an = await office.member("An")
            an.page = await an.client.get("/desk/zoek", params={"code": typed})
            assert an.page.status_code == 404
            assert "Er is geen aanvraag met code" in an.text
            assert codes(an) == {"KPM-7RT"}
            assert "<b>x" not in an.text

    asyncio.run(story())


def test_only_six_signs_make_a_code() -> None:
    assert written_code("kpm7rt") == "KPM-7RT"
    assert written_code("kpm7r") == written_code("kpm7rt9") == written_code("----") == ""
