"""How long a search of the social map takes, at the sizes of a town, a province and a country.

`python -m tests.bench.search` prints a line for each size; `make bench` calls `measure`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import numpy as np

from knowledge.directory import Directory
from knowledge.exchange import EXAMPLE, Loaded, load
from knowledge.hours import AMSTERDAM
from knowledge.model import Entry
from knowledge.search import Query, When

SIZES = (100, 10_000, 100_000)
NOW = datetime(2026, 11, 24, 14, 30, tzinfo=AMSTERDAM)
_DIMENSIONS = 384
_WHENS: tuple[When | None, ...] = (None, None, "evening", "weekend", "now")
_ASKED = (
    "iemand om mee te schaken",
    "ik ben zo alleen de laatste tijd",
    "brief van de belasting die ik niet begrijp",
    "samen eten op zondag",
    "mijn moeder vergeet alles en ik kan niet meer",
    "I want to learn Dutch and meet people",
    "szukam pracy",
    "я дуже самотня",
    "formulier voor huurtoeslag invullen",
    "deurwaarder aan de deur en geen geld",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds a search took among so many entries, and seconds to build their index."""

    entries: int
    p50_ms: float
    p95_ms: float
    build_s: float


def measure(sizes: Sequence[int] = SIZES, searches: int = 200) -> list[Measured]:
    """Search made-up maps of these sizes with words, vectors, places, times and prices."""
    loaded = load(EXAMPLE)
    assert isinstance(loaded, Loaded)
    return [_measure(loaded.directory, size, searches) for size in sizes]


def _measure(example: Directory, size: int, searches: int) -> Measured:
    chance = random.Random(size)
    entries = list(_made(example, size, chance))
    start = time.perf_counter()
    directory = Directory(entries, example.places, topic_words=example.topic_words)
    vectors = np.random.default_rng(size).normal(size=(size, _DIMENSIONS)).astype(np.float32)
    directory = directory.with_vectors({e.id: v for e, v in zip(entries, vectors, strict=True)})
    built = time.perf_counter() - start
    queries = [_query(directory, vectors, chance) for _ in range(searches)]
    for query in queries[:10]:
        directory.search(query)
    took = [_timed(directory, query) for query in queries]
    return Measured(size, float(np.percentile(took, 50)), float(np.percentile(took, 95)), built)


def _timed(directory: Directory, query: Query) -> float:
    start = time.perf_counter()
    directory.search(query)
    return (time.perf_counter() - start) * 1000


def _made(example: Directory, size: int, chance: random.Random) -> Iterator[Entry]:
    """Entries like those of the example map, with words and places mixed anew."""
    words = [word for entry in example.entries for word in entry.summary.split()]
    ids = [place.id for place in example.neighbourhoods]
    for _ in range(size):
        like = chance.choice(example.entries)
        yield replace(
            like,
            id=str(UUID(int=chance.getrandbits(128), version=4)),
            name=f"{like.name} {chance.choice(words)}",
            summary=" ".join([like.summary[:80], *chance.sample(words, 12)])[:200],
            neighbourhoods=tuple(chance.sample(ids, chance.choice((0, 1, 1, 2)))),
        )


def _query(directory: Directory, vectors: np.ndarray, chance: random.Random) -> Query:
    near = vectors[chance.randrange(len(vectors))]
    return Query(
        now=NOW,
        topic=chance.choice((None, None, *directory.topics)),
        words=chance.choice(_ASKED),
        vector=[float(x) for x in near] if chance.random() < 0.8 else None,
        place=chance.choice([None, *(place.id for place in directory.neighbourhoods)]),
        when=chance.choice(_WHENS),
        max_price=chance.choice((None, None, "free", "cheap")),
        age=chance.choice((None, 17, 42, 78)),
    )


if __name__ == "__main__":
    for row in measure():
        print(
            f"{row.entries:>7} entries: p50 {row.p50_ms:6.2f} ms, p95 {row.p95_ms:6.2f} ms, "
            f"index built in {row.build_s:.1f} s"
        )
