"""Encryption at rest, and names for people that only this installation can make."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_LENGTH = 32
_SALT_LENGTH = 32


class WrongKeyError(RuntimeError):
    """The data was sealed with a key that is not among `VOORDEUR_SECRET_KEY`."""


class Vault:
    """Seals JSON values with the newest key and opens them with any.

    The pepper makes the hashes under which people are known. It is kept sealed in the database,
    so that changing keys leaves the hashes as they are.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """Take the keys, newest first. Raises ValueError for none or one that is too short."""
        if not keys or any(len(key) < KEY_LENGTH for key in keys):
            raise ValueError(f"a secret key has at least {KEY_LENGTH} characters")
        self._fernet = MultiFernet([Fernet(_derive(key)) for key in keys])
        self._pepper = b""

    def seal(self, value: Any) -> bytes:
        """Encrypt a JSON value."""
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False).encode())

    def open(self, sealed: bytes) -> Any:
        """Decrypt what `seal` made. Raises `WrongKeyError` when no key fits."""
        try:
            return json.loads(self._fernet.decrypt(sealed))
        except InvalidToken as error:
            raise WrongKeyError("no key of VOORDEUR_SECRET_KEY opens this data") from error

    def rotate(self, sealed: bytes) -> bytes:
        """Seal again with the newest key."""
        return self._fernet.rotate(sealed)

    def new_pepper(self) -> bytes:
        """Return a fresh sealed pepper for a new database."""
        return self.seal(base64.b64encode(secrets.token_bytes(_SALT_LENGTH)).decode())

    def use_pepper(self, sealed: bytes) -> None:
        """Take the database's pepper."""
        self._pepper = base64.b64decode(self.open(sealed))

    def pseudonym(self, *parts: str) -> str:
        """The keyed hash of an identity: 64 hex digits."""
        if not self._pepper:
            raise RuntimeError("the database's pepper was not loaded")
        named = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self._pepper, named, hashlib.sha256).hexdigest()


def _derive(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"voordeur at rest")
    return base64.urlsafe_b64encode(derived.derive(key.encode()))


def keys_from(setting: str, var: Path) -> tuple[str, ...]:
    """The keys of the setting, or of a file under `var` that is made on a first start."""
    if setting:
        return tuple(key.strip() for key in setting.split(",") if key.strip())
    path = var / "secret.key"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return (path.read_text().strip(),)
