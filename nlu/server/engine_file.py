"""The encoder's model file: what lies where, four-bit blocks, and a patch with tuned layers.

The file is the engine's (its reader is `e5.c` of the package): a header, the tokenizer, a
directory of named tensors. Matrices are in Q4_0: 32 weights share a 16-bit scale. A patch is an
.npz of whole tensors in the file's own bytes, laid over a copy of the package's model.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FLOATS, BLOCKS = 0, 1
HEAD = "head."  # what the names of the head's tensors begin with in a patch
BLOCK = 32  # weights
BLOCK_BYTES = 18  # a 16-bit scale and 32 times four bits
LAYER_MATRICES = ("q.w", "k.w", "v.w", "ao.w", "fi.w", "fo.w")
LAYER_FLOATS = (
    "q.b", "k.b", "v.b", "ao.b", "fi.b", "fo.b", "aln.w", "aln.b", "oln.w", "oln.b",
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """Sizes of the network: width, layers, heads, width of the feed-forward part."""

    width: int
    layers: int
    heads: int
    inner: int
    epsilon: float


@dataclass(frozen=True)
class Tensor:
    """A tensor's place in the file: offset and size in bytes."""

    offset: int
    size: int


class EngineFile:
    """A model file in memory."""

    def __init__(self, path: Path) -> None:
        """Reads the file; ValueError when it is not of the layout that is known here."""
        self.data = path.read_bytes()
        if self.data[:4] != b"E5S1":
            raise ValueError(f"{path}: not a model of the sentence encoder")
        width, layers, heads, inner, _, _, _ = struct.unpack_from("<7i", self.data, 8)
        (epsilon,) = struct.unpack_from("<f", self.data, 36)
        self.shape = Shape(width, layers, heads, inner, epsilon)
        at = 44
        self.n_pieces, self.bos, self.eos, _, self.unknown = struct.unpack_from(
            "<5i", self.data, at
        )
        (blob_size,) = struct.unpack_from("<Q", self.data, at + 20)
        at += 28
        offsets = np.frombuffer(self.data, "<u4", self.n_pieces + 1, at)
        at += 4 * (self.n_pieces + 1)
        self.scores = np.frombuffer(self.data, "<f4", self.n_pieces, at)
        at += 4 * self.n_pieces
        blob = self.data[at : at + blob_size]
        at += blob_size
        self.pieces = [blob[offsets[i] : offsets[i + 1]] for i in range(self.n_pieces)]
        n_norm, norm_size = struct.unpack_from("<iI", self.data, at)
        self.spellings, _ = _spellings(self.data, at + 8, n_norm)
        self.tensors = _directory(self.data, at + 8 + norm_size)

    def floats(self, name: str) -> np.ndarray:
        """A tensor of 32-bit floats, flat."""
        place = self.tensors[name]
        return np.frombuffer(self.data, "<f4", place.size // 4, place.offset).copy()

    def matrix(self, name: str, width: int) -> np.ndarray:
        """A four-bit matrix as floats (rows, width)."""
        place = self.tensors[name]
        raw = np.frombuffer(self.data, np.uint8, place.size, place.offset)
        return from_blocks(raw).reshape(-1, width)


def _spellings(data: bytes, at: int, count: int) -> tuple[dict[str, str], int]:
    """The tokenizer's map of characters to what is read instead."""
    spellings = {}
    for _ in range(count):
        (point,) = struct.unpack_from("<I", data, at)
        size = data[at + 4]
        points = struct.unpack_from(f"<{size}I", data, at + 5)
        spellings[chr(point)] = "".join(map(chr, points))
        at += 5 + 4 * size
    return spellings, at


def _directory(data: bytes, at: int) -> dict[str, Tensor]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length + 5
        offset, size = struct.unpack_from("<QQ", data, at)
        at += 16
        tensors[name] = Tensor(offset, size)
    return tensors


def from_blocks(raw: np.ndarray) -> np.ndarray:
    """Floats out of Q4_0 blocks, flat."""
    blocks = raw.reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8) * scales).ravel()


def to_blocks(weights: np.ndarray) -> np.ndarray:
    """Q4_0 blocks out of floats (size a multiple of 32): the nearest of 16 steps a weight.

    The scale is the best of a few around the usual one, by squared error.
    """
    rows = weights.reshape(-1, BLOCK).astype(np.float32)
    largest = rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)][:, None]
    best_error = np.full((len(rows), 1), np.inf, dtype=np.float32)
    best_scale = np.zeros((len(rows), 1), dtype=np.float16)
    best_steps = np.full(rows.shape, 8, dtype=np.uint8)
    for share in (1.0, 0.96, 0.92, 0.88, 0.84):
        scale = (share * largest / -8).astype(np.float16)
        step = scale.astype(np.float32)
        safe = np.where(step == 0, 1, step)
        steps = np.clip(np.round(rows / safe) + 8, 0, 15)
        error = np.square((steps - 8) * step - rows).sum(axis=1, keepdims=True)
        better = error < best_error
        best_error = np.where(better, error, best_error)
        best_scale = np.where(better, scale, best_scale)
        best_steps = np.where(better, steps, best_steps).astype(np.uint8)
    packed = best_steps[:, :16] | (best_steps[:, 16:] << 4)
    return np.concatenate([best_scale.view(np.uint8).reshape(-1, 2), packed], axis=1).ravel()


def patched(original: Path, patch: Mapping[str, np.ndarray], target: Path) -> None:
    """Writes `original` with the tensors of `patch` (name to bytes) laid over it to `target`.

    The head's are left out: the file has no place for them. ValueError when a tensor is unknown
    or of another size: the patch is for another model.
    """
    engine = EngineFile(original)
    data = bytearray(engine.data)
    for name, raw in patch.items():
        if name.startswith(HEAD):
            continue
        place = engine.tensors.get(name)
        if place is None or place.size != raw.nbytes:
            raise ValueError(f"the tuned tensor {name} does not fit {original.name}")
        data[place.offset : place.offset + place.size] = raw.tobytes()
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    fresh.write_bytes(data)
    fresh.replace(target)
