"""From a text to its meaning: words first, then the NLU service, then both put together."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from nlu.client import Reading
from nlu.crisis import CrisisFound, CrisisWords
from nlu.entities import EntityFinder
from nlu.language import Detected, LanguageDetector
from nlu.normalise import clean, normalise
from nlu.parts import parts
from nlu.sentences import sentences
from nlu.types import CRISES, THRESHOLDS, Always, Answer, CrisisName, Entity, Parsed
from nlu.words import Words, load_words

Name = TypeVar("Name")

MAX_CHARACTERS = 2_000
SHORT = 3  # letters of a word that adds nothing to a name: "in", "na", "de"

# What the classifier's summed probability of the crisis intents must be: to raise a crisis by
# itself, to raise one that the words only suspected, to leave one that the words raised as it is,
# to make one doubtful by itself, and to leave doubtful what the words suspected. Chosen on
# training sentences held back (docs/decisions/0003-nlu.md): what is not raised is asked about
# with the number in the question, for missing is not an option.
RAISES = 0.8
CONFIRMS = 0.5
AGREES = 0.3
DOUBTS = 0.12
HEEDS = 0.02

# How long the words wait for the classifier's second opinion on a crisis, and a message for what
# its parts mean by themselves (seconds).
PATIENCE = 0.5


class Line(Protocol):
    """Where readings come from: the NLU service, or what it said before."""

    async def parse(self, text: str) -> Reading | None:
        """The reading of one text; None when there is none."""
        ...


@runtime_checkable
class WideLine(Protocol):
    """A line that can read several texts at once."""

    async def parse_many(self, texts: Sequence[str]) -> list[Reading] | None:
        """Readings of `texts` in their order; None when there are none."""
        ...


class Understander:
    """Understands texts in the languages offered."""

    def __init__(
        self,
        words: Mapping[str, Words],
        crisis: CrisisWords,
        detector: LanguageDetector,
        entities: EntityFinder,
        line: Line | None,
    ) -> None:
        """`line`: None when there is no service at all.

        The parts of a message are read by themselves only where it is a `WideLine`.
        """
        self._words = words
        self._crisis = crisis
        self._detector = detector
        self._entities = entities
        self._line = line

    async def parse(self, text: str, prior_language: str) -> Parsed:
        """What `text` means, in a conversation held in `prior_language` so far.

        Never raises on what was typed nor on trouble with the service.
        """
        if prior_language not in self._words:
            prior_language = next(iter(self._words))
        head = clean(text, MAX_CHARACTERS)
        found, detected = self._hear(text, head, prior_language)
        normal = normalise(head)
        readable = any(character.isalnum() for character in head)
        reading = await self._read(head, found) if readable else None
        raised, maybe = merge(found, reading)
        order = _languages(detected.language, prior_language, self._words)
        entities = self._entities.find(head, order[:2])
        in_parts = () if raised or maybe else await self._parts(text, detected.language, reading)
        # Beside another need a cry is easily lost in the reading of the whole.
        maybe = maybe or next((name for name in CRISES if name in in_parts), None)
        return Parsed(
            text=head,
            language=detected.language,
            language_switch=detected.switch,
            intents=reading.intents if reading and not _only_names(normal, entities) else (),
            crisis=raised,
            crisis_maybe=maybe,
            entities=entities,
            vector=reading.vector if reading else None,
            parts=in_parts,
            understood=reading is not None or not readable,
            always=self._always(normal, order),
            answer=self._answer(normal, order),
            filter=self._filter(normal, order),
        )

    def crisis_in(self, text: str, prior_language: str) -> tuple[CrisisName, str] | None:
        """The crisis that words alone raise in `text`, with the language to answer in."""
        found, detected = self._hear(text, clean(text, MAX_CHARACTERS), prior_language)
        kind = found.raised or found.maybe
        return None if kind is None else (kind, detected.language)

    async def _read(self, head: str, found: CrisisFound) -> Reading | None:
        if self._line is None:
            return None
        try:
            async with asyncio.timeout(PATIENCE if found.raised else None):
                return await self._line.parse(head)
        except TimeoutError:
            return None

    async def _parts(self, text: str, language: str, whole: Reading | None) -> tuple[str, ...]:
        """What the parts of a message about a need are surely about, each intent once.

        The reading of the whole mostly hears one of two needs alone.
        """
        if not isinstance(self._line, WideLine) or not (whole and _is_need(whole)):
            return ()
        pieces = parts(text, language)
        if not pieces:
            return ()
        try:
            async with asyncio.timeout(PATIENCE):
                readings = await self._line.parse_many(pieces)
        except TimeoutError:
            return ()
        likeliest = (intent for reading in readings or () for intent in reading.intents[:1])
        sure = (intent.name for intent in likeliest if intent.confidence >= THRESHOLDS.part)
        return tuple(dict.fromkeys(sure))

    def _hear(self, text: str, head: str, prior: str) -> tuple[CrisisFound, Detected]:
        """What the crisis words say, and the language to answer in.

        Words that raise a crisis give their language away, however short the text. Words that
        only may mean one count in the languages of the conversation: "die" is no death in Dutch.
        """
        detected = self._detector.detect(head, prior)
        written = detected.language
        found = self._crisis.look(text, {written, prior})
        if found.raised is None and not found.languages & {written, prior}:
            return CrisisFound(), detected
        if prior in found.languages:
            return found, detected
        language = written if written in found.languages else min(found.languages)
        return found, Detected(language, switch=language)

    def _always(self, normal: str, order: Sequence[str]) -> Always | None:
        """The always-word that the message is, in any language; none if it answers in this one."""
        first = self._words[order[0]]
        if normal in first.answers and normal not in first.always:
            return None
        return _first(self._words[code].always.get(normal) for code in order)

    def _answer(self, normal: str, order: Sequence[str]) -> Answer | None:
        return _first(self._words[code].answers.get(normal) for code in order)

    def _filter(self, normal: str, order: Sequence[str]) -> str | None:
        return _first(self._words[code].filters.get(normal) for code in order)


def load_understander(
    data: Path,
    languages: Sequence[str],
    neighbourhoods: Mapping[str, str],
    postcode_areas: Collection[str],
    line: Line | None,
) -> Understander:
    """Reads the words of `languages` under `data` and puts an Understander together.

    neighbourhoods: name or alias in any script → id. postcode_areas: four digits each.
    Raises nlu.words.WordsError or nlu.crisis.PatternError when a file cannot be used.
    """
    words = {language: load_words(data, language) for language in languages}
    return Understander(
        words,
        CrisisWords.load(data, languages),
        LanguageDetector(
            words,
            {language: [text for _, text in sentences(data, language)] for language in languages},
        ),
        EntityFinder(words, neighbourhoods, postcode_areas),
        line,
    )


def merge(
    found: CrisisFound, reading: Reading | None
) -> tuple[CrisisName | None, CrisisName | None]:
    """Crisis and doubtful crisis, from what the words and what the classifier say.

    Either may raise one, and a plain cry needs no second opinion. Where words in a longer message
    raise what the classifier takes for something else ("I died laughing when the vicar came in"),
    it is asked about: neither can silence the other. Only a faint suspicion of the words is dropped
    when the classifier sees nothing at all.
    """
    if reading is None:
        return found.raised, found.maybe
    chances = {hint.name: hint.confidence for hint in reading.intents if hint.name in CRISES}
    total = sum(chances.values())
    likeliest = max(CRISES, key=lambda name: chances.get(name, 0.0))
    if found.raised:
        sure = found.plain or total >= AGREES
        return (found.raised, None) if sure else (None, found.raised)
    if found.maybe and total >= HEEDS:
        return (found.maybe, None) if total >= CONFIRMS else (None, found.maybe)
    if total >= RAISES:
        return likeliest, None
    return None, likeliest if total >= DOUBTS else None


def _is_need(reading: Reading) -> bool:
    return any(intent.is_need for intent in reading.intents[:1])


def _languages(detected: str, prior: str, words: Mapping[str, Words]) -> list[str]:
    """The order in which languages' words are tried."""
    return list(dict.fromkeys([detected, prior, *words]))


def _only_names(normal: str, entities: Sequence[Entity]) -> bool:
    """Whether a text is a place, a time or a price and nothing more than a short word beside it.

    Of such a text the classifier can only guess what is wanted.
    """
    named = {word for entity in entities for word in entity.text.split()}
    others = [word for word in normal.split() if word not in named]
    return bool(named) and len(others) <= 1 and all(len(word) <= SHORT for word in others)


def _first(found: Iterable[Name | None]) -> Name | None:
    return next((name for name in found if name is not None), None)
