"""To a person of the team, and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flows.effects import OpenHandoff, PlanCheckin, Relay, WithdrawHandoff
from flows.heard import Understood
from flows.say import Line, Say, When
from tests.conversation import SATURDAY_NIGHT, Resident, a_world, understood


def composed(resident: Resident) -> Resident:
    resident.says("ik wil een mens spreken").hears("handoff.ask_how").taps("how:chat")
    resident.taps("when:asap").says("Samira").says("ik durf niet te bellen")
    return resident.hears("handoff.summary")


def test_a_request_is_seen_corrected_and_sent(resident: Resident) -> None:
    composed(resident).taps("edit:name").says("S.").hears("handoff.summary").taps("send")
    resident.hears("handoff.sent", "handoff.on_its_way").causes(
        OpenHandoff,
        lambda sent: sent.draft.name == "S." and sent.draft.note == "ik durf niet te bellen",
    )
    assert "note" not in resident.state.facts
    assert "name" not in resident.state.facts


def test_without_a_name_is_fine(resident: Resident) -> None:
    resident.says("een mens").taps("how:chat").taps("when:evening").taps("skip")
    resident.taps("skip").taps("send").causes(
        OpenHandoff, lambda sent: sent.draft.name is None and sent.draft.note is None
    )


def test_a_call_needs_a_number(resident: Resident) -> None:
    resident.says("een mens").taps("how:call").hears("handoff.ask_contact_call")
    resident.says("dat weet je toch").hears("handoff.contact_needs_number")
    resident.says("06 12 34 56 78").hears("handoff.ask_when").taps("when:morning")
    resident.taps("skip").taps("skip").taps("send")
    resident.causes(OpenHandoff, lambda sent: sent.draft.contact == "06 12 34 56 78")


def test_outside_hours_the_promise_is_honest_and_there_are_other_numbers() -> None:
    resident = Resident(world=a_world(SATURDAY_NIGHT))
    resident.says("een mens").hears("handoff.ask_how_closed").taps("how:chat")
    resident.taps("when:asap").taps("skip").taps("skip").taps("send")
    resident.causes(OpenHandoff, lambda sent: sent.due > SATURDAY_NIGHT + timedelta(days=1))


def test_nothing_is_sent_that_was_thrown_away(resident: Resident) -> None:
    composed(resident).taps("discard").hears("handoff.discarded")
    assert resident.world.handoff is None


def test_words_after_sending_go_along_and_status_is_told(resident: Resident) -> None:
    composed(resident).taps("send")
    resident.says("o ja, mijn dochter is erbij").causes(Relay).hears("handoff.passed_on")
    resident.says("een mens").hears("handoff.status")
    resident.later(days=3).says("een mens").hears("handoff.late_status")


def test_cancel_asks_once_more(resident: Resident) -> None:
    composed(resident).taps("send").taps("cancel_request").hears("handoff.ask_cancel")
    resident.taps("yes_cancel").causes(WithdrawHandoff).hears("handoff.cancelled")


def test_while_a_person_speaks_the_program_is_silent(resident: Resident) -> None:
    composed(resident).taps("send").team_does("claimed", by="Noor").hears("talk.claimed")
    resident.team_does("replied", by="Noor", text="dag Samira").hears("talk.reply")
    resident.says("fijn dat je er bent", "thanks").hears_nothing().causes(Relay)
    resident.says("ik heb schulden", "need_debt").hears_nothing().causes(Relay)


def test_a_ready_made_reply_goes_as_a_line_with_its_values(resident: Resident) -> None:
    at = SATURDAY_NIGHT.replace(hour=10)
    call = Line("reply.call", {"day": When(at.date(), "day"), "from": When(at, "time")})
    composed(resident).taps("send").team_does("replied", by="Noor", text=call)
    resident.hears("talk.reply").causes(Say, lambda said: said.params["text"] == call)
    resident.says("dat is goed").hears_nothing().causes(Relay)


def test_crisis_words_stay_alive_while_a_person_speaks(resident: Resident) -> None:
    composed(resident).taps("send").team_does("replied", by="Noor", text="dag")
    resident.says("ik wil niet meer leven").hears("crisis.suicide").causes(Relay)


def test_handed_back_and_closed_lead_on(resident: Resident) -> None:
    composed(resident).taps("send").team_does("replied", by="Noor", text="dag")
    resident.team_does("closed", by="Noor", outcome="helped")
    resident.hears("talk.closed", "checkin.ask_when").taps("in:week").causes(
        PlanCheckin, lambda planned: planned.handoff == "KPM-7RT"
    )
    resident.world = replace(resident.world, handoff=None)


def test_a_lapsed_promise_is_told_with_a_telephone(resident: Resident) -> None:
    composed(resident).taps("send").team_does("lapsed").hears("talk.lapsed")


def test_somebody_goes_with_me(resident: Resident) -> None:
    resident.says("ik ben alleen in Holtenbroek", "need_contact").taps("card:1").taps("with_me")
    resident.hears("offer.with_me", "handoff.ask_how").taps("how:chat").taps("when:asap")
    resident.taps("skip").taps("skip").taps("send")
    resident.causes(OpenHandoff, lambda sent: sent.draft.buddy and sent.draft.entry is not None)


def test_the_words_of_a_note_are_not_commands(resident: Resident) -> None:
    resident.says("een mens").taps("how:chat").taps("when:asap").taps("skip")
    resident.says("ik wil graag met iemand praten over mijn schulden", "ask_human")
    resident.hears("handoff.summary").knows(
        note="ik wil graag met iemand praten over mijn schulden"
    )


def test_a_name_does_not_change_the_language(resident: Resident) -> None:
    resident.says("een mens").taps("how:chat").taps("when:asap").says("Mohammed El Amrani")
    assert resident.state.language == "nl"


def test_there_is_one_request_at_a_time(resident: Resident) -> None:
    composed(resident).taps("send").taps("themes").says("help", "ask_help").taps("person")
    resident.hears("handoff.one_at_a_time").is_at("handoff.waiting")


def test_what_is_typed_while_waiting_goes_to_the_team(resident: Resident) -> None:
    composed(resident).taps("send").says("ik heb ook geen geld meer", "need_low_income")
    resident.causes(Relay).hears("handoff.passed_on")


def test_a_notice_of_the_desk_leaves_the_screen_as_it_is(resident: Resident) -> None:
    composed(resident).taps("send").says("menu").taps("theme:money")
    before = resident.state
    resident.team_does("claimed", by="Noor").hears("talk.claimed")
    assert resident.state == before
    resident.taps("topic:need_debt").hears("find_help.ask_place")


def test_a_check_in_does_not_come_between_two_people(resident: Resident) -> None:
    composed(resident).taps("send").team_does("replied", by="Noor", text="dag")
    resident.is_checked_on(handoff="KPM-7RT").hears_nothing().causes(PlanCheckin)
    resident.says("ik kom morgen").causes(Relay)


def test_another_way_of_contact_forgets_the_number(resident: Resident) -> None:
    resident.says("een mens").taps("how:call").says("06 12345678").taps("when:asap")
    resident.taps("skip").taps("skip").taps("edit:how").taps("how:chat").taps("send")
    resident.causes(OpenHandoff, lambda sent: sent.draft.contact is None)


def test_the_menu_forgets_what_was_filled_in_for_the_team(resident: Resident) -> None:
    resident.says("mijn man slaat mij").taps("crisis:person").says("menu").says("een mens")
    resident.taps("how:chat").taps("when:asap").taps("skip").taps("skip").taps("send")
    resident.causes(OpenHandoff, lambda sent: sent.draft.crisis is None)


def test_long_words_reach_the_team_whole(resident: Resident) -> None:
    composed(resident).taps("send").team_does("replied", by="Noor", text="dag")
    whole = "x" * 5000
    heard = understood(whole)
    resident.meets(Understood(heard.parsed, whole)).causes(Relay, lambda sent: sent.text == whole)


def test_check_ins_stopped_for_good_are_not_asked_again(resident: Resident) -> None:
    composed(resident).taps("send").team_does("replied", by="Noor", text="dag")
    resident.world = replace(resident.world, checkins_stopped=True)
    resident.team_does("closed", by="Noor", outcome="helped").hears("talk.closed")
    resident.does_not_hear("checkin.ask_when")
