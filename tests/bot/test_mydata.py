"""My data: everything that is kept, and nothing that is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot import mydata
from bot.place import City
from bot.settings import Retention
from bot.store import checkins, conversations, handoffs, inbox
from bot.store.db import Database
from bot.store.models import Conversation
from bot.store.vault import Vault
from bot.texts import Texts
from flows.effects import Draft
from flows.state import State
from tests.conversation import LANGUAGES, TUESDAY, a_world
from tests.house import KEY

WORLD = a_world()
CITY = City(WORLD.directory, WORLD.team, LANGUAGES, Retention().model_dump())
TEXTS = Texts(LANGUAGES)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path}/v.db", Vault([KEY]))
    database.migrate()
    with database.begin() as opened:
        yield opened
    database.close()


def somebody(session: Session, state: State) -> Conversation:
    hello = {"kind": "text", "text": "hallo"}
    found = inbox.put(session, "web", "ana", "1", hello, language=state.language, now=TUESDAY)
    assert found is not None
    conversation = session.get_one(Conversation, found.conversation_id)
    conversations.set_state(session, conversation, state)
    return conversation


def reads(session: Session, conversation: Conversation, language: str = "nl") -> str:
    say = mydata.told(session, conversation, CITY, TUESDAY)
    written = []
    for card in say.cards:
        written.append(TEXTS.value(card.title, language, WORLD.directory))
        written += [TEXTS.write(line, language, WORLD.directory) for line in card.lines]
    return "\n".join(written)


SEARCHED: dict[str, Any] = {
    "topic": "need_contact",
    "place": "holtenbroek",
    "seen": ["a", "b"],
    "age": 70,
    "price": "free",
    "when": "evening",
    "near": True,
    "spoken": "ar",
}
FILLED_IN: dict[str, Any] = {
    "how": "call",
    "contact": "038 123 45 67",
    "wanted": "morning",
    "speak": "tr",
    "name": "Ana",
    "note": "ik durf niet",
}


def test_what_a_search_keeps_is_told(session: Session) -> None:
    told = reads(session, somebody(session, State().at("offers.list", **SEARCHED)))
    for words in (
        *("Holtenbroek", "Aanbod dat je al zag: 2", "Leeftijd: 65 jaar of ouder", "gratis"),
        *("'s avonds", "dichtbij", "Je zoekt iets in deze taal: العربية", "Je adres"),
        *("14 dagen", "2 dagen", "Dit wordt gewist op"),
    ):
        assert words in told
    assert "Ingevuld" not in told


def test_an_age_that_was_typed_is_told_as_it_was_typed(session: Session) -> None:
    assert "Leeftijd: 43" in reads(session, somebody(session, State().at("offers.list", age=43)))


def test_a_draft_is_told_also_when_only_back_would_bring_it_back(session: Session) -> None:
    filled = State().at("handoff.summary", **FILLED_IN)
    conversation = somebody(session, filled)
    for state in (filled, State(step="find_help.theme", before=filled.to_json())):
        conversations.set_state(session, conversation, state)
        told = reads(session, conversation)
        assert "nog niet verstuurd" in told
        for words in ("Bel mij", "038 123 45 67", "Ochtend", "Türkçe", "Ana", "ik durf niet"):
            assert words in told


def a_request(session: Session, conversation: Conversation) -> None:
    draft = Draft(
        topic="need_debt",
        how="call",
        when="asap",
        language="nl",
        name="Ana",
        contact="038 123 45 67",
        note="brieven",
    )
    handoffs.open_request(session, conversation.id, "KPM-7RT", draft, TUESDAY, TUESDAY)
    handoffs.add_words(session, "KPM-7RT", conversation.id, "nog een brief", TUESDAY)


def test_a_request_is_told_with_what_the_team_has(session: Session) -> None:
    conversation = somebody(session, State())
    a_request(session, conversation)
    told = reads(session, conversation)
    for words in (
        *("KPM-7RT", "Naam: Ana", "038 123 45 67", "brieven", "Bel mij"),
        *("gesprek met het team: 1", "30 dagen nadat", "90 dagen niets schrijft"),
    ):
        assert words in told
    # While a request is open the conversation stays, whatever the day.
    assert "gewist op" not in told


def test_a_planned_moment_is_told_and_keeps_the_conversation(session: Session) -> None:
    conversation = somebody(session, State())
    checkins.plan(session, conversation.id, TUESDAY + timedelta(days=1), entry="e1")
    told = reads(session, conversation)
    assert "Afspraak" in told
    assert "gewist op" not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_words(session: Session, language: str) -> None:
    state = State(language=language).at("handoff.summary", **SEARCHED, **FILLED_IN)
    conversation = somebody(session, state)
    a_request(session, conversation)
    assert "Ana" in reads(session, conversation, language)
