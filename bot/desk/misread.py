"""What the front door did not understand: counts by language and by what was offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.routing import Route

from bot.desk.desk import Desk
from bot.desk.pages import Pages
from bot.desk.visit import Done, Guard, Visit
from bot.store import needs
from bot.store.needs import Misreads

SPANS = (30, 90)
# A smaller number may be about one person.
LEAST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: what is counted, and how often in each column; None for a few times."""

    name: str
    times: tuple[int | None, ...]


class Misread:
    """The page of what was not understood."""

    def __init__(self, desk: Desk, pages: Pages, guard: Guard) -> None:
        self._desk = desk
        self._pages = pages
        self._guard = guard

    def routes(self) -> list[Route]:
        """The one route."""
        return [Route("/desk/begrip", self._guard.reads(self.show))]

    def show(self, visit: Visit) -> Done:
        """The counts of the last 30 and 90 days; no word that anybody wrote is among them."""
        now = self._desk.clock()
        with self._desk.database.read() as session:
            found = [needs.misreads(session, now - timedelta(days=days)) for days in SPANS]
        missed = [[one for one in span if one.reason == "missed"] for span in found]
        refused = [[one for one in span if one.reason == "refused"] for span in found]
        page = self._pages.show(
            "misread.html",
            me=visit.me,
            csrf=visit.csrf,
            few=f"minder dan {LEAST_SHOWN}",
            languages=_table([*missed, *refused], self._language),
            offers=_table(refused, self._offered),
        )
        return Done(page)

    def _language(self, one: Misreads) -> str:
        return self._pages.view.language(one.language)

    def _offered(self, one: Misreads) -> str:
        return " · ".join(sorted(map(self._pages.view.intent, one.offered)))


def _table(columns: Iterable[Sequence[Misreads]], named: Callable[[Misreads], str]) -> list[Row]:
    """A row for each name, the most frequent first; few times say nothing in the order either."""
    counts = []
    for column in columns:
        count: Counter[str] = Counter()
        for one in column:
            count[named(one)] += one.times
        counts.append(count)
    rows = [
        Row(name, tuple(_told(count[name]) for count in counts)) for name in set().union(*counts)
    ]
    return sorted(rows, key=lambda row: (-sum(times or 0 for times in row.times), row.name))


def _told(times: int) -> int | None:
    return times if times >= LEAST_SHOWN else None
