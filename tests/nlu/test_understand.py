"""What a message means, with the service and without it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from nlu.client import NluClient, Reading
from nlu.crisis import CrisisFound
from nlu.entities import EntityFinder
from nlu.types import CRISES, Intent, Parsed
from nlu.understand import AGREES, CONFIRMS, DOUBTS, HEEDS, RAISES, Understander, merge
from tests.nlu.loaded import LANGUAGES, crisis_words, detector, words
from tests.nlu.service import TOKEN, VECTOR, Service, running


@pytest.fixture
def service() -> Iterator[Service]:
    with running() as found:
        yield found


def hears(text: str, prior: str = "nl", url: str | None = None) -> Parsed:
    """What is understood of `text`; without `url` there is no service."""

    async def told() -> Parsed:
        client = NluClient(url, TOKEN) if url else None
        finder = EntityFinder(words(), {"Holtenbroek": "holtenbroek"}, ("8031",))
        understander = Understander(words(), crisis_words(), detector(), finder, client)
        try:
            return await understander.parse(text, prior)
        finally:
            if client:
                await client.aclose()

    return asyncio.run(told())


def test_with_the_service_a_need_is_understood(service: Service) -> None:
    parsed = hears("ik ben zo alleen de laatste tijd", url=service.url)
    assert parsed.understood
    assert parsed.sure == "need_contact"
    assert parsed.vector == VECTOR
    assert parsed.likely == ()


def test_unsure_between_needs_offers_them(service: Service) -> None:
    service.answer = [
        ("need_contact", 0.4), ("out_of_scope", 0.2), ("need_daytime", 0.2), ("need_grief", 0.1),
        ("need_work", 0.01),
    ]  # fmt: skip
    parsed = hears("sinds hij weg is weet ik het niet", url=service.url)
    assert parsed.sure is None
    assert parsed.likely == ("need_contact", "need_daytime", "need_grief")


def test_out_of_scope_offers_nothing(service: Service) -> None:
    service.answer = [("out_of_scope", 0.9), ("need_contact", 0.05)]
    parsed = hears("wie wint de wedstrijd", url=service.url)
    assert parsed.sure == "out_of_scope"
    assert parsed.likely == ()


def test_a_crisis_in_the_words_does_not_wait_for_a_service_that_hangs() -> None:
    class Hangs(NluClient):
        async def parse(self, text: str) -> Reading | None:
            await asyncio.Event().wait()
            raise AssertionError(text)

    async def told() -> Parsed:
        client = Hangs("http://127.0.0.1:9", TOKEN)
        finder = EntityFinder(words(), {}, ())
        understander = Understander(words(), crisis_words(), detector(), finder, client)
        try:
            async with asyncio.timeout(5):
                return await understander.parse("woord " * 16_000 + " ik wil dood", "nl")
        finally:
            await client.aclose()

    parsed = asyncio.run(told())
    assert parsed.crisis == "crisis_suicide"
    assert (parsed.intents, parsed.vector, parsed.understood) == ((), None, False)
    assert len(parsed.text) <= 2_000


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:9"])
def test_without_the_service_words_still_count(url: str | None) -> None:
    parsed = hears("ik wil dood", url=url)
    assert not parsed.understood
    assert parsed.intents == ()
    assert parsed.sure is None
    assert parsed.likely == ()
    assert parsed.crisis == "crisis_suicide"
    place = hears("gratis in holtenbroek s avonds", url=url).entities
    assert {(found.kind, found.value) for found in place} == {
        ("neighbourhood", "holtenbroek"), ("price", "free"), ("time", "evening"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("says", "prior", "always"),
    [
        ("stop", "nl", "stop"),
        ("STOP!!!", "ar", "stop"),
        ("mens", "nl", "person"),
        ("Menu", "uk", "menu"),
        ("terug", "nl", "back"),
        ("insan", "nl", "person"),
        ("człowiek", "nl", "person"),
    ],
)
def test_the_always_words_work_in_every_conversation(says: str, prior: str, always: str) -> None:
    assert hears(says, prior).always == always


@pytest.mark.parametrize(
    ("says", "prior", "answer"),
    [("ja", "nl", "yes"), ("nee", "nl", "no"), ("evet", "tr", "yes"), ("نعم", "ar", "yes"),
     ("nie", "pl", "no"), ("так", "uk", "yes"), ("evet", "nl", "yes")],
)  # fmt: skip
def test_yes_and_no_are_known_without_the_service(says: str, prior: str, answer: str) -> None:
    parsed = hears(says, prior)
    assert parsed.answer == answer
    assert parsed.always is None


@pytest.mark.parametrize(
    ("says", "prior", "wanted"),
    [("te duur", "nl", "too_expensive"), ("too far", "en", "too_far"), ("meer", "nl", "more")],
)
def test_remarks_about_offers_are_known(says: str, prior: str, wanted: str) -> None:
    assert hears(says, prior).filter == wanted


def test_a_clear_switch_is_told() -> None:
    parsed = hears("bana yardım eder misiniz", prior="nl")
    assert parsed.language == "tr"
    assert parsed.language_switch == "tr"


@pytest.mark.parametrize("rubbish", ["", "   ", "\u200b\u200b", "🙂🙂", "!!!", "\x00"])
def test_nothing_readable_is_no_question_for_the_service(service: Service, rubbish: str) -> None:
    parsed = hears(rubbish, url=service.url)
    assert service.asked == []
    assert parsed.understood
    assert parsed.intents == ()


def test_a_hundred_thousand_characters_are_cut_for_the_service(service: Service) -> None:
    parsed = hears("woord " * 16_000 + " een klein gesprek", url=service.url)
    assert parsed.understood
    assert len(service.asked[0][1]["text"]) <= 2_000
    assert len(parsed.text) <= 2_000


@pytest.mark.parametrize(
    ("found", "chance", "raised", "maybe"),
    [
        (CrisisFound(raised="crisis_violence"), AGREES, "crisis_violence", None),
        (CrisisFound(raised="crisis_violence"), AGREES - 0.01, None, "crisis_violence"),
        (CrisisFound(), RAISES, "crisis_suicide", None),
        (CrisisFound(), DOUBTS, None, "crisis_suicide"),
        (CrisisFound(), DOUBTS - 0.01, None, None),
        (CrisisFound(maybe="crisis_emergency"), 0.0, None, None),
        (CrisisFound(maybe="crisis_emergency"), HEEDS, None, "crisis_emergency"),
        (CrisisFound(maybe="crisis_emergency"), CONFIRMS, "crisis_emergency", None),
    ],
)
def test_words_and_classifier_may_each_raise_a_crisis(
    found: CrisisFound, chance: float, raised: str | None, maybe: str | None
) -> None:
    intents = (Intent("crisis_suicide", chance), Intent("need_mental", 1 - chance))
    assert merge(found, Reading(intents, VECTOR)) == (raised, maybe)


def test_what_the_words_raise_is_asked_about_when_the_classifier_is_sure_of_something_else(
    service: Service,
) -> None:
    long = "ik zei nog tegen haar dat ik dit jaar echt eens naar zee wil en ik wil dood zei ze toen"
    service.answer = [("need_contact", 0.99), ("crisis_suicide", 0.001)]
    parsed = hears(long, url=service.url)
    assert (parsed.crisis, parsed.crisis_maybe) == (None, "crisis_suicide")
    service.answer = [("need_mental", 0.6), ("crisis_suicide", 0.4)]
    assert hears(long, url=service.url).crisis == "crisis_suicide"


def test_a_plain_cry_needs_no_second_opinion(service: Service) -> None:
    service.answer = [("out_of_scope", 0.99), ("crisis_suicide", 0.001)]
    for text in ("ik wil dood", "chce sie zabic", "بدي موت"):
        assert hears(text, url=service.url).crisis == "crisis_suicide"


def test_of_a_name_alone_nothing_is_guessed(service: Service) -> None:
    service.answer = [("ask_hours", 0.9)]
    for text in ("Holtenbroek", "in Holtenbroek", "8031", "s avonds in holtenbroek"):
        assert hears(text, url=service.url).sure is None
    assert hears("waar zitten jullie in holtenbroek", url=service.url).sure == "ask_hours"


def test_words_of_another_language_do_not_make_a_crisis_likely() -> None:
    for text in ("een buddy die me wegwijs maakt", "ik zoek iemand die dead space speelt"):
        parsed = hears(text)
        assert (parsed.crisis, parsed.crisis_maybe, parsed.language) == (None, None, "nl")


def test_every_language_is_one_that_is_offered() -> None:
    assert set(words()) == set(LANGUAGES)
    assert len(CRISES) == 3
