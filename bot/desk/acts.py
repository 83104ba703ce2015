"""What every act on a request needs: to find it, to hold it, and to say how it went."""

from __future__ import annotations

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot.desk.desk import Desk
from bot.desk.pages import Pages
from bot.desk.visit import HOME, Done, Visit
from bot.store import handoffs, talks
from bot.store.models import Handoff

_NOT_MINE = {"open": "free", "claimed": "not_yours"}


def number(given: str) -> int:
    """The id that a form names; 0 for none and for rubbish."""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


class Acts:
    """The base of what staff do with requests."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages

    def _find(self, session: Session, visit: Visit) -> Handoff | None:
        return handoffs.by_code(session, visit.code) if visit.code else None

    def _hold(self, session: Session, visit: Visit) -> Handoff | None:
        return talks.hold(session, visit.code) if visit.code else None

    def _unknown(self) -> Response:
        lines = [
            "Er is geen aanvraag met deze code. Misschien is er een letter verwisseld.",
            "Een code ziet eruit als KPM-7RT.",
        ]
        return self._pages.refuse(404, "Deze aanvraag is er niet", lines)

    def _back(self, row: Handoff, notice: str, *, turn: bool = False, to: str = "") -> Done:
        where = to or f"{HOME}/{row.code}"
        response = RedirectResponse(f"{where}?notice={notice}", status_code=303)
        return Done(response, row.conversation_id if turn else None)

    def _too_late(self, row: Handoff) -> Done:
        """Who does not have the request, or not any more, is told how it stands."""
        return self._back(row, _NOT_MINE.get(row.status, "gone"))

    def _notice(self, visit: Visit) -> str | None:
        notices: dict[str, str] = self._pages.view.words["notice"]
        return notices.get(visit.query.get("notice", ""))
