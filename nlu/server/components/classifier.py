"""The intent classifier whose confidence means something."""

# ruff: noqa: ARG003 - Rasa passes these by name
from __future__ import annotations

import sys
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, vstack

from nlu.server.ensemble import Ensemble, dense_model, sparse_model
from nlu.server.progress import Progress

FILE = "classifier.joblib"


class CalibratedClassifier(IntentClassifier, GraphComponent):
    """Ranks all intents with calibrated confidences (see `nlu.server.ensemble`)."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Features must be there."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        """What must be installed."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """How freely each model may fit (C of the logistic regression); folds to calibrate on."""
        return {"vectors": 0.01, "ngrams": 30.0, "folds": 5}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        ensemble: Ensemble | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._ensemble = ensemble

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CalibratedClassifier:
        """Makes an untrained classifier (see the parent class)."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CalibratedClassifier:
        """Loads the trained classifier from the model."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, joblib.load(folder / FILE))

    def train(self, training_data: TrainingData) -> Resource:
        """Fits and calibrates on the features of all examples that have an intent."""
        examples = [example for example in training_data.intent_examples if example.get(INTENT)]
        make = [
            lambda: dense_model(self._config["vectors"]),
            lambda: sparse_model(self._config["ngrams"]),
        ]
        with Progress("classifier", sys.stderr) as progress:
            ensemble = Ensemble.fit(
                self._blocks(examples),
                [example.get(INTENT) for example in examples],
                make,
                self._config["folds"],
                progress,
            )
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(ensemble, folder / FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent and the full ranking of each message."""
        if self._ensemble is None:
            raise RuntimeError("CalibratedClassifier is used before it was trained")
        if not messages:
            return messages
        names = self._ensemble.classes
        rows = self._ensemble.probabilities(self._blocks(messages))
        for message, row in zip(messages, rows, strict=True):
            ranking = [
                {"name": names[index], "confidence": float(row[index])}
                for index in np.argsort(-row, kind="stable")
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    @staticmethod
    def _blocks(messages: list[Message]) -> list[Any]:
        dense = [message.get_dense_features(TEXT, [])[1].features for message in messages]
        sparse = [message.get_sparse_features(TEXT, [])[1].features for message in messages]
        return [np.vstack(dense), csr_matrix(vstack(sparse))]
