"""The social map as the rest of Voordeur reads it: look up an entry, or search for some."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import datetime

from knowledge.hours import AMSTERDAM
from knowledge.model import TOPICS, Entry, Neighbourhood, TopicWords
from knowledge.places import Places
from knowledge.ranking import Ranking, Vectors, last_day
from knowledge.search import Hit, Query

MAX_AGE_DAYS = 365
"""Days after its last check that an entry is still offered, unless set otherwise."""


class Directory:
    """A read-only social map.

    Raises ValueError when two entries share an id or an entry names an unknown neighbourhood;
    `knowledge.exchange.load` reports those by file and field instead.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        places: Places,
        max_age_days: int = MAX_AGE_DAYS,
        topic_words: Iterable[TopicWords] = (),
    ) -> None:
        self.entries: tuple[Entry, ...] = tuple(entries)
        self.places = places
        self.max_age_days = max_age_days
        self.topic_words: tuple[TopicWords, ...] = tuple(topic_words)
        self._by_id = {entry.id: entry for entry in self.entries}
        if len(self._by_id) < len(self.entries):
            raise ValueError("two entries share an id")
        named = {place for entry in self.entries for place in entry.neighbourhoods}
        if unknown := sorted(place for place in named if places.get(place) is None):
            raise ValueError(f"unknown neighbourhoods: {', '.join(unknown)}")
        answered = {topic for entry in self.entries for topic in entry.topics}
        self.topics: tuple[str, ...] = tuple(topic for topic in TOPICS if topic in answered)
        self._ranking = Ranking(self.entries, places, max_age_days, self.topic_words)

    @property
    def neighbourhoods(self) -> tuple[Neighbourhood, ...]:
        """The neighbourhoods of the city."""
        return self.places.all

    def get(self, id: str) -> Entry | None:
        """The entry with this id, also when it has expired."""
        return self._by_id.get(id)

    def is_current(self, entry: Entry, at: datetime) -> bool:
        """Whether an entry may still be offered at a moment (aware)."""
        return at.astimezone(AMSTERDAM).date() <= last_day(entry, self.max_age_days)

    def search(self, query: Query) -> tuple[Hit, ...]:
        """What fits, best first. Never what misses the stated age, money or time, nor expired."""
        return self._ranking.search(query)

    def with_vectors(self, vectors: Vectors) -> Directory:
        """The same map, that also finds by meaning: a sentence vector for each entry's id.

        Ids the map does not know are ignored; entries without a vector are found by words.
        """
        other = copy(self)
        other._ranking = self._ranking.with_vectors(vectors)
        return other
