"""Which languages there are, and the training sentences of each (nlu/data/<language>/*.yml).

Every sentence says where it comes from. What words.yml says of its language holds for all of its
sentences (`provenance: {source: written, since: 2026-11, reviewed: no}`), what a file says of its
own for those in it (`_from: {source: adapted}`), and a sentence may speak for itself:
`- {text: as it is typed, without quotes, reviewed: yes}`. What one leaves out holds on from above.

These files are read by patterns: the tuner reads them too, where there is no YAML reader.
"""

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
_FIELD = r"(?:(?:source|since): *[\w-]*|reviewed: *(?:yes|no))"
_FIELDS = rf"{_FIELD}(?:, *{_FIELD})*"
_SAID = re.compile(r"^(?:provenance|_from):(.*)$", re.MULTILINE)
_ORIGIN = re.compile(rf"\{{({_FIELDS})\}}")
_MAPPING = re.compile(rf"\{{text: *(.+?), *({_FIELDS})\}}")
_SPEAKS = re.compile(rf"^([ \t]+- ){_MAPPING.pattern}[ \t]*$", re.MULTILINE)

SOURCES = ("written", "adapted")  # in that language for this project; from another list


@dataclass(frozen=True, slots=True)
class Origin:
    """Where sentences come from, and the place that says it.

    source: one of `SOURCES`, or what stands there instead; "" where nothing can be read.
    reviewed: whether a native speaker has read them. line: counts from 1; 0 where nothing is said.
    """

    source: str
    reviewed: bool
    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A training sentence, where it stands (`line` counts from 1) and where it comes from."""

    intent: str
    text: str
    path: Path
    line: int
    origin: Origin


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
    """The sentences of one language, in the order of the files and their lines.

    A mapping that cannot be read stays the text as it stands, with a source of "".
    """
    words = data / language / "words.yml"
    unsaid = Origin("", False, words, 0)
    of_all = _said(words, words.read_text("utf-8"), unsaid) if words.exists() else unsaid
    for path in sorted((data / language).glob("*.yml")):
        content = path.read_text("utf-8")
        intent, origin = None, _said(path, content, of_all)
        for number, line in enumerate(content.splitlines(), start=1):
            named = _INTENT.match(line)
            example = _EXAMPLE.match(line)
            if named:
                intent = named[1]
            elif example and intent is not None:
                text, own = _own(example[1].strip(), origin, path, number)
                yield Sentence(intent, text, path, number, own)


def _said(path: Path, content: str, above: Origin) -> Origin:
    """What a file says of all its sentences, or words.yml of those of its language."""
    said = _SAID.search(content)
    if said is None:
        return above
    line = content.count("\n", 0, said.start()) + 1
    return _origin(_ORIGIN.fullmatch(said[1].strip()), above, path, line)


def _own(example: str, above: Origin, path: Path, line: int) -> tuple[str, Origin]:
    """The text of an example, and its origin where it speaks for itself."""
    if not example.startswith("{"):
        return example, above
    mapping = _MAPPING.fullmatch(example)
    return mapping[1] if mapping else example, _origin(mapping, above, path, line)


def _origin(found: re.Match[str] | None, above: Origin, path: Path, line: int) -> Origin:
    """The origin that the fields in the last group of `found` tell, if they could be read."""
    if found is None:
        return Origin("", False, path, line)
    fields = dict(re.findall(r"(\w+): *([\w-]*)", found[found.re.groups]))
    reviewed = fields["reviewed"] == "yes" if "reviewed" in fields else above.reviewed
    return Origin(fields.get("source", above.source), reviewed, path, line)


def plain(content: str) -> str:
    """The content of a file as Rasa reads it: a sentence that speaks for itself is its text."""
    return _SPEAKS.sub(r"\1\2", content)


def sentences(data: Path, language: str) -> Iterator[tuple[str, str]]:
    """Pairs (intent, sentence) of one language."""
    return ((sentence.intent, sentence.text) for sentence in located(data, language))


def intents(data: Path) -> frozenset[str]:
    """The intents there are: those that the first language has sentences for."""
    return frozenset(intent for intent, _ in sentences(data, FIRST[0]))
