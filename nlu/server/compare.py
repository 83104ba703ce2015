"""Compares Rasa's own classifiers with ours: one run, the same sentences, a Markdown table.

    nice nlu/server/.venv/bin/python -m nlu.server.compare [--languages nl en ar tr]
        [--sentences 500] [--asked 150] [--epochs 30]

Every pipeline learns from the same sentences about needs, drawn from those not held back, and is
asked some of those that are. Each runs in a process of its own, so that its memory can be told.
Only the head that is shipped has seen more: it was tuned on the sentences of all languages.
The vectors of the sentences drawn are made first and kept where training keeps them.
"""

# ruff: noqa: ARG003 - Rasa passes these by name
from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.server.components.ngrams import vectorizer
from nlu.server.encoder import Encoder, VectorStore, packaged_model, tuned_model
from nlu.server.ensemble import Part, encoded, outside_logs
from nlu.server.measure import HEAD, NGRAMS, NOT_NEEDS, PACKAGED, Sentences, judged, read
from nlu.server.model import ROOT, Model, Project
from nlu.server.progress import Progress

STORE = ROOT / "var" / "nlu" / "vectors.sqlite"
MODELS = {"packaged": packaged_model, "tuned": tuned_model}
SEED = 7
BATCH = 64
UNRANKED = 1_000  # the place of an intent that a pipeline does not name

TOKENS = {"name": "WhitespaceTokenizer"}
COUNTS = {
    "name": "CountVectorsFeaturizer",
    "analyzer": "char_wb",
    "min_ngram": 2,
    "max_ngram": 4,
    "min_df": 2,
}
REGRESSION = {"name": "LogisticRegressionClassifier", "max_iter": 300}
DIET = {
    "name": "DIETClassifier",
    "entity_recognition": False,
    "constrain_similarities": True,
    "random_seed": SEED,
}
FROZEN = {"name": "nlu.server.compare.FrozenVectors"}
RASA: dict[str, list[dict[str, Any]]] = {
    "Rasa: n-grams, LogisticRegressionClassifier": [TOKENS, COUNTS, REGRESSION],
    "Rasa: n-grams, DIET": [TOKENS, COUNTS, DIET],
    "Rasa: n-grams and frozen vectors, DIET": [TOKENS, COUNTS, FROZEN, DIET],
}
OURS: dict[str, Sequence[Part]] = {
    "ours: n-grams": [NGRAMS],
    "ours: frozen vectors": [PACKAGED],
    "ours: frozen vectors and n-grams": [PACKAGED, NGRAMS],
    "ours: the encoder's own head": [HEAD],
    "ours, as shipped: head and n-grams": [HEAD, NGRAMS],
}


