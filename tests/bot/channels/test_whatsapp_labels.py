"""Nothing on WhatsApp is too long, and no label is cut without being told in full."""

from __future__ import annotations

import pytest

from bot.channels.render import render
from bot.channels.whatsapp_templates import BODY, BUTTON_LABEL, knock, submission
from bot.channels.whatsapp_write import LIMITS, written
from bot.texts import Texts
from flows.say import Choice, Line, Say
from flows.steps import STEPS
from tests.bot.channels.graph_rules import check_message
from tests.conversation import LANGUAGES, Resident, a_world, example_map

TEXTS = Texts(LANGUAGES)
FACTS = {
    "topic": "need_contact",
    "entry": example_map().entries[0].id,
    "kind": "crisis_suicide",
    "likely": ["need_contact", "need_debt"],
    "also": "need_newcomer",
    "shown": [entry.id for entry in example_map().entries[:3]],
}


def shown(say: Say, language: str) -> list[dict]:
    choose = TEXTS.raw(language, "whatsapp.choose")[0]
    messages = []
    for message in render(say, language, 999_999_999, LIMITS, TEXTS, example_map()):
        for button in message.buttons:
            # "1. Buurtc…" is cut, and says so in full below.
            assert "…" not in button.label or button.detail, (language, button)
            assert "…" not in button.detail, (language, button)
        kind, content = written(message, choose)
        messages.append({"type": kind, kind: content})
    return messages


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_fits_in_every_language(language: str) -> None:
    resident = Resident(world=a_world())
    resident.opens()
    for step in STEPS:
        say = STEPS[step].ask(resident.state.at(step, **FACTS), resident.world)
        for message in shown(say, language):
            whom = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": "31612"}
            check_message({**whom, **message})


def test_a_label_of_ours_that_is_too_long_would_be_seen() -> None:
    say = Say("about.help", choices=(Choice("themes", Line("about.bot", {"team": "x"})),))
    with pytest.raises(AssertionError):
        shown(say, "nl")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_template_fits_and_gives_nothing_away(language: str) -> None:
    template = submission(language, lambda key, code: TEXTS.raw(code, key)[0])
    if template is None:
        assert language in ("so", "ti", "pap")
        assert knock(language) is None
        return
    body, buttons = template["components"]
    assert len(body["text"]) <= BODY
    assert "{" not in body["text"]
    word = TEXTS.raw(language, "knock.open")[0]
    assert f"*{word}*".lower() in body["text"].lower()
    labels = [one["text"] for one in buttons["buttons"]]
    assert labels[0] == word
    assert all(len(label) <= BUTTON_LABEL for label in labels)
