"""Compares pipelines on the sentences held back, in one run: what config.yml was chosen by.

    nlu/server/.venv/bin/python -m nlu.server.measure [--quick | --curve] [--pictures docs/pictures]

Prints top-1 and top-3 over the needs per language, the surprise over all intents, and how often
a confidence of 0.7 to 0.9 is right; then, for the pipeline of config.yml, how confidence and being
right go together, and what each threshold for a crisis finds and wrongly raises. Without
`--quick` models that must learn from the vectors of all sentences are compared too, with those of
the packaged encoder as well: that takes half an hour the first time. With `--curve` nothing is
compared: it prints and draws what growing amounts of sentences bring in each language.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlu.sentences import NEAR, located, offered
from nlu.server.components.ngrams import vectorizer
from nlu.server.curve import Exam, curves, table
from nlu.server.encoder import PATCH, Encoder, VectorStore, packaged_model, tuned_model
from nlu.server.ensemble import Part, combine, encoded, outside_logs, weigh
from nlu.server.holdback import held_back
from nlu.server.model import Project
from nlu.server.progress import Progress

NOT_NEEDS = ("crisis_", "greet", "goodbye", "thanks", "affirm", "deny", "ask_", "delete_", "stop",
             "restart", "go_back", "change_", "repeat", "show_more", "other_", "out_")  # fmt: skip

HEAD = Part("tuned", "head")
PACKAGED = Part("packaged", "regression", 0.01)
TUNED = Part("tuned", "regression", 0.003)
NGRAMS = Part("ngrams", "bayes", 0.3)
PIPELINES: dict[str, Sequence[Part]] = {
    "packaged vectors": [PACKAGED],
    "packaged vectors, C 0.003": [Part("packaged", "regression", 0.003)],
    "packaged vectors, C 0.03": [Part("packaged", "regression", 0.03)],
    "n-grams": [NGRAMS],
    "packaged vectors and n-grams": [PACKAGED, NGRAMS],
    "tuned vectors, C 0.001": [Part("tuned", "regression", 0.001)],
    "tuned vectors": [TUNED],
    "tuned vectors, C 0.01": [Part("tuned", "regression", 0.01)],
    "tuned vectors and n-grams": [TUNED, NGRAMS],
    "tuned and packaged vectors": [TUNED, PACKAGED],
    "the encoder's own head": [HEAD],
    "head and n-grams": [HEAD, NGRAMS],
    "head, regression on the same vectors, n-grams": [HEAD, TUNED, NGRAMS],
    "all three": [TUNED, PACKAGED, NGRAMS],
}
CHOSEN = "head and n-grams"
LEVELS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True)
class Sentences:
    """All training sentences: texts, intents, languages, and which are held back."""

    texts: list[str]
    intents: np.ndarray
    languages: np.ndarray
    near: np.ndarray
    held: np.ndarray


def read(project: Project) -> Sentences:
    """The sentences of all languages."""
    rows = [
        (row.text, row.intent, language, row.path.name == NEAR)
        for language in sorted(offered(project.data))
        for row in located(project.data, language)
    ]
    texts, intents, languages, near = zip(*rows, strict=True)
    held = np.array([held_back(text) for text in texts])
    return Sentences(list(texts), np.array(intents), np.array(languages), np.array(near), held)


def features(project: Project, data: Sentences, quick: bool) -> dict[str, Any]:
    """Every kind of features of all texts; when `quick`, no vectors but of those held back."""
    encoders = {"tuned": tuned_model()}
    if not quick:
        encoders["packaged"] = packaged_model()
    found: dict[str, Any] = {"ngrams": vectorizer(2, 4, 2).fit_transform(data.texts)}
    for name, path in encoders.items():
        store = VectorStore(project.root / "var" / "nlu" / "vectors.sqlite", Encoder(path))
        texts = data.texts
        if quick:
            texts = [text for text, held in zip(texts, data.held, strict=True) if held]
        with Progress(f"{name} vectors", sys.stderr) as progress:
            found[name] = store.queries(texts, progress)
    return found


def is_need(intents: np.ndarray) -> np.ndarray:
    """Which of the intents are needs."""
    return np.array([not intent.startswith(NOT_NEEDS) for intent in intents])


def line(name: str, data: Sentences, classes: list[str], chances: np.ndarray) -> str:
    """A row of the table for the probabilities (held, classes) of a pipeline."""
    held = data.held
    target = np.searchsorted(classes, data.intents[held])
    right = chances[np.arange(len(target)), target]
    rank = (chances > right[:, None]).sum(axis=1)
    needs = is_need(data.intents[held])
    cells = []
    for language in sorted(set(data.languages)):
        rows = needs & (data.languages[held] == language)
        cells.append(f"{100 * (rank[rows] == 0).mean():.0f} / {100 * (rank[rows] < 3).mean():.0f}")
    best = chances.max(axis=1)
    sure = (best >= 0.7) & (best < 0.9)
    trust = f"{100 * (rank[sure] == 0).mean():.0f}" if sure.any() else "–"
    return f"| {name} | {' | '.join(cells)} | {-np.log(right).mean():.3f} | {trust} |"


def judged(logs: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Probabilities of what is held back: weighed on one half and judged on the other."""
    half = np.arange(len(target)) % 2 == 0
    chances = np.empty(logs.shape[1:])
    for one, other in ((half, ~half), (~half, half)):
        chances[other] = combine(logs[:, other], weigh(logs[:, one], target[one]))
    return chances


