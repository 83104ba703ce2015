"""Coming back, only when it was wanted, and with a consequence."""

from __future__ import annotations

from flows.effects import MarkEntry, PlanCheckin, StopCheckins
from tests.conversation import Resident


def reminded(resident: Resident) -> str:
    resident.says("ik ben alleen in Holtenbroek", "need_contact").taps("card:1").taps("remind")
    resident.hears("checkin.ask_when").taps("in:three_days").hears("checkin.planned")
    (planned,) = [e for e in resident.turn.effects if isinstance(e, PlanCheckin)]  # type: ignore[union-attr]
    assert planned.entry is not None
    start, until = resident.world.team.quiet
    assert until <= planned.due.time() < start
    return planned.entry


def test_the_knock_says_nothing_of_what_it_is_about(resident: Resident) -> None:
    entry = reminded(resident)
    resident.later(days=3).is_checked_on(entry=entry).hears("checkin.knock")
    assert resident.turn is not None
    assert resident.turn.says[-1].params == {}
    assert resident.turn.says[-1].cards == ()


def test_went_well_marks_the_entry(resident: Resident) -> None:
    entry = reminded(resident)
    resident.is_checked_on(entry=entry).says("ja").hears("checkin.how_entry").taps("went_well")
    resident.causes(MarkEntry, lambda mark: mark.outcome == "went_well").hears("checkin.good")


def test_not_yet_offers_somebody_to_go_along(resident: Resident) -> None:
    entry = reminded(resident)
    resident.is_checked_on(entry=entry).taps("now_is_fine").taps("not_yet").hears("checkin.not_yet")
    resident.taps("with_me").hears("handoff.ask_how").knows(buddy=True, entry=entry)


def test_did_not_fit_shows_others_and_never_the_same(resident: Resident) -> None:
    entry = reminded(resident)
    resident.is_checked_on(entry=entry).taps("now_is_fine").taps("did_not_fit")
    resident.hears("checkin.did_not_fit", "checkin.other_ways").taps("something_else")
    assert entry not in resident.state.fact("shown")


def test_unreachable_is_marked_for_the_editors(resident: Resident) -> None:
    entry = reminded(resident)
    resident.is_checked_on(entry=entry).taps("now_is_fine").taps("unreachable")
    resident.causes(MarkEntry, lambda mark: mark.outcome == "unreachable")


def test_not_now_comes_back_tomorrow(resident: Resident) -> None:
    entry = reminded(resident)
    resident.is_checked_on(entry=entry).taps("later").causes(
        PlanCheckin, lambda planned: planned.entry == entry
    )


def test_no_more_is_for_good(resident: Resident) -> None:
    entry = reminded(resident)
    resident.is_checked_on(entry=entry).taps("no_more").causes(StopCheckins)
    resident.hears("checkin.stopped")


def test_stop_ends_everything_and_writing_again_is_welcome(resident: Resident) -> None:
    resident.says("hallo", "greet").says("stop").hears("always.stopped", "welcome.stopped")
    resident.causes(StopCheckins).says("hoi").hears("welcome.hello")
