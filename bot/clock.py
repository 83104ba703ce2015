"""The one place that asks what time it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

CITY = ZoneInfo("Europe/Amsterdam")

Clock = Callable[[], datetime]


def now() -> datetime:
    """The present moment, aware, in the city's time."""
    return datetime.now(CITY)
