"""Sentence vectors of the map's entries: asked of the NLU service once, then kept in a file."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from knowledge.directory import Directory
from knowledge.model import Entry
from nlu.client import NluClient

log = logging.getLogger(__name__)


def passage(entry: Entry) -> str:
    """The words of an entry that its vector stands for."""
    return f"{entry.name}. {entry.summary} {' '.join(entry.keywords)}".strip()


async def with_vectors(directory: Directory, client: NluClient, var: Path) -> Directory | None:
    """The map with a vector for every entry; None while the service cannot give them."""
    model = await client.health()
    if model is None:
        return None
    store = var / "map-vectors.npz"
    known = _read(store)
    wanted = {entry.id: _key(model, passage(entry)) for entry in directory.entries}
    missing = [entry for entry in directory.entries if wanted[entry.id] not in known]
    if missing:
        made = await client.embed([passage(entry) for entry in missing])
        if made is None:
            return None
        for entry, vector in zip(missing, made, strict=True):
            known[wanted[entry.id]] = np.asarray(vector, dtype=np.float32)
        _write(store, {key: known[key] for key in set(wanted.values())})
        log.info("made %d vectors for the map", len(missing))
    return directory.with_vectors({name: known[key].tolist() for name, key in wanted.items()})


def _key(model: str, text: str) -> str:
    return hashlib.sha256(f"{model}\0{text}".encode()).hexdigest()


def _read(store: Path) -> dict[str, np.ndarray]:
    try:
        with store.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return dict(zip(file["keys"].tolist(), file["vectors"], strict=True))
    except (OSError, EOFError, KeyError, ValueError, BadZipFile):
        return {}


def _write(store: Path, vectors: dict[str, np.ndarray]) -> None:
    store.parent.mkdir(parents=True, exist_ok=True)
    fresh = store.with_suffix(".new.npz")
    np.savez(fresh, keys=np.array(list(vectors)), vectors=np.stack(list(vectors.values())))
    fresh.replace(store)
