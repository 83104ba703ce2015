"""What the store promises when things go wrong or happen at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from bot.settings import Retention
from bot.store import conversations, handoffs, inbox, links, outbox, retention, staff, web
from bot.store.db import Database
from bot.store.models import (
    Base,
    Conversation,
    Handoff,
    HandoffMessage,
    Inbox,
    Outbox,
    Staff,
    StaffLink,
)
from bot.store.vault import Vault
from flows.effects import Draft
from flows.say import Say
from tests.conversation import TUESDAY
from tests.house import KEY

HELLO = {"kind": "text", "text": "hallo"}


def arrives(database: Database, key: str, address: str = "ana") -> int:
    with database.begin() as session:
        found = inbox.put(session, "web", address, key, HELLO, language="nl", now=TUESDAY)
    assert found is not None
    return found.conversation_id


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


def test_a_second_process_waits_and_never_takes_the_answer_after(database: Database) -> None:
    ana = arrives(database, "1")
    with database.begin() as session:
        for key in ("one", "two"):
            outbox.put(session, ana, Say(key), language="nl", seq=1, now=TUESDAY)
    if database.is_sqlite:
        return  # One writer at a time: there is no second process to wait.

    def claims_meanwhile() -> object:
        with database.begin() as session:
            session.execute(text("set local lock_timeout = '50ms'"))
            return outbox.claim(session, ana, TUESDAY)

    with database.begin() as session:
        assert outbox.claim(session, ana, TUESDAY) is not None
        with pytest.raises(OperationalError, match="lock timeout"):
            claims_meanwhile()
    assert claims_meanwhile() is None


def test_an_unknown_delivery_stays_unknown_and_a_long_answer_keeps_its_claim(
    database: Database,
) -> None:
    ana = arrives(database, "1")
    with database.begin() as session:
        row = outbox.put(session, ana, Say("one"), language="nl", seq=1, now=TUESDAY)
        outbox.later(session, row.id, TUESDAY, unknown=True)
        outbox.later(session, row.id, TUESDAY)
    with database.begin() as session:
        leaving = outbox.claim(session, ana, TUESDAY)
        assert leaving is not None
        assert leaving.was_unknown
        later = TUESDAY + outbox.CLAIM - timedelta(seconds=1)
        outbox.part_sent(session, leaving.id, 1, later)
    with database.begin() as session:
        assert outbox.claim(session, ana, TUESDAY + outbox.CLAIM) is None


def test_wiping_waits_for_who_holds_the_conversation(database: Database) -> None:
    ana = arrives(database, "1")
    if database.is_sqlite:
        return  # One writer at a time.

    def wipes() -> None:
        with database.begin() as session:
            session.execute(text("set local lock_timeout = '50ms'"))
            found = session.get_one(Conversation, ana)
            statements: list[str] = []
            event.listen(
                session, "do_orm_execute", lambda run: statements.append(str(run.statement))
            )
            try:
                web.wipe(session, found, TUESDAY)
            finally:
                assert len(statements) == 1

    with database.begin() as session:
        assert conversations.lock(session, ana) is not None
        with pytest.raises(OperationalError, match="lock timeout"):
            wipes()


def test_a_reply_under_way_does_not_outlive_being_forgotten(database: Database) -> None:
    ana = arrives(database, "1")
    with database.begin() as session:
        draft = Draft(topic="need_debt", how="chat", when="asap", language="nl")
        row = handoffs.open_request(session, ana, "KPM-7RT", draft, TUESDAY, TUESDAY)
        person = Staff(email="noor@example.org", name="Noor", created_at=TUESDAY)
        session.add(person)
        session.flush()
        assert handoffs.claim(session, "KPM-7RT", person, TUESDAY)
        session.refresh(row)
        assert handoffs.reply(session, row, person, "dag", TUESDAY)
    with database.begin() as session:
        retention.forget(session, session.get_one(Conversation, ana), TUESDAY)
    with database.read() as session:
        assert session.scalars(select(Inbox.channel)).all() == ["web"]
        assert session.scalars(select(HandoffMessage)).all() == []
        assert session.scalars(select(Handoff.status)).all() == ["withdrawn"]


def test_a_link_nobody_used_in_time_is_erased(database: Database) -> None:
    with database.begin() as session:
        staff.add(session, "noor@example.org", "Noor", TUESDAY)
        retention.sweep(session, Retention(), TUESDAY + staff.LINK_LIFE)
        assert len(session.scalars(select(StaffLink)).all()) == 1
        late = TUESDAY + staff.LINK_LIFE + timedelta(seconds=1)
        retention.sweep(session, Retention(), late)
        assert session.scalars(select(StaffLink)).all() == []


def test_two_first_messages_at_once_are_one_conversation(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = arrives(database, "1")
    find, looks = conversations.find, []

    def finds_nobody_yet(session: Session, channel: str, address: str) -> Conversation | None:
        looks.append(address)
        return None if len(looks) == 1 else find(session, channel, address)

    monkeypatch.setattr(conversations, "find", finds_nobody_yet)
    assert arrives(database, "2") == first
    assert len(looks) == 2


def test_processes_that_start_at_once_agree_on_one_database(database_url: str) -> None:
    url = database_url.replace("postgresql://", "postgresql+psycopg://", 1)
    opened = [Database(url, Vault([KEY])) for _ in range(4)]
    start = threading.Barrier(len(opened))

    def migrates(one: Database) -> str:
        start.wait()
        one.migrate()
        return one.vault.pseudonym("ana")

    try:
        with ThreadPoolExecutor(len(opened)) as threads:
            names = set(threads.map(migrates, opened))
    finally:
        for one in opened:
            one.close()
    assert len(names) == 1


def test_a_database_that_hangs_becomes_one_that_is_away(database: Database) -> None:
    if database.is_sqlite:
        return
    with database.read() as session:
        assert session.scalar(text("show statement_timeout")) == "10s"
        assert session.scalar(text("show search_path")) != '"$user", public'


def test_an_error_of_the_database_does_not_say_what_was_stored(database: Database) -> None:
    with database.begin() as session, pytest.raises(DBAPIError) as caught:
        session.execute(text("insert into nothing values (:words)"), {"words": "Kerkstraat"})
    assert "Kerkstraat" not in str(caught.value)


def test_an_answer_is_not_held_from_somebody_who_is_just_writing(database: Database) -> None:
    ana = arrives(database, "1")
    with database.begin() as session:
        outbox.put(session, ana, Say("checkin.knock"), language="nl", seq=1, now=TUESDAY)
        leaving = outbox.claim(session, ana, TUESDAY)
        assert leaving is not None
    if database.is_sqlite:
        return  # One writer at a time: the message is stored before or after.
    later = TUESDAY + timedelta(days=2)
    held: list[bool] = []

    def holds() -> None:
        with database.begin() as session:
            held.append(outbox.hold(session, leaving, "asked", later))

    with database.begin() as session:
        inbox.put(session, "web", "ana", "2", HELLO, language="nl", now=later)
        session.flush()
        holding = threading.Thread(target=holds)
        holding.start()
    holding.join()
    assert held == [False]
    with database.read() as session:
        assert [row.status for row in session.scalars(select(Outbox))] == ["waiting"]


def test_a_code_that_two_type_at_once_links_one(database: Database) -> None:
    first, second = arrives(database, "1", "ana"), arrives(database, "2", "bea")
    third = arrives(database, "3", "cas")
    with database.begin() as session:
        until = TUESDAY + timedelta(minutes=15)
        links.offer(session, session.get_one(Conversation, first), "KPM-7RT", until)

    def types(who: int) -> bool:
        with database.begin() as session:
            mine = session.get_one(Conversation, who)
            return links.take(session, mine, "kpm7rt", TUESDAY) is not None

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(types, (second, third))) == [False, True]
