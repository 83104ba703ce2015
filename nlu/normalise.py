"""One spelling for many: what words, patterns and n-grams are compared in.

Used by the bot and by the NLU service alike, so it stays plain Python (3.10) without imports
of ours. All work is done by translation tables and linear regular expressions.
"""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = "'`´‘’ʼʹ‛′＇ʻˈ"
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u00ad\u034f]")
_CONTROL_OR_LONE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"\s+")
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")
# Composed letters whose marks make them another letter stay whole: й ї ў and their capitals.
_KEPT = re.compile("[\u0438\u0456\u0443]([\u0306\u0308])")
_NOT_WORD = re.compile(r"[\W_]+")
_LONG_RUN = re.compile(r"([^\W\d])\1{2,}")

_LETTERS = str.maketrans(
    {
        "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe",
        "ß": "ss", "ĳ": "ij", "ґ": "г",
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي",
        "ة": "ه", "ۀ": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ؤ": "و", "ک": "ك", "ء": "",
    }
    # Series of the Ethiopic script that are typed for one another: ሐ ኀ as ሀ, ሠ as ሰ, ፀ as ጸ,
    # ዐ as አ.
    | {
        chr(start + order): chr(usual + order)
        for start, usual, orders in (
            (0x1210, 0x1200, 7), (0x1280, 0x1200, 7), (0x1220, 0x1230, 8), (0x1340, 0x1338, 8),
            (0x12D0, 0x12A0, 7),
        )
        for order in range(orders)
    }
)  # fmt: skip
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


def clean(text: str, limit: int = 2_000) -> str:
    """`text` without what nobody can see or send on, at most `limit` characters.

    Zero-width and control characters and lone surrogates go, white space becomes single spaces.
    Letters, marks, punctuation and emoji stay as typed.
    """
    # Cut generously first: invisible characters must not be able to push the words out.
    head = text[: limit * 4]
    visible = _CONTROL_OR_LONE.sub(" ", _ZERO_WIDTH.sub("", head))
    return _SPACES.sub(" ", visible).strip()[:limit].rstrip()


def fold(text: str) -> str:
    """`text` in small letters, without diacritics, with letter variants unified.

    Punctuation, digits and spacing stay, so that n-grams still see them.
    """
    lowered = unicodedata.normalize("NFKD", _ZERO_WIDTH.sub("", text)).lower()
    kept = _KEPT.sub(lambda match: unicodedata.normalize("NFC", match[0]), lowered)
    plain = unicodedata.normalize("NFC", _MARKS.sub("", kept))
    return plain.translate(_LETTERS).translate(_DIGITS)


def normalise(text: str, run: int = 1, apostrophe: str = "") -> str:
    """The words of `text`, folded, one space apart, without punctuation.

    run: how many letters are left of three or more equal ones in a row ("zoooo" is "zo").
    apostrophe: what stands for one inside a word: nothing ("don't" is "dont"), or a space
    to set a Turkish ending apart from a name.
    """
    folded = fold(text)
    for character in _APOSTROPHES:
        if character in folded:
            folded = folded.replace(character, apostrophe)
    words = _NOT_WORD.sub(" ", folded).strip()
    return _LONG_RUN.sub(lambda match: match[1] * run, words)


def has_long_run(text: str) -> bool:
    """True when three or more equal letters follow each other, so that `run` makes a difference."""
    return _LONG_RUN.search(text) is not None
