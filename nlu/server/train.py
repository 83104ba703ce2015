"""Trains the model when anything that it is made from has changed.

python -m nlu.server.train [--force]
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ["RASA_MAX_CACHE_SIZE"] = "0"  # vectors have their own store; the rest is quick
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from nlu.sentences import plain
from nlu.server.model import COMPONENTS, SERVING, Project


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 when the model is there and up to date."""
    parser = argparse.ArgumentParser(description="Train the NLU model when its sources changed.")
    parser.add_argument("--force", action="store_true", help="train even when nothing changed")
    chosen = parser.parse_args(arguments)
    project = Project()
    source = project.source_hash()
    if not chosen.force and project.trained_hash() == source:
        print("nlu: the model is up to date", file=sys.stderr)
        return 0
    return train(project, source)


def train(project: Project, source: str) -> int:
    """Trains `project` and stamps the model with `source`; 1 when there is nothing to train on."""
    files = project.training_files()
    if not files:
        print(f"nlu: no training sentences under {project.data}", file=sys.stderr)
        return 1
    started = time.monotonic()
    print(f"nlu: training on {len(files)} files; Rasa takes some seconds to load", file=sys.stderr)
    quiet()
    register()
    from rasa.model_training import train_nlu

    os.chdir(project.root)
    project.archive.parent.mkdir(parents=True, exist_ok=True)
    made = train_nlu(
        config=str(project.config),
        nlu_data=str(gathered(project, files)),
        output=str(project.archive.parent),
        fixed_model_name=project.archive.name,
    )
    if made is None:
        return 1
    unpack(project, source)
    print(f"nlu: trained in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 0


def gathered(project: Project, files: Sequence[Path]) -> Path:
    """A folder with nothing but the files to train on: Rasa takes one folder, and all of it."""
    folder = project.archive.with_name("sentences")
    shutil.rmtree(folder, ignore_errors=True)
    for path in files:
        target = folder / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(plain(path.read_text("utf-8")), "utf-8")
    return folder


def unpack(project: Project, source: str) -> None:
    """Lays the archive out for serving, with the part of the graph that serving needs.

    Rasa's last node lets a text that starts with a slash name its own intent; strangers write
    these texts, so the graph ends before it. Neither that node nor the training graph is named
    in what serving reads: their modules would load TensorFlow.
    """
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    fresh = project.model.with_name("model.new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / COMPONENTS).mkdir(parents=True)
    _, metadata = LocalModelStorage.from_model_archive(fresh / COMPONENTS, project.archive)
    last = metadata.predict_schema.nodes[metadata.nlu_target]
    target = last.needs["messages"]
    schema = metadata.predict_schema.minimal_graph_schema(targets=[target])
    serving = {"source": source, "target": target, "schema": schema.as_dict()}
    (fresh / SERVING).write_text(json.dumps(serving), "utf-8")
    shutil.rmtree(project.model, ignore_errors=True)
    fresh.rename(project.model)


def register() -> None:
    """Makes our components known to Rasa's recipe (training only: it imports TensorFlow)."""
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe

    from nlu.server.components.classifier import CalibratedClassifier
    from nlu.server.components.ngrams import CharacterNgrams
    from nlu.server.components.vectors import SentenceVectors

    kinds = DefaultV1Recipe.ComponentType
    for kind, trainable, component in (
        (kinds.MESSAGE_FEATURIZER, False, SentenceVectors),
        (kinds.MESSAGE_FEATURIZER, True, CharacterNgrams),
        (kinds.INTENT_CLASSIFIER, True, CalibratedClassifier),
    ):
        DefaultV1Recipe.register(kind, is_trainable=trainable)(component)


def quiet() -> None:
    """Keeps the warnings of pinned old libraries about each other from the screen."""
    warnings.simplefilter("ignore")
    logging.getLogger("rasa").setLevel(logging.ERROR)


if __name__ == "__main__":
    sys.exit(main())
