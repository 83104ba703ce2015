"""The one ranking behind `Directory.search`: limits first, then what is left in order of fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge import hours
from knowledge.model import ROUTES, TOPICS, Entry, TopicWords
from knowledge.places import Places
from knowledge.reasons import NEAR_KM, is_cheap, reasons
from knowledge.search import Hit, Query
from knowledge.text_index import TextIndex, texts_of
from knowledge.vector_index import Floats, Rows, VectorIndex

Mask = NDArray[np.bool_]
Vectors = Mapping[str, Sequence[float]]

_NO_AGE = 200
_MAIN_TOPIC, _OTHER_TOPIC = 0.4, 0.3
_SAYS_SO = 0.18
_STANDS_OUT = 0.5
_WHOLE_CITY = 0.35
_WEIGHTS = {
    "main_topic": 0.3,
    "words": 2.0,
    "vector": 1.5,
    "place": 0.8,
    "language": 0.4,
    "age": 0.15,
    "free": 0.1,
    "route": 0.1,
    "prefer": 1.5,
    "for_all": 0.2,
}


class Ranking:
    """Everything about the entries that a search needs, as arrays in the order of the entries."""

    def __init__(
        self,
        entries: Sequence[Entry],
        places: Places,
        max_age_days: int,
        topic_words: Iterable[TopicWords],
    ) -> None:
        self._entries = sorted(entries, key=lambda e: (ROUTES.index(e.route), e.name, e.id))
        self._row = {entry.id: row for row, entry in enumerate(self._entries)}
        self._places = places
        self._text = TextIndex([texts_of(entry) for entry in self._entries])
        self._topic_text = _topic_text(topic_words)
        self._of_topic = _of_topic(self._entries)
        self._last_day = self._array(
            (last_day(e, max_age_days).toordinal() for e in self._entries), np.int32
        )
        self._age_min = self._array((e.audience.age_min or 0 for e in self._entries), np.int16)
        self._age_max = self._array(
            (_NO_AGE if e.audience.age_max is None else e.audience.age_max for e in self._entries),
            np.int16,
        )
        self._for_all = self._array((not e.audience.eligibility for e in self._entries), np.bool_)
        self._free = self._array((e.cost.free for e in self._entries), np.bool_)
        self._cheap = self._array((is_cheap(e.cost) for e in self._entries), np.bool_)
        self._topics = self._array((_bits(e.topics) for e in self._entries), np.int64)
        self._main = self._array(
            (TOPICS.index(e.topics[0]) if e.topics else -1 for e in self._entries), np.int8
        )
        self._parts = {
            part: self._array((hours.open_in(e, part) for e in self._entries), np.bool_)
            for part in hours.PARTS
        }
        self._week = np.array([hours.week(e) for e in self._entries], dtype=np.bool_)
        self._ages = (self._age_min > 0) | (self._age_max < _NO_AGE)
        self._route = self._array(
            (len(ROUTES) - 1 - ROUTES.index(e.route) for e in self._entries), np.float32
        )
        self._speaks = {
            code: self._array((code in e.languages for e in self._entries), np.bool_)
            for code in {code for e in self._entries for code in e.languages}
        }
        self._comes_to_you = self._array(
            (not e.neighbourhoods and not e.locations for e in self._entries), np.bool_
        )
        self._there = _there(self._entries, places)
        self._distance = lru_cache(maxsize=len(places.all) + 1)(self._distances)
        self._vectors = VectorIndex(len(self._entries), {})

    def with_vectors(self, vectors: Vectors) -> Ranking:
        """The same ranking with a sentence vector for each entry's id that has one."""
        known = {self._row[id]: vector for id, vector in vectors.items() if id in self._row}
        other = copy(self)
        other._vectors = VectorIndex(len(self._entries), known)
        return other

    def search(self, query: Query) -> tuple[Hit, ...]:
        """The best fitting entries, best first, at most `query.limit`."""
        rows = np.flatnonzero(self._fits(query))
        words, likeness = self._words(query.words)[rows], self._vectors.likeness(query.vector, rows)
        spoken = (words >= _SAYS_SO) | (likeness >= _STANDS_OUT)
        if query.topic is None and (query.words.strip() or query.vector is not None):
            rows, words, likeness = rows[spoken], words[spoken], likeness[spoken]
            spoken = spoken[spoken]
        scores = self._scores(query, rows, words, likeness)
        hits: list[Hit] = []
        for position in _best_first(scores, query.limit):
            row = int(rows[position])
            if self._exactly_open(self._entries[row], query):
                score = float(scores[position])
                hits.append(self._hit(row, score, bool(spoken[position]), query))
            if len(hits) >= query.limit:
                break
        return tuple(hits)

    def _array(self, values: Iterable[object], kind: type) -> NDArray:  # type: ignore[type-arg]
        return np.fromiter(values, dtype=kind, count=len(self._entries))

    def _fits(self, query: Query) -> Mask:
        local = query.now.astimezone(hours.AMSTERDAM)
        fits: Mask = self._last_day >= local.date().toordinal()
        if query.topic is not None:
            fits &= (self._topics & _bits((query.topic,))) != 0
        if query.age is not None:
            fits &= (self._age_min <= query.age) & (self._age_max >= query.age)
        if query.max_price is not None:
            fits &= self._free if query.max_price == "free" else self._cheap
        if query.speaks is not None:
            fits &= self._speaks.get(query.speaks, np.zeros(len(fits), dtype=np.bool_))
        if query.max_km is not None and query.place is not None:
            fits &= (self._distance(query.place) <= query.max_km) | self._comes_to_you
        if query.when == "now":
            fits &= self._week[:, local.weekday() * 24 + local.hour]
        elif query.when is not None:
            fits &= self._parts[query.when]
        for id in query.exclude & self._row.keys():
            fits[self._row[id]] = False
        return fits

    def _exactly_open(self, entry: Entry, query: Query) -> bool:
        """The week's pattern let it through; this looks at holidays, dates and minutes too."""
        if query.when is None:
            return True
        if query.when == "now":
            return hours.is_open(entry, query.now)
        return hours.open_in(entry, query.when, query.now)

    def _scores(self, query: Query, rows: Rows, words: Floats, likeness: Floats) -> Floats:
        score = _WEIGHTS["words"] * words + _WEIGHTS["vector"] * likeness
        score += _WEIGHTS["route"] * self._route[rows] + _WEIGHTS["free"] * self._free[rows]
        score += _WEIGHTS["for_all"] * self._for_all[rows]
        if query.topic in TOPICS:
            score += _WEIGHTS["main_topic"] * (self._main[rows] == TOPICS.index(query.topic))
        if query.age is not None:
            score += _WEIGHTS["age"] * self._ages[rows]
        if query.language in self._speaks and query.language != "nl":
            score += _WEIGHTS["language"] * self._speaks[query.language][rows]
        for turn, id in enumerate(query.prefer):
            lead = 1 - turn / len(query.prefer)
            score += _WEIGHTS["prefer"] * lead * (rows == self._row.get(id, -1))
        if query.place is not None:
            away = self._distance(query.place)[rows]
            closeness = np.where(np.isnan(away), _WHOLE_CITY, np.exp(-away / NEAR_KM))
            score += _WEIGHTS["place"] * closeness.astype(np.float32)
        return score

    def _words(self, text: str) -> Floats:
        if not text.strip():
            return np.zeros(len(self._entries), dtype=np.float32)
        of_topics = np.zeros(len(self._entries), dtype=np.float32)
        spoken_of = self._topic_text.scores(text)
        for topic in np.flatnonzero(spoken_of):
            rows, weights = self._of_topic[topic]
            of_topics[rows] = np.maximum(of_topics[rows], weights * spoken_of[topic])
        return self._text.scores(text) + of_topics

    def _distances(self, place: str) -> Floats:
        """Kilometres from a neighbourhood to each entry's nearest one; nan for the whole city."""
        away = np.full(len(self._entries), np.nan, dtype=np.float32)
        if self._places.get(place) is not None:
            km = [self._places.distance_km(place, other.id) for other in self._places.all]
            rows, there = self._there
            np.fmin.at(away, rows, np.array(km, dtype=np.float32)[there])
        return away

    def _hit(self, row: int, score: float, spoken: bool, query: Query) -> Hit:
        entry = self._entries[row]
        km: float | None = None
        if query.place is not None and not np.isnan(away := self._distance(query.place)[row]):
            km = round(float(away), 1)
        return Hit(entry, round(score, 4), km, tuple(reasons(entry, query, km, spoken)))


