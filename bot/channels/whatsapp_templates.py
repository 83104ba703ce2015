"""The one template: something waits. It says nothing of what, for phones are shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.channels.whatsapp_updates import OPEN
from bot.channels.whatsapp_write import Message

NAME = "voordeur_message_waiting"
# What the platform allows in a template.
BODY, BUTTON_LABEL = 1024, 25
_NO_MORE = "always:stop"
# The platform's own codes. Others, Somali, Tigrinya and Papiamentu among them, it does not know.
_CODES = {
    code: code
    for code in (
        *("nl", "en", "tr", "ar", "pl", "uk", "de", "fr", "es", "fa"),
        *("bg", "ro", "ru", "it", "el", "hu", "ur", "hi", "sw"),
    )
} | {"pt": "pt_PT", "zh": "zh_CN"}


def knock(language: str) -> Message | None:
    """The message that asks a resident to write; None where the platform has no such language."""
    code = _CODES.get(language)
    if code is None:
        return None
    buttons = [
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": str(index),
            "parameters": [{"type": "payload", "payload": payload}],
        }
        for index, payload in enumerate((OPEN, _NO_MORE))
    ]
    return "template", {"name": NAME, "language": {"code": code}, "components": buttons}


def submission(language: str, write: Callable[[str, str], str]) -> dict[str, Any] | None:
    """What to hand in for a language, as the platform's API takes it; None: it has it not."""
    code = _CODES.get(language)
    if code is None:
        return None
    labels = (write("knock.open", language), write("knock.no_more", language))
    return {
        "name": NAME,
        "language": code,
        "category": "UTILITY",
        "components": [
            {"type": "BODY", "text": write("knock.text", language)},
            {
                "type": "BUTTONS",
                "buttons": [{"type": "QUICK_REPLY", "text": label} for label in labels],
            },
        ],
    }
