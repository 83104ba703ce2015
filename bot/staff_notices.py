"""Tells the staff's own chat that something waits at the desk; never who or what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.clock import CITY
from bot.store import conversations, handoffs, outbox
from flows.say import Say, When

CHANNEL = "telegram"
_LANGUAGE = "nl"


@dataclass(frozen=True, slots=True)
class StaffNotices:
    """Notices for the staff chat; without a chat nobody is told. `link` leads to our pages."""

    chat: str
    link: str

    def opened(self, session: Session, code: str, now: datetime) -> int | None:
        """Tell of a new request, within its turn; the staff chat's conversation, or None."""
        return self._announce(session, "staff.new_handoff", code, now)

    def lapsed(self, session: Session, code: str, now: datetime) -> int | None:
        """Tell of a promise that was not kept; the staff chat's conversation, or None."""
        return self._announce(session, "staff.lapsed", code, now)

    def _announce(self, session: Session, key: str, code: str, now: datetime) -> int | None:
        request = handoffs.by_code(session, code) if self.chat else None
        if request is None:
            return None
        chat = conversations.find_or_create(session, CHANNEL, self.chat, _LANGUAGE, now)
        due = When(request.due_at.astimezone(CITY))
        notice = Say(key, {"code": code, "due": due, "link": f"{self.link}/desk/{code}"})
        outbox.put(session, chat.id, notice, language=_LANGUAGE, seq=0, now=now)
        return chat.id
