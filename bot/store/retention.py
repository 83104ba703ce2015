"""Little is kept, and not for long: what goes when, and everything at once when asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from bot.settings import Retention
from bot.store import conversations, links
from bot.store.db import vault
from bot.store.handoffs import LIVE
from bot.store.inbox import INTERNAL
from bot.store.models import (
    Audit,
    Checkin,
    Consent,
    Conversation,
    EntryMark,
    Handoff,
    HandoffMessage,
    HandoffNote,
    Inbox,
    LinkCode,
    Misread,
    Need,
    Outbox,
    Setting,
    StaffLink,
    StaffSession,
    WebMessage,
)
from flows.state import State

_SESSION_DAYS = 1

# Built once: it runs after every answer.
_ERASE_IF_DONE = (
    delete(Conversation)
    .where(
        Conversation.id == bindparam("conversation"),
        Conversation.erase.is_(True),
        Conversation.id.not_in(select(Inbox.conversation_id).where(Inbox.done_at.is_(None))),
        Conversation.id.not_in(select(Outbox.conversation_id).where(Outbox.status == "waiting")),
    )
    .execution_options(synchronize_session=False)
)


def sweep(session: Session, keep: Retention, now: datetime) -> dict[str, int]:
    """Erase what is past its time; how many of each."""

    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    live = select(Handoff.conversation_id).where(
        Handoff.status.in_(LIVE), Handoff.conversation_id.is_not(None)
    )
    planned = select(Checkin.conversation_id).where(Checkin.status == "planned")
    old = select(Handoff.id).where(Handoff.closed_at < before(keep.handoff))
    erased = {
        "conversation": delete(Conversation).where(
            Conversation.touched_at < before(keep.conversation),
            Conversation.id.not_in(live),
            Conversation.id.not_in(planned),
        ),
        "talk": delete(HandoffMessage).where(HandoffMessage.handoff_id.in_(old)),
        "note": delete(HandoffNote).where(HandoffNote.handoff_id.in_(old)),
        "details": update(Handoff)
        .where(
            Handoff.id.in_(old),
            or_(Handoff.details_sealed.is_not(None), Handoff.conversation_id.is_not(None)),
        )
        .values(details_sealed=None, conversation_id=None, opened_in=None),
        "request": delete(Handoff).where(Handoff.closed_at < before(keep.need)),
        "inbox": delete(Inbox).where(Inbox.done_at < before(keep.message)),
        "outbox": delete(Outbox).where(
            Outbox.status != "waiting", Outbox.created_at < before(keep.message)
        ),
        "web": delete(WebMessage).where(WebMessage.at < before(keep.web)),
        "audit": delete(Audit).where(Audit.at < before(keep.audit)),
        "need": delete(Need).where(Need.at < before(keep.need)),
        "misread": delete(Misread).where(Misread.at < before(keep.need)),
        "mark": delete(EntryMark).where(EntryMark.day < before(keep.need).date()),
        "link": delete(StaffLink).where(StaffLink.expires_at < now),
        "link_code": delete(LinkCode).where(LinkCode.expires_at < now),
        "login": delete(StaffSession).where(StaffSession.seen_at < before(_SESSION_DAYS)),
    }
    counts = {name: _count(session.execute(statement)) for name, statement in erased.items()}
    gone = Conversation.id.not_in(
        select(Outbox.conversation_id).where(Outbox.status.in_(("waiting", "held")))
    )
    session.execute(
        update(Conversation).where(Conversation.holding.is_(True), gone).values(holding=False)
    )
    return counts


def _count(result: Any) -> int:
    return int(result.rowcount)


def forget(session: Session, conversation: Conversation, now: datetime) -> None:
    """Erase what is known about a resident, wherever they linked; the row itself goes when its
    answers have left."""
    for other in links.linked(session, conversation):
        _forget_one(session, other, now)
        # This one's own state is written by the turn in which it was asked.
        state = conversations.state_of(session, other)
        conversations.set_state(session, other, State(language=state.language, seq=state.seq))
        session.flush()
        erase_if_done(session, other.id)
    _forget_one(session, conversation, now)


def _forget_one(session: Session, conversation: Conversation, now: datetime) -> None:
    if not conversations.hold(session, conversation.id):
        return
    # Requests first: a reply that is being written then waits, and finds its request closed.
    session.execute(
        update(Handoff)
        .where(Handoff.conversation_id == conversation.id, Handoff.status.in_(LIVE))
        .values(status="withdrawn", outcome="withdrawn", closed_at=now)
    )
    requests = session.scalars(
        update(Handoff)
        .where(Handoff.conversation_id == conversation.id)
        .values(details_sealed=None, conversation_id=None, opened_in=None)
        .returning(Handoff.id)
    ).all()
    for words in (HandoffMessage, HandoffNote):
        session.execute(delete(words).where(words.handoff_id.in_(requests)))
    session.execute(
        delete(Inbox).where(
            Inbox.conversation_id == conversation.id,
            Inbox.channel == INTERNAL,
            Inbox.done_at.is_(None),
        )
    )
    for kept in (Checkin, Consent, LinkCode):
        session.execute(delete(kept).where(kept.conversation_id == conversation.id))
    # What was held is about what is forgotten.
    session.execute(
        delete(Outbox).where(Outbox.conversation_id == conversation.id, Outbox.status == "held")
    )
    session.execute(delete(WebMessage).where(WebMessage.pseudonym == conversation.pseudonym))
    conversation.erase = True
    conversation.person = None
    conversation.holding = False


def erase_if_done(session: Session, conversation_id: int) -> None:
    """Erase a forgotten conversation whose last answer has left and who wrote nothing since."""
    session.execute(_ERASE_IF_DONE, {"conversation": conversation_id})


def rotate(session: Session) -> int:
    """Seal everything again with the newest key; how many values."""
    count = 0
    for model, names in (
        (Setting, ("sealed",)),
        (Conversation, ("address_sealed", "state_sealed")),
        (Inbox, ("sealed",)),
        (Outbox, ("sealed",)),
        (Handoff, ("details_sealed",)),
        (HandoffMessage, ("sealed",)),
        (HandoffNote, ("sealed",)),
        (WebMessage, ("sealed",)),
    ):
        for row in session.scalars(select(model)):
            for name in names:
                value = getattr(row, name)
                if value is not None:
                    setattr(row, name, vault(session).rotate(value))
                    count += 1
    return count


def look(session: Session) -> None:
    """Open one sealed value. Raises `WrongKeyError` when the key does not fit."""
    sealed = session.scalar(select(Conversation.state_sealed).limit(1))
    if sealed is not None:
        vault(session).open(sealed)
