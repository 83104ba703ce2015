"""Finding help, from the first word to an offer."""

from __future__ import annotations

import pytest

from flows.effects import RecordNeed
from flows.state import State
from tests.conversation import Resident


def test_resident_finds_company_close_to_home(resident: Resident) -> None:
    resident.says("ik ben zo alleen de laatste tijd", "need_contact").hears(
        "welcome.short", "find_help.ask_place"
    )
    offers = resident.says("Holtenbroek").sees_offers(3)
    offers.each(topic="need_contact", near="holtenbroek")


def test_place_named_in_the_first_sentence_is_not_asked_again(resident: Resident) -> None:
    resident.says("ik ben zo alleen hier in Stadshagen", "need_contact")
    resident.sees_offers(3).each(topic="need_contact", near="stadshagen")


def test_a_misspelt_neighbourhood_is_understood(resident: Resident) -> None:
    resident.says("ik wil mensen ontmoeten", "need_contact").says("holtenbroeck").knows(
        place="holtenbroek"
    )


def test_an_unknown_place_is_asked_once_more_and_can_be_skipped(resident: Resident) -> None:
    resident.says("ik wil mensen ontmoeten", "need_contact")
    resident.says("blabla").hears("find_help.ask_place_again")
    resident.taps("skip").sees_offers(3)


def test_unsure_understanding_offers_the_likeliest_needs(resident: Resident) -> None:
    resident.says("het gaat niet met die post", ("need_forms", "need_debt"))
    resident.hears("find_help.ask_which").is_offered("topic:need_forms", "topic:need_debt")
    resident.taps("topic:need_debt").hears("find_help.ask_place").knows(topic="need_debt")


def test_a_place_said_before_the_need_is_clear_is_kept(resident: Resident) -> None:
    resident.says("het gaat niet met die post", ("need_forms", "need_debt")).says("Holtenbroek")
    resident.hears("find_help.ask_which").is_offered("topic:need_forms", "topic:need_debt")
    resident.taps("topic:need_debt").knows(topic="need_debt", place="holtenbroek").sees_offers(3)


def test_offers_go_on_until_there_are_none_and_a_person_is_offered(resident: Resident) -> None:
    resident.says("samen schaken in Assendorp", "need_daytime")
    for _ in range(40):
        if resident.said[-1] == "offers.none":
            break
        resident.taps("more")
    resident.hears("offers.none").is_offered("person").causes(
        RecordNeed, lambda need: not need.met and need.topic == "need_daytime"
    )


def test_menu_leads_by_theme_and_topic_to_offers(resident: Resident) -> None:
    resident.opens().hears("welcome.hello").taps("themes").hears("find_help.ask_theme")
    resident.taps("theme:money").hears("find_help.ask_topic").taps("topic:need_debt")
    resident.taps("whole_city").sees_offers(3).each(topic="need_debt")


def test_asking_for_somebody_else_changes_the_questions(resident: Resident) -> None:
    resident.opens().taps("for_other").hears("find_help.ask_theme_other")
    resident.taps("theme:company").taps("topic:need_contact").hears("find_help.ask_place_other")


def test_details_tell_what_a_shy_person_wants_to_know(resident: Resident) -> None:
    resident.says("ik ben alleen in Holtenbroek", "need_contact").taps("card:1")
    resident.hears("offer.details").is_offered("with_me", "team", "remind", "why", "pass_on")
    assert resident.turn is not None
    keys = {line.key for line in resident.turn.says[-1].cards[0].lines}
    assert "entry.checked" in keys
    assert any(key.startswith(("entry.free", "entry.cost")) for key in keys)


def test_too_expensive_shows_only_what_is_free(resident: Resident) -> None:
    resident.says("ik wil sporten in Assendorp", "need_sport").says("te duur")
    for name in resident.state.fact("shown"):
        entry = resident.world.directory.get(name)
        assert entry is not None
        assert entry.cost.free


def test_back_undoes_one_turn_truly(resident: Resident) -> None:
    resident.says("ik ben alleen in Holtenbroek", "need_contact")
    before = resident.state
    resident.taps("card:2").says("terug").hears("always.undone", "offers.list")
    assert resident.state.facts == before.facts
    assert resident.state.step == before.step


@pytest.mark.parametrize("typed", ["8031 AB", "8031", "ik woon op 8031AB"])
def test_a_postcode_is_a_place(resident: Resident, typed: str) -> None:
    resident.says("ik wil mensen ontmoeten", "need_contact").says(typed).sees_offers(3)
    assert resident.state.fact("place") not in (None, "whole")


def test_too_far_can_be_said_with_an_offer_open(resident: Resident) -> None:
    resident.says("ik ben alleen in Holtenbroek", "need_contact").taps("card:1").says("te ver weg")
    assert resident.said[-1] in ("offers.list", "offers.none")


def test_an_entry_that_is_not_current_any_more_is_not_opened_by_a_link(resident: Resident) -> None:
    entry = resident.world.directory.entries[0].id
    resident.later(days=800).opens(entry).hears("welcome.hello")


def test_a_state_of_an_older_release_begins_anew() -> None:
    resident = Resident()
    resident.state = State.from_json({"version": 1, "language": "xx", "step": "gone.away"})
    resident.says("hallo", "greet").is_at("welcome.start")
    assert resident.state.language == "nl"


def test_a_message_about_a_mother_is_for_somebody_else_until_corrected(resident: Resident) -> None:
    resident.says("mijn moeder zit hele dagen alleen", "need_contact")
    resident.hears("find_help.ask_place_other").knows(other=True)
    resident.taps("for_self").hears("find_help.ask_place").knows(other=None, topic="need_contact")


def test_somebody_elses_neighbourhood_is_taken_at_once(resident: Resident) -> None:
    resident.says("eten aan huis voor mijn vader in Berkum", "need_meal")
    resident.sees_offers(3).each(topic="need_meal", near="berkum")
    resident.knows(other=True)


@pytest.mark.parametrize(
    ("says", "means"),
    [
        ("mijn moeder is in mei overleden", "need_grief"),
        ("mijn buurman maakt elke nacht herrie", "neighbour_trouble"),
        ("mijn vader verzorgen wordt me te veel", "need_carer_support"),
    ],
)
def test_a_loss_a_quarrel_and_a_care_are_ones_own(
    resident: Resident, says: str, means: str
) -> None:
    resident.says(says, means).hears("find_help.ask_place").knows(other=None)
