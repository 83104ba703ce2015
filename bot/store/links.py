"""Conversations that one resident linked, by their own act: what is known on one is on all."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.store.db import vault
from bot.store.models import Conversation, LinkCode


def offer(session: Session, conversation: Conversation, code: str, until: datetime) -> None:
    """Let who types this code elsewhere link that conversation; an earlier code is void."""
    session.execute(delete(LinkCode).where(LinkCode.conversation_id == conversation.id))
    session.add(
        LinkCode(code=_hidden(session, code), conversation_id=conversation.id, expires_at=until)
    )


def take(
    session: Session, conversation: Conversation, code: str, now: datetime
) -> Conversation | None:
    """Link a conversation with the one that offered the code; None when no code fits.

    A code works once, until its time, and not in the conversation that asked for it.
    """
    found = session.get(LinkCode, _hidden(session, code))
    if found is None or found.expires_at <= now or found.conversation_id == conversation.id:
        return None
    session.delete(found)
    other = session.get_one(Conversation, found.conversation_id)
    person = other.person or conversation.person or secrets.token_hex(16)
    for known in {other.person, conversation.person} - {None, person}:
        session.execute(
            update(Conversation).where(Conversation.person == known).values(person=person)
        )
    other.person = conversation.person = person
    return other


def undo(conversation: Conversation) -> None:
    """Let a conversation stand by itself again; the others stay together."""
    conversation.person = None


def linked(session: Session, conversation: Conversation) -> Sequence[Conversation]:
    """The other conversations of the same resident."""
    if conversation.person is None:
        return ()
    return session.scalars(
        select(Conversation)
        .where(Conversation.person == conversation.person, Conversation.id != conversation.id)
        .order_by(Conversation.id)
    ).all()


def _hidden(session: Session, code: str) -> str:
    signs = "".join(sign for sign in code.upper() if sign.isalnum())
    return vault(session).pseudonym("link", signs)
