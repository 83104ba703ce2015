"""Two needs in one message: both kept, the more urgent first, the other offered after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.effects import RecordMisread, RecordNeed
from flows.engine import take_turn
from flows.heard import Heard, Tapped, Understood
from flows.topics import SEARCHED, URGENCY
from nlu.types import Intent
from tests.conversation import Resident, understood
from tests.flows.test_every_state import alphabet

LONELY_AND_IN_DEBT = "ik ben zo alleen, en ik heb schulden"


def two(text: str, *needs: str) -> Understood:
    """A text whose parts are each surely about one of `needs`; as a whole it wavers."""
    parsed = understood(text).parsed
    intents = tuple(Intent(name, 0.9 / len(needs)) for name in needs)
    return Understood(replace(parsed, intents=intents, parts=needs, understood=True))


@pytest.fixture
def resident() -> Resident:
    """Somebody who said hello."""
    return Resident().says("hallo", "greet")


def lonely_and_in_debt(resident: Resident, text: str = LONELY_AND_IN_DEBT) -> Resident:
    return resident.meets(two(text, "need_contact", "need_debt"))


def test_the_more_urgent_comes_first_whatever_was_said_first(resident: Resident) -> None:
    lonely_and_in_debt(resident).hears("find_help.two", "find_help.ask_place")
    resident.knows(topic="need_debt", also="need_contact")


def test_the_second_is_offered_under_the_offers_of_the_first(resident: Resident) -> None:
    lonely_and_in_debt(resident).says("Holtenbroek").sees_offers(3).each(topic="need_debt")
    resident.is_offered("topic:need_contact").taps("topic:need_contact")
    resident.sees_offers(3).each(topic="need_contact", near="holtenbroek")
    resident.knows(topic="need_contact", also=None)
    assert "topic:need_debt" not in resident.state.offered


def test_a_place_in_the_same_breath_is_not_asked_again(resident: Resident) -> None:
    lonely_and_in_debt(resident, "ik ben alleen in Holtenbroek, en ik heb schulden")
    resident.hears("find_help.two").sees_offers(3).each(topic="need_debt", near="holtenbroek")
    resident.is_offered("topic:need_contact").causes(
        RecordNeed, lambda need: need.topic == "need_debt"
    )


def test_two_needs_are_taken_up_in_the_first_message_too() -> None:
    lonely_and_in_debt(Resident()).hears("welcome.short", "find_help.two", "find_help.ask_place")


def test_two_needs_are_taken_up_while_a_place_is_asked_for_another(resident: Resident) -> None:
    resident.says("ik wil graag sporten", "need_sport").hears("find_help.ask_place")
    lonely_and_in_debt(resident, "ik ben alleen in Holtenbroek, en ik heb schulden")
    resident.hears("find_help.two").knows(topic="need_debt", also="need_contact")


def test_two_needs_are_taken_up_among_the_offers_for_another(resident: Resident) -> None:
    resident.says("ik wil graag sporten in Berkum", "need_sport").sees_offers(3)
    lonely_and_in_debt(resident, "ik ben alleen in Holtenbroek, en ik heb schulden")
    resident.knows(topic="need_debt", also="need_contact", place="holtenbroek")


def test_one_tap_takes_the_second_first_and_the_first_waits(resident: Resident) -> None:
    lonely_and_in_debt(resident).taps("topic:need_contact").hears("find_help.ask_place")
    resident.knows(topic="need_contact", also="need_debt").says("Holtenbroek")
    resident.sees_offers(3).each(topic="need_contact")
    resident.is_offered("topic:need_debt")


def test_one_tap_says_that_neither_was_meant_and_that_is_counted(resident: Resident) -> None:
    lonely_and_in_debt(resident).taps("themes").is_at("find_help.theme").knows(also=None)
    resident.causes(
        RecordMisread, lambda count: set(count.offered) == {"need_contact", "need_debt"}
    )


def test_the_second_waits_where_nothing_was_found_for_the_first(resident: Resident) -> None:
    lonely_and_in_debt(resident).says("Holtenbroek").taps("none_fits").hears("offers.none")
    resident.taps("topic:need_contact").sees_offers(3).each(topic="need_contact")


def test_the_second_waits_in_the_menu_once_the_first_is_done(resident: Resident) -> None:
    lonely_and_in_debt(resident).says("Holtenbroek").taps("card:1").taps("remind")
    resident.taps("in:week").says("bedankt", "thanks").says("menu").is_at("find_help.theme")
    resident.taps("topic:need_contact").sees_offers(3).each(topic="need_contact")


def test_a_new_need_that_is_typed_takes_the_place_of_both(resident: Resident) -> None:
    lonely_and_in_debt(resident).says("Holtenbroek").says("ik wil sporten", "need_sport")
    resident.sees_offers(3).each(topic="need_sport")
    resident.knows(topic="need_sport", also=None)


def test_the_first_need_said_again_leaves_the_second_waiting(resident: Resident) -> None:
    lonely_and_in_debt(resident).says("schulden bij de bank", "need_debt")
    resident.knows(topic="need_debt", also="need_contact")


def test_starting_over_forgets_the_second(resident: Resident) -> None:
    lonely_and_in_debt(resident).says("Holtenbroek").says("stop").says("hoi", "greet")
    resident.knows(topic=None, also=None)


def test_unsure_of_one_need_still_asks_which(resident: Resident) -> None:
    resident.says("het gaat niet, met die post", ("need_forms", "need_debt"))
    resident.hears("find_help.ask_which").does_not_hear("find_help.two")


@pytest.mark.parametrize(
    ("says", "parts"),
    [
        ("geen geld meer, en rekeningen", ("need_low_income", "need_debt")),  # one theme: money
        ("ik heb reuma, ik zoek lotgenoten", ("need_disability", "need_peer_support")),
        ("mijn buurvrouw, die is alleen", ("worry_other", "need_contact")),
        ("schulden, alleen, en geen werk", ("need_debt", "need_contact", "need_work")),
        ("ik ben alleen, en ontevreden", ("need_contact", "complaint")),
    ],
)
def test_what_is_no_two_needs_for_sure_is_asked_about(
    resident: Resident, says: str, parts: tuple[str, ...]
) -> None:
    resident.meets(two(says, *parts)).does_not_hear("find_help.two").hears("find_help.ask_which")


def test_talk_around_two_needs_does_not_hide_them(resident: Resident) -> None:
    heard = two("hallo daar, ik ben alleen, en ik heb schulden", "need_contact", "need_debt")
    parsed = replace(heard.parsed, parts=("greet", *heard.parsed.parts))
    resident.meets(Understood(parsed)).hears("find_help.two")


def test_a_need_of_ones_own_after_one_for_another_is_ones_own(resident: Resident) -> None:
    resident.meets(
        two("mijn moeder kan niet koken, en ik ben moe", "need_meal", "need_carer_support")
    )
    resident.knows(topic="need_carer_support", also="need_meal", other=None)
    resident.meets(two("mijn moeder heeft schulden, en ik ben op", "need_debt", "need_parenting"))
    resident.knows(topic="need_debt", other=True).says("Holtenbroek")
    resident.taps("topic:need_parenting").knows(other=None)


def test_urgency_ranks_only_topics_and_each_once() -> None:
    assert set(URGENCY) <= SEARCHED
    assert len(URGENCY) == len(set(URGENCY))


@pytest.mark.slow
def test_wherever_two_needs_lead_everything_heard_has_an_answer(resident: Resident) -> None:
    asked = lonely_and_in_debt(resident).state
    listed = resident.says("Holtenbroek").state
    nothing = resident.taps("none_fits").state
    menu = resident.says("menu").state
    for state in (asked, listed, nothing, menu):
        taps: tuple[Heard, ...] = tuple(Tapped(code) for code in state.offered)
        for heard in (*taps, *alphabet(), two(LONELY_AND_IN_DEBT, "need_contact", "need_debt")):
            turn = take_turn(state, heard, resident.world)
            assert turn.says, (state.step, heard)
            assert turn.state.offered, (state.step, heard)
            if isinstance(heard, Tapped):
                assert turn.state.misses <= state.misses, (state.step, heard)
