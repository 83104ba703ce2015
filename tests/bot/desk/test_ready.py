"""Ready-made replies: filled in Dutch, read by the resident in their own language."""

from __future__ import annotations

import asyncio
import html
import json
import re
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest

from bot import hearing
from bot.desk import blanks
from bot.desk.ready import REPLIES
from bot.store import conversations, handoffs
from bot.store.inbox import oldest
from bot.team import TeamFileError, load_team
from bot.texts import Texts
from flows.heard import HandoffMoved
from flows.say import Line
from tests.bot.desk.people import Browser, Office, an_office
from tests.conversation import LANGUAGES, ROOT, TUESDAY, example_map

CALL = {"reply": "reply.call", "day": "2026-11-25", "from": "10:30", "to": "11:00"}
MEET = {"reply": "reply.meet", "day": "2026-11-26", "at": "14:00", "place": "de Terp"}
DUTCH = "Ik bel je op woensdag 25 november tussen 10:30 en 11:00."
READ = {
    "nl": f"An: {DUTCH}",
    "pl": "An: Zadzwonię do ciebie: środa 25 listopada, między 10:30 a 11:00.",
    "ar": (
        "رسالة من \u2068An\u2069: سأتصل بك يوم الأربعاء 25 نوفمبر بين الساعة 10:30 والساعة 11:00."
    ),
}


def speaks(office: Office, address: str, language: str) -> None:
    """The chat with a resident goes on in this language."""
    with office.house.app.database.begin() as session:
        found = conversations.find(session, office.house.channel.name, address)
        assert found is not None
        state = conversations.state_of(session, found)
        conversations.set_state(session, found, replace(state, language=language))


async def a_talk(office: Office, language: str = "nl") -> tuple[Browser, str]:
    """An has a request of a resident who writes this language."""
    code = await office.request()
    speaks(office, "ana", language)
    an = await office.member("An")
    await an.sends(f"/desk/{code}/claim")
    await office.settles()
    return an, code


