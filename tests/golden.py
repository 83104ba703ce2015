"""Golden transcripts: the real words of one conversation in every language.

`python -m tests.golden` writes them anew after a change of texts; read the difference as a
resident would before it is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.channels import whatsapp_write
from bot.channels.port import Limits, Rendered
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


# In these the story is kept as WhatsApp shows it as well: buttons, lists and footers.
ON_WHATSAPP = ("nl", "ar")

Show = Callable[[Rendered], list[str]]


def transcript(language: str) -> str:
    """The story in a language, as a channel without cards shows it."""
    return _transcript(language, LIMITS, _plain)


def on_whatsapp(language: str) -> str:
    """The story in a language, with what WhatsApp shows around the words."""
    choose = Texts(LANGUAGES).raw(language, "whatsapp.choose")[0]
    return _transcript(language, whatsapp_write.LIMITS, partial(_on_whatsapp, choose))


def _transcript(language: str, limits: Limits, show: Show) -> str:
    texts = Texts(LANGUAGES)
    resident = Resident(world=a_world())
    resident.state = replace(resident.state, language=language)
    resident.opens()
    lines = _said(resident, texts, limits, show)
    for act in STORY:
        _does(resident, act)
        lines += ["", f"> {act}", "", *_said(resident, texts, limits, show)]
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


def _said(resident: Resident, texts: Texts, limits: Limits, show: Show) -> list[str]:
    assert resident.turn is not None
    language = resident.state.language
    return [
        line
        for say in resident.turn.says
        for message in render(say, language, 1, limits, texts, example_map())
        for line in show(message)
    ]


def _plain(message: Rendered) -> list[str]:
    if not message.buttons:
        return [message.text]
    return [message.text, "  ".join(f"[{button.label}]" for button in message.buttons)]


def _on_whatsapp(choose: str, message: Rendered) -> list[str]:
    kind, content = whatsapp_write.written(message, choose)
    if kind == "text":
        return [content["body"]]
    lines = [content["body"]["text"]]
    if "footer" in content:
        lines.append(f"({content['footer']['text']})")
    action = content["action"]
    if content["type"] == "button":
        return [*lines, "  ".join(f"[{one['reply']['title']}]" for one in action["buttons"])]
    rows = [row for section in action["sections"] for row in section["rows"]]
    told = [
        f"  - {row['title']}" + (f" / {row['description']}" if "description" in row else "")
        for row in rows
    ]
    return [*lines, f"[{action['button']}]", *told]


def main() -> None:
    """Write every transcript."""
    FOLDER.mkdir(exist_ok=True)
    for language in LANGUAGES:
        (FOLDER / f"{language}.txt").write_text(transcript(language), encoding="utf-8")
    for language in ON_WHATSAPP:
        told = on_whatsapp(language)
        (FOLDER / f"whatsapp.{language}.txt").write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()
