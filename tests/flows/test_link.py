"""A code between two apps, as the flow sees it."""

from __future__ import annotations

from dataclasses import replace

from flows.effects import OfferLink, TakeLink, Unlink
from flows.heard import LinkMoved
from tests.conversation import Resident


def at_the_menu(resident: Resident) -> Resident:
    return resident.opens().taps("privacy").taps("link").is_at("link.menu")


def test_a_code_is_given(resident: Resident) -> None:
    at_the_menu(resident).taps("link_new").hears("link.code").causes(
        OfferLink, lambda offer: offer.code == "KPM-7RT"
    )


def test_a_code_is_tried_however_it_is_typed(resident: Resident) -> None:
    for typed in ("KPM-7RT", "kpm7rt", " kpm 7rt "):
        at_the_menu(resident).taps("link_have").says(typed).causes(
            TakeLink, lambda take, typed=typed: take.code == typed.strip()
        )


def test_words_that_are_no_code_are_words(resident: Resident) -> None:
    at_the_menu(resident).taps("link_have").says("ik ben zo alleen", "need_contact")
    resident.hears("find_help.ask_place")


def test_a_crisis_is_heard_while_a_code_is_asked(resident: Resident) -> None:
    at_the_menu(resident).taps("link_have").says("ik wil niet meer leven").is_at("crisis.open")


def test_what_became_of_a_code_is_told(resident: Resident) -> None:
    at_the_menu(resident).taps("link_have").says("KPM-7RT")
    resident.meets(LinkMoved("unknown")).hears("link.unknown", "link.ask_code")
    resident.says("KPM-7RT").meets(LinkMoved("done")).hears("link.done").is_at("find_help.theme")


def test_news_of_a_link_leaves_the_screen_as_it_is(resident: Resident) -> None:
    resident.opens()
    offered = resident.state.offered
    resident.meets(LinkMoved("taken")).hears("link.taken").is_offered(*offered)


def test_only_who_is_linked_can_undo_it(resident: Resident) -> None:
    assert "unlink" not in at_the_menu(resident).state.offered
    resident.world = replace(resident.world, linked=1)
    at_the_menu(resident).hears("link.menu_linked").taps("unlink").causes(Unlink)
