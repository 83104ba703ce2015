"""Finds what a text names: a neighbourhood, postcode, the whole city, a time, price, language,
and whether it is about somebody else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import SequenceMatcher

from nlu.normalise import normalise
from nlu.types import Entity, EntityKind
from nlu.words import Words

MAX_CHARACTERS = 2_000
MIN_FUZZY = 5  # letters; shorter names must be spelt right
SIMILAR = 0.82  # of difflib's ratio: two letters wrong in a name of a dozen
MAX_ENDING = 4  # letters that a language may write onto a name (Turkish -'de, -'teyim)

_POSTCODE = re.compile(r"\b([1-9]\d{3}) ?([a-z]{2})?\b")
# Three combinations the Dutch post never gave out, for what they stood for.
_NO_LETTERS = frozenset({"sa", "sd", "ss"})

Named = tuple[str, str]  # kind and value


class EntityFinder:
    """Finds entities with the words of all languages and the places that the caller knows."""

    def __init__(
        self,
        words: Mapping[str, Words],
        neighbourhoods: Mapping[str, str],
        postcode_areas: Collection[str] = (),
    ) -> None:
        """`neighbourhoods`: name or alias in any script → id. `postcode_areas`: four digits each;
        four digits alone count as a postcode only when they are among these."""
        self._areas = frozenset(postcode_areas)
        self._phrases = {
            code: _by_words(language.inside.items()) for code, language in words.items()
        }
        self._openings = {
            code: _by_words(language.first.items()) for code, language in words.items()
        }
        places = {
            normalise(alias, apostrophe=" "): (EntityKind.NEIGHBOURHOOD.value, place)
            for alias, place in neighbourhoods.items()
        }
        places.pop("", None)
        self._places = _by_words(places.items())
        self._names = [(name, named) for name, named in places.items() if len(name) >= MIN_FUZZY]

    def find(self, text: str, languages: Iterable[str]) -> tuple[Entity, ...]:
        """What `text` names; all but places and postcodes by the words of `languages`."""
        normal = normalise(text[:MAX_CHARACTERS], apostrophe=" ")
        words = normal.split()
        found = list(_postcodes(normal, self._areas))
        taken: set[int] = set()
        places = list(_matches(words, self._places, taken))
        if not places:
            places = list(self._misspelt(words))
        found += places
        for code in languages:
            found += _matches(words, self._phrases.get(code, {}), taken, whole=len(words))
            found += _opening(words, self._openings.get(code, {}))
        return tuple(dict.fromkeys(found))

    def _misspelt(self, words: list[str]) -> Iterator[Entity]:
        """The one neighbourhood that a word or two words in a row resemble most."""
        best: tuple[float, Entity] | None = None
        for size in (1, 2):
            for start in range(len(words) - size + 1):
                said = " ".join(words[start : start + size])
                if len(said) < MIN_FUZZY:
                    continue
                for name, (kind, value) in self._names:
                    likeness = _likeness(said, name)
                    if likeness >= SIMILAR and (best is None or likeness > best[0]):
                        best = likeness, Entity(kind, value, said)
        if best is not None:
            yield best[1]


def _likeness(said: str, name: str) -> float:
    """How alike two names are, 0 to 1; a name with an ending written onto it is the name."""
    if said.startswith(name) and len(said) - len(name) <= MAX_ENDING:
        return 1.0
    if said[0] != name[0] or abs(len(said) - len(name)) > 3:
        return 0.0
    matcher = SequenceMatcher(None, said, name, autojunk=False)
    if matcher.quick_ratio() < SIMILAR:
        return 0.0
    return matcher.ratio()


def _by_words(named: Iterable[tuple[str, Named]]) -> dict[str, list[tuple[list[str], Named]]]:
    """Phrases by their first word, longest first."""
    index: dict[str, list[tuple[list[str], Named]]] = {}
    for phrase, meaning in named:
        words = phrase.split()
        index.setdefault(words[0], []).append((words, meaning))
    for entries in index.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return index


def _matches(
    words: list[str],
    index: Mapping[str, list[tuple[list[str], Named]]],
    taken: set[int],
    whole: int | None = None,
) -> Iterator[Entity]:
    """Phrases found in `words`, skipping and adding to the places `taken`.

    With `whole` (the number of words), a phrase of two letters or fewer must be all there is:
    "am" is the morning in answer to "when?", and nothing in "I am alone".
    """
    for start, word in enumerate(words):
        for phrase, (kind, value) in index.get(word, ()):
            places = range(start, start + len(phrase))
            said = " ".join(phrase)
            if words[start : start + len(phrase)] != phrase or not taken.isdisjoint(places):
                continue
            if whole is not None and len(said) <= 2 and whole > len(phrase):
                continue
            taken.update(places)
            yield Entity(kind, value, said)
            break


def _opening(
    words: list[str], index: Mapping[str, list[tuple[list[str], Named]]]
) -> Iterator[Entity]:
    """The phrase that `words` begin with."""
    for phrase, (kind, value) in index.get(words[0], ()) if words else ():
        if words[: len(phrase)] == phrase:
            yield Entity(kind, value, " ".join(phrase))
            return


def _postcodes(normal: str, areas: frozenset[str]) -> Iterator[Entity]:
    for match in _POSTCODE.finditer(normal):
        digits, letters = match.groups()
        if letters and letters not in _NO_LETTERS and (not areas or digits in areas):
            yield Entity(EntityKind.POSTCODE.value, f"{digits}{letters.upper()}", match[0].strip())
        elif digits in areas:
            yield Entity(EntityKind.POSTCODE.value, digits, digits)
