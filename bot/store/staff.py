"""Who works at the desk: accounts, one-time links, logins. Of a token only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.store.models import Staff, StaffLink, StaffSession

LINK_LIFE = timedelta(hours=72)
IDLE = timedelta(hours=12)
LONGEST = timedelta(hours=24)
MOST_TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
FIRST = ("beheer@voordeur.example", "Beheer")


@dataclass(frozen=True, slots=True)
class Login:
    """A staff member who is logged in; `csrf` stands in every form of this login."""

    staff: Staff
    csrf: str
    seen_at: datetime


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _plain(email: str) -> str:
    return email.strip().casefold()


def add(session: Session, email: str, name: str, now: datetime) -> str:
    """Let somebody in; the token of a fresh one-time link, also for who is there already.

    Earlier links of the same person stop working.
    """
    person = by_email(session, email)
    if person is None:
        person = Staff(email=_plain(email), name=name.strip(), created_at=now)
        session.add(person)
        session.flush()
    session.execute(
        delete(StaffLink).where(StaffLink.staff_id == person.id, StaffLink.used_at.is_(None))
    )
    token = secrets.token_urlsafe(32)
    session.add(StaffLink(token=_hash(token), staff_id=person.id, expires_at=now + LINK_LIFE))
    return token


def ensure_first(session: Session, now: datetime) -> str | None:
    """A fresh one-time link for the first account, or None once somebody set a password."""
    chosen = select(Staff.id).where(Staff.password_hash.is_not(None)).limit(1)
    if session.scalar(chosen) is not None:
        return None
    return add(session, *FIRST, now)


def by_email(session: Session, email: str) -> Staff | None:
    """Somebody by e-mail address, however it is capitalised."""
    plain = _plain(email)
    # PostgreSQL refuses the sign as an error; nobody's address has it.
    if "\0" in plain:
        return None
    return session.scalar(select(Staff).where(Staff.email == plain))


def colleagues(session: Session, me: Staff) -> Sequence[Staff]:
    """Everybody else who can log in, by name."""
    return session.scalars(
        select(Staff)
        .where(Staff.active.is_(True), Staff.password_hash.is_not(None), Staff.id != me.id)
        .order_by(Staff.name, Staff.id)
    ).all()


# The one-time link.


def link_owner(session: Session, token: str, now: datetime) -> Staff | None:
    """Whose link this is; None when it is unknown, used or too old."""
    return session.scalar(
        select(Staff)
        .join(StaffLink, StaffLink.staff_id == Staff.id)
        .where(
            StaffLink.token == _hash(token),
            StaffLink.used_at.is_(None),
            StaffLink.expires_at > now,
            Staff.active.is_(True),
        )
    )


def use_link(session: Session, token: str, password_hash: str, now: datetime) -> Staff | None:
    """Set the password, once; None when the link no longer works. Ends the person's logins."""
    person = link_owner(session, token, now)
    used = session.execute(
        update(StaffLink)
        .where(StaffLink.token == _hash(token), StaffLink.used_at.is_(None))
        .values(used_at=now)
        .returning(StaffLink.staff_id)
    ).first()
    if person is None or used is None:
        return None
    person.password_hash = password_hash
    forgive(person)
    session.execute(delete(StaffSession).where(StaffSession.staff_id == person.id))
    return person


# Wrong tries.


def is_locked(person: Staff, now: datetime) -> bool:
    """Whether somebody must wait after too many wrong tries."""
    return person.locked_until is not None and person.locked_until > now


def count_wrong_try(session: Session, person: Staff, now: datetime) -> bool:
    """Count a wrong try; True when it is one too many and the account is locked."""
    tries = session.scalar(
        update(Staff)
        .where(Staff.id == person.id)
        .values(failed_logins=Staff.failed_logins + 1)
        .returning(Staff.failed_logins)
    )
    if tries is None or tries < MOST_TRIES:
        return False
    session.execute(
        update(Staff)
        .where(Staff.id == person.id)
        .values(failed_logins=0, locked_until=now + LOCKED_FOR)
    )
    return True


def forgive(person: Staff) -> None:
    """Forget the wrong tries after a right one."""
    person.failed_logins, person.locked_until = 0, None


# Logins.


def log_in(session: Session, person: Staff, now: datetime) -> str:
    """Begin a login; its token, for the cookie."""
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token=_hash(token),
            staff_id=person.id,
            csrf=secrets.token_urlsafe(32),
            created_at=now,
            seen_at=now,
        )
    )
    return token


def logged_in(session: Session, token: str, now: datetime) -> Login | None:
    """Who is logged in with this token; None when nobody is, or not any more."""
    found = session.execute(
        select(Staff, StaffSession.csrf, StaffSession.seen_at)
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(
            StaffSession.token == _hash(token),
            StaffSession.seen_at > now - IDLE,
            StaffSession.created_at > now - LONGEST,
            Staff.active.is_(True),
        )
    ).first()
    return None if found is None else Login(*found)


def seen(session: Session, token: str, now: datetime) -> None:
    """Remember that somebody is still at work."""
    session.execute(
        update(StaffSession).where(StaffSession.token == _hash(token)).values(seen_at=now)
    )


def log_out(session: Session, token: str) -> None:
    """End a login."""
    session.execute(delete(StaffSession).where(StaffSession.token == _hash(token)))
