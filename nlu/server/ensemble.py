"""The classifier proper: one model a kind of feature, put together by weights that are measured.

What reads the sentence vector is the head that the encoder was tuned under: it learnt from all
sentences together with the encoder, so here nothing is fitted and only sentences held back need
a vector. What reads n-grams is fitted here, and learns a new sentence at once.

Their log-probabilities are added with one weight a model. The weights minimise the surprise on
sentences that no model was fitted on (and the encoder never tuned on). That one step chooses how
much each model counts and calibrates the outcome: a confidence of 0.8 is right in about 8 of 10.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nlu.server.encoder import Head

Matrix = Any  # numpy array or scipy sparse matrix, a row a sentence
Report = Callable[[int, int], None]

FLOOR = 1e-6  # no model may rule an intent out completely


def regression(freedom: float) -> Any:
    """Logistic regression on vectors, which are spread out first; `freedom` is its C."""
    return make_pipeline(
        StandardScaler(), LogisticRegression(C=freedom, max_iter=300, tol=1e-3, random_state=7)
    )


def bayes(freedom: float) -> Any:
    """Complement naive Bayes on n-grams; `freedom` is its smoothing."""
    return ComplementNB(alpha=freedom)


class TunedHead:
    """The shipped head as a model: there is nothing to fit.

    `classes_` are places in the list of intents, as with the other models; intents that are newer
    than the head are left to those.
    """

    def __init__(self, classes: Sequence[str]) -> None:
        head = Head.load()
        known = [place for place, name in enumerate(classes) if name in head.intents]
        names = tuple(classes[place] for place in known)
        rows = [head.intents.index(name) for name in names]
        self.classes_ = np.array(known)
        self._head = Head(names, head.weight[rows], head.bias[rows])

    def predict_proba(self, vectors: np.ndarray) -> np.ndarray:
        """Probabilities (n, intents known)."""
        return np.asarray(softmax(self._head.scores(vectors), axis=1))


MODELS: Mapping[str, Callable[[float], Any]] = {"regression": regression, "bayes": bayes}
HEAD = "head"


@dataclass(frozen=True)
class Part:
    """A model of the ensemble: the features it reads, `head` or one of `MODELS`, how free."""

    features: str
    model: str
    freedom: float = 0.0

    @property
    def learns(self) -> bool:
        """Whether it is fitted; the head is not."""
        return self.model != HEAD

    def fitted(self, block: Matrix, target: np.ndarray, classes: Sequence[str]) -> Any:
        """A model fitted on rows of features and the places of their intents in `classes`."""
        if not self.learns:
            return TunedHead(classes)
        return MODELS[self.model](self.freedom).fit(block, target)


@dataclass
class Ensemble:
    """Fitted models with their weights; `classes` are the intent names in the columns' order."""

    classes: list[str]
    models: list[Any]
    weights: np.ndarray

    @classmethod
    def fit(
        cls,
        parts: Sequence[Part],
        blocks: Sequence[Matrix],
        labels: Sequence[str],
        held: np.ndarray,
        report: Report,
    ) -> Ensemble:
        """Weighs the parts on the rows that are `held` (bools), then fits each on all rows.

        blocks: the features of each part: of all rows, or of those held for one that learns not.
        """
        classes, target = encoded(labels)
        steps = 2 * len(parts)
        outside = []
        for done, (part, block) in enumerate(zip(parts, blocks, strict=True), 1):
            outside.append(outside_logs(part, block, target, held, classes))
            report(done, steps)
        weights = weigh(np.stack(outside), target[held])
        models = []
        for done, (part, block) in enumerate(zip(parts, blocks, strict=True), len(parts) + 1):
            models.append(part.fitted(block, target, classes))
            report(done, steps)
        return cls(classes, models, weights)

    def probabilities(self, blocks: Sequence[Matrix]) -> np.ndarray:
        """Probability of each intent (n, classes) for rows of features."""
        logs = np.stack(
            [
                log_probabilities(model, block, len(self.classes))
                for model, block in zip(self.models, blocks, strict=True)
            ]
        )
        return combine(logs, self.weights)


def encoded(labels: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """The classes in order, and for each label the number of its class."""
    classes = sorted(set(labels))
    return classes, np.searchsorted(classes, labels)


def outside_logs(
    part: Part, block: Matrix, target: np.ndarray, held: np.ndarray, classes: Sequence[str]
) -> np.ndarray:
    """Log-probabilities (held, classes) of the rows held back, by a model of the others.

    block: the features of all rows, or of those held for a part that learns not.
    """
    if part.learns:
        model = part.fitted(block[~held], target[~held], classes)
        return log_probabilities(model, block[held], len(classes))
    return log_probabilities(part.fitted(block, target, classes), block, len(classes))


def log_probabilities(model: Any, block: Matrix, classes: int) -> np.ndarray:
    """Log-probabilities (n, classes), floored; classes that the model never saw get the floor."""
    full = np.full((block.shape[0], classes), FLOOR)
    full[:, model.classes_] = np.maximum(model.predict_proba(block), FLOOR)
    return np.log(full)


def combine(logs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted sum of log-probabilities (models, n, classes), turned into probabilities again."""
    scores = np.tensordot(weights, logs, axes=1)
    scores -= scores.max(axis=1, keepdims=True)
    odds = np.exp(scores)
    return odds / odds.sum(axis=1, keepdims=True)


def weigh(logs: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Weights (models) for which the right intents of `target` surprise least."""

    def surprise(weights: np.ndarray) -> float:
        right = combine(logs, weights)[np.arange(len(target)), target]
        return float(-np.log(right + 1e-12).mean())

    start = np.full(len(logs), 1.0 / len(logs))
    found = minimize(surprise, start, method="L-BFGS-B", bounds=[(0.0, 50.0)] * len(logs))
    return found.x
