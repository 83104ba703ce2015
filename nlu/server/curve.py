"""The learning curve: how much is understood from how many sentences, per language.

Two models learn from growing shares of the sentences that are not held back, all languages at once
as in training, and are judged on the needs among those that are. N-grams learn from all of them;
regression on vectors from `SAMPLE` a language, as all would take half an hour to encode. These are
the vectors of the packaged encoder: the tuned one has seen every sentence, so a few of them would
seem to do as well as all.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nlu.server.components.ngrams import vectorizer
from nlu.server.encoder import Encoder, VectorStore, packaged_model
from nlu.server.ensemble import Part
from nlu.server.model import Project
from nlu.server.progress import Progress
from nlu.server.sample import sample

SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
DRAWS = 2  # of each share, so that a lucky one counts for less
SAMPLE = 500
NGRAMS = Part("ngrams", "bayes", 0.3)
VECTORS = Part("packaged", "regression", 0.01)

Features = Callable[[np.ndarray], tuple[object, object]]


@dataclass(frozen=True)
class Curve:
    """How much a model understands of a language.

    sentences: how many of the language it learnt from, fewest first; right: the share of the needs
    held back that it then names first, in percent.
    """

    model: str
    language: str
    sentences: tuple[int, ...]
    right: tuple[float, ...]

    @property
    def gain(self) -> float:
        """What twice as many sentences bring at the end, in percent points."""
        return (self.right[-1] - self.right[-3]) / 2


@dataclass(frozen=True)
class Exam:
    """Sentences to learn from and be judged on: texts, intents, languages, and which are held."""

    texts: np.ndarray
    intents: np.ndarray
    languages: np.ndarray
    held: np.ndarray
    needs: np.ndarray


def curves(project: Project, exam: Exam) -> list[Curve]:
    """Both models' curves in each language."""
    few = _sampled(exam)
    every = np.flatnonzero(~exam.held)
    known = np.flatnonzero(exam.held)
    store = VectorStore(project.root / "var" / "nlu" / "vectors.sqlite", Encoder(packaged_model()))
    with Progress("packaged vectors", sys.stderr) as progress:
        vectors = np.zeros((len(exam.texts), 384), dtype=np.float32)
        chosen = np.concatenate([few, known])
        vectors[chosen] = store.queries(list(exam.texts[chosen]), progress)

    def ngrams(places: np.ndarray) -> tuple[object, object]:
        spelling = vectorizer(2, 4, 2)
        return spelling.fit_transform(exam.texts[places]), spelling.transform(exam.texts[known])

    def meaning(places: np.ndarray) -> tuple[object, object]:
        return vectors[places], vectors[known]

    return [
        *_drawn("n-grams", NGRAMS, exam, every, ngrams),
        *_drawn("vectors", VECTORS, exam, few, meaning),
    ]


def table(found: Sequence[Curve]) -> list[str]:
    """What is right in the end and what doubling brings, a row a language."""
    models = list(dict.fromkeys(curve.model for curve in found))
    heads = [f"{model}: sentences | right | by doubling" for model in models]
    lines = [f"| language | {' | '.join(heads)} |", "|---" * (1 + 3 * len(models)) + "|"]
    for code in sorted({curve.language for curve in found}):
        cells = [
            f"{curve.sentences[-1]} | {curve.right[-1]:.0f} | {curve.gain:+.1f}"
            for model in models
            for curve in found
            if (curve.language, curve.model) == (code, model)
        ]
        lines.append(f"| {code} | {' | '.join(cells)} |")
    return lines


def _sampled(exam: Exam) -> np.ndarray:
    """Places of `SAMPLE` sentences of each language that are not held back."""
    chosen: list[int] = []
    for code in sorted(set(exam.languages)):
        places = np.flatnonzero((exam.languages == code) & ~exam.held)
        chosen += list(places[sample(list(exam.texts[places]), SAMPLE)])
    return np.array(chosen)


def _drawn(
    name: str, part: Part, exam: Exam, places: np.ndarray, features: Features
) -> Iterator[Curve]:
    """The curves of one model that learns from shares of `places`."""
    codes = sorted(set(exam.languages))
    sizes = {code: int((exam.languages[places] == code).sum()) for code in codes}
    right: dict[str, list[float]] = {code: [] for code in codes}
    chance = np.random.default_rng(7)
    with Progress(f"curve of {name}", sys.stderr) as progress:
        for step, share in enumerate(SHARES, 1):
            draws = [
                _right(part, exam, _part(exam, places, share, chance), features)
                for _ in range(DRAWS if share < 1 else 1)
            ]
            for code in codes:
                right[code].append(float(np.mean([draw[code] for draw in draws])))
            progress(step, len(SHARES))
    for code in codes:
        learnt = tuple(round(sizes[code] * share) for share in SHARES)
        yield Curve(name, code, learnt, tuple(right[code]))


def _part(exam: Exam, places: np.ndarray, share: float, chance: np.random.Generator) -> np.ndarray:
    """A share of the places of each language, by chance."""
    chosen = []
    for code in sorted(set(exam.languages)):
        own = chance.permutation(places[exam.languages[places] == code])
        chosen.append(own[: round(len(own) * share)])
    return np.concatenate(chosen)


def _right(part: Part, exam: Exam, places: np.ndarray, features: Features) -> dict[str, float]:
    """The share of each language's needs that a model of `places` names first, in percent."""
    classes, target = np.unique(exam.intents[places], return_inverse=True)
    block, asked = features(places)
    model = part.fitted(block, target, list(classes))
    named = classes[model.classes_][model.predict_proba(asked).argmax(axis=1)]
    hit = named == exam.intents[exam.held]
    needs, languages = exam.needs[exam.held], exam.languages[exam.held]
    return {
        code: 100 * float(hit[needs & (languages == code)].mean())
        for code in sorted(set(exam.languages))
    }
