"""Recognises a crisis by words, in every language at once, without any service.

The patterns are data: nlu/data/<language>/crisis_words.yml (see `nlu.patterns` for how to write
one). For each crisis `raise` raises it, `maybe` makes it doubtful, and a match that overlaps one
of `unless` does not count: "ik lach me dood" is not "dood".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from nlu.normalise import has_long_run, normalise
from nlu.patterns import PatternError, Places, Vocabulary, spans
from nlu.types import CrisisName

MAX_CHARACTERS = 100_000
PLAIN = 0.6  # share of a message's words that a plain cry is made of
KINDS = ("raise", "maybe", "unless")

# The likeliest to need somebody at the door comes first, when a text speaks of several.
URGENCY: tuple[CrisisName, ...] = ("crisis_emergency", "crisis_suicide", "crisis_violence")

Source = tuple[str, CrisisName]  # language and crisis
Spans = dict[Source, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class CrisisFound:
    """What the words say: `raised` for a crisis, `maybe` for a veiled or doubtful one.

    `languages`: those whose words said so. `plain`: what raised it is most of the message, so
    that nothing around it can mean something else.
    """

    raised: CrisisName | None = None
    maybe: CrisisName | None = None
    languages: frozenset[str] = frozenset()
    plain: bool = False


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A pattern and the list it is from."""

    source: Source
    kind: str
    places: Places


class CrisisWords:
    """The crisis patterns of all languages, ready to look at texts."""

    def __init__(self, languages: Mapping[str, Mapping[str, Mapping[str, Iterable[str]]]]) -> None:
        """`languages`: language → crisis name → "raise", "maybe", "unless" → patterns.

        Raises PatternError for an unknown crisis or a pattern without words.
        """
        self._vocabulary = Vocabulary()
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
                read[language] = yaml.load(path.read_text("utf-8"), yaml.CBaseLoader)  # noqa: S506
            except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
                raise PatternError(f"{path}: cannot be read: {error}") from error
            if not isinstance(read[language], dict):
                raise PatternError(f"{path}: must be a mapping of crisis names")
        return cls(read)

    def look(self, text: str, own: Collection[str] = ()) -> CrisisFound:
        """Whether `text` (its first 100,000 characters) speaks of a crisis.

        `own`: the languages it may be written in. Their excuses hold for the words of other
        languages too ("zelfmoord" is in many lists); an excuse of another, for its own words only.
        """
        head = text[:MAX_CHARACTERS]
        found = self._look(normalise(head, run=1).split(), own)
        if found.raised is None and has_long_run(head):
            # "heeeel" may be "heel": long runs are tried as one letter and as two.
            doubled = self._look(normalise(head, run=2).split(), own)
            found = doubled if doubled.raised or not found.maybe else found
        return found

    def _look(self, words: list[str], own: Collection[str]) -> CrisisFound:
        holds = self._vocabulary.holds(words)
        found: dict[str, Spans] = {kind: {} for kind in KINDS}
        for number in holds:
            for pattern in self._by_place.get(number, ()):
                matches = list(spans(pattern.places, holds))
                if matches:
                    found[pattern.kind].setdefault(pattern.source, []).extend(matches)
        raised = _standing(found["raise"], found["unless"], own)
        if raised:
            plain = any(
                last - first + 1 >= PLAIN * len(words)
                for matches in raised.values()
                for first, last in matches
            )
            return CrisisFound(_first_of(raised), None, _languages_of(raised), plain)
        maybe = _standing(found["maybe"], found["unless"], own)
        return CrisisFound(maybe=_first_of(maybe), languages=_languages_of(maybe))

    def _compile(
        self, language: str, crisis: str, lists: Mapping[str, Iterable[str]]
    ) -> Iterator[_Pattern]:
        where = f"{language}/crisis_words.yml: {crisis}"
        name = next((known for known in URGENCY if known == crisis), None)
        if name is None or not set(lists) <= set(KINDS):
            raise PatternError(f"{where}: unknown crisis, or a list other than {', '.join(KINDS)}")
        for kind, patterns in lists.items():
            for pattern in patterns:
                try:
                    places = self._vocabulary.compile(pattern)
                except PatternError as error:
                    raise PatternError(f"{where}.{kind}: {error}") from error
                yield _Pattern((language, name), kind, places)


def _standing(found: Spans, excuses: Spans, own: Collection[str]) -> Spans:
    """The matches that no excuse for the same crisis overlaps, of their language or of `own`."""
    standing: Spans = {}
    for (language, crisis), matches in found.items():
        excused = [
            span
            for (excusing, name), overlapping in excuses.items()
            if name == crisis and (excusing == language or excusing in own)
            for span in overlapping
        ]
        for first, last in matches:
            if not any(start <= last and first <= end for start, end in excused):
                standing.setdefault((language, crisis), []).append((first, last))
    return standing


def _first_of(sources: Iterable[Source]) -> CrisisName | None:
    crises = {crisis for _, crisis in sources}
    return next((crisis for crisis in URGENCY if crisis in crises), None)


def _languages_of(sources: Iterable[Source]) -> frozenset[str]:
    return frozenset(language for language, _ in sources)
