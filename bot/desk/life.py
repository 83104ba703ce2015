"""What becomes of a request after the claim: notes, given on, put to rest, opened again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import bsn
from bot.desk import rest
from bot.desk.acts import Acts
from bot.desk.desk import Desk
from bot.desk.pages import Pages
from bot.desk.view import is_resting
from bot.desk.visit import HOME, Done, Handler, Visit
from bot.store import audit, handoffs, life, notes, staff
from bot.store.models import Handoff

MOST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was wrong with a form: of which act, in words, and what was typed."""

    act: str
    words: str
    text: str = ""


Refuse = Callable[[Session, Visit, Handoff, Wrong], Done]


class Life(Acts):
    """The acts; `refuse` shows the page of the request again, with what was wrong."""

    def __init__(self, desk: Desk, pages: Pages, refuse: Refuse) -> None:
        super().__init__(desk, pages)
        self._refuse = refuse

    def acts(self) -> Mapping[str, Handler]:
        """The acts by the last part of their path."""
        return {
            "note": self.note,
            "release": self.release,
            "hand_over": self.hand_over,
            "snooze": self.snooze,
            "reopen": self.reopen,
        }

    def values(self, session: Session, visit: Visit, row: Handoff, now: datetime) -> dict[str, Any]:
        """What the page of a request shows for these acts."""
        mine, hours = handoffs.has(row, visit.me), self._desk.place.city.team.hours
        bound = row.due_at if row.answered_at is None else None
        return {
            "live": row.status in handoffs.LIVE,
            "notes": notes.read(session, row),
            "most_note": MOST_NOTE,
            "colleagues": staff.colleagues(session, visit.me) if mine else (),
            "usual": [at for at in rest.usual(hours, now) if bound is None or at <= bound],
            "slots": [at for at in rest.slots(hours, now) if bound is None or at <= bound],
            "bound": bound,
            "rests_until": row.snoozed_until if is_resting(row, now) else None,
            "may_reopen": life.may_reopen(row, visit.me, now),
        }

    def note(self, visit: Visit) -> Done:
        """Write something down for the team alone."""
        now = self._desk.clock()
        typed = self._typed(visit)
        text = bsn.mask(typed)
        with self._desk.database.begin() as session:
            row = self._hold(session, visit)
            if row is None:
                return Done(self._unknown())
            problem = self._problem(text) if _has_words(text) else self._word("empty_note")
            if problem is not None:
                return self._refuse(session, visit, row, Wrong("note", problem, text))
            if not notes.is_last(session, row, visit.me, text):
                if not notes.add(session, row, visit.me, text, now):
                    return self._back(row, "gone")
                audit.add(session, visit.me.id, "note", now, row.code)
        return self._back(row, "noted" if text == typed else "noted_masked")

    def release(self, visit: Visit) -> Done:
        """Give a request back to the queue."""
        now = self._desk.clock()
        with self._desk.database.begin() as session:
            row = self._hold(session, visit)
            if row is None:
                return Done(self._unknown())
            if not life.release(row, visit.me):
                return self._too_late(row)
            audit.add(session, visit.me.id, "release", now, row.code)
        return self._back(row, "released", to=HOME)

    def hand_over(self, visit: Visit) -> Done:
        """Give a request to a colleague, with a note for them."""
        now = self._desk.clock()
        text, chosen = bsn.mask(self._typed(visit)), visit.form.get("to", "")
        with self._desk.database.begin() as session:
            row = self._hold(session, visit)
            if row is None:
                return Done(self._unknown())
            if not handoffs.has(row, visit.me):
                return self._too_late(row)
            colleagues = {str(one.id): one for one in staff.colleagues(session, visit.me)}
            to = colleagues.get(chosen)
            problem = self._word("colleague") if to is None else self._problem(text)
            if to is None or problem is not None:
                return self._refuse(session, visit, row, Wrong("hand_over", problem or "", text))
            if _has_words(text):
                notes.add(session, row, visit.me, text, now)
            life.hand_over(session, row, visit.me, to, now)
            audit.add(session, visit.me.id, "hand_over", now, row.code)
        return self._back(row, "handed_over", turn=to.name != visit.me.name, to=HOME)

    def snooze(self, visit: Visit) -> Done:
        """Let a request rest until a moment on which the team works, or wake it."""
        now, asked = self._desk.clock(), visit.form.get("until", "")
        hours = self._desk.place.city.team.hours
        moments = {rest.name(at): at for at in (*rest.slots(hours, now), *rest.usual(hours, now))}
        with self._desk.database.begin() as session:
            row = self._hold(session, visit)
            if row is None:
                return Done(self._unknown())
            if not handoffs.has(row, visit.me):
                return self._too_late(row)
            until, waking = moments.get(asked), asked == "now"
            if until is None and not waking:
                return self._refuse(session, visit, row, Wrong("snooze", self._word("moment")))
            if until is not None and not life.may_rest(row, until):
                return self._refuse(session, visit, row, Wrong("snooze", self._word("beyond")))
            life.snooze(row, visit.me, until)
            audit.add(session, visit.me.id, "wake" if waking else "snooze", now, row.code)
        return self._back(row, "woken") if waking else self._back(row, "snoozed", to=HOME)

    def reopen(self, visit: Visit) -> Done:
        """Open a request again that was closed by mistake or too early."""
        now = self._desk.clock()
        with self._desk.database.begin() as session:
            row = self._hold(session, visit)
            if row is None:
                return Done(self._unknown())
            if not handoffs.has(row, visit.me):
                if not life.may_reopen(row, visit.me, now):
                    return self._back(row, "stays_closed")
                if not life.reopen(session, row, visit.me, now):
                    return self._back(row, "newer")
                audit.add(session, visit.me.id, "reopen", now, row.code)
        return self._back(row, "reopened")

    def _typed(self, visit: Visit) -> str:
        return visit.form.get("note", "").replace("\r\n", "\n").strip()

    def _problem(self, text: str) -> str | None:
        if len(text) <= MOST_NOTE:
            return None
        return self._word("long_note").format(length=len(text), most=MOST_NOTE)

    def _word(self, name: str) -> str:
        return self._pages.view.word("problem", name)


def _has_words(text: str) -> bool:
    return any(sign.isprintable() and not sign.isspace() for sign in text)
