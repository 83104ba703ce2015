"""Pictures for the docs (SVG): how far confidence can be trusted, what tuning and data brought."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("svg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from nlu.server.curve import Curve

# Told apart by people who see colours differently too (Okabe and Ito), and by their dashes.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", ":")

mpl.rcParams.update({"svg.hashsalt": "voordeur", "font.size": 9})


def draw(folder: Path, languages: np.ndarray, right: np.ndarray, sure: np.ndarray) -> None:
    """Writes reliability.svg and coverage.svg.

    languages, right (bools), sure (0 to 1): of each message held back, its language, whether its
    first answer was right, and the confidence in it.
    """
    _save(_reliability(right, sure), folder / "reliability.svg")
    _save(_coverage(languages, right, sure), folder / "coverage.svg")


def draw_tuning(folder: Path, record: Path) -> None:
    """Writes tuning.svg from the record of the tuning runs."""
    runs = json.loads(record.read_text("utf-8"))["runs"]
    points = [
        (run["sentences"], figures) for run in runs for figures in run["right_after_each_pass"][1:]
    ]
    figure, axes = plt.subplots(figsize=(6, 4))
    for number, language in enumerate(sorted(points[-1][1])):
        seen = [(at, f[language]) for at, (_, f) in enumerate(points, 1) if language in f]
        axes.plot(*zip(*seen, strict=True), label=language, **_style(number), marker="o")
    axes.set_xticks(range(1, len(points) + 1))
    axes.set_xticklabels([f"{at}\n{size:,}" for at, (size, _) in enumerate(points, 1)])
    axes.set_xlabel("pass, and sentences in it")
    axes.set_ylabel("right of what is held back, all intents (%)")
    axes.legend(ncol=2, fontsize=8)
    _save(figure, folder / "tuning.svg")


def draw_learning(folder: Path, curves: Sequence[Curve]) -> None:
    """Writes learning.svg: a panel a language, with the curve of each model."""
    languages = sorted({curve.language for curve in curves})
    models = list(dict.fromkeys(curve.model for curve in curves))
    figure, panels = plt.subplots(
        -(-(len(languages) + 1) // 5), 5, sharex=True, sharey=True, figsize=(9, 5.5)
    )
    for curve in curves:
        axes = panels.flat[languages.index(curve.language)]
        style = _style(models.index(curve.model) * (len(COLOURS) + 1))  # another dash as well
        axes.plot(curve.sentences, curve.right, label=curve.model, **style, marker=".")
        axes.set_title(curve.language)
        axes.set_xscale("log", base=2)
        axes.grid(color="#dddddd")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    for empty in panels.flat[len(languages) :]:
        empty.axis("off")
    panels.flat[len(languages)].legend(*axes.get_legend_handles_labels(), loc="upper left")
    figure.supxlabel("sentences of the language")
    figure.supylabel("needs held back that are named first (%)")
    _save(figure, folder / "learning.svg")


def _reliability(right: np.ndarray, sure: np.ndarray) -> Figure:
    figure, axes = plt.subplots(figsize=(4.5, 4))
    axes.plot([0, 1], [0, 1], color="#777777", linestyle=":")
    places = np.minimum((sure * 10).astype(int), 9)
    seen = [place for place in range(10) if (places == place).sum() >= 20]
    told = [sure[places == place].mean() for place in seen]
    axes.plot(told, [right[places == place].mean() for place in seen], color=COLOURS[0], marker="o")
    axes.set_xlabel("confidence")
    axes.set_ylabel("share that was right")
    return figure


def _coverage(languages: np.ndarray, right: np.ndarray, sure: np.ndarray) -> Figure:
    figure, axes = plt.subplots(figsize=(6, 4))
    for number, language in enumerate(sorted(set(languages))):
        rows = languages == language
        order = np.argsort(-sure[rows], kind="stable")
        wrong = np.cumsum(~right[rows][order])
        share = np.arange(1, len(wrong) + 1)
        start = len(wrong) // 20  # of fewer no share can be told
        axes.plot(
            100 * share[start:] / len(wrong),
            100 * wrong[start:] / share[start:],
            label=language,
            **_style(number),
        )
    axes.set_xlabel("messages acted upon, the surest first (%)")
    axes.set_ylabel("of those wrong (%)")
    axes.legend(ncol=2, fontsize=8)
    return figure


def _style(number: int) -> dict[str, str]:
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": DASHES[number // len(COLOURS) % len(DASHES)],
    }


def _save(figure: Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    # The drawing leaves blanks at the ends of lines.
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n", "utf-8")
