"""Reads the training sentences of a language (the shape of nlu/data/<language>/*.yml)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_INTENT = re.compile(r"^\s*- intent:\s*(\S+)\s*$")
_EXAMPLE = re.compile(r"^\s+- (.+)$")


def sentences(data: Path, language: str) -> Iterator[tuple[str, str]]:
    """Pairs (intent, sentence) of one language, in the order of the files and their lines."""
    for path in sorted((data / language).glob("*.yml")):
        intent = None
        for line in path.read_text("utf-8").splitlines():
            named = _INTENT.match(line)
            example = _EXAMPLE.match(line)
            if named:
                intent = named[1]
            elif example and intent is not None:
                yield intent, example[1].strip()
