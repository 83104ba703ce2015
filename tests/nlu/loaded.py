"""The words of the real languages, read once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from nlu.crisis import CrisisWords
from nlu.language import LanguageDetector
from nlu.sentences import offered, sentences
from nlu.words import Words, load_words

DATA = Path(__file__).resolve().parents[2] / "nlu" / "data"
HELD_OUT = DATA.parents[1] / "tests" / "heldout"
LANGUAGES = offered(DATA)


@cache
def crisis_words() -> CrisisWords:
    """The crisis patterns of all languages."""
    return CrisisWords.load(DATA, LANGUAGES)


@cache
def words() -> dict[str, Words]:
    """The words of all languages."""
    return {language: load_words(DATA, language) for language in LANGUAGES}


@cache
def detector() -> LanguageDetector:
    """The language detector over all training sentences."""
    texts = {code: [text for _, text in sentences(DATA, code)] for code in LANGUAGES}
    return LanguageDetector(words(), texts)
