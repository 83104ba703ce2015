"""Conversations that one resident linked, by their own act: what is known on one is on all."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from bot.store.db import vault
from bot.store.models import Conversation, Handoff, LinkCode


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
    # Taken in one statement: two who type it at once must not both have it.
    offered = session.scalar(
        delete(LinkCode)
        .where(
            LinkCode.code == _hidden(session, code),
            LinkCode.expires_at > now,
            LinkCode.conversation_id != conversation.id,
        )
        .returning(LinkCode.conversation_id)
    )
    if offered is None:
        return None
    other = session.get_one(Conversation, offered)
    person = other.person or conversation.person or secrets.token_hex(16)
    for known in {other.person, conversation.person} - {None, person}:
        session.execute(
            update(Conversation).where(Conversation.person == known).values(person=person)
        )
    other.person = conversation.person = person
    return other


def undo(session: Session, conversation: Conversation) -> None:
    """Let a conversation stand by itself again; the others stay together.

    A request goes back to where it was opened: who was linked sees nothing of it any more.
    """
    here = conversation.id
    theirs = or_(Handoff.conversation_id == here, Handoff.opened_in == here)
    for request in session.scalars(select(Handoff).where(theirs)):
        opened = request.opened_in
        request.conversation_id = opened if _is_there(session, opened) else None
    conversation.person = None


def _is_there(session: Session, conversation_id: int | None) -> bool:
    return conversation_id is not None and session.get(Conversation, conversation_id) is not None


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
