"""The classifier proper: one model a kind of feature, put together by weights that are measured.

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
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

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


MODELS: Mapping[str, Callable[[float], Any]] = {"regression": regression, "bayes": bayes}


@dataclass(frozen=True)
class Part:
    """A model of the ensemble: which features it reads, which of `MODELS` it is, how free."""

    features: str
    model: str
    freedom: float

    def make(self) -> Any:
        """A new, unfitted model."""
        return MODELS[self.model](self.freedom)


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

        blocks: the features of each part (n, any width).
        """
        classes, target = encoded(labels)
        steps = 2 * len(parts)
        outside = outside_logs(parts, blocks, target, held, lambda done: report(done, steps))
        weights = weigh(outside, target[held])
        models = []
        for done, (part, block) in enumerate(zip(parts, blocks, strict=True)):
            models.append(part.make().fit(block, target))
            report(len(parts) + done + 1, steps)
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
    parts: Sequence[Part],
    blocks: Sequence[Matrix],
    target: np.ndarray,
    held: np.ndarray,
    report: Callable[[int], None],
) -> np.ndarray:
    """Log-probabilities (parts, held, classes) of the rows held back, by models of the others."""
    classes = int(target.max()) + 1
    logs = []
    for done, (part, block) in enumerate(zip(parts, blocks, strict=True)):
        model = part.make().fit(block[~held], target[~held])
        logs.append(log_probabilities(model, block[held], classes))
        report(done + 1)
    return np.stack(logs)


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
