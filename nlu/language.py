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
SMOOTHING = 0.2  # how often what was never met counts as met
KNOWN = 40_000  # letter triples and words that there may be
MAX_CHARACTERS = 400  # more says no more

_SCRIPTS = {
    "Latn": re.compile(r"[a-z\u00df-\u024f]"),
    "Arab": re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"),
    "Cyrl": re.compile("[\u0400-\u04ff]"),
    "Ethi": re.compile("[\u1200-\u139f\u2d80-\u2ddf\uab00-\uab2f]"),
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
        # Apart for each script: what little is romanised must not drown in the rest.
        self._models: dict[str, dict[str, _Model]] = {script: {} for script in _SCRIPTS}
        for code, language in words.items():
            for script, counts in _counts(sentences.get(code, ()), language).items():
                self._models[script][code] = _Model(counts)

    def detect(self, text: str, prior: str) -> Detected:
        """The language of `text` in a conversation held in `prior`."""
        head = clean(text, MAX_CHARACTERS)
        script = script_of(head)
        if script is None:
            return Detected(prior)
        # In Latin letters any language may be romanised; another script is its own languages'.
        models = {
            code: model
            for code, model in self._models[script].items()
            if script == "Latn" or self._words[code].script == script
        }
        if not models:
            return Detected(prior)
        size = sum(any(map(str.isalpha, word)) for word in normalise(head).split())
        best, lead = _likeliest(head, models, prior)
        if best == prior:
            return Detected(prior)
        other_script = prior not in models
        if size >= CLEAR_WORDS and (other_script or lead >= CLEAR):
            return Detected(best, switch=best)
        return Detected(best if other_script else prior)


class _Model:
    """How one language is written in one script."""

    def __init__(self, counts: Counter[str]) -> None:
        total = counts.total() + KNOWN * SMOOTHING
        self._scores = {
            feature: math.log((count + SMOOTHING) / total) for feature, count in counts.items()
        }
        self._unseen = math.log(SMOOTHING / total)

    def score(self, features: Iterable[str]) -> float:
        """Log-likelihood of the features."""
        return sum(self._scores.get(feature, self._unseen) for feature in features)


def _likeliest(text: str, models: Mapping[str, _Model], prior: str) -> tuple[str, float]:
    """The likeliest language and by how much it beats the prior one (nats)."""
    features = list(_features(text))
    scores = {code: model.score(features) for code, model in models.items()}
    best = max(scores, key=lambda code: scores[code])
    return best, scores[best] - scores.get(prior, -math.inf)


def script_of(text: str) -> str | None:
    """The script that most letters of `text` are in; None where no script has more than half."""
    lowered = text.lower()
    counts = {name: len(letters.findall(lowered)) for name, letters in _SCRIPTS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if 2 * counts[best] > sum(counts.values()) else None


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


def _counts(sentences: Iterable[str], words: Words) -> dict[str, Counter[str]]:
    """How often each feature is met, apart for each script."""
    counts: dict[str, Counter[str]] = {}
    for sentence in [*sentences, *(word for word in words.common for _ in range(3))]:
        script = script_of(sentence)
        if script is not None:
            counts.setdefault(script, Counter()).update(_features(sentence))
    return counts
