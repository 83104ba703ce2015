"""The example map, loaded once, and short ways to make entries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from knowledge.directory import Directory
from knowledge.exchange import EXAMPLE, Loaded, load
from knowledge.hours import AMSTERDAM
from knowledge.model import Entry

NOW = datetime(2026, 11, 24, 14, 30, tzinfo=AMSTERDAM)
"""A Tuesday afternoon."""

PLAIN = Entry(
    id="00000000-0000-4000-8000-000000000000",
    name="Koffie",
    summary="Koffie met buren.",
    topics=("need_contact",),
    route="basic",
    checked_at=date(2026, 11, 1),
    checked_by="redactie",
    source="verzonnen",
)


@pytest.fixture(scope="session")
def zwolle() -> Directory:
    """The example map."""
    loaded = load(EXAMPLE)
    assert isinstance(loaded, Loaded), loaded
    return loaded.directory


@pytest.fixture
def map_of(zwolle: Directory) -> Callable[..., Directory]:
    """A map of a few entries: each a dict of what differs from a plain one."""

    def made(*differences: dict[str, Any]) -> Directory:
        entries = [
            replace(PLAIN, **{"id": f"{n:08}-0000-4000-8000-000000000000"} | different)
            for n, different in enumerate(differences)
        ]
        return Directory(entries, zwolle.places, topic_words=zwolle.topic_words)

    return made
