"""Which languages there are, and the training sentences of each (nlu/data/<language>/*.yml)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FIRST = ("nl", "en")  # shown first wherever languages are listed
NEAR = "near.yml"  # a language's sentences that sound like a crisis and are none
_NOT_OFFERED = re.compile(r"^offered:\s*false\s*$", re.MULTILINE)
_INTENT = re.compile(r"^\s*- intent:\s*(\S+)\s*$")
_EXAMPLE = re.compile(r"^\s+- (.+)$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A training sentence and where it stands (`line` counts from 1)."""

    intent: str
    text: str
    path: Path
    line: int


def offered(data: Path) -> tuple[str, ...]:
    """The languages under `data` that residents are offered: those not marked `offered: false`.

    That mark is for a language whose texts or sentences are still being written.
    """
    found = {
        path.parent.name
        for path in data.glob("*/words.yml")
        if not _NOT_OFFERED.search(path.read_text("utf-8"))
    }
    return tuple(sorted(found, key=lambda code: (*(code != first for first in FIRST), code)))


def located(data: Path, language: str) -> Iterator[Sentence]:
    """The sentences of one language, in the order of the files and their lines."""
    for path in sorted((data / language).glob("*.yml")):
        intent = None
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            named = _INTENT.match(line)
            example = _EXAMPLE.match(line)
            if named:
                intent = named[1]
            elif example and intent is not None:
                yield Sentence(intent, example[1].strip(), path, number)


def sentences(data: Path, language: str) -> Iterator[tuple[str, str]]:
    """Pairs (intent, sentence) of one language."""
    return ((sentence.intent, sentence.text) for sentence in located(data, language))


def intents(data: Path) -> frozenset[str]:
    """The intents there are: those that the first language has sentences for."""
    return frozenset(intent for intent, _ in sentences(data, FIRST[0]))
