"""The featurizer that sees how words are spelt: weighted character n-grams of the folded text."""

# ruff: noqa: ARG003 - Rasa passes these by name
from __future__ import annotations

from typing import Any

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.normalise import fold

FILE = "ngrams.joblib"


def vectorizer(shortest: int, longest: int, rarest: int) -> TfidfVectorizer:
    """N-grams of `shortest` to `longest` characters within words, met in `rarest` texts or more."""
    return TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(shortest, longest),
        min_df=rarest,
        sublinear_tf=True,
        preprocessor=fold,
        dtype="float32",
    )


class CharacterNgrams(SparseFeaturizer, GraphComponent):
    """Adds TF-IDF weighted character n-grams of the folded text to each message."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Lengths of the n-grams, and in how many training sentences one must occur."""
        return {**SparseFeaturizer.get_default_config(), "shortest": 2, "longest": 5, "rarest": 2}

    @staticmethod
    def required_packages() -> list[str]:
        """What must be installed."""
        return ["sklearn"]

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        model_storage: ModelStorage,
        resource: Resource,
        fitted: TfidfVectorizer | None = None,
    ) -> None:
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._fitted = fitted

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CharacterNgrams:
        """Makes an untrained component (see the parent class)."""
        return cls(config, execution_context.node_name or cls.__name__, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CharacterNgrams:
        """Loads the trained component from the model."""
        name = execution_context.node_name or cls.__name__
        with model_storage.read_from(resource) as folder:
            return cls(config, name, model_storage, resource, joblib.load(folder / FILE))

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check beyond what scikit-learn does."""

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the n-grams that occur and how telling they are."""
        config = self._config
        self._fitted = vectorizer(config["shortest"], config["longest"], config["rarest"])
        self._fitted.fit([example.get(TEXT) for example in training_data.training_examples])
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(self._fitted, folder / FILE)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds n-grams to all examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds n-grams to messages."""
        if self._fitted is None:
            raise RuntimeError("CharacterNgrams is used before it was trained")
        matrix = self._fitted.transform([message.get(TEXT) for message in messages])
        for message, row in zip(messages, matrix, strict=True):
            message.add_features(
                Features(row.tocoo(), FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
            )
        return messages
