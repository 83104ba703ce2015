"""Passwords of staff: which ones will do, and how they are kept."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
# Hashing takes as long as the password is; nobody types more than this.
LONGEST = 200
_FEWEST_SIGNS = 5
_SHORTEST_PART = 4
_PARTS = re.compile(r"[^\W\d_]+")
_ROW = "abcdefghijklmnopqrstuvwxyz qwertyuiop asdfghjkl zxcvbnm 01234567890123456789"
# Each hash takes its memory; strangers who try many at once must not take all of it.
_AT_ONCE = threading.BoundedSemaphore(4)
_HASHER = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1)


def problem(password: str, own: Iterable[str], obvious: Iterable[str]) -> str | None:
    """Why a password will not do: short, long, own, obvious, or None when it will.

    `own` are the person's name and e-mail address, `obvious` words that everybody guesses.
    """
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    plain = password.casefold()
    parts = {part for text in own for part in _PARTS.findall(text.casefold())}
    if any(part in plain for part in parts if len(part) >= _SHORTEST_PART):
        return "own"
    if len(set(plain)) < _FEWEST_SIGNS or plain in _ROW:
        return "obvious"
    letters = re.sub(r"[\W\d_]+", "", plain)
    rest = letters
    for word in obvious:
        rest = rest.replace(word, "")
    # Where words that everybody guesses were found, what is left of it has to carry it.
    return "obvious" if rest != letters and len(rest) < _SHORTEST_PART else None


def hashed(password: str) -> str:
    """The hash to keep."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether a password is the right one; takes as long when there is no hash to fit."""
    with _AT_ONCE:
        try:
            _HASHER.verify(password_hash or _NOBODYS, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


_NOBODYS = _HASHER.hash("nobody has this password")