class FrozenVectors(DenseFeaturizer, GraphComponent):
    """Adds the packaged encoder's query vector to every message, out of the store.

    They are spread out, as our regression does it: as they are, all point nearly the same way.
    `spread` in the configuration is a file with the mean and the deviation (2, 384).
    """

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self._vectors = VectorStore(STORE, Encoder(packaged_model()))
        self._mean, self._deviation = np.load(config["spread"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FrozenVectors:
        """Makes the component (see the parent class)."""
        return cls(config, execution_context.node_name or cls.__name__)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """There is nothing to refuse."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds vectors to all examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds vectors to messages."""
        found = self._vectors.queries([m.get(TEXT) for m in messages], lambda *_: None)
        spread = (found - self._mean) / self._deviation
        for message, vector in zip(messages, spread, strict=True):
            message.add_features(
                Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
            )
        return messages


def drawn(languages: Sequence[str], learn: int, ask: int) -> Sentences:
    """So many sentences a language to learn from, and of those held back; needs alone."""
    every = read(Project())
    needs = np.array([not intent.startswith(NOT_NEEDS) for intent in every.intents])
    chance = np.random.default_rng(SEED)
    chosen: list[int] = []
    for language in languages:
        rows = needs & (every.languages == language)
        for part, count in ((~every.held, learn), (every.held, ask)):
            chosen += chance.permutation(np.flatnonzero(rows & part))[:count].tolist()
    rows = np.array(chosen)
    return Sentences(
        [every.texts[row] for row in chosen],
        every.intents[rows],
        every.languages[rows],
        every.near[rows],
        every.held[rows],
    )


def part_of(data: Sentences, held: bool) -> list[str]:
    """The texts that are held back, or those that are not."""
    return [text for text, back in zip(data.texts, data.held, strict=True) if back == held]


def vectors(data: Sentences, model: str, held_only: bool) -> np.ndarray:
    """The vectors of the sentences (rows, 384), or of those held back; made when they are new."""
    texts = part_of(data, held=True) if held_only else data.texts
    with Progress(f"{model} vectors", sys.stderr) as progress:
        return VectorStore(STORE, Encoder(MODELS[model]())).queries(texts, progress)


def ours(parts: Sequence[Part], data: Sentences) -> tuple[list[int], float]:
    """Places of the right intents (held), and seconds of training."""
    classes, target = encoded(list(data.intents))
    blocks: dict[str, Any] = {
        part.features: vectors(data, part.features, held_only=not part.learns)
        for part in parts
        if part.features in MODELS
    }
    started = time.perf_counter()
    blocks["ngrams"] = vectorizer(2, 4, 2).fit(part_of(data, held=False)).transform(data.texts)
    logs = [outside_logs(part, blocks[part.features], target, data.held, classes) for part in parts]
    chances = judged(np.stack(logs), target[data.held])
    seconds = time.perf_counter() - started
    right = chances[np.arange(len(chances)), target[data.held]]
    return (chances > right[:, None]).sum(axis=1).tolist(), seconds


def rasas(
    pipeline: Sequence[dict[str, Any]], data: Sentences, epochs: int
) -> tuple[list[int], float]:
    """The same of a pipeline of Rasa's."""
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.model_training import train_nlu  # noqa: F401 - its loading is not timed

    from nlu.server.train import train

    featurizer = DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER
    DefaultV1Recipe.register(featurizer, is_trainable=False)(FrozenVectors)
    config = {"recipe": "default.v1", "language": "nl", "assistant_id": "compared"}
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        spread = Path(folder) / "spread.npy"
        learnt = vectors(data, "packaged", held_only=False)[~data.held]
        np.save(spread, np.stack([learnt.mean(axis=0), learnt.std(axis=0)]))
        added = {DIET["name"]: {"epochs": epochs}, FROZEN["name"]: {"spread": str(spread)}}
        steps = [{**step, **added.get(step["name"], {})} for step in pipeline]
        project.config.write_text(yaml.safe_dump({**config, "pipeline": steps}), "utf-8")
        write(project.data / "all", data)
        started = time.perf_counter()
        if train(project, "compared") != 0:
            raise RuntimeError("Rasa could not train")
        seconds = time.perf_counter() - started
        os.chdir(ROOT)
        model = Model(project)
        asked = part_of(data, held=True)
        rankings = [
            ranking
            for start in range(0, len(asked), BATCH)
            for ranking in model.parse(asked[start : start + BATCH])
        ]
    places = []
    for ranking, intent in zip(rankings, data.intents[data.held], strict=True):
        names = [name for name, _ in ranking]
        places.append(names.index(intent) if intent in names else UNRANKED)
    return places, seconds


def write(folder: Path, data: Sentences) -> None:
    """Writes the sentences to learn from as Rasa reads them."""
    folder.mkdir(parents=True)
    (folder / "words.yml").write_text("name: all\n", "utf-8")
    lines = ['version: "3.1"', "nlu:"]
    for intent in sorted(set(data.intents)):
        rows = np.flatnonzero((data.intents == intent) & ~data.held)
        lines += [f"- intent: {intent}", "  examples: |"]
        lines += [f"    - {data.texts[row]}" for row in rows]
    (folder / "all.yml").write_text("\n".join(lines) + "\n", "utf-8")


def one(name: str, languages: Sequence[str], learn: int, ask: int, epochs: int) -> None:
    """Measures one pipeline and prints what it found in a line of JSON."""
    data = drawn(languages, learn, ask)
    if name in OURS:
        places, seconds = ours(OURS[name], data)
    else:
        places, seconds = rasas(RASA[name], data, epochs)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"places": places, "seconds": seconds, "mb": most}))


def line(name: str, data: Sentences, found: dict[str, Any]) -> str:
    """A row of the table: right / within three a language and over all, seconds, MB."""
    places = np.array(found["places"])
    asked = data.languages[data.held]
    parts = [places[asked == language] for language in dict.fromkeys(data.languages)]
    cells = [
        f"{100 * (part == 0).mean():.0f} / {100 * (part < 3).mean():.0f}"
        for part in [*parts, places]
    ]
    return f"| {name} | {' | '.join(cells)} | {found['seconds']:.0f} | {found['mb']:.0f} |"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Compare Rasa's classifiers with ours.")
    parser.add_argument("--languages", nargs="+", default=["nl", "en", "ar", "tr"])
    parser.add_argument("--sentences", type=int, default=500, help="to learn from, a language")
    parser.add_argument("--asked", type=int, default=150, help="of those held back, a language")
    parser.add_argument("--epochs", type=int, default=30, help="of DIET")
    chosen = parser.parse_args()
    drawing = (chosen.languages, chosen.sentences, chosen.asked)
    data = drawn(*drawing)
    vectors(data, "packaged", held_only=False)
    vectors(data, "tuned", held_only=True)
    print(f"{(~data.held).sum()} sentences to learn from, {data.held.sum()} held back\n")
    print(f"| pipeline | {' | '.join(chosen.languages)} | all | trained in, s | MB at most |")
    print("|---" * (len(chosen.languages) + 4) + "|", flush=True)
    for name in [*RASA, *OURS]:
        code = f"from nlu.server import compare; compare.one(*{(name, *drawing, chosen.epochs)!r})"
        child = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-W", "ignore", "-c", code],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        found = json.loads(child.stdout.splitlines()[-1])
        print(line(name, data, found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
