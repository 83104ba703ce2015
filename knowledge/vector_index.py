"""Search by meaning: which entries stand out as like a sentence vector.

Sentence vectors of any two texts are much alike, so a cosine says little by itself. What counts
is how many spreads above the average of a sample of all entries one is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]

_SAMPLE = 1_000
_SPREADS = 3.0
_WORTH_PICKING = 0.25


class VectorIndex:
    """A sentence vector for some of the rows. All vectors have one length."""

    def __init__(self, size: int, vectors: Mapping[int, Sequence[float]]) -> None:
        width = len(next(iter(vectors.values()), ()))
        self._matrix: Floats = np.zeros((size, width), dtype=np.float32)
        for row, vector in vectors.items():
            self._matrix[row] = vector
        lengths = np.linalg.norm(self._matrix, axis=1, keepdims=True)
        self._known = lengths[:, 0] > 0
        lengths[lengths == 0] = 1
        self._matrix /= lengths
        known = self._matrix[self._known]
        self._sample: Floats = known[:: max(1, len(known) // _SAMPLE)].copy()

    def likeness(self, vector: Sequence[float] | None, rows: Rows) -> Floats:
        """How far each of these rows stands out as like a vector, from 0 to 1.

        All are 0 without a vector, or with one of another length.
        """
        nothing: Floats = np.zeros(len(rows), dtype=np.float32)
        asked = np.asarray(() if vector is None else vector, dtype=np.float32)
        length = float(np.linalg.norm(asked))
        if asked.shape != self._matrix.shape[1:] or not length or not self._sample.size:
            return nothing
        asked /= np.float32(length)
        usual = _dots(self._sample, asked)
        spread = float(usual.std()) or 1.0
        above = (self._cosines(asked, rows) - usual.mean()) / np.float32(_SPREADS * spread)
        likeness: Floats = np.where(self._known[rows], above.clip(0, 1), nothing)
        return likeness

    def _cosines(self, asked: Floats, rows: Rows) -> Floats:
        if len(rows) < len(self._matrix) * _WORTH_PICKING:
            return _dots(self._matrix[rows], asked)
        return _dots(self._matrix, asked)[rows]


def _dots(matrix: Floats, vector: Floats) -> Floats:
    """The dot product of each row with a vector.

    Not `@`: that starts threads, which on a small busy machine cost ten times the work itself.
    """
    dots: Floats = np.einsum("ij,j->i", matrix, vector)
    return dots
