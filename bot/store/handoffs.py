"""Requests to the team: the queue, the claim, the talk, the promise."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from bot.store.db import vault
from bot.store.inbox import put_event
from bot.store.models import Handoff, HandoffMessage, HandoffNote, Outbox, Staff
from flows.effects import Draft
from flows.say import Line
from flows.world import HandoffView

LIVE = ("open", "claimed")
# Without the signs that are mistaken for one another, said aloud or handwritten.
_ALPHABET = "ACDEFHJKMNPRTUVWXY34679"
_CODE_LENGTH = 6

# Built once: every turn asks it.
_OF_CONVERSATION = (
    select(Handoff.code, Handoff.due_at, Handoff.how, Staff.name)
    .outerjoin(Staff, Staff.id == Handoff.claimed_by)
    .where(
        Handoff.conversation_id.in_(bindparam("conversations", expanding=True)),
        Handoff.status.in_(LIVE),
    )
    # Their own in this conversation goes before one of a conversation they linked.
    .order_by((Handoff.conversation_id == bindparam("here")).desc(), Handoff.id.desc())
    .limit(1)
)


def new_code() -> str:
    """A short code such as "KPM-7RT".

    Of 148 million; should one be in use, opening its request fails and the turn is taken again.
    """
    signs = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    return f"{signs[:3]}-{signs[3:]}"


def open_request(
    session: Session, conversation_id: int, code: str, draft: Draft, due: datetime, now: datetime
) -> Handoff:
    """Bring a request to the desk."""
    details = {"name": draft.name, "contact": draft.contact, "note": draft.note}
    row = Handoff(
        code=code,
        conversation_id=conversation_id,
        opened_in=conversation_id,
        topic=draft.topic,
        how=draft.how,
        wanted=draft.when,
        language=draft.language,
        neighbourhood=draft.neighbourhood,
        entry=draft.entry,
        buddy=draft.buddy,
        for_other=draft.for_other,
        crisis=draft.crisis,
        details_sealed=vault(session).seal(details),
        opened_at=now,
        due_at=due,
    )
    session.add(row)
    session.flush()
    return row


def of_conversation(session: Session, here: int, *linked: int) -> HandoffView | None:
    """The open request of a resident: one of this conversation, else of those they linked."""
    values = {"here": here, "conversations": (here, *linked)}
    row = session.execute(_OF_CONVERSATION, values).first()
    if row is None:
        return None
    return HandoffView(code=row.code, due=row.due_at, how=row.how, claimed_by=row.name)


def withdraw(session: Session, code: str, now: datetime) -> None:
    """The resident takes a request back: its words are erased at once."""
    session.execute(
        update(Handoff)
        .where(Handoff.code == code, Handoff.status.in_(LIVE))
        .values(status="withdrawn", outcome="withdrawn", closed_at=now, details_sealed=None)
    )
    _erase_words(session, code)


def _erase_words(session: Session, code: str) -> None:
    row = by_code(session, code)
    if row is not None:
        for words in (HandoffMessage, HandoffNote):
            session.execute(delete(words).where(words.handoff_id == row.id))


def add_words(session: Session, code: str, conversation_id: int, text: str, now: datetime) -> None:
    """Add the resident's words to the talk, which wakes a request that was snoozed.

    Answers go to where they wrote last.
    """
    row = by_code(session, code)
    if row is not None and row.status in LIVE:
        row.conversation_id = conversation_id
        # Said to the row itself: somebody may be snoozing it just now.
        session.execute(update(Handoff).where(Handoff.id == row.id).values(snoozed_until=None))
        session.add(HandoffMessage(handoff_id=row.id, sealed=vault(session).seal(text), at=now))


def mark_urgent(session: Session, code: str, crisis: str) -> None:
    """A crisis came up while a request is open."""
    session.execute(
        update(Handoff)
        .where(Handoff.code == code, Handoff.status.in_(LIVE))
        .values(crisis=crisis, snoozed_until=None)
    )


# The desk's side.


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready-made reply: the line that is sent, its Dutch, and how it reads in `language`."""

    line: Line
    dutch: str
    shown: str
    language: str


@dataclass(frozen=True, slots=True)
class Stored:
    """The words of a message of a talk.

    `text` is as it was typed, or the Dutch of a ready-made reply; of that `shown` is what the
    resident read in `language`. Both are empty for what was typed.
    """

    text: str
    shown: str = ""
    language: str = ""


def to_stored(said: str | Ready) -> Stored:
    """What is kept of a reply: its words as they are now, whatever the catalogues say later."""
    return Stored(said) if isinstance(said, str) else Stored(said.dutch, said.shown, said.language)


def unseal(session: Session, sealed: bytes) -> Stored:
    """The words of a message: a text, or the three parts of a ready-made reply."""
    kept = vault(session).open(sealed)
    return Stored(kept) if isinstance(kept, str) else Stored(*kept)


