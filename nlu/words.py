"""The words of each language that are recognised without the NLU service (words.yml)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from nlu.normalise import normalise
from nlu.types import ALWAYS, FILTERS, Always, Answer

ANSWERS: tuple[Answer, ...] = ("yes", "no", "skip")
TIMES = ("evening", "weekend", "morning", "afternoon", "now")
PRICES = ("free", "cheap")
SCRIPTS = ("Latn", "Arab", "Cyrl", "Ethi")

_OTHER = ("other", "other")

Name = TypeVar("Name", bound=str)


class WordsError(ValueError):
    """A words.yml that cannot be used; the message names the file and the field."""


@dataclass(frozen=True, slots=True)
class Words:
    """The phrases of one language, normalised.

    common: frequent words, for language detection.
    always, answers, filters: whole messages and what they mean.
    inside: phrases that count anywhere in a text, with the kind and value of what they name.
    first: the same, of phrases that count where a text begins with them.
    """

    language: str
    name: str
    direction: str
    script: str
    common: frozenset[str] = frozenset()
    always: Mapping[str, Always] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)
    inside: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    first: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def load_words(data: Path, language: str) -> Words:
    """Reads `<data>/<language>/words.yml`; WordsError when it is missing or malformed."""
    path = data / language / "words.yml"
    try:
        # Only strings are wanted: an unquoted "no" must stay a word.
        raw = yaml.load(path.read_text("utf-8"), yaml.CBaseLoader)  # noqa: S506
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise WordsError(f"{path}: cannot be read: {error}") from error
    if not isinstance(raw, dict):
        raise WordsError(f"{path}: must be a mapping")
    script = str(raw.get("script", ""))
    if script not in SCRIPTS:
        raise WordsError(f"{path}: script: must be one of {', '.join(SCRIPTS)}")
    reader = _Reader(path, raw)
    inside: dict[str, tuple[str, str]] = {}
    for phrase in reader.phrases("city"):
        inside.setdefault(phrase, ("city", "whole"))
    for kind, values in (("time", TIMES), ("price", PRICES)):
        for value in values:
            for phrase in reader.phrases(kind, value):
                inside.setdefault(phrase, (kind, value))
    for code in reader.keys("language_names"):
        for phrase in reader.phrases("language_names", code):
            inside.setdefault(phrase, ("language", code))
    for phrase in reader.phrases("others", "inside"):
        inside.setdefault(phrase, _OTHER)
    return Words(
        language=language,
        name=str(raw.get("name", language)),
        direction="rtl" if raw.get("direction") == "rtl" else "ltr",
        script=script,
        common=frozenset(reader.phrases("common")),
        always=reader.meanings("always", ALWAYS),
        answers={phrase: name for name in ANSWERS for phrase in reader.phrases(name)},
        filters=reader.meanings("filters", FILTERS),
        inside=inside,
        first=dict.fromkeys(reader.phrases("others", "first"), _OTHER),
    )


class _Reader:
    """Takes lists of phrases out of a words.yml."""

    def __init__(self, path: Path, raw: Mapping[str, Any]) -> None:
        self._path = path
        self._raw = raw

    def keys(self, section: str) -> Iterable[str]:
        found = self._raw.get(section, {})
        if not isinstance(found, dict):
            raise WordsError(f"{self._path}: {section}: must be a mapping")
        return [str(key) for key in found]

    def phrases(self, section: str, name: str | None = None) -> list[str]:
        """Normalised phrases of a list, or of one list inside a section; [] when it is missing."""
        found = self._raw.get(section, [] if name is None else {})
        if name is not None:
            found = found.get(name, []) if isinstance(found, dict) else None
        if isinstance(found, str):
            found = [found]
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            where = section if name is None else f"{section}.{name}"
            raise WordsError(f"{self._path}: {where}: must be a list of phrases")
        return [phrase for phrase in map(normalise, found) if phrase]

    def meanings(self, section: str, names: Iterable[Name]) -> dict[str, Name]:
        """Phrase to name for a section; a phrase under two names means the first."""
        meant: dict[str, Name] = {}
        for name in names:
            for phrase in self.phrases(section, name):
                meant.setdefault(phrase, name)
        return meant
