"""The only reader of the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "knowledge" / "data"


class Retention(BaseSettings):
    """How long each kind of data is kept, in days: the one place where that is set."""

    model_config = SettingsConfigDict(env_prefix="VOORDEUR_KEEP_", extra="ignore")

    conversation: int = Field(90, ge=1, description="facts of a conversation after the last word")
    handoff: int = Field(30, ge=1, description="words and names of a closed request")
    message: int = Field(14, ge=7, description="ids of handled messages, to know duplicates")
    web: int = Field(2, ge=1, description="answers waiting for a web page to come back")
    audit: int = Field(365, ge=30, description="what staff did")
    need: int = Field(1095, ge=30, description="counts of needs, without persons")


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
    languages: Annotated[tuple[str, ...], NoDecode] = ("nl", "en", "tr", "ar", "pl", "uk")
    nlu_url: str = ""
    nlu_token: SecretStr = SecretStr("")
    telegram_token: SecretStr = SecretStr("")
    telegram_base_url: str = ""
    telegram_webhook_url: str = ""
    telegram_webhook_secret: SecretStr = SecretStr("")
    telegram_staff_chat: str = ""
    log_level: str = "INFO"
    keep: Retention = Field(default_factory=lambda: Retention())

    @field_validator("languages", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

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
            return tuple(_problem(item["loc"], item["msg"]) for item in error.errors())

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


def _problem(where: tuple[int | str, ...], message: str) -> str:
    name = "_".join(str(part).upper() for part in where)
    return f"VOORDEUR_{name}: {message}" if name else message.removeprefix("Value error, ")