def calibration(data: Sentences, classes: list[str], chances: np.ndarray) -> list[str]:
    """Rows of confidence against share right, a tenth of the scale each."""
    target = np.searchsorted(classes, data.intents[data.held])
    best, right = chances.max(axis=1), chances.argmax(axis=1) == target
    rows = []
    for low in np.arange(0, 1, 0.1):
        part = (best >= low) & (best < low + 0.1 + (low >= 0.9))
        if part.any():
            rows.append(f"| {best[part].mean():.2f} | {right[part].mean():.2f} | {part.sum()} |")
    return rows


def crises(data: Sentences, classes: list[str], chances: np.ndarray) -> list[str]:
    """Rows of what is found, and wrongly raised, from each summed chance of the crisis intents."""
    held = data.held
    total = chances[:, [name.startswith("crisis_") for name in classes]].sum(axis=1)
    meant = np.array([intent.startswith("crisis_") for intent in data.intents[held]])
    near = data.near[held] & ~meant
    parts = (meant, near, ~meant & ~near)
    rows = []
    for level in LEVELS:
        shares = (f"{100 * (total[part] >= level).mean():.1f}" for part in parts)
        rows.append(f"| {level} | {' | '.join(shares)} |")
    return rows


def learning(project: Project, data: Sentences, pictures: Path | None) -> int:
    """Prints the learning curves, and draws them in the folder `pictures`."""
    texts = np.array(data.texts)
    found = curves(
        project, Exam(texts, data.intents, data.languages, data.held, is_need(data.intents))
    )
    print("\n".join(table(found)))
    if pictures:
        from nlu.server.pictures import draw_learning

        draw_learning(pictures, found)
    return 0


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Compare pipelines on sentences held back.")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--quick", action="store_true", help="only what learns from n-grams")
    way.add_argument("--curve", action="store_true", help="only what more sentences bring")
    parser.add_argument("--pictures", type=Path, help="a folder to draw in")
    chosen = parser.parse_args()
    project = Project()
    data = read(project)
    if chosen.curve:
        return learning(project, data, chosen.pictures)
    known = features(project, data, chosen.quick)
    classes, target = encoded(list(data.intents))
    languages = sorted(set(data.languages))
    print(f"{(~data.held).sum()} sentences to learn from, {data.held.sum()} held back\n")
    print(f"| pipeline | {' | '.join(languages)} | surprise | right at 0.7-0.9 |")
    print("|---" * (len(languages) + 3) + "|")
    lines: list[str] = []
    best = np.empty((0, 0))
    fitted: dict[Part, np.ndarray] = {}
    for name, parts in PIPELINES.items():
        if chosen.quick and any(part.learns and part.features != "ngrams" for part in parts):
            continue
        for part in parts:
            if part not in fitted:
                block = known[part.features]
                if not part.learns and not chosen.quick:
                    block = block[data.held]
                fitted[part] = outside_logs(part, block, target, data.held, classes)
        chances = judged(np.stack([fitted[part] for part in parts]), target[data.held])
        print(line(name, data, classes, chances), flush=True)
        if name == CHOSEN:
            lines = [
                *("", "| confidence | share right | messages |", "|---|---|---|"),
                *calibration(data, classes, chances),
                *("", "| crisis from | found | near-misses | the rest |", "|---|---|---|---|"),
                *crises(data, classes, chances),
            ]
            best = chances
    print("\n".join(lines))
    if chosen.pictures:
        from nlu.server import pictures

        right = best.argmax(axis=1) == target[data.held]
        pictures.draw(chosen.pictures, data.languages[data.held], right, best.max(axis=1))
        pictures.draw_tuning(chosen.pictures, PATCH.with_suffix(".json"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
