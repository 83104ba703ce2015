"""That residents agreed to be written to first: when, in which words, and for what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.store.models import Consent

WORDING_LENGTH = 1000


def give(
    session: Session,
    conversation_id: int,
    source: str,
    language: str,
    wording: str,
    now: datetime,
) -> None:
    """Keep that a resident agreed. `source` is what they asked for: checkin or handoff."""
    session.add(
        Consent(
            conversation_id=conversation_id,
            at=now,
            source=source,
            language=language,
            wording=wording[:WORDING_LENGTH],
        )
    )


def withdraw(
    session: Session, conversation_id: int, now: datetime, source: str | None = None
) -> None:
    """The resident wants no such messages, of one source or of all; until they agree anew."""
    standing = update(Consent).where(
        Consent.conversation_id == conversation_id, Consent.withdrawn_at.is_(None)
    )
    if source is not None:
        standing = standing.where(Consent.source == source)
    session.execute(standing.values(withdrawn_at=now))


def standing(session: Session, conversation_id: int) -> Sequence[Consent]:
    """What a resident agreed to and did not withdraw, oldest first."""
    return session.scalars(
        select(Consent)
        .where(Consent.conversation_id == conversation_id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.id)
    ).all()
