"""Recognises a crisis by words, in every language at once, without any service.

Patterns are data (nlu/data/<language>/crisis_words.yml), words in order:

    a|b     alternatives for one place        word*   any ending (also *word, wo*rd, *word*)
    word?   the place may be empty            ..      up to three other words in between

Each place becomes a number whose bits say at which words of the text it holds; a pattern is then
a few shifts and ands over the whole text. The work grows with the length of the text and with
nothing else: no text can make it slow.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from nlu.normalise import has_long_run, normalise
from nlu.types import CrisisName

MAX_CHARACTERS = 100_000
KINDS = ("raise", "maybe", "unless")
GAP = 3  # words that ".." may stand for

# The likeliest to need somebody at the door comes first, when a text speaks of several.
URGENCY: tuple[CrisisName, ...] = ("crisis_emergency", "crisis_suicide", "crisis_violence")


class PatternError(ValueError):
    """A file of crisis words that cannot be used; the message names file, place and pattern."""


@dataclass(frozen=True, slots=True)
class CrisisFound:
    """What the words say: `raised` for a crisis, `maybe` for a veiled or doubtful one."""

    raised: CrisisName | None = None
    maybe: CrisisName | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """One place of a pattern: the number of its alternatives, and what may come before it."""

    number: int
    optional: bool
    after_gap: bool


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A pattern and where it comes from: only `unless` of its own list can excuse it."""

    language: str
    crisis: CrisisName
    kind: str
    places: tuple[_Place, ...]


class _Vocabulary:
    """All alternatives of all patterns, known by numbers, looked up by a text's words."""

    def __init__(self) -> None:
        self._numbers: dict[frozenset[str], int] = {}
        self._exact = _Index()
        self._starts = _Index()
        self._ends = _Index()
        self._globs: list[tuple[str, str, str, int]] = []

    def number(self, alternatives: frozenset[str]) -> int:
        """The number of a place with these alternatives."""
        known = self._numbers.get(alternatives)
        if known is not None:
            return known
        number = self._numbers[alternatives] = len(self._numbers)
        for word in alternatives:
            start, *inner, end = word.split("*") if "*" in word else (word, "")
            if "*" not in word:
                self._exact.add(word, number)
            elif not end and not any(inner):
                self._starts.add(start, number)
            elif not start and not any(inner):
                self._ends.add(end, number)
            else:
                self._globs.append((start, "".join(inner), end, number))
        return number

    def holds(self, words: list[str]) -> dict[int, int]:
        """For each place's number, the bits of the words (first word: lowest bit) it holds at."""
        positions: dict[str, int] = {}
        for index, word in enumerate(words):
            positions[word] = positions.get(word, 0) | 1 << index
        found: dict[int, int] = {}
        for word, bits in positions.items():
            for number in self._of(word):
                found[number] = found.get(number, 0) | bits
        return found

    def _of(self, word: str) -> set[int]:
        numbers = set(self._exact.get(word))
        for length in self._starts.lengths_to(len(word)):
            numbers.update(self._starts.get(word[:length]))
        for length in self._ends.lengths_to(len(word)):
            numbers.update(self._ends.get(word[-length:]))
        for start, inner, end, number in self._globs:
            if word.startswith(start) and word.endswith(end) and inner in word:
                numbers.add(number)
        return numbers


class _Index:
    """Numbers of places by a word or a part of one."""

    def __init__(self) -> None:
        self._numbers: dict[str, set[int]] = {}
        self._lengths: list[int] = []

    def add(self, part: str, number: int) -> None:
        self._numbers.setdefault(part, set()).add(number)
        if len(part) not in self._lengths:
            self._lengths = sorted([*self._lengths, len(part)])

    def get(self, part: str) -> Iterable[int]:
        return self._numbers.get(part, ())

    def lengths_to(self, longest: int) -> list[int]:
        """Lengths of the parts that are known, up to `longest`."""
        return self._lengths[: bisect_right(self._lengths, longest)]


