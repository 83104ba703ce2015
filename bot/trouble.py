"""What is logged of an error: its kind and its places, and never its message.

The message of an error may hold what somebody typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from traceback import extract_tb


def told(error: BaseException) -> str:
    """One line: the error and what led to it, each with its places, the innermost last."""
    return "; after ".join(_kind_and_places(one) for one in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    next_one: BaseException | None = error
    while next_one is not None and id(next_one) not in seen:
        seen.add(id(next_one))
        yield next_one
        next_one = next_one.__cause__ or next_one.__context__


def _kind_and_places(error: BaseException) -> str:
    places = (
        f"{Path(place.filename).name}:{place.lineno} {place.name}"
        for place in extract_tb(error.__traceback__)
    )
    return f"{type(error).__name__} at {' > '.join(places)}"
