"""The words: whole in every language, fitting every channel, and plain in Dutch."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from string import Formatter

import pytest
from babel import Locale

from bot.channels.port import Limits
from bot.channels.render import render
from bot.texts import FOLDER, Texts
from flows.always import WORDS as ALWAYS
from flows.say import Say, When
from flows.steps import STEPS
from tests.conversation import LANGUAGES, ROOT, Resident, a_world, example_map

TEXTS = Texts(LANGUAGES)
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("flows", "bot")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".html", ".js"} and "texts" not in path.parts
)
# Keys a program puts together from a part and a name.
FAMILIES = (
    *("topic", "theme", "language", "always", "reason", "summary", "entry", "crisis"),
    *("choice", "checkin", "route", "handoff", "engine", "telegram"),
)
# Label lengths of the narrowest platforms: a list row of WhatsApp.
LABEL = 24
WORDS_A_SENTENCE = 15
LETTERS_A_WORD = 5.6


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def is_label(key: str) -> bool:
    group, _, name = key.partition(".")
    if group == "always":
        return name in ALWAYS
    return group in ("choice", "topic", "theme") or (
        group == "language" and name not in ("ask", "switched")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text(language: str) -> None:
    assert TEXTS.keys(language) == TEXTS.keys("nl")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_and_the_values_in_it_are_the_same(language: str) -> None:
    for key in sorted(TEXTS.keys("nl")):
        wanted = placeholders(TEXTS.raw("nl", key)[-1])
        for form in TEXTS.raw(language, key):
            assert form.strip(), (language, key)
            # A plural form may say "one" or "two" without the number.
            assert placeholders(form) | {"n"} == wanted | {"n"}, (language, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_texts_have_every_form_of_the_language(language: str) -> None:
    from babel.messages.pofile import read_po

    with (FOLDER / f"{language}.po").open("rb") as file:
        forms = read_po(file, locale=language).num_plurals
    for key in TEXTS.keys(language):
        if len(TEXTS.raw("nl", key)) > 1:
            assert len(TEXTS.raw(language, key)) == forms, (language, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_fits_every_channel(language: str) -> None:
    long = {
        key: label
        for key in TEXTS.keys(language)
        if is_label(key)
        for label in TEXTS.raw(language, key)
        if len(label) > LABEL
    }
    assert long == {}


def test_no_text_is_unused() -> None:
    unused = [
        key
        for key in sorted(TEXTS.keys("nl"))
        if f'"{key}"' not in SOURCES
        and f"'{key}'" not in SOURCES
        and key.split(".")[0] not in FAMILIES
    ]
    assert unused == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_of_every_step_has_words(language: str) -> None:
    resident = Resident(world=a_world())
    resident.opens()
    for step in STEPS:
        state = resident.state.at(
            step, topic="need_contact", entry=example_map().entries[0].id, kind="crisis_suicide"
        )
        say = STEPS[step].ask(state, resident.world)
        for limits in (
            Limits(4096, 100, 60, 64, cards=False),
            Limits(8000, 99, 80, 64, cards=True),
        ):
            for message in render(say, language, 1, limits, TEXTS, example_map()):
                assert "{" not in message.text
                assert all(button.label for button in message.buttons)


def test_right_to_left_text_keeps_numbers_and_names_apart() -> None:
    say = Say("handoff.sent", {"code": "KPM-7RT", "due": "16:00"})
    (message,) = render(say, "ar", 1, Limits(4096, 9, 60, 64, cards=False), TEXTS, example_map())
    assert message.direction == "rtl"
    assert "\u2068KPM-7RT\u2069" in message.text


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("datetime", "donderdag 2 juli, 00:30"),
        ("time", "00:30"),
        ("date", "2 juli 2026"),
        ("day", "donderdag 2 juli"),
    ],
)
def test_moments_are_told_by_the_clocks_of_the_city(style: str, written: str) -> None:
    at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert TEXTS.value(When(at, style), "nl", example_map()) == written


def test_dutch_is_plain() -> None:
    """Short sentences of short words: the measures behind the B1 level."""
    hard = []
    for key in sorted(TEXTS.keys("nl")):
        for form in TEXTS.raw("nl", key):
            text = re.sub(r"\{\w+\}", "iets", form)
            for sentence in re.split(r"[.!?:]\s|\n", text):
                words = re.findall(r"[^\W\d_]+", sentence)
                if len(words) > WORDS_A_SENTENCE + 5:
                    hard.append((key, len(words)))
    assert hard == []
    whole = " ".join(form for key in TEXTS.keys("nl") for form in TEXTS.raw("nl", key))
    sentences = [s for s in re.split(r"[.!?]\s", whole) if s.strip()]
    words = re.findall(r"[^\W\d_]+", whole)
    assert len(words) / len(sentences) < WORDS_A_SENTENCE
    assert sum(map(len, words)) / len(words) < LETTERS_A_WORD


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_locale_is_one_babel_knows(language: str) -> None:
    assert Locale.parse(language).text_direction == TEXTS.direction(language)