def last_day(entry: Entry, max_age_days: int) -> date:
    """The last day on which an entry may be offered."""
    stale = entry.checked_at + timedelta(days=max_age_days)
    return stale if entry.expires_at is None else min(stale, entry.expires_at)


def _there(entries: Sequence[Entry], places: Places) -> tuple[Rows, Rows]:
    """Pairs of an entry's row and the number of a neighbourhood it is in."""
    number = {place.id: n for n, place in enumerate(places.all)}
    pairs = [(row, number[id]) for row, e in enumerate(entries) for id in e.neighbourhoods]
    there = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return there[:, 0], there[:, 1]


def _topic_text(topic_words: Iterable[TopicWords]) -> TextIndex:
    """The words of each of `TOPICS`: by them an entry is found in a language it has no text in."""
    said: dict[str, list[tuple[str, float]]] = {topic: [] for topic in TOPICS}
    for words in topic_words:
        said[words.topic].append((" ".join((words.name, *words.words)), 1.0))
    return TextIndex(list(said.values()))


def _of_topic(entries: Sequence[Entry]) -> list[tuple[Rows, Floats]]:
    """For each of `TOPICS` the rows that have it, and how much it counts for each."""
    held: list[dict[int, float]] = [{} for _ in TOPICS]
    for row, entry in enumerate(entries):
        for number, topic in enumerate(entry.topics):
            held[TOPICS.index(topic)][row] = _OTHER_TOPIC if number else _MAIN_TOPIC
    return [
        (np.array(list(rows), dtype=np.intp), np.array(list(rows.values()), dtype=np.float32))
        for rows in held
    ]


def _bits(topics: Iterable[str]) -> int:
    """The topics as a set of bits; an unknown topic matches nothing."""
    return sum(1 << TOPICS.index(topic) for topic in set(topics) if topic in TOPICS)


def _best_first(scores: Floats, limit: int) -> Iterator[int]:
    """Positions in order of score; most searches never need the full sort."""
    some = max(limit, 1) * 16
    if len(scores) > some:
        top = np.argpartition(-scores, some)[:some]
        top.sort()
        yield from (int(n) for n in top[np.argsort(-scores[top], kind="stable")])
        seen = np.zeros(len(scores), dtype=np.bool_)
        seen[top] = True
        rest = np.flatnonzero(~seen)
        yield from (int(n) for n in rest[np.argsort(-scores[rest], kind="stable")])
    else:
        yield from (int(n) for n in np.argsort(-scores, kind="stable"))
