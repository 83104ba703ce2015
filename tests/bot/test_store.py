"""One contract for every store: what SQLite promises, PostgreSQL promises."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, select

from bot.settings import Retention
from bot.store import checkins, conversations, handoffs, inbox, outbox, retention
from bot.store.db import Database
from bot.store.models import Base, Checkin, Conversation, Handoff, Inbox, Need, Outbox, Staff
from bot.store.vault import Vault, WrongKeyError
from flows.effects import Draft
from flows.say import Say
from flows.state import State
from tests.conversation import TUESDAY
from tests.house import KEY

pytestmark = pytest.mark.usefixtures("database")
HELLO = {"kind": "text", "text": "hallo"}


def arrives(database: Database, key: str, address: str = "ana") -> int | None:
    with database.begin() as session:
        stored = inbox.put(session, "web", address, key, HELLO, language="nl", now=TUESDAY)
    return None if stored is None else stored.conversation_id


def test_migrations_and_models_say_the_same(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []
    assert database.is_current()


def test_a_message_is_stored_once(database: Database) -> None:
    first = arrives(database, "1")
    assert first is not None
    assert arrives(database, "1") is None
    assert arrives(database, "2") == first
    assert arrives(database, "1", address="bea") not in (None, first)


def test_messages_come_out_in_the_order_they_came_in(database: Database) -> None:
    for key in "abc":
        conversation_id = arrives(database, key)
    assert conversation_id is not None
    seen = []
    with database.begin() as session:
        while (found := inbox.oldest(session, conversation_id)) is not None:
            seen.append(found[0])
            inbox.done(session, found[0], TUESDAY)
    assert seen == sorted(seen)
    assert len(seen) == 3


def test_moments_come_back_aware(database: Database) -> None:
    arrives(database, "1")
    with database.read() as session:
        conversation = session.scalars(select(Conversation)).one()
        assert conversation.created_at == TUESDAY
        assert conversation.created_at.tzinfo is not None


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    def breaks_halfway() -> None:
        with database.begin() as session:
            inbox.put(session, "web", "ana", "1", HELLO, language="nl", now=TUESDAY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks_halfway()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Inbox)) == 0


def test_answers_leave_one_by_one_and_a_claim_that_ran_out_is_free(database: Database) -> None:
    conversation_id = arrives(database, "1")
    assert conversation_id is not None
    with database.begin() as session:
        for key in ("one", "two"):
            outbox.put(session, conversation_id, Say(key), language="nl", seq=1, now=TUESDAY)
    with database.begin() as session:
        first = outbox.claim(session, conversation_id, TUESDAY)
    assert first is not None
    assert first.say.key == "one"
    with database.begin() as session:
        assert outbox.claim(session, conversation_id, TUESDAY) is None
        assert list(outbox.waiting(session, TUESDAY)) == []
    later = TUESDAY + outbox.CLAIM
    with database.begin() as session:
        again = outbox.claim(session, conversation_id, later)
        assert again is not None
        assert again.id == first.id
        outbox.sent(session, again.id, "p1", later)
        second = outbox.claim(session, conversation_id, later)
        assert second is not None
        assert second.say.key == "two"


def staff(database: Database, name: str) -> Staff:
    with database.begin() as session:
        person = Staff(email=f"{name}@example.org", name=name, created_at=TUESDAY)
        session.add(person)
    return person


def a_request(database: Database, code: str = "KPM-7RT") -> int:
    conversation_id = arrives(database, f"for {code}")
    assert conversation_id is not None
    with database.begin() as session:
        draft = Draft(topic="need_debt", how="chat", when="asap", language="ar", note="help")
        due = TUESDAY + timedelta(hours=4)
        handoffs.open_request(session, conversation_id, code, draft, due, TUESDAY)
    return conversation_id


def test_a_request_is_claimed_by_one_however_many_try_at_once(database: Database) -> None:
    a_request(database)
    people = [staff(database, name) for name in ("noor", "sam", "kim", "lou")]
    start, won = threading.Barrier(len(people)), []

    def tries(person: Staff) -> None:
        start.wait()
        with database.begin() as session:
            if handoffs.claim(session, "KPM-7RT", person, TUESDAY):
                won.append(person.name)

    threads = [threading.Thread(target=tries, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_only_who_claimed_may_reply_and_close(database: Database) -> None:
    a_request(database)
    noor, sam = staff(database, "noor"), staff(database, "sam")
    with database.begin() as session:
        assert handoffs.claim(session, "KPM-7RT", noor, TUESDAY)
        row = handoffs.by_code(session, "KPM-7RT")
        assert row is not None
        assert not handoffs.reply(session, row, sam, "dag", TUESDAY)
        assert not handoffs.close(session, row, sam, "helped", TUESDAY)
        assert handoffs.reply(session, row, noor, "dag", TUESDAY)
        assert [spoken.by for spoken in handoffs.talk(session, row)] == ["noor"]
        assert handoffs.close(session, row, noor, "helped", TUESDAY)
        assert not handoffs.reply(session, row, noor, "nog iets", TUESDAY)


def test_a_lapsed_promise_is_told_once_and_only_when_nobody_answered(database: Database) -> None:
    a_request(database)
    a_request(database, "ANS-WER")
    noor = staff(database, "noor")
    with database.begin() as session:
        handoffs.claim(session, "ANS-WER", noor, TUESDAY)
        answered = handoffs.by_code(session, "ANS-WER")
        assert answered is not None
        handoffs.reply(session, answered, noor, "dag", TUESDAY)
    late = TUESDAY + timedelta(hours=5)
    with database.begin() as session:
        assert handoffs.lapsed(session, TUESDAY) == []
        (row,) = handoffs.lapsed(session, late)
        assert row.code == "KPM-7RT"
        handoffs.tell_lapsed(session, row, late)
        assert handoffs.lapsed(session, late) == []


@pytest.mark.postgres
def test_a_lapsed_promise_is_told_by_one_process_of_two(postgres_url: str) -> None:
    url = postgres_url.replace("postgresql://", "postgresql+psycopg://", 1)
    database = Database(url, Vault([KEY]))
    database.migrate()
    a_request(database)
    late = TUESDAY + timedelta(hours=5)
    with database.begin() as one, database.begin() as other:
        assert len(handoffs.lapsed(one, late)) == 1
        assert handoffs.lapsed(other, late) == []
    database.close()


def test_check_ins_are_released_once_and_a_new_plan_replaces_the_old(database: Database) -> None:
    conversation_id = arrives(database, "1")
    assert conversation_id is not None
    with database.begin() as session:
        checkins.plan(session, conversation_id, TUESDAY, entry="e1")
        checkins.plan(session, conversation_id, TUESDAY + timedelta(days=1), entry="e1")
        live = select(func.count()).where(Checkin.status == "planned")
        assert session.scalar(live) == 1
        assert list(checkins.release_due(session, TUESDAY)) == []
    late = TUESDAY + timedelta(days=2)
    with database.begin() as session:
        assert list(checkins.release_due(session, late)) == [conversation_id]
        assert list(checkins.release_due(session, late)) == []


def test_what_is_past_its_time_goes_and_what_is_needed_stays(database: Database) -> None:
    a_request(database)
    arrives(database, "1", address="bea")
    long_after = TUESDAY + timedelta(days=200)
    with database.begin() as session:
        retention.sweep(session, Retention(), long_after)
    with database.begin() as session:
        (kept,) = session.scalars(select(Conversation))
        row = handoffs.by_code(session, "KPM-7RT")
        assert row is not None
        assert row.conversation_id == kept.id
        row.status, row.closed_at = "closed", TUESDAY
        retention.sweep(session, Retention(), long_after)
    with database.begin() as session:
        row = handoffs.by_code(session, "KPM-7RT")
        assert row is not None
        assert (row.details_sealed, row.conversation_id) == (None, None)
        assert row.topic == "need_debt"
        assert session.scalar(select(func.count()).select_from(Conversation)) == 0


def test_a_closed_request_loses_its_person_and_later_goes_whole(database: Database) -> None:
    a_request(database)
    a_request(database, "OPE-NNN")
    keep = Retention()
    with database.begin() as session:
        row = handoffs.by_code(session, "KPM-7RT")
        assert row is not None
        assert row.conversation_id is not None
        handoffs.add_words(session, "KPM-7RT", row.conversation_id, "nog iets", TUESDAY)
        row.status, row.closed_at = "closed", TUESDAY
        retention.sweep(session, keep, TUESDAY + timedelta(days=keep.handoff + 1))
    with database.begin() as session:
        row = handoffs.by_code(session, "KPM-7RT")
        assert row is not None
        assert (row.conversation_id, row.details_sealed) == (None, None)
        assert handoffs.talk(session, row) == []
        retention.sweep(session, keep, TUESDAY + timedelta(days=keep.need + 1))
    with database.begin() as session:
        assert [row.code for row in session.scalars(select(Handoff))] == ["OPE-NNN"]


def test_forgetting_takes_words_names_and_plans_but_not_counts(database: Database) -> None:
    conversation_id = a_request(database)
    with database.begin() as session:
        checkins.plan(session, conversation_id, TUESDAY, entry="e1")
        session.add(Need(at=TUESDAY, topic="need_debt", language="ar", met=True, reason=""))
        retention.forget(session, session.get_one(Conversation, conversation_id), TUESDAY)
        for found in session.scalars(select(Inbox)):
            inbox.done(session, found.id, TUESDAY)
        retention.erase_if_done(session, conversation_id)
    with database.read() as session:
        row = session.scalars(select(Handoff)).one()
        assert (row.details_sealed, row.conversation_id, row.status) == (None, None, "withdrawn")
        for model in (Conversation, Inbox, Outbox, Checkin):
            assert session.scalar(select(func.count()).select_from(model)) == 0
        assert session.scalar(select(func.count()).select_from(Need)) == 1


def test_nothing_readable_is_in_the_tables(database: Database) -> None:
    a_request(database)
    with database.read() as session:
        conversation = session.scalars(select(Conversation)).one()
        sealed = conversation.address_sealed + conversation.state_sealed
        row = session.scalars(select(Handoff)).one()
        assert row.details_sealed is not None
        assert b"ana" not in sealed
        assert b"help" not in row.details_sealed
        assert len(conversation.pseudonym) == 64


def test_keys_can_be_changed_and_people_stay_known(database: Database) -> None:
    conversation_id = a_request(database)
    new = "another key, with signs enough to be one".replace(",", "")
    both = Database(database.engine.url.render_as_string(hide_password=False), Vault([new, KEY]))
    both.migrate()
    with both.begin() as session:
        assert retention.rotate(session) >= 4
    both.close()
    only_new = Database(database.engine.url.render_as_string(hide_password=False), Vault([new]))
    only_new.migrate()
    with only_new.begin() as session:
        found = conversations.find(session, "web", "ana")
        assert found is not None
        assert found.id == conversation_id
        assert conversations.state_of(session, found) == State()
    only_new.close()
    with pytest.raises(WrongKeyError):
        database.migrate()
