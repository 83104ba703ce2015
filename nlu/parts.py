"""A message in its parts: at sentence ends, commas, and the word that a language joins with."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale, UnknownLocaleError

from nlu.normalise import clean

# A message of more parts is a story: its parts hang together.
MOST_PARTS = 6
# One word alone says too little to be read by itself.
_LEAST_WORDS = 2

_STOPS = re.compile(r"[.!?;:,…،؛؟።፣፤፡]+(?: |$)| [-–—]+ ")
_JOINED = re.compile(r"\{0\} (\S+) \{1\}")


def parts(text: str, language: str) -> tuple[str, ...]:
    """The parts of `text` that can be read by themselves; () where there are none or too many."""
    pieces = _STOPS.split(clean(text.replace("\n", "; ")))
    found = [part for piece in pieces for part in _joined(piece, language)]
    if len(found) > MOST_PARTS:
        return ()
    readable = tuple(part.strip() for part in found if len(part.split()) >= _LEAST_WORDS)
    return readable if len(readable) > 1 else ()


def _joined(piece: str, language: str) -> list[str]:
    word = _and(language)
    found = [piece] if word is None else word.split(piece)
    return [part for part in found if part.strip()]


@cache
def _and(language: str) -> re.Pattern[str] | None:
    """The word for "and", as Unicode's tables write a list of two; None where it is no word."""
    try:
        pattern = Locale.parse(language).list_patterns["standard"]["2"]
    except (UnknownLocaleError, KeyError):
        return None
    joined = _JOINED.fullmatch(pattern)
    if joined is None:
        return None
    return re.compile(rf"(?:^|(?<= )){re.escape(joined[1])}(?= )", re.IGNORECASE)
