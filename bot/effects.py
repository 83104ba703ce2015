"""Performs what a turn decided, inside the turn's own transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import mydata
from bot.place import City
from bot.store import checkins, consents, handoffs, inbox, links, needs, outbox, retention
from bot.store.models import Conversation, Outbox
from flows.effects import (
    AllowCheckins,
    Effect,
    Forget,
    MarkEntry,
    MarkUrgent,
    OfferLink,
    OpenHandoff,
    PlanCheckin,
    RecordMisread,
    RecordNeed,
    Relay,
    StopCheckins,
    TakeLink,
    TellMyData,
    Turn,
    Unlink,
    WithdrawHandoff,
)
from flows.say import Say

Wording = Callable[[Say, str, str], str | None]
"""The words of a message in a language, where its channel asks for consent; else None."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was put into the outbox, the codes of requests that were opened, and the other
    conversations in which something happened."""

    answers: tuple[Outbox, ...]
    opened: tuple[str, ...]
    elsewhere: tuple[int, ...] = ()


def perform(
    session: Session,
    conversation: Conversation,
    turn: Turn,
    city: City,
    wording: Wording,
    now: datetime,
) -> Done:
    """Perform every effect in order."""
    answers: list[Outbox] = []
    opened: list[str] = []
    elsewhere: list[int] = []

    def say(message: Say) -> None:
        answers.append(
            outbox.put(
                session,
                conversation.id,
                message,
                language=turn.state.language,
                seq=turn.state.seq,
                now=now,
            )
        )

    for effect in turn.effects:
        match effect:
            case Say():
                say(effect)
            case TellMyData():
                say(mydata.told(session, conversation, city, now))
            case OpenHandoff(code=code):
                opened.append(code)
                _keep(session, conversation, effect, turn, now)
            case TakeLink(code):
                elsewhere += _link(session, conversation, code, now)
            case _:
                _keep(session, conversation, effect, turn, now)
    _agreed(session, conversation, turn, wording, now)
    return Done(tuple(answers), tuple(opened), tuple(elsewhere))


def _link(
    session: Session, conversation: Conversation, code: str, now: datetime
) -> tuple[int, ...]:
    """Try a code; both conversations hear of it. The other one, if there is one."""
    other = links.take(session, conversation, code, now)

    def tell(whom: int, what: str) -> None:
        key = f"link:{secrets.token_hex(8)}"
        inbox.put_event(session, whom, key, {"kind": "link", "what": what}, now)

    tell(conversation.id, "unknown" if other is None else "done")
    if other is None:
        return ()
    tell(other.id, "taken")
    return (other.id,)


def _agreed(
    session: Session, conversation: Conversation, turn: Turn, wording: Wording, now: datetime
) -> None:
    """Keep that the resident asked to be written to later, with the words that said so.

    They come right after what was asked for: the moment of a check-in, the promise of an answer.
    """
    asked: str | None = None
    for effect in turn.effects:
        match effect:
            # One that is put off by a day was asked for before.
            case PlanCheckin() if any(isinstance(one, AllowCheckins) for one in turn.effects):
                asked = "checkin"
            case OpenHandoff(draft=draft) if draft.how == "chat":
                asked = "handoff"
            case Say() if asked is not None:
                words = wording(effect, turn.state.language, conversation.channel)
                if words is not None:
                    language = turn.state.language
                    consents.give(session, conversation.id, asked, language, words, now)
                return
            case _:
                pass


def _keep(
    session: Session, conversation: Conversation, effect: Effect, turn: Turn, now: datetime
) -> None:
    match effect:
        case OpenHandoff(code, draft, due):
            handoffs.open_request(session, conversation.id, code, draft, due, now)
        case WithdrawHandoff(code):
            handoffs.withdraw(session, code, now)
        case Relay(code, text):
            handoffs.add_words(session, code, conversation.id, text, now)
        case MarkUrgent(code, crisis):
            handoffs.mark_urgent(session, code, crisis)
        case PlanCheckin(due, entry, handoff):
            if not conversation.checkins_stopped:
                checkins.plan(session, conversation.id, due, entry=entry, handoff=handoff)
        case StopCheckins(everything):
            checkins.stop(session, conversation)
            source = None if everything else "checkin"
            consents.withdraw(session, conversation.id, now, source)
        case AllowCheckins():
            conversation.checkins_stopped = False
        case RecordNeed():
            needs.record(session, effect, turn.state.language, now)
        case RecordMisread():
            needs.misread(session, effect, turn.state.language, now)
        case MarkEntry():
            needs.mark(session, effect, now)
        case OfferLink(code, minutes):
            links.offer(session, conversation, code, now + timedelta(minutes=minutes))
        case Unlink():
            links.undo(session, conversation)
        case Forget():
            retention.forget(session, conversation, now)
        case _:
            raise TypeError(f"an effect nobody performs: {type(effect).__name__}")
