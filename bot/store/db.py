"""The database: one way to write, one way to read, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.store.models import Setting
from bot.store.vault import Vault

MIGRATIONS = Path(__file__).parent / "migrations"
_PEPPER = "pepper"
# Any number will do, as long as every process of Voordeur takes the same.
_MIGRATING = 1_868_980_850
_CONNECT_SECONDS = 5
_STATEMENT_SECONDS = 10
_BUSY_SECONDS = 10


class Database:
    """Opens sessions. Every session carries the vault in `session.info["vault"]`."""

    def __init__(self, url: str, vault: Vault) -> None:
        self.vault = vault
        location = make_url(url)
        self.is_sqlite = location.get_backend_name() == "sqlite"
        if self.is_sqlite and location.database:
            Path(location.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = create_engine(
            location,
            pool_size=20,
            max_overflow=20,
            # An error would otherwise say what was to be stored.
            hide_parameters=True,
            connect_args={} if self.is_sqlite else _patience(location),
        )
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
        self._reader = self.engine.execution_options(voordeur_reads=True)
        # SQLite lets one write at a time, and who finds it busy sleeps for longer than it is.
        self._writing = threading.Lock()

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One writing transaction: commits at the end, rolls back on any error."""
        with (
            self._line() if self.is_sqlite else nullcontext(),
            Session(self.engine, expire_on_commit=False, info={"vault": self.vault}) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def _line(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=_BUSY_SECONDS):
            raise OperationalError("begin", None, TimeoutError("another write takes too long"))
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; it never waits for a writer."""
        with Session(self._reader, expire_on_commit=False, info={"vault": self.vault}) as session:
            yield session

    def migrate(self) -> None:
        """Bring the tables up to date and load this installation's pepper."""
        with self.engine.begin() as connection:
            self._alone(connection)
            config = _alembic(connection)
            command.upgrade(config, "head")
        with self.begin() as session:
            self._alone(session.connection())
            pepper = session.get(Setting, _PEPPER)
            if pepper is None:
                pepper = Setting(name=_PEPPER, sealed=self.vault.new_pepper())
                session.add(pepper)
            self.vault.use_pepper(pepper.sealed)

    def _alone(self, connection: Connection) -> None:
        """Let processes that start at once do this one after another. SQLite does by itself."""
        if not self.is_sqlite:
            connection.execute(text("set local statement_timeout = 0"))
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})

    def is_current(self) -> bool:
        """Whether every migration has run."""
        with self.engine.connect() as connection:
            here = MigrationContext.configure(connection).get_current_revision()
            return here == ScriptDirectory.from_config(_alembic(connection)).get_current_head()

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _patience(location: URL) -> dict[str, str | int]:
    """How long PostgreSQL is waited for: a database that hangs must become one that is away."""
    chosen = location.query.get("options", "")
    statement = f"-c statement_timeout={_STATEMENT_SECONDS}s"
    return {
        "connect_timeout": _CONNECT_SECONDS,
        "options": f"{chosen if isinstance(chosen, str) else ' '.join(chosen)} {statement}",
        # For when the other side is gone without a word.
        "tcp_user_timeout": _STATEMENT_SECONDS * 1000,
        "keepalives_idle": _CONNECT_SECONDS,
        "keepalives_interval": 1,
        "keepalives_count": _CONNECT_SECONDS,
    }


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        # The driver would otherwise begin transactions by itself, and late.
        connection.isolation_level = None
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_SECONDS * 1000}",
            "journal_mode=WAL",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes its lock at once: two that read first would both have to give way.
        reads = connection.get_execution_options().get("voordeur_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def vault(session: Session) -> Vault:
    """The vault of a session."""
    found: Vault = session.info["vault"]
    return found
