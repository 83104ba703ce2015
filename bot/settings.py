"""The only reader of the environment."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from nlu.sentences import offered

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "knowledge" / "data"
_DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")


class Retention(BaseSettings):
    """How long each kind of data is kept, in days: the one place where that is set."""

    model_config = SettingsConfigDict(env_prefix="VOORDEUR_KEEP_", extra="ignore")

    conversation: int = Field(90, ge=1, description="facts of a conversation after the last word")
    handoff: int = Field(
        30, ge=1, description="words, names and the link to a resident of a closed request"
    )
    message: int = Field(14, ge=7, description="ids of handled messages, to know duplicates")
    web: int = Field(2, ge=1, description="answers waiting for a web page to come back")
    audit: int = Field(365, ge=30, description="what staff did")
    need: int = Field(1095, ge=30, description="needs and closed requests, without persons")


class Settings(BaseSettings):
    """Everything that can be set, with the defaults of a first start on one machine."""

    model_config = SettingsConfigDict(env_prefix="VOORDEUR_", extra="ignore")

    var: Path = ROOT / "var"
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: str = ""
    secret_key: SecretStr = SecretStr("")
    directory: Path | None = None
    team: Path = ROOT / "bot" / "team.yml"
    languages: Annotated[tuple[str, ...], NoDecode] = Field(
        default_factory=lambda: offered(ROOT / "nlu" / "data"), validate_default=True
    )
    nlu_url: str = ""
    nlu_token: SecretStr = SecretStr("")
    telegram_token: SecretStr = SecretStr("")
    telegram_base_url: str = ""
    telegram_webhook_url: str = ""
    telegram_webhook_secret: SecretStr = SecretStr("")
    telegram_staff_chat: str = ""
    whatsapp_phone_id: Annotated[tuple[str, ...], NoDecode] = ()
    whatsapp_account_id: str = ""
    whatsapp_token: SecretStr = SecretStr("")
    whatsapp_app_secret: SecretStr = SecretStr("")
    whatsapp_verify_token: SecretStr = SecretStr("")
    whatsapp_base_url: str = ""
    log_level: str = "INFO"
    keep: Retention = Field(default_factory=lambda: Retention())

    @field_validator("languages", "whatsapp_phone_id", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("languages")
    @classmethod
    def _are_spoken(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        spoken = sorted(path.stem for path in (ROOT / "bot" / "texts").glob("*.po"))
        if not codes:
            raise ValueError(f"name at least one of {', '.join(spoken)}")
        for code in codes:
            if code not in spoken or not (ROOT / "nlu" / "data" / code).is_dir():
                raise ValueError(f"there is no {code!r}; there are {', '.join(spoken)}")
        return codes

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        try:
            location = make_url(url) if url else None
        except (ArgumentError, ValueError):
            raise ValueError("this is not a URL such as postgresql://user@host/name") from None
        if location is not None and location.drivername not in _DATABASES:
            raise ValueError(f"{location.drivername} cannot be used; sqlite and postgresql can")
        if location is not None and location.drivername == "sqlite" and not location.database:
            raise ValueError("SQLite needs a file, such as sqlite:////srv/voordeur/var/voordeur.db")
        return url

    @field_validator("log_level")
    @classmethod
    def _is_a_level(cls, level: str) -> str:
        known = logging.getLevelNamesMapping()
        if level.upper() not in known:
            raise ValueError(f"one of {', '.join(name for name in known if name != 'NOTSET')}")
        return level.upper()

    @model_validator(mode="after")
    def _whatsapp_is_whole(self) -> Self:
        """Without the app's secret anybody could speak in a resident's name."""
        given = {
            "PHONE_ID": bool(self.whatsapp_phone_id),
            "TOKEN": bool(self.whatsapp_token.get_secret_value()),
            "APP_SECRET": bool(self.whatsapp_app_secret.get_secret_value()),
            "VERIFY_TOKEN": bool(self.whatsapp_verify_token.get_secret_value()),
        }
        missing = [f"VOORDEUR_WHATSAPP_{name}" for name, there in given.items() if not there]
        if any(given.values()) and missing:
            raise ValueError(f"{', '.join(missing)} must be set as well for WhatsApp")
        return self

    @field_validator("whatsapp_token", "whatsapp_app_secret", "whatsapp_verify_token")
    @classmethod
    def _can_be_sent(cls, secret: SecretStr) -> SecretStr:
        value = secret.get_secret_value().strip()
        if not (value.isascii() and value.isprintable()):
            raise ValueError("there are signs in it that no token has")
        return SecretStr(value)

    @field_validator("whatsapp_base_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("this is not an address such as https://graph.facebook.com")
        return url

    @field_validator("whatsapp_phone_id")
    @classmethod
    def _are_ids(cls, ids: tuple[str, ...]) -> tuple[str, ...]:
        for one in ids:
            if not (one.isascii() and one.isdecimal()):
                raise ValueError(
                    f"{one!r} is no phone number id: that is a number of 15 signs or so"
                )
        return ids

    @model_validator(mode="after")
    def _webhook_needs_a_secret(self) -> Self:
        if self.telegram_webhook_url and not self.telegram_webhook_secret.get_secret_value():
            raise ValueError(
                "VOORDEUR_TELEGRAM_WEBHOOK_SECRET must be set with VOORDEUR_TELEGRAM_WEBHOOK_URL"
            )
        return self

    @classmethod
    def load(cls) -> Self | tuple[str, ...]:
        """Read the environment. Bad values come back as one clear line each."""
        try:
            return cls()
        except ValidationError as error:
            # How long things are kept is read by itself, under a prefix of its own.
            prefix = "KEEP_" if error.title == Retention.__name__ else ""
            return tuple(_problem(prefix, item["loc"], item["msg"]) for item in error.errors())

    @property
    def database(self) -> str:
        """The database's URL for SQLAlchemy; SQLite under `var` when none is set."""
        if not self.database_url:
            return f"sqlite:///{self.var / 'voordeur.db'}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def map(self) -> Path:
        """The social map in use: the one that was set, else the one imported, else the example."""
        imported = self.var / "map.json"
        if self.directory is not None:
            return self.directory
        return imported if imported.exists() else EXAMPLE

    @property
    def link(self) -> str:
        """Where people reach the pages, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def _problem(prefix: str, where: tuple[int | str, ...], message: str) -> str:
    name = "_".join(str(part).upper() for part in where)
    plain = message.removeprefix("Value error, ")
    return f"VOORDEUR_{prefix}{name}: {plain}" if name else plain
