"""What free text means outside the step it is typed in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.effects import Forget, TellMyData
from flows.heard import Understood
from tests.conversation import Resident, understood


@pytest.mark.parametrize(
    ("intent", "key"),
    [
        ("ask_team", "about.team"),
        ("ask_hours", "about.hours_open"),
        ("ask_privacy", "about.privacy"),
        ("ask_bot", "about.bot"),
        ("ask_help", "about.help"),
        ("complaint", "elsewhere.complaint"),
        ("other_municipal", "route.municipality"),
        ("out_of_scope", "route.out_of_scope"),
        ("thanks", "route.thanks"),
        ("change_language", "language.ask"),
    ],
)
def test_each_kind_of_question_has_its_answer(resident: Resident, intent: str, key: str) -> None:
    resident.says("hallo", "greet").says("een zin die dat betekent", intent).hears(key)


def test_two_misses_offer_a_person(resident: Resident) -> None:
    resident.says("hallo", "greet").says("blabla").hears("engine.missed")
    resident.says("blabla nog eens").hears("engine.missed_twice", "handoff.shall_i")
    resident.says("ja").hears("handoff.ask_how")


def test_with_the_nlu_away_words_still_find_the_way(resident: Resident) -> None:
    resident.says("hallo", "greet")
    heard = understood("iemand om mee te schaken")
    resident.meets(Understood(replace(heard.parsed, intents=(), understood=False)))
    resident.hears("find_help.ask_which").is_offered("topic:need_daytime")


def test_a_clear_switch_of_language_is_followed_and_said(resident: Resident) -> None:
    resident.says("hallo", "greet")
    resident.says("I would like to meet some people please", "need_contact")
    resident.hears("language.switched", "find_help.ask_place")
    assert resident.state.language == "en"


def test_a_language_is_chosen_by_button(resident: Resident) -> None:
    resident.opens().taps("always:language").taps("lang:ar").hears("language.switched")
    assert resident.state.language == "ar"
    resident.hears("welcome.hello")


def test_forgetting_asks_once_more(resident: Resident) -> None:
    resident.says("vergeet alles", "delete_data").hears("about.ask_forget")
    resident.taps("yes_forget").causes(Forget).hears("about.forgotten")


def test_my_data_can_be_asked(resident: Resident) -> None:
    resident.opens().taps("privacy").taps("my_data").causes(TellMyData)


@pytest.mark.parametrize("kind", ["voice", "photo", "sticker"])
def test_what_cannot_be_read_is_answered_kindly(resident: Resident, kind: str) -> None:
    resident.opens().sends(kind)
    assert resident.said[0].startswith("engine.unreadable_")
    resident.hears("welcome.hello")


def test_a_link_opens_at_its_topic_or_entry(resident: Resident) -> None:
    resident.opens("need_meal").hears("find_help.ask_place").knows(topic="need_meal")
    entry = resident.world.directory.entries[0].id
    resident.opens(entry).hears("offer.details")
