"""What a message names: places, times, prices, languages."""

from __future__ import annotations

import time

import pytest

from nlu.entities import EntityFinder
from nlu.types import EntityKind
from tests.nlu.loaded import words

PLACES = {
    "Holtenbroek": "holtenbroek",
    "هولتنبروك": "holtenbroek",
    "Голтенбрук": "holtenbroek",
    "Assendorp": "assendorp",
    "Zwolle-Zuid": "zuid",
    "Aa-landen": "aalanden",
    "Stadshagen": "stadshagen",
    "Pierik": "pierik",
}
AREAS = ("8011", "8031")


@pytest.fixture(scope="module")
def finder() -> EntityFinder:
    return EntityFinder(words(), PLACES, AREAS)


def named(finder: EntityFinder, text: str, *languages: str) -> set[tuple[str, str]]:
    return {(entity.kind, entity.value) for entity in finder.find(text, languages or ("nl",))}


@pytest.mark.parametrize(
    ("says", "place"),
    [
        ("ik woon in Holtenbroek", "holtenbroek"),
        ("HOLTENBROEK", "holtenbroek"),
        ("holtebroek", "holtenbroek"),
        ("holtenbroke", "holtenbroek"),
        ("in de asendorp", "assendorp"),
        ("Holtenbroek'te oturuyorum", "holtenbroek"),
        ("holtenbroekte", "holtenbroek"),
        ("zwolle zuid", "zuid"),
        ("aalanden", "aalanden"),
        ("stadshage", "stadshagen"),
        ("أسكن في هولتنبروك", "holtenbroek"),
        ("живу в Голтенбруку", "holtenbroek"),
    ],
)
def test_a_neighbourhood_is_found_misspelt_and_in_every_script(
    finder: EntityFinder, says: str, place: str
) -> None:
    assert ("neighbourhood", place) in named(finder, says, "nl", "tr")


@pytest.mark.parametrize(
    "says", ["ik ben alleen", "ik wil iets doen met mijn handen", "help", "ik heb een vraag", ""]
)
def test_ordinary_words_are_no_neighbourhood(finder: EntityFinder, says: str) -> None:
    assert named(finder, says) == set()


@pytest.mark.parametrize(
    ("says", "postcode"),
    [("8011AB", "8011AB"), ("8031 kl graag", "8031KL"), ("mijn postcode is 8011", "8011")],
)
def test_a_postcode_is_found(finder: EntityFinder, says: str, postcode: str) -> None:
    assert ("postcode", postcode) in named(finder, says)


@pytest.mark.parametrize("says", ["in 2019", "1200 euro", "0800 2000", "bel 112", "1012 AB"])
def test_other_numbers_are_no_postcode(finder: EntityFinder, says: str) -> None:
    assert not any(kind == "postcode" for kind, _ in named(finder, says))


@pytest.mark.parametrize(
    ("says", "language", "found"),
    [
        ("kan het ook in het weekend", "nl", ("time", "weekend")),
        ("iets gratis graag", "nl", ("price", "free")),
        ("something in the evening", "en", ("time", "evening")),
        ("akşam olabilir", "tr", ("time", "evening")),
        ("مجاني", "ar", ("price", "free")),
        ("w weekend", "pl", ("time", "weekend")),
        ("ввечері", "uk", ("time", "evening")),
    ],
)
def test_time_and_price_are_found_in_the_language_of_the_message(
    finder: EntityFinder, says: str, language: str, found: tuple[str, str]
) -> None:
    assert found in named(finder, says, language)


def test_one_word_of_two_letters_counts_only_alone(finder: EntityFinder) -> None:
    assert ("time", "now") in named(finder, "nu")
    assert named(finder, "ik weet het nu niet") == set()


def test_a_long_message_is_read_quickly(finder: EntityFinder) -> None:
    started = time.process_time()
    finder.find("hotlenbrokken stadshaven asendrop " * 3_000, ("nl", "en"))
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("says", "language"),
    [
        ("Mijn moeder vergeet alles", "nl"),
        ("kan er iemand eten brengen voor m'n vader", "nl"),
        ("My mum can't get up the stairs", "en"),
        ("annem evde tek başına", "tr"),
        ("أمي عم تنسى كل شي", "ar"),
        ("mój dziadek nie wychodzi z domu", "pl"),
        ("моя сусідка нікого не має", "uk"),
        ("meine Mutter ist viel allein", "de"),
        ("c'est pour ma voisine", "fr"),
        ("mi abuela ya no cocina", "es"),
        ("مادرم تنهاست", "fa"),
        ("hooyaday waa keligeed", "so"),
        ("ኣደይ በይና እያ", "ti"),
        ("mi wela ta biba so", "pap"),
    ],
)
def test_a_message_about_somebody_else_is_known(
    finder: EntityFinder, says: str, language: str
) -> None:
    assert EntityKind.OTHER in {entity.kind for entity in finder.find(says, (language,))}


@pytest.mark.parametrize(
    "says",
    [
        "ik mis mijn moeder",
        "sinds mijn moeder dood is ben ik zo alleen",
        "mijn moedertaal",
        "dat is niet voor mij",
    ],
)
def test_who_only_names_somebody_writes_of_themselves(finder: EntityFinder, says: str) -> None:
    assert EntityKind.OTHER not in {entity.kind for entity in finder.find(says, ("nl",))}
