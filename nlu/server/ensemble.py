"""The classifier proper: one model a kind of feature, put together by weights that are measured.

Each model is a multinomial logistic regression. Their log-probabilities are added with one weight
a model; the weights minimise the surprise on cross-validation folds. That one step chooses how
much each model counts and calibrates the outcome: a confidence of 0.8 is right in about 8 of 10.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

Matrix = Any  # numpy array or scipy sparse matrix, a row a sentence
Report = Callable[[int, int], None]

FLOOR = 1e-6  # no model may rule an intent out completely


def dense_model(regularisation: float) -> Any:
    """Logistic regression on sentence vectors, which must be spread out first."""
    return make_pipeline(
        StandardScaler(), LogisticRegression(C=regularisation, max_iter=300, tol=1e-3)
    )


def sparse_model(regularisation: float) -> Any:
    """Logistic regression on n-grams."""
    return LogisticRegression(C=regularisation, max_iter=300, tol=1e-3)


@dataclass
class Ensemble:
    """Fitted models with their weights; `classes` are the intent names in the columns' order."""

    classes: list[str]
    models: list[Any]
    weights: np.ndarray

    @classmethod
    def fit(
        cls,
        blocks: Sequence[Matrix],
        labels: Sequence[str],
        make: Sequence[Callable[[], Any]],
        folds: int,
        report: Report,
    ) -> Ensemble:
        """Fits a model on each block of features (n, any width) and weighs them on folds."""
        classes = sorted(set(labels))
        target = np.searchsorted(classes, labels)
        steps = (folds + 1) * len(blocks)
        done = 0
        outside = np.zeros((len(blocks), len(target), len(classes)))
        splitter = StratifiedKFold(folds, shuffle=True, random_state=7)
        for train, test in splitter.split(np.zeros(len(target)), target):
            for index, block in enumerate(blocks):
                model = make[index]().fit(block[train], target[train])
                outside[index, test] = log_probabilities(model, block[test], len(classes))
                report(done := done + 1, steps)
        weights = weigh(outside, target)
        models = []
        for index, block in enumerate(blocks):
            models.append(make[index]().fit(block, target))
            report(done := done + 1, steps)
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
        return float(-np.log(right).mean())

    start = np.full(len(logs), 1.0 / len(logs))
    found = minimize(surprise, start, method="L-BFGS-B", bounds=[(0.0, 5.0)] * len(logs))
    return found.x
