"""Crisis first, in every language, without the NLU service."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.effects import MarkUrgent, OpenHandoff, StopCheckins
from flows.heard import Understood
from tests.conversation import Resident, understood


@pytest.mark.parametrize(
    ("language", "text", "key"),
    [
        ("nl", "ik wil niet meer leven", "crisis.suicide"),
        ("en", "i want to kill myself", "crisis.suicide"),
        ("tr", "kendimi öldürmek istiyorum", "crisis.suicide"),
        ("ar", "بدي انتحر", "crisis.suicide"),
        ("pl", "chcę się zabić", "crisis.suicide"),
        ("uk", "я не хочу жити", "crisis.suicide"),
        ("nl", "mijn man slaat mij", "crisis.violence"),
        ("en", "my husband beats me", "crisis.violence"),
        ("tr", "kocam beni dövüyor", "crisis.violence"),
        ("ar", "جوزي بيضربني", "crisis.violence"),
        ("pl", "mąż mnie bije", "crisis.violence"),
        ("uk", "чоловік мене б'є", "crisis.violence"),
        ("nl", "mijn moeder is bewusteloos", "crisis.emergency"),
        ("en", "he is not breathing", "crisis.emergency"),
        ("pl", "ona nie oddycha", "crisis.emergency"),
        ("uk", "він не дихає", "crisis.emergency"),
    ],
)
def test_words_alone_raise_it_in_its_own_language(language: str, text: str, key: str) -> None:
    resident = Resident()
    resident.state = replace(resident.state, language=language)
    resident.says(text).hears(key).is_offered("crisis:person", "crisis:go_on")
    assert resident.state.language == language


def test_a_false_alarm_costs_one_message(resident: Resident) -> None:
    resident.says("ik ben alleen", "need_contact").hears("find_help.ask_place")
    resident.says("ik wil niet meer leven").hears("crisis.suicide")
    resident.taps("crisis:go_on").hears("crisis.glad_you_said", "find_help.ask_place")


def test_a_person_comes_without_more_questions_than_how(resident: Resident) -> None:
    resident.says("mijn man slaat mij").taps("crisis:person").taps("how:chat")
    resident.hears("handoff.summary").taps("send").causes(
        OpenHandoff, lambda sent: sent.draft.crisis == "crisis_violence"
    )


def test_not_safe_to_write_gets_few_words(resident: Resident) -> None:
    resident.says("mijn man slaat mij").taps("crisis:not_safe").hears("crisis.not_safe")


def test_somebody_elses_danger_has_its_own_words(resident: Resident) -> None:
    resident.says("mijn vriend wil dood hij zegt dat hij niet meer wil leven")
    resident.hears("crisis.suicide").taps("crisis:other").hears("crisis.suicide_other")


def test_perhaps_asks_one_warm_question_and_goes_on(resident: Resident) -> None:
    heard = understood("zo zwaar allemaal", "need_mental")
    maybe = Understood(replace(heard.parsed, crisis_maybe="crisis_suicide"))
    resident.meets(maybe).hears("crisis.maybe_suicide").taps("crisis:no")
    resident.hears("crisis.thanks_for_saying", "find_help.ask_which")
    resident.is_offered("topic:need_mental")


def test_a_place_typed_while_perhaps_waits_is_kept(resident: Resident) -> None:
    heard = understood("zo zwaar allemaal", "need_mental")
    maybe = Understood(replace(heard.parsed, crisis_maybe="crisis_suicide"))
    resident.meets(maybe).says("Holtenbroek").hears("crisis.maybe_suicide")
    resident.taps("crisis:no").taps("topic:need_mental").sees_offers(3)
    resident.knows(place="holtenbroek")


def test_who_is_named_while_perhaps_waits_is_not_who_it_is_about(resident: Resident) -> None:
    heard = understood("thuis is het niet fijn", "need_separation")
    maybe = Understood(replace(heard.parsed, crisis_maybe="crisis_violence"))
    resident.meets(maybe).says("mijn vader").hears("crisis.maybe_violence")
    resident.says("ja").hears("crisis.violence").knows(other=None)


def test_perhaps_yes_opens_the_numbers(resident: Resident) -> None:
    heard = understood("zo zwaar allemaal", "need_mental")
    maybe = Understood(replace(heard.parsed, crisis_maybe="crisis_suicide"))
    resident.meets(maybe).says("ja").hears("crisis.suicide")


def test_the_worried_bystander_is_led_with_care(resident: Resident) -> None:
    resident.says("ik maak me zorgen om mijn buurvrouw", "worry_other").hears("worry.ask")
    resident.taps("worry:violence").hears("crisis.violence_other")
    resident.taps("crisis:go_on").hears("worry.near").is_offered("person", "worry:offers")


def test_after_asking_for_another_ones_own_danger_gets_ones_own_words(resident: Resident) -> None:
    resident.opens().taps("for_other").says("ik wil dood").hears("crisis.suicide")
    resident.taps("crisis:other").hears("crisis.suicide_other").taps("crisis:me")
    resident.hears("crisis.suicide")


def test_a_veiled_text_said_twice_is_taken_as_a_crisis(resident: Resident) -> None:
    heard = understood("zo zwaar allemaal", "need_mental")
    maybe = Understood(replace(heard.parsed, crisis_maybe="crisis_suicide"))
    resident.meets(maybe).hears("crisis.maybe_suicide").meets(maybe).hears("crisis.suicide")
    resident.meets(maybe).hears("crisis.still_here").is_at("crisis.open")


@pytest.mark.parametrize(
    ("text", "language"),
    [("ölmek istiyorum", "tr"), ("chcę umrzeć", "pl"), ("хочу померти", "uk")],
)
def test_a_short_crisis_is_answered_in_its_own_language(
    resident: Resident, text: str, language: str
) -> None:
    resident.says("hallo", "greet").says(text).hears("crisis.suicide")
    assert resident.state.language == language


def test_a_crisis_while_a_request_is_open_reaches_the_desk_when_it_is_wanted(
    resident: Resident,
) -> None:
    resident.says("een mens").taps("how:chat").taps("when:asap").taps("skip").taps("skip")
    resident.taps("send").taps("themes").says("ik wil dood").taps("crisis:person")
    resident.causes(MarkUrgent, lambda mark: mark.crisis == "crisis_suicide")
    resident.hears("crisis.person_knows").is_at("handoff.waiting")


def test_not_safe_means_nothing_comes_by_itself(resident: Resident) -> None:
    resident.says("mijn man slaat mij").taps("crisis:not_safe").causes(StopCheckins)
