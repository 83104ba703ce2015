"""What the acts on a request share: whose it is, what a form names, where a visit ends."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from bot.desk.pages import Pages
from bot.desk.visit import HOME, Done, Visit
from bot.store.models import Handoff


def is_mine(row: Handoff, visit: Visit) -> bool:
    """Whether the visitor has a request."""
    return row.status == "claimed" and row.claimed_by == visit.me.id


def number(given: str) -> int:
    """The id that a form names; 0 for none and for rubbish."""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def back(row: Handoff, notice: str, *, turn: bool = False, to: str = "") -> Done:
    """To a request, or `to` another page, with a notice; `turn`: the resident is to be told."""
    where = to or f"{HOME}/{row.code}"
    response = RedirectResponse(f"{where}?notice={notice}", status_code=303)
    return Done(response, row.conversation_id if turn else None)


def unknown(pages: Pages) -> Response:
    """The page that says kindly that there is no such request."""
    lines = [
        "Er is geen aanvraag met deze code. Misschien is er een letter verwisseld.",
        "Een code ziet eruit als KPM-7RT.",
    ]
    return pages.refuse(404, "Deze aanvraag is er niet", lines)


def refused(row: Handoff) -> Done:
    """Back to a request that somebody else has, or that is over."""
    return back(row, "not_yours" if row.status == "claimed" else "gone")
