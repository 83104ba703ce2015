"""Where the model lies, what it was made from, and how it is loaded and asked.

Nothing here imports Rasa's training side: that would bring TensorFlow along, which serving
does not need and the machine's memory does not bear.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.nlu.constants import INTENT_RANKING_KEY

from nlu.normalise import clean
from nlu.sentences import offered

ROOT = Path(__file__).resolve().parents[2]
SERVING = "serving.json"
COMPONENTS = "components"
NOT_TRAINED_ON = frozenset({"words.yml", "crisis_words.yml"})


@dataclass(frozen=True)
class Project:
    """The files of the Rasa project below `root`."""

    root: Path = ROOT

    @property
    def config(self) -> Path:
        """The pipeline."""
        return self.root / "config.yml"

    @property
    def archive(self) -> Path:
        """The trained model as Rasa packs it."""
        return self.root / "var" / "nlu" / "model.tar.gz"

    @property
    def model(self) -> Path:
        """The trained model unpacked, with what serving needs to know of it."""
        return self.root / "var" / "nlu" / "model"

    @property
    def data(self) -> Path:
        """The folder with a folder of training sentences for each language."""
        return self.root / "nlu" / "data"

    def training_files(self) -> list[Path]:
        """The files with training sentences, of all languages that are offered."""
        files = (path for code in offered(self.data) for path in (self.data / code).glob("*.yml"))
        return sorted(path for path in files if path.name not in NOT_TRAINED_ON)

    def source_hash(self) -> str:
        """Changes when the model must be trained again: sentences, pipeline, code or pins."""
        here = Path(__file__).parent
        code = [*here.glob("*.py"), *here.glob("components/*.py"), here.parent / "normalise.py"]
        digest = hashlib.sha256()
        fixed = [self.config, here / "requirements.txt", *here.glob("encoder.npz")]
        for path in [*self.training_files(), *fixed, *sorted(code)]:
            digest.update(f"{path.parent.name}/{path.name}\0".encode())
            digest.update(path.read_bytes())
            digest.update(b"\0")
        return digest.hexdigest()

    def trained_hash(self) -> str | None:
        """The `source_hash` of the model that is there; None when there is none that is whole."""
        try:
            return str(json.loads((self.model / SERVING).read_text("utf-8"))["source"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


Ranking = list[tuple[str, float]]  # all intents with their confidence, likeliest first


class Model:
    """A trained model in memory."""

    def __init__(self, project: Project) -> None:
        """Loads the model; raises FileNotFoundError when there is none."""
        serving = json.loads((project.model / SERVING).read_text("utf-8"))
        schema = GraphSchema.from_dict(serving["schema"])
        self.hash: str = serving["source"]
        self._target: str = serving["target"]
        self._runner = DaskGraphRunner.create(
            schema, LocalModelStorage(project.model / COMPONENTS), ExecutionContext(schema)
        )

    def parse(self, texts: Sequence[str]) -> list[Ranking]:
        """What each of `texts` means, in their order; one graph run for all."""
        messages = [UserMessage(text=clean(text)) for text in texts]
        done = self._runner.run(inputs={PLACEHOLDER_MESSAGE: messages}, targets=[self._target])
        return [
            [(entry["name"], entry["confidence"]) for entry in message.get(INTENT_RANKING_KEY)]
            for message in done[self._target]
        ]
