"""Word search: which entries speak of what somebody typed, in any language, also misspelt.

Words are looked up by their stem; a stem that is not known is looked for inside compounds
("schak" in "schakclub") and among words that look like it. No index but this one, all in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.model import Entry
from knowledge.stopwords import STOPWORDS
from knowledge.words import stem, tokens, trigrams

_NAME, _SUMMARY, _DESCRIPTION = 1.0, 0.6, 0.3
_SAME, _BEGINS, _INSIDE, _LOOKS = 1.0, 0.85, 0.65, 0.55
_ALIKE = 0.6
_SHORTEST_PART = 4
_MOST_MATCHES = 24
_MOST_WORDS = 32

Floats = NDArray[np.float32]


class TextIndex:
    """An inverted index over the names, keywords, summaries and translations of entries."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._size = len(entries)
        rows: dict[str, list[int]] = defaultdict(list)
        weights: dict[str, list[float]] = defaultdict(list)
        for row, entry in enumerate(entries):
            for word, weight in _weighted(entry).items():
                rows[word].append(row)
                weights[word].append(weight)
        self._words = list(rows)
        self._number = {word: n for n, word in enumerate(self._words)}
        self._rows = [np.array(rows[word], dtype=np.int32) for word in self._words]
        self._weights = [np.array(weights[word], dtype=np.float32) for word in self._words]
        self._rarity = [float(np.log1p(self._size / len(rows[word]))) for word in self._words]
        self._by_trigram, self._trigram_count = _trigram_index(self._words)

    def scores(self, text: str) -> Floats:
        """How much each entry speaks of a text, from 0 to about 1, in the order of the entries."""
        total = np.zeros(self._size, dtype=np.float32)
        weight = 0.0
        for word in _asked(text):
            matches = self._matches(word)
            if not matches:
                continue
            best = np.zeros(self._size, dtype=np.float32)
            for number, likeness in matches:
                rows = self._rows[number]
                best[rows] = np.maximum(best[rows], likeness * self._weights[number])
            rarity = max(self._rarity[number] for number, _ in matches)
            total += rarity * best
            weight += rarity
        return total / np.float32(weight) if weight else total

    def _matches(self, word: str) -> list[tuple[int, float]]:
        """The known words that a word stands for, with how sure that is."""
        exact = self._number.get(word)
        found = {} if exact is None else {exact: _SAME}
        if len(word) >= _SHORTEST_PART:
            for number in self._candidates(word):
                likeness = _likeness(word, self._words[number])
                if likeness:
                    found.setdefault(number, likeness)
        return sorted(found.items(), key=lambda match: -match[1])[:_MOST_MATCHES]

    def _candidates(self, word: str) -> Iterable[int]:
        runs = trigrams(word)
        lists = [self._by_trigram[run] for run in runs if run in self._by_trigram]
        if not lists:
            return ()
        shared = np.bincount(np.concatenate(lists), minlength=len(self._words))
        inside = shared >= max(2.0, _ALIKE * (len(runs) - 1))
        around = shared >= np.maximum(2, self._trigram_count - 1)
        return (int(number) for number in np.flatnonzero(inside | around))


def _likeness(word: str, known: str) -> float:
    """How sure it is that a typed stem means a known one, from 0 to 1."""
    short, long = sorted((word, known), key=len)
    if len(short) >= _SHORTEST_PART and long.startswith(short):
        return _BEGINS
    if len(short) >= _SHORTEST_PART and short in long:
        return _INSIDE
    one, other = trigrams(word), trigrams(known)
    alike = 2 * len(one & other) / (len(one) + len(other))
    return _LOOKS * alike if alike >= _ALIKE else 0.0


def _asked(text: str) -> list[str]:
    """The stems of a question that say something, each once, in order."""
    words = [word for word in tokens(text) if word not in STOPWORDS and len(word) > 1]
    return list(dict.fromkeys(stem(word) for word in words))[:_MOST_WORDS]


def _weighted(entry: Entry) -> Mapping[str, float]:
    weighted: dict[str, float] = {}
    for text, weight in _texts(entry):
        for word in tokens(text):
            if word not in STOPWORDS:
                root = stem(word)
                weighted[root] = max(weighted.get(root, 0.0), weight)
    return weighted


def _texts(entry: Entry) -> Iterable[tuple[str, float]]:
    yield entry.name, _NAME
    yield " ".join(entry.keywords), _NAME
    yield entry.summary, _SUMMARY
    yield entry.description, _DESCRIPTION
    for translated in entry.translations.values():
        yield translated.get("name", ""), _NAME
        yield translated.get("keywords", ""), _NAME
        yield translated.get("summary", ""), _SUMMARY


def _trigram_index(words: Sequence[str]) -> tuple[dict[str, NDArray[np.int32]], NDArray[np.int32]]:
    """For each trigram the numbers of the words that hold it, and how many each word has."""
    holders: dict[str, list[int]] = defaultdict(list)
    counts = np.zeros(len(words), dtype=np.int32)
    for number, word in enumerate(words):
        runs = trigrams(word)
        counts[number] = len(runs)
        for run in runs:
            holders[run].append(number)
    return {run: np.array(held, dtype=np.int32) for run, held in holders.items()}, counts
