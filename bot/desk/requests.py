"""The team's work: the queue, one request, and what is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from starlette.routing import Route

from bot import bsn
from bot.desk.acts import Acts, number
from bot.desk.desk import Desk
from bot.desk.life import Life, Wrong
from bot.desk.pages import Pages
from bot.desk.promise import Promise, promise
from bot.desk.view import OUTCOMES, Spoken
from bot.desk.visit import HOME, Done, Guard, Visit
from bot.store import audit, handoffs, talks
from bot.store.models import Handoff

MOST_SIGNS = 3000


class Requests(Acts):
    """The pages and the acts of the desk's daily work."""

    def __init__(self, desk: Desk, pages: Pages, guard: Guard) -> None:
        super().__init__(desk, pages)
        self._guard = guard
        self._life = Life(desk, pages, self._wrong)

    def routes(self) -> list[Route]:
        """The routes; the ones with a code match last."""
        reads, writes = self._guard.reads, self._guard.writes
        acts = {
            "claim": self.claim,
            "reply": self.reply,
            "contacted": self.contacted,
            "hand_back": self.hand_back,
            "close": self.close,
            **self._life.acts(),
        }
        return [
            Route("/desk/audit", reads(self.audit)),
            Route("/desk/{code}", reads(self.open)),
            Route("/desk/{code}/talk", reads(self.talk_part, by_itself=True)),
            *(
                Route(f"/desk/{{code}}/{name}", writes(act), methods=["POST"])
                for name, act in acts.items()
            ),
        ]

    def open(self, visit: Visit) -> Done:
        """Everything the resident told the team, and the talk."""
        now = self._desk.clock()
        with self._desk.database.begin() as session:
            row = self._find(session, visit)
            if row is None:
                return Done(self._unknown())
            audit.add(session, visit.me.id, "open", now, row.code)
            values = self._request(session, visit, row, now)
        page = self._pages.show("request.html", **values, problem=None, text="", wrong=None)
        return Done(page)

    def talk_part(self, visit: Visit) -> Done:
        """How the request stands and the talk, for a page that brings itself up to date."""
        now = self._desk.clock()
        with self._desk.database.read() as session:
            row = self._find(session, visit)
            if row is None:
                return Done(self._unknown())
            values = self._request(session, visit, row, now)
        return Done(self._pages.show("_talk.html", **values))

    def _request(
        self, session: Session, visit: Visit, row: Handoff, now: datetime
    ) -> dict[str, Any]:
        view, details = self._pages.view, handoffs.details(session, row)
        writes = talks.written_in(session, row)
        talk = view.talk(talks.read(session, row, now), now)
        return {
            "me": visit.me,
            "csrf": visit.csrf,
            "mark": talks.mark(session),
            "row": row,
            "to_contact": row.how != "chat" and row.answered_at is None,
            "mine": handoffs.has(row, visit.me),
            "claimed_by": talks.claimer(session, row),
            "promise": self._promise(row, talk, now),
            "facts": view.summary(row, details) if details else [],
            "note": details.get("note"),
            "language": view.language(row.language),
            "writes": writes,
            "writes_named": view.language(writes),
            "topic": view.topic(row),
            "talk": talk,
            "last": talk[-1].id if talk else 0,
            "outcomes": OUTCOMES,
            "most": MOST_SIGNS,
            "notice": self._notice(visit),
            **self._life.values(session, visit, row, now),
        }

    def _refused(
        self,
        session: Session,
        visit: Visit,
        row: Handoff,
        problem: str | None,
        text: str = "",
        wrong: Wrong | None = None,
    ) -> Done:
        """The page again; `problem` and `text` are about the reply, `wrong` about another act."""
        values = self._request(session, visit, row, self._desk.clock())
        said = {"problem": problem, "text": text, "wrong": wrong}
        return Done(self._pages.show("request.html", 422, **values, **said))

    def _wrong(self, session: Session, visit: Visit, row: Handoff, wrong: Wrong) -> Done:
        return self._refused(session, visit, row, None, wrong=wrong)

    def _promise(self, row: Handoff, talk: Sequence[Spoken], now: datetime) -> Promise:
        wrote = bool(talk) and talk[-1].by is None
        return promise(row.due_at, row.answered_at is not None, now, wrote=wrote)

    # What is done with it.

    def claim(self, visit: Visit) -> Done:
        """Take a request; of two at once one has it."""
        now = self._desk.clock()
        with self._desk.database.begin() as session:
            row = self._find(session, visit)
            if row is None:
                return Done(self._unknown())
            won = handoffs.claim(session, row.code, visit.me, now)
            if not won:
                session.refresh(row)
            mine = row.claimed_by == visit.me.id and row.status == "claimed"
            if won or not mine:
                audit.add(session, visit.me.id, "claim" if won else "claim_lost", now, row.code)
        if won or mine:
            return self._back(row, "claimed", turn=won)
        return self._back(row, "taken" if row.status == "claimed" else "gone")

    def reply(self, visit: Visit) -> Done:
        """Say something to the resident."""
        text = visit.form.get("text", "").replace("\r\n", "\n").strip()
        masked = bsn.mask(text)
        after = visit.form.get("after", "")
        now = self._desk.clock()
        with self._desk.database.begin() as session:
            row = self._hold(session, visit)
            if row is None:
                return Done(self._unknown())
            problem = self._problem(masked)
            if problem is not None:
                return self._refused(session, visit, row, problem, text)
            if talks.is_said(session, row, visit.me, masked, number(after)):
                return self._back(row, "replied")
            if not handoffs.reply(session, row, visit.me, masked, now):
                return self._too_late(row)
            audit.add(session, visit.me.id, "reply", now, row.code)
        return self._back(row, "replied" if masked == text else "masked", turn=True)

    def contacted(self, visit: Visit) -> Done:
        """Note that the resident was called, visited or met."""
        now = self._desk.clock()
        with self._desk.database.begin() as session:
            row = self._hold(session, visit)
            if row is None:
                return Done(self._unknown())
            if not handoffs.contacted(row, visit.me, now):
                return self._too_late(row)
            audit.add(session, visit.me.id, "contacted", now, row.code)
        return self._back(row, "contacted")

    def hand_back(self, visit: Visit) -> Done:
        """Let the program talk with the resident again."""
        return self._end(visit, None)

    def close(self, visit: Visit) -> Done:
        """Close a request with an outcome."""
        return self._end(visit, visit.form.get("outcome", ""))

    def _end(self, visit: Visit, outcome: str | None) -> Done:
        now = self._desk.clock()
        act = "hand_back" if outcome is None else "close"
        with self._desk.database.begin() as session:
            row = self._hold(session, visit)
            if row is None:
                return Done(self._unknown())
            if outcome is None:
                done = handoffs.hand_back(session, row, visit.me, now)
            elif outcome in OUTCOMES:
                done = handoffs.close(session, row, visit.me, outcome, now)
            else:
                problem = self._pages.view.word("problem", "outcome")
                return self._refused(session, visit, row, problem)
            if not done:
                return self._too_late(row)
            audit.add(session, visit.me.id, act, now, row.code)
        notice = "handed_back" if outcome is None else "closed"
        return self._back(row, notice, turn=True, to=HOME)

    def _problem(self, text: str) -> str | None:
        if not any(sign.isprintable() and not sign.isspace() for sign in text):
            return self._pages.view.word("problem", "empty")
        if len(text) > MOST_SIGNS:
            long = self._pages.view.word("problem", "long")
            return long.format(length=len(text), most=MOST_SIGNS)
        return None

    # What was done.

    def audit(self, visit: Visit) -> Done:
        """The newest acts of everybody."""
        with self._desk.database.read() as session:
            acts = audit.latest(session)
        return Done(self._pages.show("audit.html", me=visit.me, csrf=visit.csrf, acts=acts))
