"""Looks for what is wrong with the training sentences, before a model learns it.

Within a language: the same sentence twice or under two intents, sentences that differ in a word
only, many that begin alike, intents with too few, sentences in a script the language is not
written in, what looks like personal data, and what does not say where it comes from. Between
training and held-out messages: leaks.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nlu.language import script_of
from nlu.normalise import normalise
from nlu.sentences import SOURCES, Sentence, located
from nlu.types import CRISES, Intent

Level = Literal["error", "warning"]

ALIKE = 0.85  # share of letter triples in common from which two sentences are one
SHORTEST = 20  # letters; shorter ones are alike by nature
OPENING = 3  # words
MANY = 0.08  # share of an intent's sentences that may begin alike
FEW = 6  # as many may always
LONGEST = 60  # words
_PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.\w|https?://|\b(?:\+31|0031|06)[\s\d-]{8,}\d")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the sentence at a place; an error must be mended, a warning weighed."""

    level: Level
    path: Path
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.level}: {self.words}"


def wanted(language: str, intent: str) -> int:
    """How many sentences an intent should have at least."""
    if intent == "out_of_scope":
        return 200
    if intent == "other_municipal":
        return 40
    if intent in CRISES or Intent(intent, 1).is_need:
        return 80 if language in ("nl", "en", "ar") else 50
    return 18


def check(
    data: Path, language: str, script: str, intents: Collection[str], held_out: Sequence[str] = ()
) -> list[Problem]:
    """All problems of one language's sentences.

    `script`: the language's own (see nlu.words.SCRIPTS); Latin letters are always allowed.
    `intents`: those there are. `held_out`: messages that may not be among the sentences.
    """
    rows = list(located(data, language))
    return [
        *_unknown(rows, intents),
        *_origins(rows),
        *_odd(rows, script),
        *_twice(rows),
        *_alike(rows),
        *_leaks(rows, held_out),
        *_openings(rows),
        *_thin(rows, language, intents, data / language),
    ]


def _problem(level: Level, row: Sentence, words: str) -> Problem:
    return Problem(level, row.path, row.line, words)


def _unknown(rows: Sequence[Sentence], intents: Collection[str]) -> Iterator[Problem]:
    for row in rows:
        if row.intent not in intents:
            yield _problem("error", row, f"{row.intent}: no such intent")


def _origins(rows: Sequence[Sentence]) -> Iterator[Problem]:
    for origin in dict.fromkeys(row.origin for row in rows):
        if not origin.source:
            words = "no origin that can be read, such as {source: written, reviewed: no}"
            yield Problem("error", origin.path, origin.line, words)
        elif origin.source not in SOURCES:
            words = f"{origin.source}: no such source; there are {' and '.join(SOURCES)}"
            yield Problem("error", origin.path, origin.line, words)


def _odd(rows: Sequence[Sentence], script: str) -> Iterator[Problem]:
    for row in rows:
        found = script_of(row.text)
        if found not in (None, "Latn", script):
            yield _problem("error", row, f"{row.intent}: written in {found}, not {script}")
        if len(row.text.split()) > LONGEST:
            yield _problem("warning", row, f"{row.intent}: more than {LONGEST} words")
        if _PERSONAL.search(row.text):
            yield _problem("error", row, f"{row.intent}: an address or a number of somebody")


def _twice(rows: Sequence[Sentence]) -> Iterator[Problem]:
    first: dict[str, Sentence] = {}
    for row in rows:
        other = first.setdefault(normalise(row.text) or row.text, row)
        if other is row:
            continue
        where = f"{other.path.name}:{other.line}"
        if other.intent == row.intent:
            yield _problem("error", row, f"{row.intent}: stands at {where} already")
        else:
            yield _problem("error", row, f"{row.intent}: is {other.intent} at {where}")


def _alike(rows: Sequence[Sentence]) -> Iterator[Problem]:
    for left, right in pairs([row.text for row in rows]):
        row, other = rows[right], rows[left]
        words = f"{row.intent}: nearly the same as {other.path.name}:{other.line}"
        if other.intent != row.intent:
            words += f", which is {other.intent}"
        yield _problem("warning", row, words)


def _leaks(rows: Sequence[Sentence], held_out: Sequence[str]) -> Iterator[Problem]:
    for left, right in pairs([*held_out, *(row.text for row in rows)]):
        if left < len(held_out) <= right:
            row = rows[right - len(held_out)]
            yield _problem("error", row, f"{row.intent}: is, or nearly is, a held-out message")


def _openings(rows: Sequence[Sentence]) -> Iterator[Problem]:
    cells: dict[str, list[Sentence]] = defaultdict(list)
    for row in rows:
        cells[row.intent].append(row)
    for intent, cell in cells.items():
        by_opening: dict[tuple[str, ...], list[Sentence]] = defaultdict(list)
        for row in cell:
            words = normalise(row.text).split()
            if len(words) > OPENING:
                by_opening[tuple(words[:OPENING])].append(row)
        for opening, alike in by_opening.items():
            if len(alike) > max(FEW, MANY * len(cell)):
                start = " ".join(opening)
                begun = f"{intent}: {len(alike)} of {len(cell)} begin with {start!r}"
                yield _problem("warning", alike[0], begun)


def _thin(
    rows: Sequence[Sentence], language: str, intents: Collection[str], folder: Path
) -> Iterator[Problem]:
    counts = Counter(row.intent for row in rows)
    for intent in sorted(intents):
        least = wanted(language, intent)
        if counts[intent] < least:
            words = f"{intent}: {counts[intent]} sentences, {least} are wanted"
            yield Problem("warning", folder, 0, words)


def pairs(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Places (lower, higher) of texts that share at least `ALIKE` of their letter triples.

    Only texts that have one of their rarest triples in common are compared: two sets cannot
    share so much without one of those (the prefix filter of Chaudhuri, Ganti and Kaushik, 2006).
    """
    sets = [_triples(text) for text in texts]
    often = Counter(triple for found in sets for triple in found)
    rarest: dict[str, list[int]] = defaultdict(list)
    for place, found in enumerate(sets):
        order = sorted(found, key=lambda triple: (often[triple], triple))
        met: set[int] = set()
        for triple in order[: len(order) - math.ceil(ALIKE * len(order)) + 1]:
            met.update(rarest[triple])
            rarest[triple].append(place)
        for other in sorted(met):
            together = len(found & sets[other])
            if together >= ALIKE * (len(found) + len(sets[other]) - together):
                yield other, place


def _triples(text: str) -> frozenset[str]:
    plain = normalise(text)
    if len(plain) < SHORTEST:
        return frozenset()
    return frozenset(plain[start : start + 3] for start in range(len(plain) - 2))
