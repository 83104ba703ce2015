"""Which language a message is in, given the conversation's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.language import LanguageDetector
from nlu.sentences import sentences
from tests.nlu.loaded import DATA, LANGUAGES, detector, words


@pytest.mark.parametrize(
    ("says", "switch"),
    [
        ("i am looking for someone to talk to", "en"),
        ("szukam kogoś do rozmowy", "pl"),
        ("szukam kogos do rozmowy bo jestem sam", "pl"),
        ("konuşacak birini arıyorum", "tr"),
        ("konusacak birini ariyorum", "tr"),
        ("أبحث عن شخص أتحدث معه", "ar"),
        ("я шукаю з ким поговорити", "uk"),
    ],
)
def test_three_clear_words_switch_a_dutch_conversation(says: str, switch: str) -> None:
    found = detector().detect(says, prior="nl")
    assert found.switch == switch
    assert found.language == switch


@pytest.mark.parametrize(
    ("says", "prior"),
    [
        ("help", "nl"),
        ("ok", "tr"),
        ("Holtenbroek", "pl"),
        ("DigiD", "uk"),
        ("8011 AB", "ar"),
        ("🙂", "en"),
        ("", "en"),
        ("gratis", "en"),
        ("ik heb een brief van de bijstand", "nl"),
        ("uitkering kwam niet, ne yapmam lazım bilmiyorum", "tr"),
    ],
)
def test_a_short_or_doubtful_message_keeps_the_language(says: str, prior: str) -> None:
    found = detector().detect(says, prior)
    assert found.language == prior
    assert found.switch is None


def test_another_script_is_answered_but_one_word_is_no_switch() -> None:
    found = detector().detect("مرحبا", prior="nl")
    assert found.language == "ar"
    assert found.switch is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_not_learnt_from_are_told_apart(language: str) -> None:
    every = {code: [text for _, text in sentences(DATA, code)] for code in LANGUAGES}
    learnt = LanguageDetector(words(), {code: texts[::2] for code, texts in every.items()})
    long = [text for text in every[language][1::2] if len(text.split()) >= 3][:400]
    prior = "nl" if language != "nl" else "en"
    right = sum(learnt.detect(text, prior).language == language for text in long)
    assert right / len(long) > 0.93
    kept = sum(learnt.detect(text, language).language == language for text in long)
    assert kept / len(long) > 0.985


@given(st.text(max_size=200))
def test_rubbish_gives_an_offered_language(text: str) -> None:
    assert detector().detect(text, "nl").language in LANGUAGES
