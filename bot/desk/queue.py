"""The queue: who waits for the team, sifted and searched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import RedirectResponse
from starlette.routing import Route

from bot.desk.acts import Acts
from bot.desk.desk import Desk
from bot.desk.pages import Pages
from bot.desk.sieve import sieve
from bot.desk.view import Item
from bot.desk.visit import HOME, Done, Guard, Visit, written_code
from bot.store import handoffs, outbox, talks

FILTERS = ("all", "free", "mine")
_MOST_SOUGHT = 40


def _kinds(items: Sequence[Item]) -> dict[str, list[Item]]:
    """Requests by the name of what shows them, one of `FILTERS`."""
    return {
        "all": list(items),
        "free": [item for item in items if item.claimed_by is None],
        "mine": [item for item in items if item.mine],
    }


class Queue(Acts):
    """The page of the queue, the part of it that brings itself up to date, and the search."""

    def __init__(self, desk: Desk, pages: Pages, guard: Guard) -> None:
        super().__init__(desk, pages)
        self._guard = guard

    def routes(self) -> list[Route]:
        """The routes; they match before a request's code does."""
        reads = self._guard.reads
        return [
            Route("/desk", reads(self.queue)),
            Route("/desk/queue", reads(self.queue_part, by_itself=True)),
            Route("/desk/zoek", reads(self.seek)),
        ]

    def queue(self, visit: Visit) -> Done:
        """Who waits for the team."""
        return Done(self._pages.show("queue.html", **self._queue(visit)))

    def queue_part(self, visit: Visit) -> Done:
        """The queue alone, for a page that brings itself up to date."""
        return Done(self._pages.show("_queue.html", **self._queue(visit)))

    def _queue(self, visit: Visit) -> dict[str, Any]:
        now = self._desk.clock()
        with self._desk.database.read() as session:
            mark, unanswered = talks.mark(session), talks.unanswered(session)
            rows = handoffs.queue(session)
            held = outbox.held(session)
        chosen, view = sieve(visit.query), self._pages.view
        items = view.queue(rows, unanswered, visit.me.id, now)
        through = {row.code for row, _ in rows if chosen.lets_through(row)}
        kinds = _kinds([item for item in items if item.code in through])
        asked = visit.query.get("show", "all")
        show = asked if asked in FILTERS else "all"
        return {
            "me": visit.me,
            "csrf": visit.csrf,
            "mark": mark,
            "items": kinds[show],
            "chosen": show,
            "counts": {name: len(kind) for name, kind in kinds.items()},
            "totals": {name: len(kind) for name, kind in _kinds(items).items()},
            "sieve": chosen,
            "fields": chosen.fields([row for row, _ in rows], view),
            "wrote": sum(
                item.mine and item.new_words and item.rests_until is None for item in items
            ),
            "late": sum(item.promise.level == "late" for item in items),
            "held": view.held(held),
            "notice": self._notice(visit),
            "sought": None,
        }

    def seek(self, visit: Visit) -> Done:
        """The request with a code, however it is typed; the queue when there is none."""
        typed = visit.query.get("code", "")
        code = written_code(typed)
        with self._desk.database.read() as session:
            found = handoffs.by_code(session, code) if code else None
        if found is not None:
            return Done(RedirectResponse(f"{HOME}/{found.code}", status_code=303))
        values = {**self._queue(visit), "sought": typed[:_MOST_SOUGHT]}
        return Done(self._pages.show("queue.html", 404, **values))
