"""Performs what a turn decided, inside the turn's own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot import mydata
from bot.place import City
from bot.store import checkins, handoffs, needs, outbox, retention
from bot.store.models import Conversation, Outbox
from flows.effects import (
    AllowCheckins,
    Effect,
    Forget,
    MarkEntry,
    MarkUrgent,
    OpenHandoff,
    PlanCheckin,
    RecordNeed,
    Relay,
    StopCheckins,
    TellMyData,
    Turn,
    WithdrawHandoff,
)
from flows.say import Say


@dataclass(frozen=True, slots=True)
class Done:
    """What was put into the outbox, and the codes of requests that were opened."""

    answers: tuple[Outbox, ...]
    opened: tuple[str, ...]


def perform(
    session: Session, conversation: Conversation, turn: Turn, city: City, now: datetime
) -> Done:
    """Perform every effect in order."""
    answers: list[Outbox] = []
    opened: list[str] = []

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
            case _:
                _keep(session, conversation, effect, turn, now)
    return Done(tuple(answers), tuple(opened))


def _keep(
    session: Session, conversation: Conversation, effect: Effect, turn: Turn, now: datetime
) -> None:
    match effect:
        case OpenHandoff(code, draft, due):
            handoffs.open_request(session, conversation.id, code, draft, due, now)
        case WithdrawHandoff(code):
            handoffs.withdraw(session, code, now)
        case Relay(code, text):
            handoffs.add_words(session, code, text, now)
        case MarkUrgent(code, crisis):
            handoffs.mark_urgent(session, code, crisis)
        case PlanCheckin(due, entry, handoff):
            if not conversation.checkins_stopped:
                checkins.plan(session, conversation.id, due, entry=entry, handoff=handoff)
        case StopCheckins():
            checkins.stop(session, conversation)
        case AllowCheckins():
            conversation.checkins_stopped = False
        case RecordNeed():
            needs.record(session, effect, turn.state.language, now)
        case MarkEntry():
            needs.mark(session, effect, now)
        case Forget():
            retention.forget(session, conversation, now)
        case _:
            raise TypeError(f"an effect nobody performs: {type(effect).__name__}")
