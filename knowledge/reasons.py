"""Why an entry is shown, as keys that a text catalogue has words for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from knowledge import hours
from knowledge.model import Cost, Entry
from knowledge.search import Query

CHEAP = Decimal(5)
"""Euros a time that still count as cheap."""

NEAR_KM = 2.0
"""Kilometres that still count as near: half an hour on foot."""

_CLEARLY_PREFERRED = 3


def is_cheap(cost: Cost) -> bool:
    """Whether a cost is known and small; free is cheap too."""
    return cost.amount is not None and cost.amount <= CHEAP


def reasons(entry: Entry, query: Query, km: float | None, spoken: bool) -> Iterator[str]:
    """The reasons to show an entry, in the order to tell them.

    `km` is its distance when there is one; `spoken` whether the words or the vector point to it.
    """
    ages = (entry.audience.age_min, entry.audience.age_max)
    checks = (
        ("topic", query.topic in entry.topics),
        ("words", spoken or entry.id in query.prefer[:_CLEARLY_PREFERRED]),
        ("in_neighbourhood", query.place in entry.neighbourhoods),
        ("near", km is not None and 0 < km <= NEAR_KM),
        ("whole_city", not entry.neighbourhoods),
        ("free", entry.cost.free),
        ("cheap", not entry.cost.free and is_cheap(entry.cost)),
        ("open_now", hours.is_open(entry, query.now)),
        (f"open_{query.when}", query.when in hours.PARTS),
        ("your_language", query.language != "nl" and query.language in entry.languages),
        ("age_fit", query.age is not None and ages != (None, None)),
    )
    return (reason for reason, holds in checks if holds)
