"""The tables. Columns named `sealed` or `…_sealed` are encrypted JSON (see `vault`)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

BigId = BigInteger().with_variant(Integer, "sqlite")
# SQLite would give the number of a row that was erased to the next one, which is somebody else's.
_NEVER_AGAIN = {"sqlite_autoincrement": True}


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored in UTC and given back aware on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments; they mean nothing."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment must be aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the moment back aware."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Base(DeclarativeBase):
    """The common base of all tables."""

    type_annotation_map: ClassVar = {datetime: Moment(), date: Date()}


class Setting(Base):
    """One value of this installation, such as the sealed pepper."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Conversation(Base):
    """One resident on one channel, known by a keyed hash."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("channel", "pseudonym"), _NEVER_AGAIN)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    pseudonym: Mapped[str] = mapped_column(String(64))
    address_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime] = mapped_column(index=True)
    blocked_at: Mapped[datetime | None]
    checkins_stopped: Mapped[bool] = mapped_column(Boolean, default=False)
    erase: Mapped[bool] = mapped_column(Boolean, default=False)
    # When the resident last wrote, by the platform's clock; and when they were last knocked for.
    heard_at: Mapped[datetime | None]
    knocked_at: Mapped[datetime | None]
    holding: Mapped[bool] = mapped_column(Boolean, default=False)
    # The same for all conversations that one resident linked.
    person: Mapped[str | None] = mapped_column(String(32), index=True)


class Consent(Base):
    """That a resident agreed to be written to first, where a platform asks for it."""

    __tablename__ = "consent"
    __table_args__ = _NEVER_AGAIN
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(8))
    wording: Mapped[str] = mapped_column(String(1000))
    withdrawn_at: Mapped[datetime | None]


class LinkCode(Base):
    """A code by which another conversation of the same resident may be linked, once."""

    __tablename__ = "link_code"
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime]


class Inbox(Base):
    """An incoming message; `sealed` is emptied once its turn is done."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "message"),
        Index("inbox_waiting", "conversation_id", "done_at"),
        _NEVER_AGAIN,
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20))
    message: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    failed: Mapped[bool] = mapped_column(Boolean, default=False)


class Outbox(Base):
    """An answer on its way; `sealed` is emptied once it has left.

    `status` is waiting, held (until the resident writes), sent or failed.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_waiting", "status", "due_at"), _NEVER_AGAIN)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(String(8))
    seq: Mapped[int]
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    parts_sent: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    platform_id: Mapped[str | None] = mapped_column(String(120), index=True)
    # What the platform says became of it since: sent, delivered, read or failed.
    delivery: Mapped[str | None] = mapped_column(String(10))
    error: Mapped[str | None] = mapped_column(String(200))


class Handoff(Base):
    """A request to the team, with its promise."""

    __tablename__ = "handoff"
    __table_args__ = _NEVER_AGAIN
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    conversation_id: Mapped[int | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    # Where it was asked; `conversation_id` is where the resident wrote last, of what they linked.
    opened_in: Mapped[int | None] = mapped_column(BigId, index=True)
    status: Mapped[str] = mapped_column(String(10), default="open", index=True)
    topic: Mapped[str | None] = mapped_column(String(40))
    how: Mapped[str] = mapped_column(String(12))
    wanted: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(8))
    neighbourhood: Mapped[str | None] = mapped_column(String(40))
    entry: Mapped[str | None] = mapped_column(String(80))
    buddy: Mapped[bool]
    for_other: Mapped[bool]
    crisis: Mapped[str | None] = mapped_column(String(20))
    details_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    claimed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    outcome: Mapped[str | None] = mapped_column(String(20))
    # Until then it stays below in the queue of who has it.
    snoozed_until: Mapped[datetime | None]


class HandoffMessage(Base):
    """One message of the talk between a resident and the team."""

    __tablename__ = "handoff_message"
    __table_args__ = _NEVER_AGAIN
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    handoff_id: Mapped[int] = mapped_column(
        ForeignKey("handoff.id", ondelete="CASCADE"), index=True
    )
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="SET NULL"))


class HandoffNote(Base):
    """What the team wrote down about a request for itself; never told to the resident."""

    __tablename__ = "handoff_note"
    __table_args__ = _NEVER_AGAIN
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    handoff_id: Mapped[int] = mapped_column(
        ForeignKey("handoff.id", ondelete="CASCADE"), index=True
    )
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class Checkin(Base):
    """A moment to come back, chosen by the resident."""

    __tablename__ = "checkin"
    __table_args__ = (Index("checkin_due", "status", "due_at"), _NEVER_AGAIN)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    entry: Mapped[str | None] = mapped_column(String(80))
    handoff: Mapped[str | None] = mapped_column(String(12))
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(10), default="planned")


class Need(Base):
    """A need that was asked, counted without a person: no link, the hour at most."""

    __tablename__ = "need"
    __table_args__ = _NEVER_AGAIN
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    topic: Mapped[str] = mapped_column(String(40))
    neighbourhood: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8))
    met: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(20))


class Misread(Base):
    """A message that was not understood, counted without a person or a word: the hour at most.

    `reason` is missed or refused; `offered` are the intents that were offered and not meant,
    sorted, with commas between them.
    """

    __tablename__ = "misread"
    __table_args__ = _NEVER_AGAIN
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(20))
    offered: Mapped[str] = mapped_column(String(200))


class EntryMark(Base):
    """What somebody met at an entry, without who."""

    __tablename__ = "entry_mark"
    __table_args__ = _NEVER_AGAIN
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[date]
    entry: Mapped[str] = mapped_column(String(80), index=True)
    outcome: Mapped[str] = mapped_column(String(20))


class WebMessage(Base):
    """An answer for a web page, kept until the page has surely seen it."""

    __tablename__ = "web_message"
    __table_args__ = _NEVER_AGAIN
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    pseudonym: Mapped[str] = mapped_column(String(64), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(index=True)


class Staff(Base):
    """Somebody of the team who works at the desk."""

    __tablename__ = "staff"
    __table_args__ = _NEVER_AGAIN
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class StaffLink(Base):
    """A link that lets a staff member in once, to set a password."""

    __tablename__ = "staff_link"
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffSession(Base):
    """A login at the desk; only the hash of its token is kept."""

    __tablename__ = "staff_session"
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Audit(Base):
    """What a staff member did; rows are only ever added."""

    __tablename__ = "audit"
    __table_args__ = _NEVER_AGAIN
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    staff_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
