"""Tells the staff's own chat that something waits at the desk; never who or what it is about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.clock import CITY
from bot.store import conversations, handoffs, outbox
from flows.say import Say, When

CHANNEL = "telegram"
_LANGUAGE = "nl"


def announce(
    session: Session, chat: str, key: str, code: str, link: str, now: datetime
) -> int | None:
    """Put a notice about a request into the outbox; the staff chat's conversation, or None."""
    request = handoffs.by_code(session, code)
    if request is None:
        return None
    conversation = conversations.find_or_create(session, CHANNEL, chat, _LANGUAGE, now)
    due = When(request.due_at.astimezone(CITY))
    notice = Say(key, {"code": code, "due": due, "link": f"{link}/desk/{code}"})
    outbox.put(session, conversation.id, notice, language=_LANGUAGE, seq=0, now=now)
    return conversation.id