class CrisisWords:
    """The crisis patterns of all languages, ready to look at texts."""

    def __init__(self, languages: Mapping[str, Mapping[str, Mapping[str, Iterable[str]]]]) -> None:
        """`languages`: language → crisis name → "raise", "maybe", "unless" → patterns.

        Raises PatternError for an unknown crisis or a pattern without words.
        """
        self._vocabulary = _Vocabulary()
        # Each pattern is kept under one place that it cannot do without.
        self._by_place: dict[int, list[_Pattern]] = {}
        for language, crises in languages.items():
            for crisis, lists in crises.items():
                for pattern in self._compile(language, crisis, lists):
                    self._by_place.setdefault(pattern.places[0].number, []).append(pattern)

    @classmethod
    def load(cls, data: Path, languages: Iterable[str]) -> CrisisWords:
        """Reads `<data>/<language>/crisis_words.yml` of each language; PatternError if unusable."""
        read = {}
        for language in languages:
            path = data / language / "crisis_words.yml"
            try:
                # Only strings are wanted: an unquoted "no" must stay a word.
                read[language] = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506
            except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
                raise PatternError(f"{path}: cannot be read: {error}") from error
            if not isinstance(read[language], dict):
                raise PatternError(f"{path}: must be a mapping of crisis names")
        return cls(read)

    def look(self, text: str) -> CrisisFound:
        """Whether `text` (its first 100,000 characters) speaks of a crisis."""
        head = text[:MAX_CHARACTERS]
        found = self._look(normalise(head, run=1).split())
        if found.raised is None and has_long_run(head):
            # "heeeel" may be "heel": long runs are tried as one letter and as two.
            doubled = self._look(normalise(head, run=2).split())
            found = doubled if doubled.raised else CrisisFound(maybe=found.maybe or doubled.maybe)
        return found

    def _look(self, words: list[str]) -> CrisisFound:
        holds = self._vocabulary.holds(words)
        spans: dict[str, dict[tuple[str, CrisisName], list[tuple[int, int]]]] = {
            kind: {} for kind in KINDS
        }
        for number in holds:
            for pattern in self._by_place.get(number, ()):
                found = list(_spans(pattern.places, holds))
                if found:
                    key = (pattern.language, pattern.crisis)
                    spans[pattern.kind].setdefault(key, []).extend(found)
        raised = _standing(spans["raise"], spans["unless"])
        if raised:
            return CrisisFound(raised=_first_of(raised))
        return CrisisFound(maybe=_first_of(_standing(spans["maybe"], spans["unless"])))

    def _compile(
        self, language: str, crisis: str, lists: Mapping[str, Iterable[str]]
    ) -> Iterator[_Pattern]:
        where = f"{language}/crisis_words.yml: {crisis}"
        name = next((known for known in URGENCY if known == crisis), None)
        if name is None or not set(lists) <= set(KINDS):
            raise PatternError(f"{where}: unknown crisis, or a list other than {', '.join(KINDS)}")
        for kind, patterns in lists.items():
            for pattern in patterns:
                yield _Pattern(language, name, kind, self._places(pattern, f"{where}.{kind}"))

    def _places(self, pattern: str, where: str) -> tuple[_Place, ...]:
        places: list[_Place] = []
        after_gap = False
        for word in pattern.split():
            if word == "..":
                after_gap = bool(places)
                continue
            for place in self._alternatives(word):
                places.append(_Place(place.number, place.optional, after_gap))
                after_gap = False
        # What may be missing at either end adds nothing to a match.
        while places and places[-1].optional:
            places.pop()
        while places and places[0].optional:
            places.pop(0)
        if not places:
            raise PatternError(f"{where}: {pattern!r}: a pattern needs a word")
        return tuple(places)

    def _alternatives(self, token: str) -> Iterator[_Place]:
        """One place, or several when a single alternative is really two words ("zelf-moord")."""
        optional = False
        alternatives: list[list[str]] = []
        for alternative in token.split("|"):
            if alternative.endswith("?"):
                optional = True
            words = _words(alternative.removesuffix("?"))
            if words:
                alternatives.append(words)
        if len(alternatives) == 1:
            for word in alternatives[0]:
                yield _Place(self._vocabulary.number(frozenset({word})), optional, False)
            return
        # Among alternatives only single words can share a place: the first part stands for all.
        chosen = frozenset(words[0] for words in alternatives)
        if chosen:
            yield _Place(self._vocabulary.number(chosen), optional, False)


def _words(alternative: str) -> list[str]:
    """The folded words of an alternative, with its stars where they were."""
    parts = [normalise(part) for part in alternative.split("*")]
    return [word for word in "*".join(parts).split() if word.strip("*")]


def _standing(
    found: Mapping[tuple[str, CrisisName], list[tuple[int, int]]],
    excuses: Mapping[tuple[str, CrisisName], list[tuple[int, int]]],
) -> set[CrisisName]:
    """The crises with a match that no excuse of the same language and crisis overlaps."""
    return {
        key[1]
        for key, spans in found.items()
        for first, last in spans
        if not any(start <= last and first <= end for start, end in excuses.get(key, ()))
    }


def _first_of(crises: set[CrisisName]) -> CrisisName | None:
    return next((crisis for crisis in URGENCY if crisis in crises), None)


def _spans(pattern: tuple[_Place, ...], holds: dict[int, int]) -> Iterator[tuple[int, int]]:
    """First and last word of each match, the shortest match for each last word."""
    steps: list[int] = []
    before = 0
    for index, place in enumerate(pattern):
        here = holds.get(place.number, 0)
        if index:
            here &= _follow(before, place.after_gap)
        steps.append(here)
        before = here | before if place.optional else here
        if not before:
            return
    ends = steps[-1]
    while ends:
        last = ends.bit_length() - 1
        ends ^= 1 << last
        yield _first(pattern, steps, last), last


def _follow(bits: int, gap: bool) -> int:
    """Words that may come next after the words of `bits`."""
    after = bits << 1
    if gap:
        for _ in range(GAP):
            after |= after << 1
    return after


def _first(pattern: tuple[_Place, ...], steps: list[int], last: int) -> int:
    """The latest first word of a match that ends at word `last`."""
    at = 1 << last
    for index in range(len(pattern) - 1, 0, -1):
        place = pattern[index]
        here = at & steps[index]
        before = here >> 1
        if place.after_gap:
            for _ in range(GAP):
                before |= before >> 1
        at = before | (at if place.optional else 0)
    return (at & steps[0] or 1 << last).bit_length() - 1
