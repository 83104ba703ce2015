"""Databases for tests: SQLite always, PostgreSQL where one answers, each test in its own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from bot.store.db import Database
from bot.store.vault import Vault
from tests.house import KEY

SERVER = os.environ.get("VOORDEUR_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")


@cache
def server_answers() -> bool:
    """Whether there is a PostgreSQL to test on."""
    try:
        with _admin() as engine, engine.connect():
            return True
    except OperationalError:
        return False


@contextmanager
def _admin() -> Iterator[Engine]:
    url = SERVER.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(
        url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2}
    )
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def schema_of_its_own() -> Iterator[str]:
    """A URL of PostgreSQL in which only this test's tables are seen."""
    name = f"voordeur_{secrets.token_hex(6)}"
    with _admin() as engine, engine.connect() as connection:
        connection.execute(text(f"create schema {name}"))
    try:
        yield f"{SERVER}?options=-csearch_path%3D{name}"
    finally:
        with _admin() as engine, engine.connect() as connection:
            connection.execute(text(f"drop schema {name} cascade"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/v.db"
        return
    if not server_answers():
        pytest.skip("no PostgreSQL answers at VOORDEUR_TEST_POSTGRES")
    with schema_of_its_own() as url:
        yield url


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A URL of an empty PostgreSQL, for what only several processes at once can show."""
    if not server_answers():
        pytest.skip("no PostgreSQL answers at VOORDEUR_TEST_POSTGRES")
    with schema_of_its_own() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database."""
    opened = Database(
        database_url.replace("postgresql://", "postgresql+psycopg://", 1), Vault([KEY])
    )
    opened.migrate()
    yield opened
    opened.close()