async def sends_it(an: Browser, code: str) -> None:
    """Send what the page shows, with every hidden field of its form."""
    form = an.text.split(f'action="/desk/{code}/ready/send"')[1].split("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    await an.sends(f"/desk/{code}/ready/send", **{k: html.unescape(v) for k, v in fields.items()})


def stored(folder: Path) -> bytes:
    """Everything the database wrote to its files."""
    return b"".join(path.read_bytes() for path in folder.glob("v.db*"))


def arrived(office: Office) -> list[str]:
    return [message.text for message in office.house.channel.to("ana")]


@pytest.mark.parametrize("language", READ)
def test_the_team_fills_in_dutch_and_the_resident_reads_their_own_language(
    tmp_path: Path, language: str
) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an, code = await a_talk(office, language)
            before = len(arrived(office))
            await an.opens(f"/desk/{code}/ready")
            assert "Ik bel je op [dag] tussen [van] en [tot]." in an.text
            await an.opens(f"/desk/{code}/ready?reply=reply.call")
            assert 'label for="day"' in an.text
            assert "vandaag, dinsdag 24 november" in an.text
            await an.sends(f"/desk/{code}/ready/look", **CALL)
            read = READ[language].split(": ", 1)[1]
            assert DUTCH in an.text
            assert read in an.text
            await office.settles()
            assert len(arrived(office)) == before
            await sends_it(an, code)
            assert "Je antwoord is onderweg" in an.text
            await office.settles()
            assert arrived(office)[before:] == [READ[language]]
            message = office.house.channel.to("ana")[-1]
            assert message.direction == ("rtl" if language == "ar" else "ltr")
            talk = (await an.opens(f"/desk/{code}/talk")).text
            assert DUTCH in talk
            assert f'lang="{language}">{read}</p>' in talk or language == "nl"
            assert "Verstuurd" in talk
            assert ("An", "ready", code) in office.acts()
            with office.house.app.database.read() as session:
                row = handoffs.by_code(session, code)
                assert row is not None
                assert row.answered_at is not None
                assert [spoken.text for spoken in handoffs.talk(session, row)] == [read]

    asyncio.run(story())


def test_a_reply_without_blanks_is_seen_at_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an, code = await a_talk(office, "ar")
            await an.opens(f"/desk/{code}/ready?reply=reply.not_reached")
            assert "Ik kon je niet bereiken." in an.text
            assert 'lang="ar" dir="rtl">لم أتمكن من الوصول إليك.' in an.text
            await sends_it(an, code)
            await office.settles()
            assert arrived(office)[-1].endswith("متى أحاول من جديد؟")

    asyncio.run(story())


@pytest.mark.parametrize(
    ("language", "weeks", "written"),
    [
        ("nl", "1", "1 week."),
        ("nl", "6", "6 weken."),
        ("pl", "1", "1 tydzień."),
        ("pl", "3", "3 tygodnie."),
        ("pl", "5", "5 tygodni."),
        ("ar", "1", "أسبوع واحد."),
        ("ar", "2", "أسبوعان."),
        ("ar", "3", "3 أسابيع."),
        ("ar", "11", "11 أسبوعًا."),
    ],
)
def test_numbers_are_written_as_each_language_counts(
    language: str, weeks: str, written: str
) -> None:
    values = blanks.fill(("n",), {"n": weeks}, TUESDAY)
    texts = Texts(LANGUAGES)
    assert written in texts.write(Line("reply.waiting", values), language, example_map())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"day": ""}, "Dit is nog leeg: dag."),
        ({"from": "", "to": ""}, "Dit is nog leeg: van, tot."),
        ({"day": "2026-12-24"}, "Dit is nog leeg: dag."),
        ({"from": "10:31"}, "Dit is nog leeg: van."),
        ({"from": "11:00"}, "De eindtijd moet na de begintijd liggen."),
        ({"day": "2026-11-24", "from": "08:00", "to": "09:00"}, "Dat moment is al voorbij."),
        ({**MEET, "day": "2026-11-24", "at": "10:00"}, "Dat moment is al voorbij."),
        ({**MEET, "place": " \u200b\n"}, "Dit is nog leeg: plek."),
        ({"reply": "reply.colleague"}, "Dit is nog leeg: naam van je collega."),
        ({"reply": "reply.waiting", "n": "0"}, "Dit is nog leeg: aantal weken."),
    ],
)
def test_a_blank_that_is_empty_or_wrong_is_named_and_nothing_goes(
    tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an, code = await a_talk(office, "pl")
            before = len(arrived(office))
            for act in ("look", "send"):
                fields = {**CALL, "language": "pl", **changed}
                page = await an.sends(f"/desk/{code}/ready/{act}", **fields)
                assert page.status_code == 422
                assert said in page.text
                assert 'aria-invalid="true" aria-describedby="wrong"' in page.text
            await office.settles()
            assert len(arrived(office)) == before

    asyncio.run(story())


@pytest.mark.parametrize("language", ["nl", "ar"])
def test_what_is_filled_in_stays_what_was_filled_in(tmp_path: Path, language: str) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an, code = await a_talk(office, language)
            place = "<b>{by} {0.x} %s</b>\r\nAn: 111222333 \u2069\u202e"
            await an.sends(f"/desk/{code}/ready/look", **{**MEET, "place": place})
            plain = "<b>{by} {0.x} %s</b> An: [BSN]"
            assert plain not in an.text
            assert html.escape(plain) in an.text
            await sends_it(an, code)
            await office.settles()
            named = f"\u2068{plain}\u2069" if language == "ar" else plain
            assert named in arrived(office)[-1]
            assert plain not in (await an.opens(f"/desk/{code}/talk")).text
            assert html.escape(plain) in an.text

    asyncio.run(story())


def test_a_long_value_is_cut() -> None:
    (value,) = blanks.fill(("name",), {"name": "x" * 500}, TUESDAY).values()
    assert value == "x" * blanks.MOST_SIGNS


def test_a_resident_who_changes_language_meanwhile_reads_the_new_one(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an, code = await a_talk(office, "nl")
            await an.sends(f"/desk/{code}/ready/look", **CALL)
            speaks(office, "ana", "pl")
            before = len(arrived(office))
            await sends_it(an, code)
            assert "Zo gaat het weg" in an.text
            assert "Zadzwonię do ciebie" in an.text
            await office.settles()
            assert len(arrived(office)) == before
            await sends_it(an, code)
            await office.settles()
            assert arrived(office)[before:] == [READ["pl"]]

    asyncio.run(story())


def test_a_ready_reply_sent_twice_by_a_double_tap_arrives_once(
    tmp_path: Path, database_url: str
) -> None:
    async def story() -> None:
        async with an_office(tmp_path, database_url=database_url) as office:
            an, code = await a_talk(office, "pl")
            form = {"csrf": an.token, "language": "pl", "after": "0", **CALL}
            tap = [an.client.post(f"/desk/{code}/ready/send", data=form) for _ in range(3)]
            assert {page.status_code for page in await asyncio.gather(*tap)} == {303}
            await office.settles()
            assert arrived(office).count(READ["pl"]) == 1
            assert [act for _, act, _ in office.acts()].count("ready") == 1

    asyncio.run(story())


def test_only_who_has_a_request_may_send_a_ready_reply(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an, code = await a_talk(office)
            bo = await office.member("Bo")
            before = len(arrived(office))
            await bo.opens(f"/desk/{code}/ready")
            assert "Alleen wie de aanvraag heeft" in bo.text
            await bo.opens("/desk")
            for act in ("look", "send"):
                await bo.sends(f"/desk/{code}/ready/{act}", language="nl", **CALL)
                assert "Alleen wie de aanvraag heeft" in bo.text
            with office.house.app.database.begin() as session:
                handoffs.withdraw(session, code, office.clock())
            await an.sends(f"/desk/{code}/ready/send", language="nl", **CALL)
            assert "niet meer open" in an.text
            await office.settles()
            assert len(arrived(office)) == before
            assert "ready" not in [act for _, act, _ in office.acts()]

    asyncio.run(story())


def test_a_ready_reply_that_is_not_there_leads_back_to_the_list(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an, code = await a_talk(office)
            await an.opens(f"/desk/{code}/ready?reply=talk.closed")
            assert an.text.count("/ready?reply=") == len(REPLIES)
            for act in ("look", "send"):
                await an.sends(f"/desk/{code}/ready/{act}", reply="talk.closed", language="nl")
                assert an.text.count("/ready?reply=") == len(REPLIES)
            token = an.token
            assert (await an.opens("/desk/KPM-7R3/ready")).status_code == 404
            for act in ("look", "send"):
                page = await an.client.post(f"/desk/x/ready/{act}", data={"csrf": token})
                assert page.status_code == 404

    asyncio.run(story())


def test_a_ready_reply_is_sealed_and_travels_as_a_key_with_values(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            _, code = await a_talk(office, "ar")
            line = Line("reply.meet", blanks.fill(("day", "at", "place"), MEET, TUESDAY))
            ready = handoffs.Ready(line, "Zullen we…", "هل نلتقي", "ar")
            with office.house.app.database.begin() as session:
                row = handoffs.by_code(session, code)
                assert row is not None
                assert handoffs.reply(session, row, office.person("An"), ready, office.clock())
                assert row.conversation_id is not None
                found = oldest(session, row.conversation_id)
                assert found is not None
                body = found[2]
            heard = hearing.inside(json.loads(json.dumps(body)))
            assert isinstance(heard, HandoffMoved)
            assert heard.text == line
            assert b"reply.meet" not in stored(tmp_path)
            assert b"Zullen we" not in stored(tmp_path)

    asyncio.run(story())


def test_the_language_of_the_resident_stands_beside_what_is_typed(tmp_path: Path) -> None:
    async def story() -> None:
        async with an_office(tmp_path) as office:
            an, code = await a_talk(office, "ar")
            await an.opens(f"/desk/{code}")
            assert "Deze bewoner schrijft <strong>Arabisch</strong>." in an.text
            assert "Wat je typt gaat zoals je het typt." in an.text
            assert "Praten gaat het liefst in het <strong>Nederlands</strong>." in an.text
            assert "Je team weet hoe je er een vraagt." in an.text
            place = office.house.app.place
            team = place.city.team
            lines = {**team.lines, "interpreter": "038 123 45 67"}
            place.city = replace(place.city, team=replace(team, lines=lines))
            await an.opens(f"/desk/{code}")
            assert '<a href="tel:0381234567">038 123 45 67</a>' in an.text

    asyncio.run(story())


def test_every_blank_of_the_catalogue_can_be_filled_in() -> None:
    texts = Texts(LANGUAGES)
    for key in REPLIES:
        found = {name for _, name, _, _ in Formatter().parse(texts.raw("nl", key)[-1]) if name}
        assert found <= set(blanks.BLANKS), key
        # An hour is an hour of a day, and ends begin.
        assert "day" in found or not found & {"at", "from", "to"}, key
        assert ("from" in found) == ("to" in found), key


def test_the_team_file_may_name_interpreters(tmp_path: Path) -> None:
    example = (ROOT / "bot" / "team.yml").read_text(encoding="utf-8")
    line = '  interpreter: {value: "038 123 45 67", checked_at: 2026-11-01, source: example}\n'
    (tmp_path / "team.yml").write_text(example + line, encoding="utf-8")
    assert load_team(tmp_path / "team.yml").lines["interpreter"] == "038 123 45 67"
    (tmp_path / "team.yml").write_text(example + line.replace("checked_at", "at"), encoding="utf-8")
    with pytest.raises(TeamFileError, match="checked_at is missing"):
        load_team(tmp_path / "team.yml")
