"""Word search: which texts speak of what somebody typed, in any language, also misspelt.

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
_ALIKE, _ALIKE_SHORT = 0.6, 0.8
_LONG = 7
_SHORTEST_PART = 4
_MOST_MATCHES = 24
_MOST_WORDS = 32

Floats = NDArray[np.float32]
Weighed = Sequence[tuple[str, float]]


class TextIndex:
    """An inverted index over texts: each item is some texts, each with how much it weighs."""

    def __init__(self, items: Sequence[Weighed]) -> None:
        self._size = len(items)
        rows: dict[str, list[int]] = defaultdict(list)
        weights: dict[str, list[float]] = defaultdict(list)
        for row, item in enumerate(items):
            for word, weight in _weighted(item).items():
                rows[word].append(row)
                weights[word].append(weight)
        self._words = list(rows)
        self._number = {word: n for n, word in enumerate(self._words)}
        self._rows = [np.array(rows[word], dtype=np.int32) for word in self._words]
        self._weights = [np.array(weights[word], dtype=np.float32) for word in self._words]
        self._rarity = [float(np.log1p(self._size / len(rows[word]))) for word in self._words]
        self._by_trigram, self._trigram_count = _trigram_index(self._words)

    def scores(self, text: str) -> Floats:
        """How much each item speaks of a text, from 0 to about 1, in the order of the items."""
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
            weight += rarity * matches[0][1]
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
    enough = _ALIKE if len(short) >= _LONG else _ALIKE_SHORT
    return _LOOKS * alike if alike >= enough else 0.0


def _asked(text: str) -> list[str]:
    """The stems of a question that say something, each once, in order."""
    return list(dict.fromkeys(_roots(text)))[:_MOST_WORDS]


def _weighted(item: Weighed) -> Mapping[str, float]:
    weighted: dict[str, float] = {}
    for text, weight in item:
        for root in _roots(text):
            weighted[root] = max(weighted.get(root, 0.0), weight)
    return weighted


def _roots(text: str) -> Iterable[str]:
    """The stems of the words of a text that say something."""
    return (stem(word) for word in tokens(text) if word not in STOPWORDS and len(word) > 1)


def texts_of(entry: Entry) -> Weighed:
    """What an entry is found by."""
    own = [
        (entry.name, _NAME),
        (" ".join(entry.keywords), _NAME),
        (entry.summary, _SUMMARY),
        (entry.description, _DESCRIPTION),
    ]
    for translated in entry.translations.values():
        own.append((translated.get("name", ""), _NAME))
        own.append((translated.get("summary", ""), _SUMMARY))
    return own


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
