"""The way in and out of the desk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select, text

from bot.desk import passwords
from bot.store import staff
from bot.store.models import Staff, StaffLink, StaffSession
from tests.bot.desk.people import HOST, PASSWORD, an_office

EMAIL = "an@wijk.example"
DESK = Path(passwords.__file__).parent


def test_somebody_new_chooses_a_password_and_is_in(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            browser = await office.browser()
            link = office.link("An@Wijk.example", "An")
            page = await browser.opens(f"/desk/first/{link}")
            assert "Welkom, An" in page.text
            page = await browser.chooses(link, PASSWORD)
            assert page.url.path == "/desk"
            assert "Aanvragen" in page.text
            other = await office.browser()
            page = await other.logs_in("AN@wijk.example ")
            assert page.url.path == "/desk"
            assert [action for _, action, _ in office.acts()] == ["first_login", "login"]

    asyncio.run(story())


def test_a_link_works_once_and_not_for_long(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            browser = await office.browser()
            used, late = office.link(EMAIL, "An"), office.link("bo@wijk.example", "Bo")
            await browser.chooses(used, PASSWORD)
            assert (await browser.chooses(used, PASSWORD + "!")).status_code == 404
            office.clock.forward(hours=73)
            for page in (
                await browser.opens(f"/desk/first/{late}"),
                await browser.chooses(late, PASSWORD),
            ):
                assert page.status_code == 404
                assert "werkt niet meer" in page.text
            assert (await browser.logs_in("bo@wijk.example")).status_code == 422

    asyncio.run(story())


def test_a_link_used_twice_at_once_lets_one_in(tmp_path: Path, database_url: str) -> None:
    async def story() -> None:
        async with an_office(tmp_path, database_url=database_url) as office:
            one, other = await office.browser(), await office.browser("10.0.0.9")
            link = office.link(EMAIL, "An")
            pages = await asyncio.gather(
                one.chooses(link, PASSWORD), other.chooses(link, PASSWORD + " 2")
            )
            assert sorted(page.status_code for page in pages) == [200, 404]

    asyncio.run(story())


def test_a_fresh_link_ends_the_old_link_the_logins_and_the_wait(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await office.member("An")
            stranger = await office.browser("10.0.0.9")
            for _ in range(5):
                await stranger.logs_in(EMAIL, "verkeerd geraden 1")
            lost, fresh = office.link(EMAIL, "An"), office.link(EMAIL, "An")
            assert (await an.chooses(lost, PASSWORD + " 2")).status_code == 404
            other = await office.browser()
            assert (await other.chooses(fresh, PASSWORD + " 2")).url.path == "/desk"
            assert (await an.opens("/desk")).url.path == "/desk/login"
            assert (await other.logs_in(EMAIL, PASSWORD + " 2")).url.path == "/desk"

    asyncio.run(story())


def test_five_wrong_tries_lock_the_account_for_a_quarter_of_an_hour(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            await office.member("An")
            browser = await office.browser("10.0.0.2")
            for _ in range(5):
                assert (await browser.logs_in(EMAIL, "verkeerd geraden 1")).status_code == 422
            assert (await browser.logs_in(EMAIL)).status_code == 422
            office.clock.forward(minutes=14)
            assert (await browser.logs_in(EMAIL)).status_code == 422
            office.clock.forward(minutes=2)
            assert (await browser.logs_in(EMAIL)).url.path == "/desk"
            actions = [action for _, action, _ in office.acts()]
            assert actions.count("login_locked") == 1
            assert actions[-1] == "login"

    asyncio.run(story())


def test_an_unknown_address_is_answered_like_a_wrong_password(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            await office.member("An")
            browser = await office.browser()
            known = await browser.logs_in(EMAIL, "verkeerd geraden 1")
            for address in ("niemand@wijk.example", "\0", "x" * 5000):
                unknown = await browser.logs_in(address, "verkeerd geraden 1")
                assert unknown.status_code == known.status_code == 422
                assert "klopt niet" in unknown.text
            same = (await browser.logs_in("no@wijk.example", "verkeerd geraden 1")).text
            assert same.replace("no@wijk", "an@wijk") == known.text

    asyncio.run(story())


def test_an_unknown_address_costs_as_much_checking(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    class Watched:
        def verify(self, password_hash: str, password: str) -> bool:
            checked.append(password)
            return True

    monkeypatch.setattr(passwords, "_HASHER", Watched())
    assert not passwords.fits(None, PASSWORD)
    assert checked == [PASSWORD]


def test_who_tries_too_often_from_one_place_has_to_wait(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            browser, other = await office.browser("10.0.0.7"), await office.browser("10.0.0.8")
            for number in range(30):
                assert (await browser.logs_in(f"{number}@wijk.example")).status_code == 422
            assert (await browser.logs_in("30@wijk.example")).status_code == 429
            assert (await other.logs_in("30@wijk.example")).status_code == 422
            office.clock.forward(minutes=11)
            assert (await browser.logs_in("30@wijk.example")).status_code == 422

    asyncio.run(story())


def test_a_login_ends_when_nobody_is_there_and_at_the_latest_after_a_day(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an, bo = await office.member("An"), await office.member("Bo")
            for _ in range(3):
                office.clock.forward(hours=7)
                assert (await an.opens("/desk")).url.path == "/desk"
                await bo.opens("/desk/queue")
            assert (await bo.opens("/desk")).url.path == "/desk/login"
            office.clock.forward(hours=4)
            assert (await an.opens("/desk")).url.path == "/desk/login"

    asyncio.run(story())


def test_logging_out_ends_the_login_everywhere(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an = await office.member("An")
            kept = an.client.cookies["voordeur_desk"]
            await an.sends("/desk/logout")
            assert an.page is not None
            assert an.page.url.path == "/desk/login"
            other = await office.browser(Cookie=f"voordeur_desk={kept}")
            assert (await other.opens("/desk")).url.path == "/desk/login"
            assert office.acts()[-1] == ("An", "logout", "")

    asyncio.run(story())


def test_only_hashes_are_kept(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            link = office.link(EMAIL, "An")
            an = await office.browser()
            await an.chooses(link, PASSWORD)
            cookie = an.client.cookies["voordeur_desk"]
            with office.house.app.database.read() as session:
                kept = [row.token for row in session.scalars(select(StaffLink))]
                kept += [row.token for row in session.scalars(select(StaffSession))]
                kept.append(str(session.execute(text("select password_hash from staff")).scalar()))
            assert not {link, cookie, PASSWORD} & set(kept)
            assert kept[-1].startswith("$argon2id$")

    asyncio.run(story())


def test_the_cookie_is_strict_and_on_https_never_sent_in_the_open(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path, public_url="https://voordeur.example") as office:
            browser = await office.browser()
            page = await browser.client.post(
                f"/desk/first/{office.link(EMAIL, 'An')}",
                data={"password": PASSWORD, "again": PASSWORD},
            )
            cookie = page.headers["set-cookie"].lower()
            for part in ("httponly", "samesite=strict", "path=/desk", "secure"):
                assert part in cookie
            assert page.headers["cache-control"] == "no-store"

    asyncio.run(story())


def test_after_logging_in_one_comes_where_one_was_going(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            await office.member("An")
            await office.request(code="KPM-7RT")
            browser = await office.browser()
            page = await browser.opens("/desk/KPM-7RT")
            assert page.url.path == "/desk/login"
            assert 'name="to" value="/desk/KPM-7RT"' in page.text
            assert (await browser.logs_in(EMAIL, to="/desk/KPM-7RT")).url.path == "/desk/KPM-7RT"
            for bad in ("https://evil.example/", "//evil.example", "/desk/../x", "/desk/logout"):
                page = await browser.logs_in(EMAIL, to=bad)
                assert (page.url.path, page.url.host) == ("/desk", "desk.test")

    asyncio.run(story())


def test_a_link_from_elsewhere_finds_the_login_that_a_strict_cookie_hid(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            browser = await office.browser()
            page = await browser.opens("/desk/KPM-7RT", **{"Sec-Fetch-Site": "cross-site"})
            assert page.status_code == 200
            assert 'content="0; url=/desk/KPM-7RT"' in page.text

    asyncio.run(story())


def test_a_form_of_another_site_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            await office.member("An")
            for headers in (
                {"Origin": "https://evil.example"},
                {"Origin": "null"},
                {"Origin": HOST, "Sec-Fetch-Site": "cross-site"},
                {"Origin": HOST, "Sec-Fetch-Site": "same-site"},
            ):
                browser = await office.browser(**headers)
                assert (await browser.logs_in(EMAIL)).status_code == 403
                link = office.link("bo@wijk.example", "Bo")
                assert (await browser.chooses(link, PASSWORD)).status_code == 403

    asyncio.run(story())


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("kort en ja", "short"),
        ("x1" * 200, "long"),
        ("deboer weet het", "own"),
        ("an.deboer@wijk", "own"),
        ("Welkom2026!!!!", "obvious"),
        ("wachtwoord123!", "obvious"),
        ("ZwolleVoordeur1", "obvious"),
        ("123456789012", "obvious"),
        ("aaaaaaaaaaaab", "obvious"),
        ("qwertyuiop123", "obvious"),
        (PASSWORD, None),
        ("83#7!92$kQ1&", None),
        ("стіл вікно хмара", None),
    ],
)
def test_passwords_that_will_not_do(password: str, problem: str | None) -> None:
    own = ("An de Boer", "an.deboer@wijk.example")
    obvious = yaml.safe_load((DESK / "words.yml").read_text(encoding="utf-8"))["obvious"]
    assert passwords.problem(password, own, obvious) == problem


def test_a_password_that_will_not_do_is_explained(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            browser, link = await office.browser(), office.link(EMAIL, "An")
            page = await browser.chooses(link, "kort")
            assert page.status_code == 422
            assert "minstens 12 tekens" in page.text
            page = await browser.chooses(link, PASSWORD, again="iets heel anders dan dat")
            assert "niet hetzelfde" in page.text
            assert (await browser.chooses(link, PASSWORD)).url.path == "/desk"

    asyncio.run(story())


def test_the_first_link_is_fresh_until_somebody_sets_a_password(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            with office.house.app.database.begin() as session:
                assert staff.ensure_first(session, office.clock()) is not None
            office.clock.forward(days=4)
            with office.house.app.database.begin() as session:
                fresh = staff.ensure_first(session, office.clock())
            assert fresh is not None
            browser = await office.browser()
            assert (await browser.chooses(fresh, PASSWORD)).url.path == "/desk"
            with office.house.app.database.begin() as session:
                assert staff.ensure_first(session, office.clock()) is None
                assert len(session.scalars(select(Staff)).all()) == 1

    asyncio.run(story())
