"""Golden transcripts: the real words of one conversation in every language.

`python -m tests.golden` writes them anew after a change of texts; read the difference as a
resident would before it is kept.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.channels.port import Limits
from bot.channels.render import render
from bot.texts import Texts
from flows.heard import Understood
from tests.conversation import LANGUAGES, Resident, a_world, example_map, understood

FOLDER = Path(__file__).parent / "golden"
LIMITS = Limits(text=4096, buttons=100, label=60, data=64, cards=False)
# Choices are tapped; what begins with a sign of speech is typed.
STORY = (
    *("themes", "theme:company", "topic:need_contact", "place:holtenbroek", "card:1", "why"),
    *("with_me", "how:chat", "when:asap", "skip", "“dag!”", "send", "checkin_after", "in:week"),
    *("crisis:crisis_suicide", "crisis:go_on", "crisis:crisis_violence", "crisis:not_safe"),
    *("crisis:go_on", "crisis:crisis_emergency", "crisis:go_on", "always:stop"),
)


def transcript(language: str) -> str:
    """The story in a language, as a channel without cards shows it."""
    texts = Texts(LANGUAGES)
    resident = Resident(world=a_world())
    resident.state = replace(resident.state, language=language)
    resident.opens()
    lines = _said(resident, texts, language)
    for act in STORY:
        _does(resident, act)
        lines += ["", f"> {act}", "", *_said(resident, texts, language)]
    return "\n".join(lines) + "\n"


def _does(resident: Resident, act: str) -> None:
    kind = act.removeprefix("crisis:")
    if kind.startswith("crisis_"):
        heard = understood("…", "need_mental", resident.state.language)
        resident.meets(Understood(replace(heard.parsed, crisis=kind, language_switch=None)))
    elif act.startswith("“"):
        heard = understood(act.strip("“”"), "greet", resident.state.language)
        resident.meets(Understood(replace(heard.parsed, intents=(), language_switch=None)))
    elif act.startswith("place:"):
        resident.shares_location_in(act.removeprefix("place:"))
    else:
        resident.taps(act)


def _said(resident: Resident, texts: Texts, language: str) -> list[str]:
    assert resident.turn is not None
    lines = []
    for say in resident.turn.says:
        for message in render(say, language, 1, LIMITS, texts, example_map()):
            lines.append(message.text)
            if message.buttons:
                lines.append("  ".join(f"[{button.label}]" for button in message.buttons))
    return lines


def main() -> None:
    """Write every transcript."""
    FOLDER.mkdir(exist_ok=True)
    for language in LANGUAGES:
        (FOLDER / f"{language}.txt").write_text(transcript(language), encoding="utf-8")


if __name__ == "__main__":
    main()
