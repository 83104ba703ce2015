"""Conversations: who they are with, and where they stand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.store.db import vault
from bot.store.models import Conversation
from flows.state import State

# Built once: building them anew took longer than running them.
_FIND = select(Conversation).where(
    Conversation.channel == bindparam("channel"), Conversation.pseudonym == bindparam("pseudonym")
)
_LOCK = (
    select(Conversation)
    .where(Conversation.id == bindparam("conversation"))
    # Not stronger: a new message of the same resident must be stored meanwhile.
    .with_for_update(key_share=True, skip_locked=True)
)


def find(session: Session, channel: str, address: str) -> Conversation | None:
    """The conversation with an address on a channel, if there is one."""
    pseudonym = vault(session).pseudonym(channel, address)
    return session.scalar(_FIND, {"channel": channel, "pseudonym": pseudonym})


def find_or_create(
    session: Session,
    channel: str,
    address: str,
    language: str,
    now: datetime,
    formerly: str | None = None,
) -> Conversation:
    """The conversation with an address, begun in `language` when it is new.

    One with the address that the same person had `formerly` goes on under the new one.
    """
    found = find(session, channel, address)
    if found is None and formerly is not None:
        found = move(session, channel, formerly, address)
    if found is not None:
        return found
    begun = Conversation(
        channel=channel,
        pseudonym=vault(session).pseudonym(channel, address),
        address_sealed=vault(session).seal(address),
        state_sealed=vault(session).seal(State(language=language).to_json()),
        created_at=now,
        touched_at=now,
    )
    try:
        with session.begin_nested():
            session.add(begun)
    except IntegrityError:
        # Two first messages at once: the other one was first.
        found = find(session, channel, address)
        if found is None:
            raise
        return found
    return begun


def move(session: Session, channel: str, old: str, new: str) -> Conversation | None:
    """Let a conversation go on under another address; None when there is none under the old one.

    Where there is one under the new address already, both stay as they are.
    """
    if find(session, channel, new) is not None:
        return None
    found = find(session, channel, old)
    if found is not None:
        found.pseudonym = vault(session).pseudonym(channel, new)
        found.address_sealed = vault(session).seal(new)
        session.flush()
    return found


def lock(session: Session, conversation_id: int) -> Conversation | None:
    """Hold a conversation for this transaction; None when it is gone or held elsewhere."""
    return session.scalar(_LOCK, {"conversation": conversation_id})


def hold(session: Session, conversation_id: int) -> bool:
    """Wait until nobody else holds a conversation, then hold it; False when it is gone."""
    held = select(Conversation.id).where(Conversation.id == conversation_id).with_for_update()
    return session.scalar(held) is not None


def hold_lightly(session: Session, conversation_id: int) -> Conversation | None:
    """Wait until nobody else changes a conversation, then hold it, as it is now; None: gone."""
    held = (
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return session.scalar(held)


def state_of(session: Session, conversation: Conversation) -> State:
    """Where a conversation stands."""
    return State.from_json(vault(session).open(conversation.state_sealed))


def set_state(session: Session, conversation: Conversation, state: State) -> None:
    """Write where a conversation stands."""
    conversation.state_sealed = vault(session).seal(state.to_json())


def address_of(session: Session, conversation: Conversation) -> str:
    """Where answers to a conversation go on its platform."""
    address: str = vault(session).open(conversation.address_sealed)
    return address


def mark_heard(conversation: Conversation, at: datetime, now: datetime) -> None:
    """The resident wrote something, at `at` by the platform's clock."""
    conversation.touched_at = now
    conversation.heard_at = max(at, conversation.heard_at or at)
    conversation.blocked_at = None
    conversation.erase = False


def knocked_at(session: Session, conversation_id: int) -> datetime | None:
    """When the resident was last knocked for."""
    return session.scalar(select(Conversation.knocked_at).where(Conversation.id == conversation_id))


def mark_knocked(session: Session, conversation_id: int, now: datetime) -> None:
    """Remember that the resident was knocked for."""
    session.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(knocked_at=now)
    )


def mark_blocked(session: Session, conversation_id: int, now: datetime) -> None:
    """Remember that the resident closed the door."""
    session.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(blocked_at=now)
    )
