"""The words of a language are read strictly and mean what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.types import ALWAYS, FILTERS
from nlu.words import WordsError, load_words
from tests.nlu.loaded import LANGUAGES, words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word_that_flows_wait_for(language: str) -> None:
    found = words()[language]
    assert set(found.always.values()) == set(ALWAYS)
    assert set(found.filters.values()) == set(FILTERS)
    assert set(found.answers.values()) == {"yes", "no", "skip"}
    kinds = set(found.inside.values())
    assert {("city", "whole"), ("time", "evening"), ("price", "free")} <= kinds
    assert {("language", code) for code in LANGUAGES} <= kinds
    assert len(found.common) >= 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_is_both_yes_and_no(language: str) -> None:
    found = words()[language]
    assert found.answers
    assert not set(found.always) & {phrase for phrase, meant in found.answers.items()
                                    if meant in ("yes", "no")}  # fmt: skip


def test_yes_and_no_are_words_and_not_truth_values(tmp_path: Path) -> None:
    (tmp_path / "xx").mkdir()
    path = tmp_path / "xx" / "words.yml"
    path.write_text("script: Latn\nyes: [yes, on]\nno: [no, n, off]\n", "utf-8")
    answers = load_words(tmp_path, "xx").answers
    assert answers == {"yes": "yes", "on": "yes", "no": "no", "n": "no", "off": "no"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[]", "must be a mapping"),
        ("script: Grek", "script: must be one of"),
        ("script: Latn\nyes: {a: b}", "yes: must be a list"),
        ("script: Latn\ntime: [x]", r"time\.evening: must be a list"),
        ("script: [", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "xx").mkdir()
    (tmp_path / "xx" / "words.yml").write_text(content, "utf-8")
    with pytest.raises(WordsError, match=complaint):
        load_words(tmp_path, "xx")
