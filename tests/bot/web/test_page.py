"""The page: what it shows, in which language, and what it never does."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bot.web.visitor import Visitor, a_visitor, another

Story = Callable[[Visitor], Awaitable[None]]


def tell(folder: Path, story: Story, **changes: object) -> None:
    async def whole() -> None:
        async with a_visitor(folder, **changes) as visitor:
            await story(visitor)

    asyncio.run(whole())


def test_the_door_is_shown_in_the_language_of_the_browser(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        page = await ana.opens(headers={"accept-language": "ar-SY,ar;q=0.9,en;q=0.8"})
        assert '<html lang="ar" dir="rtl">' in page.text
        page = await ana.opens(headers={"accept-language": "xx, *;q=0.1"})
        assert '<html lang="nl" dir="ltr">' in page.text
        page = await ana.opens("/?lang=tr", headers={"accept-language": "ar"})
        assert '<html lang="tr" dir="ltr">' in page.text

    tell(tmp_path, story)


def test_looking_at_the_door_keeps_nothing(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.opens()
        assert (await ana.opens("/chat/data")).json() == {}

    tell(tmp_path, story)


def test_the_conversation_is_on_the_page_after_coming_back(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.opens()
        await ana.posts({"start": ""})
        page = await ana.sees()
        assert "computerprogramma, geen mens" in page
        assert 'role="log"' in page

    tell(tmp_path, story)


def test_only_the_newest_choices_can_be_tapped(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.opens()
        await ana.posts({"start": ""})
        assert 'value="1:themes"' in await ana.sees()
        await ana.taps("Onderwerpen")
        page = await ana.sees()
        assert 'value="1:themes"' not in page
        assert 'value="2:theme:company"' in page

    tell(tmp_path, story)


def test_everything_works_with_plain_forms(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        ana.house.meaning.means["ik ben alleen"] = "need_contact"
        await ana.opens()
        response = await ana.submits(key="form-key-1", text="ik ben alleen")
        assert (response.status_code, response.headers["location"]) == (303, "/#write")
        assert "In welke buurt" in await ana.sees()
        await ana.submits(key="form-key-2", text="Holtenbroek")
        page = await ana.sees()
        assert page.count('class="card"') == 3
        opens = re.search(r'value="(\d+:card:1)"', page)
        assert opens
        await ana.submits(key="form-key-3", choice=opens[1])
        assert "Hier staat alles" in await ana.sees()

    tell(tmp_path, story)


def test_what_a_person_wrote_is_never_markup(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.opens()
        await ana.says("ik wil een mens spreken")
        await ana.taps("Hier in de chat")
        await ana.taps("Zo snel het kan")
        await ana.says('<img src=x onerror="alert(1)">')
        await ana.says("geen")
        page = await ana.sees()
        assert "&lt;img src=x" in page
        assert "<img src=x" not in page

    tell(tmp_path, story)


def test_numbers_in_a_crisis_can_be_tapped(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.opens()
        await ana.says("ik wil niet meer leven")
        page = await ana.sees()
        assert 'href="tel:113"' in page
        assert 'href="tel:112"' in page

    tell(tmp_path, story)


def test_every_answer_carries_the_strict_headers(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        for path in ("/chat/events", "/", "/chat/data", "/?start=need_debt"):
            headers = (await ana.opens(path)).headers
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["cache-control"] == "no-store"
            assert headers["x-content-type-options"] == "nosniff"
            assert "geolocation=(self)" in headers["permissions-policy"]

    tell(tmp_path, story)


def test_the_page_needs_nothing_that_its_policy_forbids(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.opens()
        await ana.posts({"start": ""})
        page = await ana.sees()
        assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=|<style", page)
        loaded = re.findall(r'<(?:script|img|link)[^>]*(?:src|href)="([^"]+)"', page)
        assert loaded
        assert all(address.startswith("/chat/static/") for address in loaded)

    tell(tmp_path, story)


def test_files_are_kept_for_a_year_under_the_mark_of_their_content(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        (script,) = re.findall(r'src="(/chat/static/[^"]+/chat\.js)"', await ana.sees())
        response = await ana.opens(script)
        assert "immutable" in response.headers["cache-control"]
        assert response.headers["content-type"].startswith("text/javascript")
        assert (await ana.opens("/chat/static/0123456789ab/chat.js")).status_code == 404
        assert (await ana.opens("/chat/static/x/..%2Fpage.html")).status_code == 404

    tell(tmp_path, story)


def test_the_whole_page_is_small(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        page = await ana.sees()
        size = len(page.encode())
        for address in set(re.findall(r'(?:src|href)="(/chat/static/[^"]+)"', page)):
            size += len((await ana.opens(address)).content)
        assert size < 40_000

    tell(tmp_path, story)


def test_the_cookie_is_secret_and_goes_with_the_browser(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        cookie = (await ana.opens()).headers["set-cookie"].lower()
        for part in ("httponly", "samesite=strict", "path=/"):
            assert part in cookie
        assert "max-age" not in cookie
        assert "expires" not in cookie
        assert "secure" not in cookie

    tell(tmp_path, story)


def test_behind_https_the_cookie_never_travels_in_the_open(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        cookie = (await ana.opens()).headers["set-cookie"]
        assert cookie.startswith("__Host-voordeur=")
        assert "secure" in cookie.lower()

    tell(tmp_path, story, public_url="https://voordeur.example")


def test_two_browsers_do_not_see_each_other(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        await ana.opens()
        await ana.posts({"start": ""})
        async with another(ana) as bob:
            assert "<article" not in await bob.sees()

    tell(tmp_path, story)


def test_a_link_may_open_at_a_topic(tmp_path: Path) -> None:
    async def story(ana: Visitor) -> None:
        page = await ana.opens("/?start=need_debt")
        assert 'name="start" value="need_debt"' in page.text
        await ana.submits(key="form-key-1", start="need_debt")
        assert "In welke buurt" in await ana.sees()

    tell(tmp_path, story)
