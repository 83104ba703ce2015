"""Proposes the language a text is written in, among those offered, given the conversation's.

Script first; within a script the frequent words of each language and letter triples learnt from
the training sentences, which know the romanised and diacritic-free writing too. A short or
doubtful text keeps the conversation's language.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nlu.normalise import clean, normalise
from nlu.words import Words

CLEAR_WORDS = 3  # a switch needs this many words
CLEAR = 6.0  # nats by which another language must be likelier than the conversation's
MAX_CHARACTERS = 400  # more says no more

_SCRIPTS = {
    "Latn": re.compile(r"[a-z\u00df-\u024f]"),
    "Arab": re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"),
    "Cyrl": re.compile("[\u0400-\u04ff]"),
}


@dataclass(frozen=True, slots=True)
class Detected:
    """`language`: to answer in. `switch`: another than the conversation's, clearly, else None."""

    language: str
    switch: str | None = None


class LanguageDetector:
    """Tells the offered languages apart."""

    def __init__(self, words: Mapping[str, Words], sentences: Mapping[str, Iterable[str]]) -> None:
        """`words`: of each offered language. `sentences`: how people write in each."""
        self._words = words
        counts = {code: _features_of_all(sentences.get(code, ()), words[code]) for code in words}
        known = len(set().union(*counts.values())) + 1 if counts else 1
        self._scores = {
            code: {
                feature: math.log((count + 0.5) / (total + 0.5 * known))
                for feature, count in counter.items()
            }
            for code, counter in counts.items()
            for total in (counter.total(),)
        }
        self._unseen = {
            code: math.log(0.5 / (counter.total() + 0.5 * known))
            for code, counter in counts.items()
        }

    def detect(self, text: str, prior: str) -> Detected:
        """The language of `text` in a conversation held in `prior`."""
        head = clean(text, MAX_CHARACTERS)
        script = _script(head)
        if script is None:
            return Detected(prior)
        candidates = [code for code, words in self._words.items() if words.script == script]
        if script == "Latn":
            candidates = list(self._words)  # any language may be romanised
        if not candidates:
            return Detected(prior)
        size = len(normalise(head).split())
        best, lead = self._best(head, candidates, prior)
        if best == prior:
            return Detected(prior)
        other_script = prior not in candidates
        clear = other_script or lead >= CLEAR
        if size >= CLEAR_WORDS and clear:
            return Detected(best, switch=best)
        return Detected(best if clear and (other_script or lead >= 2 * CLEAR) else prior)

    def _best(self, text: str, candidates: list[str], prior: str) -> tuple[str, float]:
        """The likeliest candidate and by how much it beats the prior language (nats)."""
        features = Counter(_features(text))
        scores = {
            code: sum(
                count * self._scores[code].get(feature, self._unseen[code])
                for feature, count in features.items()
            )
            for code in candidates
        }
        best = max(scores, key=lambda code: scores[code])
        return best, scores[best] - scores.get(prior, -math.inf)


def _script(text: str) -> str | None:
    """The script that most letters of `text` are in; None without letters."""
    lowered = text.lower()
    counts = {name: len(letters.findall(lowered)) for name, letters in _SCRIPTS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None


def _features(text: str) -> Iterable[str]:
    """Words and letter triples, as typed and without diacritics."""
    plain = normalise(text)
    for word in plain.split():
        yield f"={word}"
        padded = f" {word} "
        for start in range(len(padded) - 2):
            yield padded[start : start + 3]
    for character in text.lower():
        if character not in plain and character.isalpha():
            yield f"'{character}"


def _features_of_all(sentences: Iterable[str], words: Words) -> Counter[str]:
    counter: Counter[str] = Counter()
    for sentence in sentences:
        counter.update(_features(sentence))
    for word in words.common:
        counter.update(dict.fromkeys(_features(word), 3))
    return counter
