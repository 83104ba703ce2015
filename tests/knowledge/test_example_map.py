"""What the example map promises its readers: honest, whole, plain and up to date."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from knowledge import hours
from knowledge.directory import Directory
from knowledge.model import ROUTES, SUMMARY_LENGTH, TOPICS, Entry
from knowledge.search import Query
from tests.conversation import LANGUAGES
from tests.knowledge.conftest import NOW

TEAM = "14 038"
NATIONAL_LINES = {
    "112",
    "113",
    "0800-2000",
    "0800-0432",
    "088 0767 000",
    "0900-1450",
    "0800-0188",
    "0800-8115",
    "0800-8020",
    "0800-5088",
    "0900-0101",
    "0800-0450",
}
NUMBER = re.compile(r"(?<![\d.:])(?:\+31|0\d{2,3})[\d\s-]{6,}\d|\b(?:0800|0900)[\d\s-]{4,}\d")
MOST_WORDS_A_SENTENCE = 12.5
MOST_WORDS_IN_ONE = 26
MOST_LETTERS_A_WORD = 5.4


def texts(entry: Entry) -> str:
    """All that a resident may read of an entry."""
    said = [entry.summary, entry.description, entry.first_time, entry.how_to_get_there]
    said += [entry.bring, entry.accessibility, entry.cost.text, entry.audience.eligibility]
    return " ".join(text for text in said if text)


def test_there_is_enough_of_it(zwolle: Directory) -> None:
    assert len(zwolle.entries) >= 130
    assert len(zwolle.neighbourhoods) >= 25
    places = {place for entry in zwolle.entries for place in entry.neighbourhoods}
    assert len(places) >= 20
    assert {entry.route for entry in zwolle.entries} == set(ROUTES)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_is_answered(zwolle: Directory, topic: str) -> None:
    answers = [entry for entry in zwolle.entries if topic in entry.topics]
    assert len(answers) >= 4
    assert any(entry.cost.free for entry in answers)
    assert any(not entry.neighbourhoods for entry in answers)
    assert any(hours.open_in(e, "evening") or hours.open_in(e, "weekend") for e in answers)
    assert len({entry.route for entry in answers}) >= 2


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_shows_three_offers_from_every_neighbourhood(
    zwolle: Directory, topic: str
) -> None:
    for place in zwolle.neighbourhoods:
        assert len(zwolle.search(Query(now=NOW, topic=topic, place=place.id))) == 3


def test_made_up_entries_say_so_and_lead_to_the_team(zwolle: Directory) -> None:
    for entry in zwolle.entries:
        if entry.example:
            assert "(voorbeeld)" in entry.name
            assert "verzonnen voorbeeld" in entry.description
            assert entry.source == "verzonnen voorbeeld"
            assert (entry.contact.name, entry.contact.phone) == ("Sociaal Wijkteam Zwolle", TEAM)
            assert entry.contact.email == ""
            assert all(not place.address for place in entry.locations)
        else:
            assert "voorbeeld" not in entry.name
            assert entry.source != "verzonnen voorbeeld"


def test_no_number_is_made_up(zwolle: Directory) -> None:
    shown = {entry.contact.phone for entry in zwolle.entries if entry.contact.phone}
    assert shown == NATIONAL_LINES | {TEAM}
    for entry in zwolle.entries:
        for number in NUMBER.findall(f"{entry.name} {texts(entry)}"):
            assert number in {"0800-0113", entry.contact.phone}, (entry.name, number)


def test_every_entry_can_be_reached_and_was_checked(zwolle: Directory) -> None:
    for entry in zwolle.entries:
        assert entry.contact.phone or entry.contact.url, entry.name
        assert entry.source, entry.name
        assert entry.checked_by, entry.name
        assert date(2026, 11, 1) <= entry.checked_at <= date(2026, 11, 30), entry.name


def test_the_map_is_not_stale_soon(zwolle: Directory) -> None:
    for entry in zwolle.entries:
        assert zwolle.is_current(entry, NOW + timedelta(days=300)), entry.name


def test_a_shy_person_can_picture_the_first_minutes(zwolle: Directory) -> None:
    for entry in zwolle.entries:
        assert 80 <= len(entry.first_time) <= 500, (entry.name, len(entry.first_time))
        assert entry.cost.text, entry.name
        assert 40 <= len(entry.summary) <= SUMMARY_LENGTH, (entry.name, len(entry.summary))
    firsts = [entry.first_time for entry in zwolle.entries]
    assert len(set(firsts)) == len(firsts)
    openings = [" ".join(first.split()[:4]) for first in firsts]
    assert max(openings.count(opening) for opening in openings) <= 7


def test_names_are_short_and_differ(zwolle: Directory) -> None:
    names = [entry.name for entry in zwolle.entries]
    assert len(set(names)) == len(names)
    assert max(len(name) for name in names) <= 60


def test_the_words_are_plain(zwolle: Directory) -> None:
    """Dutch at B1 has short sentences and short words; nobody is called "u" or a client."""
    for entry in zwolle.entries:
        said = f"{entry.summary} {entry.first_time}"
        sentences = [s for s in re.split(r"[.!?:;]+\s", said) if s.strip()]
        counts = [len(re.findall(r"\w+", s)) for s in sentences]
        letters = [len(word) for word in re.findall(r"\w+", said)]
        assert sum(counts) / len(counts) <= MOST_WORDS_A_SENTENCE, (entry.name, counts)
        assert max(counts) <= MOST_WORDS_IN_ONE, (entry.name, counts)
        assert sum(letters) / len(letters) <= MOST_LETTERS_A_WORD, entry.name
        assert not re.search(r"\b(u|uw|cliënt|cliënten|doelgroep|zelfredzaam)\b", said), entry.name


def test_hours_are_told_in_words(zwolle: Directory) -> None:
    for entry in zwolle.entries:
        assert all(rule.description for rule in entry.schedules), entry.name
        assert bool(entry.text("hours")) == bool(entry.schedules)


def test_something_is_open_in_the_evening_and_the_weekend(zwolle: Directory) -> None:
    for part in ("evening", "weekend"):
        there = [e for e in zwolle.entries if hours.open_in(e, part)]  # type: ignore[arg-type]
        assert len(there) >= 50


def test_the_lines_that_never_close_never_close(zwolle: Directory) -> None:
    new_years_night = NOW.replace(year=2027, month=1, day=1, hour=3)
    awake = {e.name for e in zwolle.entries if hours.is_open(e, new_years_night)}
    assert {"113 Zelfmoordpreventie", "Veilig Thuis", "De Luisterlijn"} <= awake


def test_every_language_has_words_for_every_topic(zwolle: Directory) -> None:
    said = {(words.topic, words.language) for words in zwolle.topic_words}
    assert said == {(topic, language) for topic in TOPICS for language in LANGUAGES}


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "nl"])
def test_every_entry_is_there_in_every_language(zwolle: Directory, language: str) -> None:
    for entry in zwolle.entries:
        assert entry.translations[language]["summary"], entry.name
        assert entry.translations[language]["first_time"], entry.name


def test_translations_are_of_entries_that_are_there(zwolle: Directory) -> None:
    for entry in zwolle.entries:
        for language, fields in entry.translations.items():
            assert re.fullmatch(r"[a-z]{2,3}", language)
            for field, text in fields.items():
                assert entry.text(field, language) == text
                assert entry.text(field, "nl"), (entry.name, language, field)
