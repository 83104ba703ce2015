"""Words made comparable: across scripts, accents, spellings and the shapes of a Dutch word.

`tokens` gives the plain words of a text; `stem` brings the forms of one word together
("schaken", "schaakt", "schaak" -> "schak"), so that a stem is found inside a compound
("schakclub"). Both sides of a search go through here, so a crude rule costs nothing as long as
it is the same rule.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST = 2_000
"""Characters of a text that are looked at: more than anybody types to describe a need."""

_DIGITS = {mark: str(n % 10) for n, mark in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}
_LETTERS = str.maketrans(
    _DIGITS
    | {
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ة": "ه",
        "ـ": None,
        "’": None,
        "'": None,
        "ʼ": None,
    }
)
_WORD = re.compile(r"[^\W_]+")
_DOUBLED = re.compile(r"([^\W\d_])\1+")
_LATIN = re.compile(r"[a-z]+")
_SHORTEST_STEM = 3
_DUTCH_ENDINGS = ("tjes", "jes", "tje", "en", "je", "t", "s", "e")
_LAST_LETTER = {"z": "s", "v": "f"}


def normalise(text: str) -> str:
    """The text in lower case without accents, vowel marks or invisible signs."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST]).casefold()
    kept = (c for c in plain if unicodedata.category(c) not in ("Mn", "Cf"))
    return unicodedata.normalize("NFC", "".join(kept)).translate(_LETTERS)


def tokens(text: str) -> list[str]:
    """The words of a text, normalised, in order."""
    return _WORD.findall(normalise(text))


@lru_cache(maxsize=65_536)
def stem(token: str) -> str:
    """The part of a normalised word that its forms and compounds share."""
    if token.startswith("ال") and len(token) > _SHORTEST_STEM + 1:
        return token[2:]
    if not _LATIN.fullmatch(token):
        return token
    single = _DOUBLED.sub(r"\1", token)
    for ending in _DUTCH_ENDINGS:
        if single.endswith(ending) and len(single) - len(ending) >= _SHORTEST_STEM:
            single = single.removesuffix(ending)
            break
    return single[:-1] + _LAST_LETTER.get(single[-1], single[-1])


@lru_cache(maxsize=65_536)
def trigrams(word: str) -> frozenset[str]:
    """The runs of three letters of a word, with a mark at its beginning."""
    marked = f"^{word}"
    return frozenset(marked[n : n + 3] for n in range(max(1, len(marked) - 2)))
