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

from nlu.server.ensemble import Ensemble, Part
from nlu.server.holdback import held_back
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
        """`parts`: for each model the alias of its features, its kind, and how freely it fits."""
        return {"parts": []}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        ensemble: Ensemble | None = None,
    ) -> None:
        self._parts = [Part(**part) for part in config["parts"]]
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
        held = [held_back(example.get(TEXT)) for example in examples]
        kept = [example for example, back in zip(examples, held, strict=True) if back]
        blocks = [
            features_of(examples if part.learns else kept, part.features) for part in self._parts
        ]
        labels = [example.get(INTENT) for example in examples]
        with Progress("classifier", sys.stderr) as progress:
            ensemble = Ensemble.fit(self._parts, blocks, labels, np.array(held), progress)
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
        rows = self._ensemble.probabilities(
            [features_of(messages, part.features) for part in self._parts]
        )
        for message, row in zip(messages, rows, strict=True):
            ranking = [
                {"name": names[index], "confidence": float(row[index])}
                for index in np.argsort(-row, kind="stable")
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def features_of(messages: list[Message], alias: str) -> Any:
    """The sentence features that the featurizer `alias` gave, a row a message."""
    _, dense = messages[0].get_dense_features(TEXT, [alias])
    if dense is not None:
        return np.vstack([m.get_dense_features(TEXT, [alias])[1].features for m in messages])
    rows = [message.get_sparse_features(TEXT, [alias])[1].features for message in messages]
    return csr_matrix(vstack(rows))
