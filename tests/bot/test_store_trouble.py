"""What the store promises when things go wrong or happen at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.store import conversations, handoffs, inbox, web
from bot.store.db import Database
from bot.store.models import Base, Inbox
from flows.effects import Draft
from tests.conversation import TUESDAY

HELLO = {"kind": "text", "text": "hallo"}


def arrives(database: Database, key: str, address: str = "ana") -> int:
    with database.begin() as session:
        found = inbox.put(session, "web", address, key, HELLO, language="nl", now=TUESDAY)
    assert found is not None
    return found


def test_what_was_erased_never_lends_its_number_to_somebody_else(database: Database) -> None:
    arrives(database, "1", "ana")
    with database.begin() as session:
        row = session.scalars(select(Inbox)).one()
        before = row.conversation_id, row.id
        found = conversations.find(session, "web", "ana")
        assert found is not None
        web.wipe(session, found, TUESDAY)
    arrives(database, "2", "bea")
    with database.read() as session:
        row = session.scalars(select(Inbox)).one()
        assert row.conversation_id != before[0]
        assert row.id != before[1]


def test_every_numbered_table_is_made_so_and_the_migration_too(database: Database) -> None:
    numbered = [table for table in Base.metadata.tables.values() if "id" in table.columns]
    assert all(table.dialect_options["sqlite"]["autoincrement"] for table in numbered)
    if not database.is_sqlite:
        return
    with database.engine.connect() as connection:
        made = connection.exec_driver_sql(
            "select name from sqlite_master where sql like '%AUTOINC%'"
        )
        assert set(made.scalars()) == {table.name for table in numbered}


def test_a_message_waits_only_in_its_own_conversation(database: Database) -> None:
    ana, bea = arrives(database, "1", "ana"), arrives(database, "2", "bea")
    with database.begin() as session:
        found = inbox.oldest(session, ana)
        assert found is not None
        assert inbox.is_waiting(session, ana, found[0])
        assert not inbox.is_waiting(session, bea, found[0])
        inbox.done(session, found[0], TUESDAY)
        assert not inbox.is_waiting(session, ana, found[0])


def test_news_for_a_resident_is_never_taken_for_old_news(database: Database) -> None:
    ana = arrives(database, "1")
    with database.begin() as session:
        draft = Draft(topic="need_debt", how="chat", when="asap", language="nl")
        due = TUESDAY + timedelta(hours=4)
        row = handoffs.open_request(session, ana, "KPM-7RT", draft, due, TUESDAY)
        handoffs.tell_lapsed(session, row, TUESDAY)
        with pytest.raises(RuntimeError):
            handoffs.tell_lapsed(session, row, TUESDAY)


def test_words_for_a_conversation_that_has_gone_are_an_error_not_a_duplicate(
    database: Database,
) -> None:
    def happens() -> bool:
        with database.begin() as session:
            return inbox.put_event(session, 4711, "reply:1", HELLO, TUESDAY)

    with pytest.raises(IntegrityError):
        happens()
