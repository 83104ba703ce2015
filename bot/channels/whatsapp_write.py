"""How a message looks on WhatsApp: plain text, up to three buttons, or a list to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.channels.port import Button, Limits, Rendered

# A list's rows have room for 24 characters and 72 below; the ten rows are for choices, the words
# that always hold stand in the footer, to be typed.
LIMITS = Limits(text=4_096, buttons=10, label=24, data=64, cards=False, text_above=1_024, detail=72)
FOOTER = 60
BUTTONS, BUTTON_LABEL = 3, 20
_BETWEEN = " · "

Message = tuple[str, dict[str, Any]]
"""The type of a message and its content, as the platform names them."""


def written(message: Rendered, choose: str) -> Message:
    """The message; `choose` is the word on the button that opens a list."""
    if not message.buttons:
        return "text", {"body": message.text, "preview_url": False}
    footer = _footer(message.always)
    content: dict[str, Any] = {"body": {"text": message.text}}
    if footer:
        content["footer"] = {"text": footer}
    if _are_buttons(message.buttons):
        content |= {"type": "button", "action": {"buttons": [_button(b) for b in message.buttons]}}
    else:
        rows = [_row(button) for button in _apart(message.buttons)]
        content |= {"type": "list", "action": {"button": choose, "sections": [{"rows": rows}]}}
    return "interactive", content


def _are_buttons(buttons: tuple[Button, ...]) -> bool:
    titles = {button.label for button in buttons}
    return len(titles) == len(buttons) <= BUTTONS and max(map(len, titles)) <= BUTTON_LABEL


def _button(button: Button) -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": button.data, "title": button.label}}


def _row(button: Button) -> dict[str, Any]:
    row = {"id": button.data, "title": button.label}
    return {**row, "description": button.detail} if button.detail else row


def _apart(buttons: Iterable[Button]) -> list[Button]:
    """Each choice once: the platform refuses a list in which one comes twice."""
    return list({button.data: button for button in buttons}.values())


def _footer(always: tuple[Button, ...]) -> str:
    """The words that always hold, as many as there is room for; the first matters most."""
    words = [button.label for button in always]
    while words and len(_BETWEEN.join(words)) > FOOTER:
        words.pop()
    return _BETWEEN.join(words)
