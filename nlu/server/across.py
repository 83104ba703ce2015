"""Finds sentences of two languages that mean the same: a list that was translated, not written.

    nlu/server/.venv/bin/python -m nlu.server.across [--limit 500]

Compares, within an intent, the sentences held back and `--limit` more a language, by the vectors
of the packaged encoder (the tuned one draws all sentences of an intent together). All sentences
would take half an hour to encode. Prints JSON: `warnings` as [path, line, words], and the lines of
a `table`: how many of a language's sentences have a twin in another. `voordeur data check --across`
shows both.

How alike two sentences are is told by their cosine over the mean cosine of both with the sentences
nearest to them in the other language (the margin of Artetxe and Schwenk, 2019): by cosine alone
anything in Somali is like anything in Tigrinya. docs/languages.md says how `TWINS` was chosen.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from nlu.normalise import normalise
from nlu.sentences import Sentence, located, offered
from nlu.server.encoder import Encoder, VectorStore, packaged_model
from nlu.server.holdback import held_back
from nlu.server.model import Project
from nlu.server.progress import Progress
from nlu.server.sample import sample

TWINS = 1.03  # from here on about half of what is found means the same
NEAREST = 4
SHORTEST = 20  # letters, as within a language (nlu.check, which this Python cannot read)


@dataclass(frozen=True)
class Twin:
    """Two sentences of one intent in two languages that are `alike` (a margin, see above)."""

    alike: float
    one: Sentence
    other: Sentence


def compared(project: Project, language: str, limit: int) -> list[Sentence]:
    """The sentences of a language that are looked at; short ones are alike by nature."""
    rows = [row for row in located(project.data, language) if len(normalise(row.text)) >= SHORTEST]
    held = [row for row in rows if held_back(row.text)]
    rest = [row for row in rows if not held_back(row.text)]
    return held + [rest[place] for place in sample([row.text for row in rest], limit)]


def margins(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How alike the unit vectors (n, 384) and (m, 384) of two languages are, as (n, m)."""
    cosines = one @ other.T
    ahead = np.sort(cosines, axis=1)[:, -NEAREST:].mean(axis=1)
    back = np.sort(cosines, axis=0)[-NEAREST:].mean(axis=0)
    return np.asarray(2 * cosines / (ahead[:, None] + back[None, :]))


def twins(
    one: Sequence[Sentence], other: Sequence[Sentence], vectors: tuple[np.ndarray, np.ndarray]
) -> Iterator[Twin]:
    """The twins between two languages; `vectors` are those of `one` and of `other`."""
    alike = margins(*vectors)
    of_one, of_other = (np.array([row.intent for row in rows]) for rows in (one, other))
    together = (alike >= TWINS) & (of_one[:, None] == of_other[None, :])
    for left, right in zip(*np.nonzero(together), strict=True):
        yield Twin(float(alike[left, right]), one[left], other[right])


def table(looked_at: dict[str, int], found: Sequence[Twin]) -> list[str]:
    """Of each language (rows) the share of sentences, in percent, with a twin in another."""
    having: dict[tuple[str, str], set[tuple[str, int]]] = {}
    for twin in found:
        for row, other in ((twin.one, twin.other), (twin.other, twin.one)):
            pair = (row.path.parent.name, other.path.parent.name)
            having.setdefault(pair, set()).add((row.path.name, row.line))
    lines = [
        f"| % | {' | '.join(looked_at)} | any | looked at |",
        "|---" * (len(looked_at) + 3) + "|",
    ]
    for code, size in looked_at.items():
        places = [having.get((code, other), set()) for other in looked_at]
        shares = [f"{100 * len(place) / size:.1f}" for place in (*places, set().union(*places))]
        shares[list(looked_at).index(code)] = "-"
        lines.append(f"| {code} | {' | '.join(shares)} | {size} |")
    return lines


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Find sentences that two languages share.")
    parser.add_argument(
        "--limit", type=int, default=500, help="sentences a language beside those held back"
    )
    chosen = parser.parse_args()
    project = Project()
    rows = {code: compared(project, code, chosen.limit) for code in offered(project.data)}
    rows = {code: some for code, some in rows.items() if some}
    every = [row.text for some in rows.values() for row in some]
    store = VectorStore(project.root / "var" / "nlu" / "vectors.sqlite", Encoder(packaged_model()))
    with Progress("sentence vectors", sys.stderr) as progress:
        vectors = store.queries(every, progress)
    ends = np.cumsum([len(some) for some in rows.values()])
    blocks = dict(zip(rows, np.split(vectors, ends[:-1]), strict=True))
    found = [
        twin
        for one, other in combinations(rows, 2)
        for twin in twins(rows[one], rows[other], (blocks[one], blocks[other]))
    ]
    found.sort(key=lambda twin: -twin.alike)
    print(json.dumps({
        "warnings": [warning(twin) for twin in found],
        "table": table({code: len(some) for code, some in rows.items()}, found),
    }))  # fmt: skip
    return 0


def warning(twin: Twin) -> tuple[str, int, str]:
    """The place of a twin and what is said of it."""
    other = f"{twin.other.path.parent.name}/{twin.other.path.name}:{twin.other.line}"
    words = f"{twin.one.intent}: means the same as {other} ({twin.alike:.2f})"
    return str(twin.one.path), twin.one.line, words


if __name__ == "__main__":
    sys.exit(main())
