"""Everything that is kept about one resident: to read in the chat, and to take along as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import CITY
from bot.place import City
from bot.store import conversations, handoffs
from bot.store.models import Checkin, Conversation, Handoff
from flows.say import Card, Line, PlaceName, Say, When
from flows.topics import HANDED


def told(session: Session, conversation: Conversation, city: City, now: datetime) -> Say:
    """What is kept, as a message."""
    state = conversations.state_of(session, conversation)
    topic, place = state.fact("topic"), state.fact("place")
    lines = [
        Line("mydata.since", {"date": When(conversation.created_at.astimezone(CITY), "date")}),
        Line("mydata.language", {"language": Line(f"language.{state.language}")}),
    ]
    if topic in HANDED:
        lines.append(Line("mydata.topic", {"topic": Line(f"topic.{topic}")}))
    if isinstance(place, str) and place != "whole":
        lines.append(Line("mydata.place", {"place": PlaceName(place)}))
    for request in _requests(session, conversation):
        opened = When(request.opened_at.astimezone(CITY), "date")
        lines.append(Line("mydata.handoff", {"code": request.code, "date": opened}))
    for checkin in _planned(session, conversation):
        lines.append(Line("mydata.checkin", {"at": When(checkin.due_at.astimezone(CITY))}))
    if conversation.checkins_stopped:
        lines.append(Line("mydata.checkins_stopped"))
    until = now.astimezone(CITY) + timedelta(days=city.retention.get("conversation", 0))
    lines += [Line("mydata.nothing"), Line("mydata.until", {"date": When(until, "date")})]
    return Say("mydata.is", cards=(Card(Line("mydata.title"), tuple(lines)),))


def export(session: Session, conversation: Conversation) -> dict[str, Any]:
    """What is kept, as JSON."""
    state = conversations.state_of(session, conversation)
    return {
        "channel": conversation.channel,
        "since": conversation.created_at.isoformat(),
        "language": state.language,
        "step": state.step,
        "facts": dict(state.facts),
        "checkins_stopped": conversation.checkins_stopped,
        "checkins": [
            {"at": checkin.due_at.isoformat(), "entry": checkin.entry, "request": checkin.handoff}
            for checkin in _planned(session, conversation)
        ],
        "requests": [
            {
                "code": request.code,
                "status": request.status,
                "opened_at": request.opened_at.isoformat(),
                "topic": request.topic,
                "how": request.how,
                "when": request.wanted,
                "language": request.language,
                **handoffs.details(session, request),
                "talk": [
                    {"at": spoken.at.isoformat(), "by": spoken.by or "you", "text": spoken.text}
                    for spoken in handoffs.talk(session, request)
                ],
            }
            for request in _requests(session, conversation)
        ],
    }


def _requests(session: Session, conversation: Conversation) -> list[Handoff]:
    found = select(Handoff).where(Handoff.conversation_id == conversation.id)
    return list(session.scalars(found.order_by(Handoff.id)))


def _planned(session: Session, conversation: Conversation) -> list[Checkin]:
    found = select(Checkin).where(
        Checkin.conversation_id == conversation.id, Checkin.status == "planned"
    )
    return list(session.scalars(found.order_by(Checkin.due_at)))
