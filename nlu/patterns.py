"""A small language of word patterns, matched in time that grows with the text and nothing else.

A pattern is words in order:

    a|b     alternatives for one place        word*   any ending (also *word, wo*rd, *word*)
    word?   the place may be empty            ..      up to three other words in between

Each place becomes a number whose bits say at which words of the text it holds; a pattern is then
a few shifts and ands over the whole text. No text can make it slow.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from nlu.normalise import normalise

GAP = 3  # words that ".." may stand for
ENOUGH = 50  # matches of one pattern; who says it more often says nothing new

Holds = dict[int, int]  # place's number → bits of the words (first word: lowest bit) it holds at


class PatternError(ValueError):
    """A pattern, or a file of them, that cannot be used; the message says which."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a pattern: the number of its alternatives, and what may come before it."""

    number: int
    optional: bool
    after_gap: bool


Places = tuple[Place, ...]


class Vocabulary:
    """All places of all patterns, looked up by a text's words."""

    def __init__(self) -> None:
        self._numbers: dict[frozenset[str], int] = {}
        self._exact = _Index()
        self._starts = _Index()
        self._ends = _Index()
        self._inside = _Index()
        self._globs: list[tuple[str, str, str, int]] = []

    def compile(self, pattern: str) -> Places:
        """The places of a pattern; PatternError when no place of it must be filled."""
        places: list[Place] = []
        after_gap = False
        for word in pattern.split():
            if word == "..":
                after_gap = bool(places)
                continue
            for place in self._alternatives(word):
                places.append(Place(place.number, place.optional, after_gap))
                after_gap = False
        # What may be missing at either end adds nothing to a match.
        while places and places[-1].optional:
            places.pop()
        while places and places[0].optional:
            places.pop(0)
        if not places:
            raise PatternError(f"{pattern!r}: a pattern needs a word")
        return tuple(places)

    def holds(self, words: list[str]) -> Holds:
        """Where in `words` each place holds; places that hold nowhere are left out."""
        positions: dict[str, int] = {}
        for index, word in enumerate(words):
            positions[word] = positions.get(word, 0) | 1 << index
        found: Holds = {}
        for word, bits in positions.items():
            for number in self._of(word):
                found[number] = found.get(number, 0) | bits
        return found

    def _alternatives(self, token: str) -> Iterator[Place]:
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
                yield Place(self._number(frozenset({word})), optional, False)
        elif alternatives:
            # Only single words can share a place: of two, the more telling stands for both.
            chosen = frozenset(max(words, key=len) for words in alternatives)
            yield Place(self._number(chosen), optional, False)

    def _number(self, alternatives: frozenset[str]) -> int:
        known = self._numbers.get(alternatives)
        if known is not None:
            return known
        number = self._numbers[alternatives] = len(self._numbers)
        for word in alternatives:
            self._add(word, number)
        return number

    def _add(self, word: str, number: int) -> None:
        if "*" not in word:
            self._exact.add(word, number)
            return
        start, *inner, end = word.split("*")
        match start, "".join(inner), end:
            case _, "", "":
                self._starts.add(start, number)
            case "", "", _:
                self._ends.add(end, number)
            case "", middle, "":
                self._inside.add(middle, number)
            case _, middle, _:
                self._globs.append((start, middle, end, number))

    def _of(self, word: str) -> set[int]:
        numbers = set(self._exact.get(word))
        for length in self._starts.lengths_to(len(word)):
            numbers.update(self._starts.get(word[:length]))
        for length in self._ends.lengths_to(len(word)):
            numbers.update(self._ends.get(word[-length:]))
        for length in self._inside.lengths_to(len(word)):
            for at in range(len(word) - length + 1):
                numbers.update(self._inside.get(word[at : at + length]))
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


@cache
def _words(alternative: str) -> list[str]:
    """The folded words of an alternative, with its stars where they were."""
    parts = [normalise(part) for part in alternative.split("*")]
    return [word for word in "*".join(parts).split() if word.strip("*")]


def spans(pattern: Places, holds: Holds) -> Iterator[tuple[int, int]]:
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
    for _ in range(min(ENOUGH, ends.bit_count())):
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


def _first(pattern: Places, steps: list[int], last: int) -> int:
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
