"""Everything that is kept about one resident: to read in the chat, and to take along as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import CITY
from bot.place import City
from bot.store import consents, conversations, handoffs, links
from bot.store.models import Checkin, Conversation, Handoff, HandoffMessage
from flows.hints import WHOLE_CITY
from flows.offers import AGES
from flows.say import Card, EntryText, Line, PlaceName, Say, When
from flows.state import State
from flows.topics import HANDED

_GROUPS = {years: name for name, years in AGES.items()}
_TIMES = {
    "daytime": "mydata.wish_daytime",
    "evening": "mydata.wish_evening",
    "weekend": "mydata.wish_weekend",
}
# Nobody is known by the whole city.
_WHOLE = ("place", WHOLE_CITY)
_PRICES = {"free": "mydata.wish_free", "cheap": "mydata.wish_cheap"}


def _age(years: int) -> Line:
    group = _GROUPS.get(years)
    return Line("mydata.age", {"age": Line(f"choice.age:{group}") if group else years})


# Each fact in words: first what a search keeps, then what was filled in for the team.
_SEARCH: Mapping[str, Callable[[Any], Line]] = {
    "topic": lambda topic: Line("mydata.topic", {"topic": Line(f"topic.{topic}")}),
    "also": lambda topic: Line("mydata.topic", {"topic": Line(f"topic.{topic}")}),
    "place": lambda place: Line("mydata.place", {"place": PlaceName(place)}),
    "entry": lambda entry: Line("summary.entry", {"name": EntryText(entry, "name")}),
    "other": lambda _: Line("summary.for_other"),
    "kind": lambda _: Line("summary.urgent"),
    "age": _age,
    "price": lambda price: Line(_PRICES[price]),
    "when": lambda when: Line(_TIMES[when]),
    "near": lambda _: Line("mydata.wish_near"),
    "spoken": lambda code: Line("mydata.spoken", {"language": Line(f"language.{code}")}),
    "seen": lambda entries: Line("mydata.seen", {"n": len(entries)}),
}
_DRAFT: Mapping[str, Callable[[Any], Line]] = {
    "crisis": lambda _: Line("summary.urgent"),
    "buddy": lambda _: Line("summary.buddy"),
    "how": lambda how: Line("summary.how", {"how": Line(f"choice.how:{how}")}),
    "contact": lambda contact: Line("summary.contact", {"contact": contact}),
    "wanted": lambda when: Line("summary.when", {"when": Line(f"choice.when:{when}")}),
    "speak": lambda code: Line("summary.language", {"language": Line(f"language.{code}")}),
    "name": lambda name: Line("summary.name", {"name": name}),
    "note": lambda note: Line("summary.note", {"note": note}),
}


def told(session: Session, conversation: Conversation, city: City, now: datetime) -> Say:
    """What is kept, as a message: the conversation, what was filled in, each request."""
    state = conversations.state_of(session, conversation)
    facts = _kept(state)
    requests = _requests(session, conversation)
    planned = _planned(session, conversation)
    lines = [
        Line("mydata.since", {"date": When(conversation.created_at.astimezone(CITY), "date")}),
        Line("mydata.address"),
        Line("mydata.language", {"language": Line(f"language.{state.language}")}),
        *_lines(facts, _SEARCH),
        *(
            Line("mydata.checkin", {"at": When(checkin.due_at.astimezone(CITY))})
            for checkin in planned
        ),
    ]
    if conversation.checkins_stopped:
        lines.append(Line("mydata.checkins_stopped"))
    lines += [
        Line("mydata.consent", {"date": When(given.at.astimezone(CITY), "date")})
        for given in consents.standing(session, conversation.id)[-1:]
    ]
    if linked := len(links.linked(session, conversation)):
        lines.append(Line("mydata.linked", {"n": linked}))
    lines.append(Line("mydata.messages", {"days": _days(city, "message")}))
    if conversation.channel == "web":
        lines.append(Line("mydata.answers", {"days": _days(city, "web")}))
    going_on = planned or any(request.status in handoffs.LIVE for request in requests)
    lines.append(_until(city, now, going_on=bool(going_on)))
    cards = [Card(Line("mydata.title"), tuple(lines))]
    if drafted := _lines(facts, _DRAFT):
        cards.append(Card(Line("mydata.draft"), drafted))
    cards += [_request(session, request, city) for request in requests]
    return Say("mydata.is", cards=tuple(cards))


def _kept(state: State) -> dict[str, Any]:
    """The facts, with those of one step ago: these are kept to make "back" possible."""
    earlier = {} if state.before is None else state.before["facts"]
    return {**earlier, **state.facts}


def _lines(
    facts: Mapping[str, Any], words: Mapping[str, Callable[[Any], Line]]
) -> tuple[Line, ...]:
    meant = {name: fact for name, fact in facts.items() if fact and (name, fact) != _WHOLE}
    if meant.get("topic") not in HANDED:
        meant.pop("topic", None)
    return tuple(write(meant[name]) for name, write in words.items() if name in meant)


def _request(session: Session, request: Handoff, city: City) -> Card:
    """A request as a card; of a closed one the details may be erased already."""
    opened = When(request.opened_at.astimezone(CITY), "date")
    facts = {
        "topic": request.topic,
        "place": request.neighbourhood,
        "entry": request.entry,
        "other": request.for_other,
        "crisis": request.crisis,
        "buddy": request.buddy,
        "how": request.how,
        "wanted": request.wanted,
        "speak": request.language,
        **handoffs.details(session, request),
    }
    spoken = select(func.count()).where(HandoffMessage.handoff_id == request.id)
    return Card(
        Line("mydata.handoff", {"code": request.code, "date": opened}),
        (
            *_lines(facts, _SEARCH),
            *_lines(facts, _DRAFT),
            Line("mydata.talk", {"n": session.scalar(spoken) or 0}),
            Line("mydata.handoff_until", {"days": _days(city, "handoff")}),
            Line("mydata.handoff_after"),
        ),
    )


def _until(city: City, now: datetime, *, going_on: bool) -> Line:
    if going_on:
        return Line("mydata.until_after", {"days": _days(city, "conversation")})
    at = now.astimezone(CITY) + timedelta(days=city.retention.get("conversation", 0))
    return Line("mydata.until", {"date": When(at, "date")})


def _days(city: City, kind: str) -> Line:
    return Line("mydata.days", {"n": city.retention.get(kind, 0)})


def export(session: Session, conversation: Conversation) -> dict[str, Any]:
    """What is kept, as JSON."""
    state = conversations.state_of(session, conversation)
    return {
        "channel": conversation.channel,
        "since": conversation.created_at.isoformat(),
        "language": state.language,
        "step": state.step,
        "facts": dict(state.facts),
        "before": state.before,
        "checkins_stopped": conversation.checkins_stopped,
        "consents": [
            {"at": given.at.isoformat(), "source": given.source, "wording": given.wording}
            for given in consents.standing(session, conversation.id)
        ],
        "linked": [other.channel for other in links.linked(session, conversation)],
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
    own = [one.id for one in (conversation, *links.linked(session, conversation))]
    found = select(Handoff).where(Handoff.conversation_id.in_(own))
    return list(session.scalars(found.order_by(Handoff.id)))


def _planned(session: Session, conversation: Conversation) -> list[Checkin]:
    found = select(Checkin).where(
        Checkin.conversation_id == conversation.id, Checkin.status == "planned"
    )
    return list(session.scalars(found.order_by(Checkin.due_at)))
