"""One ranking over the social map: what is asked (`Query`) and what is found (`Hit`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from knowledge.model import Entry

When = Literal["daytime", "evening", "weekend", "now"]
Price = Literal["free", "cheap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a resident asks of the map; only `now` (aware) must be given.

    `topic` is one of `model.TOPICS`; `words` the resident's own text in any language; `vector`
    its sentence vector; `place` a neighbourhood id; `age`, `when` and `max_price` are limits that
    every hit keeps; `language` is preferred, `speaks` is demanded; `max_km` keeps out what lies
    further from `place`; `prefer` holds ids that an earlier search by words put in front, best
    first; `exclude` holds ids already shown.
    """

    now: datetime
    topic: str | None = None
    words: str = ""
    vector: Sequence[float] | None = None
    place: str | None = None
    when: When | None = None
    age: int | None = None
    max_price: Price | None = None
    language: str | None = None
    speaks: str | None = None
    max_km: float | None = None
    prefer: tuple[str, ...] = ()
    exclude: frozenset[str] = frozenset()
    limit: int = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that fits, how well, how far (kilometres; None: not asked or whole city), and why.

    `reasons` are keys in the order to tell them: topic, words, in_neighbourhood, near, whole_city,
    free, cheap, open_now, open_daytime, open_evening, open_weekend, your_language, age_fit.
    """

    entry: Entry
    score: float
    distance_km: float | None
    reasons: tuple[str, ...]
