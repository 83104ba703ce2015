"""Which neighbourhood somebody means, by name, postcode or position, and how far apart two are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from math import asin, cos, radians, sin, sqrt

from knowledge.model import Neighbourhood
from knowledge.words import normalise, tokens

_POSTCODE = re.compile(r"\b([1-9]\d{3})\s?(?:[a-z]{2}\b|(?![a-z\d]))")
_EARTH_KM = 6371.0
_MOST_WORDS = 4
_OUTSIDE_KM = 3.5


class Places:
    """The neighbourhoods of a city. Raises ValueError when two claim one id, name or postcode."""

    def __init__(self, neighbourhoods: Iterable[Neighbourhood]) -> None:
        self.all: tuple[Neighbourhood, ...] = tuple(neighbourhoods)
        self._by_id = _unique((place.id, place) for place in self.all)
        self._by_name = _unique(
            (key, place) for place in self.all for key in _keys(place.name, *place.aliases)
        )
        self._by_postcode = _unique((code, place) for place in self.all for code in place.postcodes)
        self._names = {
            name.casefold(): place.id for place in self.all for name in (place.name, *place.aliases)
        }

    def get(self, id: str) -> Neighbourhood | None:
        """The neighbourhood with this id."""
        return self._by_id.get(id)

    def gazetteer(self) -> Mapping[str, str]:
        """Every name and alias in lower case, in every script, to its neighbourhood's id."""
        return self._names

    def find(self, text: str) -> Neighbourhood | None:
        """The neighbourhood that a text names, also misspelt or by postcode; None when it does not.

        "bij holtenbroek", "8031 AB", "Aalanden" and "asendorp" are all understood.
        """
        words = tokens(text)
        return self.by_postcode(text) or self._exact(words) or self._misspelt(words)

    def by_postcode(self, text: str) -> Neighbourhood | None:
        """The neighbourhood of the first known postcode in a text, with or without its letters."""
        codes = (match[1] for match in _POSTCODE.finditer(normalise(text)))
        return next((self._by_postcode[code] for code in codes if code in self._by_postcode), None)

    def nearest(self, lat: float, lon: float) -> Neighbourhood | None:
        """The neighbourhood nearest to a position in degrees; None outside the city."""
        near = min(self.all, key=lambda p: _km(lat, lon, p.lat, p.lon), default=None)
        if near is None or _km(lat, lon, near.lat, near.lon) > _OUTSIDE_KM:
            return None
        return near

    def distance_km(self, one: str, other: str) -> float:
        """Kilometres between the middles of two neighbourhoods. KeyError for an unknown id."""
        a, b = self._by_id[one], self._by_id[other]
        return _km(a.lat, a.lon, b.lat, b.lon)

    def _exact(self, words: list[str]) -> Neighbourhood | None:
        return next((self._by_name[run] for run in _runs(words) if run in self._by_name), None)

    def _misspelt(self, words: list[str]) -> Neighbourhood | None:
        found = [
            (slips, place)
            for run in _runs(words)
            for name, place in self._by_name.items()
            if (slips := _slips(run, name)) is not None
        ]
        best = min((slips for slips, _ in found), default=None)
        meant = {place.id: place for slips, place in found if slips == best}
        return meant.popitem()[1] if len(meant) == 1 else None


def _unique(pairs: Iterable[tuple[str, Neighbourhood]]) -> dict[str, Neighbourhood]:
    index: dict[str, Neighbourhood] = {}
    for key, place in pairs:
        if index.setdefault(key, place).id != place.id or (key == place.id and index[key] != place):
            raise ValueError(f"{key!r} is claimed by {index[key].id} and {place.id}")
    return index


def _keys(*names: str) -> Iterator[str]:
    """How a name is looked up: its words run together, so that hyphens and spaces do not count."""
    return ("".join(tokens(name)) for name in names)


def _runs(words: list[str]) -> Iterator[str]:
    """Runs of neighbouring words, longest first."""
    words = words[:40]
    for size in range(_MOST_WORDS, 0, -1):
        for start in range(len(words) - size + 1):
            yield "".join(words[start : start + size])


def _slips(written: str, name: str) -> int | None:
    """How many letters are off, when it is few enough for a name of this length."""
    allowed = 2 if len(name) >= 8 else 1 if len(name) >= 6 else 0
    if not allowed or abs(len(written) - len(name)) > allowed:
        return None
    slips = _edits(written, name)
    return slips if slips <= allowed else None


def _edits(one: str, other: str) -> int:
    """Letters added, dropped, changed or swapped with their neighbour between two words."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, last[j - 2] + 1)
            row.append(best)
    return row[-1]


def _km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in kilometres."""
    dlat, dlon = radians(lat2 - lat1), radians(lon2 - lon1)
    h = sin(dlat / 2) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(dlon / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(h))