def _seal(session: Session, words: Stored) -> bytes:
    if not words.shown:
        return vault(session).seal(words.text)
    return vault(session).seal([words.text, words.shown, words.language])


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message of a talk, in the words the resident wrote or read.

    `by` is None for the resident; `delivery` only for staff's.
    """

    at: datetime
    text: str
    by: str | None
    delivery: str | None


def by_code(session: Session, code: str) -> Handoff | None:
    """A request by its code."""
    return session.scalar(select(Handoff).where(Handoff.code == code))


def queue(session: Session) -> Sequence[tuple[Handoff, str | None]]:
    """Live requests with the name of who claimed each, the nearest promise first."""
    rows = session.execute(
        select(Handoff, Staff.name)
        .outerjoin(Staff, Staff.id == Handoff.claimed_by)
        .where(Handoff.status.in_(LIVE))
        .order_by(Handoff.due_at, Handoff.id)
    )
    return [(row[0], row[1]) for row in rows]


def details(session: Session, row: Handoff) -> dict[str, Any]:
    """The name, contact and note of a request; empty once they are erased."""
    if row.details_sealed is None:
        return {}
    found: dict[str, Any] = vault(session).open(row.details_sealed)
    return found


def talk(session: Session, row: Handoff) -> Sequence[Spoken]:
    """The messages of a talk, oldest first."""
    rows = session.execute(
        select(HandoffMessage, Staff.name, Outbox.status)
        .outerjoin(Staff, Staff.id == HandoffMessage.staff_id)
        .outerjoin(Outbox, Outbox.id == HandoffMessage.outbox_id)
        .where(HandoffMessage.handoff_id == row.id)
        .order_by(HandoffMessage.id)
    )
    return [
        Spoken(
            at=message.at,
            text=words.shown or words.text,
            by=name,
            delivery=(status or "waiting") if message.staff_id is not None else None,
        )
        for message, name, status in rows
        for words in (unseal(session, message.sealed),)
    ]


def claim(session: Session, code: str, staff: Staff, now: datetime) -> bool:
    """Take a request; False when somebody else has it."""
    taken = session.execute(
        update(Handoff)
        .where(Handoff.code == code, Handoff.status == "open")
        .values(status="claimed", claimed_by=staff.id, claimed_at=now)
        .returning(Handoff.id, Handoff.conversation_id)
    ).first()
    if taken is None:
        return False
    tell_claimed(session, taken.conversation_id, code, staff, now)
    return True


def tell_claimed(
    session: Session, conversation_id: int | None, code: str, staff: Staff, now: datetime
) -> None:
    """Tell the resident who has their request now."""
    _tell(
        session,
        conversation_id,
        f"claimed:{code}:{staff.id}:{now.timestamp()}",
        now,
        what="claimed",
        code=code,
        by=staff.name,
    )


def has(row: Handoff, staff: Staff) -> bool:
    """Whether this staff member has the request now."""
    return row.status == "claimed" and row.claimed_by == staff.id


def reply(session: Session, row: Handoff, staff: Staff, said: str | Ready, now: datetime) -> bool:
    """Say something to the resident, as typed or ready-made.

    False unless this staff member has the request.
    """
    if not has(row, staff):
        return False
    message = HandoffMessage(
        handoff_id=row.id, staff_id=staff.id, sealed=_seal(session, to_stored(said)), at=now
    )
    session.add(message)
    session.flush()
    row.answered_at = row.answered_at or now
    _tell(
        session,
        row.conversation_id,
        f"reply:{message.id}",
        now,
        what="replied",
        code=row.code,
        by=staff.name,
        text=said if isinstance(said, str) else said.line.to_json(),
        message=message.id,
    )
    return True


def contacted(row: Handoff, staff: Staff, now: datetime) -> bool:
    """The team spoke with the resident outside the chat: the promise is kept.

    False unless this staff member has the request.
    """
    if not has(row, staff):
        return False
    row.answered_at = row.answered_at or now
    return True


def hand_back(session: Session, row: Handoff, staff: Staff, now: datetime) -> bool:
    """End the talk and give the resident back to the program; the request is closed."""
    return _close(session, row, staff, "handed_back", "handed_back", now)


def close(session: Session, row: Handoff, staff: Staff, outcome: str, now: datetime) -> bool:
    """Close a request with an outcome; False unless this staff member has it."""
    return _close(session, row, staff, "closed", outcome, now)


def _close(
    session: Session, row: Handoff, staff: Staff, what: str, outcome: str, now: datetime
) -> bool:
    if not has(row, staff):
        return False
    row.status, row.outcome, row.closed_at = "closed", outcome, now
    row.snoozed_until = None
    _tell(
        session,
        row.conversation_id,
        # With the moment: what is opened again is closed again.
        f"{what}:{row.id}:{now.timestamp()}",
        now,
        what=what,
        code=row.code,
        by=staff.name,
        outcome=outcome,
    )
    return True


def lapsed(session: Session, now: datetime) -> Sequence[Handoff]:
    """Requests nobody answered in time and whose resident does not know it yet.

    They are held for this transaction; those that are held elsewhere are left out.
    """
    return session.scalars(
        select(Handoff)
        .where(
            Handoff.status.in_(LIVE),
            Handoff.answered_at.is_(None),
            Handoff.told_at.is_(None),
            Handoff.due_at <= now,
        )
        .with_for_update(skip_locked=True)
    ).all()


def tell_lapsed(session: Session, row: Handoff, now: datetime) -> None:
    """Tell the resident honestly that the promise was not kept."""
    row.told_at = now
    _tell(session, row.conversation_id, f"lapsed:{row.id}", now, what="lapsed", code=row.code)


def link_delivery(session: Session, message_id: int, outbox_id: int) -> None:
    """Tie a reply to the answer that carries it, so that its delivery can be seen."""
    session.execute(
        update(HandoffMessage).where(HandoffMessage.id == message_id).values(outbox_id=outbox_id)
    )


def _tell(
    session: Session, conversation_id: int | None, key: str, now: datetime, **body: Any
) -> None:
    if conversation_id is None:
        return
    if not put_event(session, conversation_id, key, {"kind": "handoff", **body}, now):
        raise RuntimeError("told before: the resident would never hear of this")
