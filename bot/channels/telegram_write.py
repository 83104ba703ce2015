"""How a message looks on Telegram: plain text, and rows of buttons a thumb can hit."""

from __future__ import annotations

from collections.abc import Iterable

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.port import Button, Limits, Rendered

# Half of what the platform takes: with the marks below it still fits, and it is as much as
# anybody reads at once.
LIMITS = Limits(text=2_048, buttons=60, label=48, data=64, cards=False)
_ROW, _ALWAYS_ROW = 36, 36
_IN_A_ROW, _ALWAYS_IN_A_ROW = 2, 3
# What opens an offer stands on a row of its own, below the offers as they are numbered.
_OPENS_AN_OFFER = ":card:"
_RIGHT_TO_LEFT_MARK = "\u200f"


def written(message: Rendered) -> str:
    """The text. A right-to-left line that begins with a number still reads from the right."""
    if message.direction != "rtl":
        return message.text
    return "\n".join(
        _RIGHT_TO_LEFT_MARK + line if line else line for line in message.text.split("\n")
    )


def keyboard(message: Rendered) -> InlineKeyboardMarkup | None:
    """Short choices side by side, long ones below each other, the always-words last."""
    rows = [
        *_rows(message.buttons, _IN_A_ROW, _ROW),
        *_rows(message.always, _ALWAYS_IN_A_ROW, _ALWAYS_ROW),
    ]
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(one.label, callback_data=one.data) for one in row] for row in rows]
    )


def _rows(buttons: Iterable[Button], most: int, width: int) -> list[list[Button]]:
    """Rows of at most `most` buttons; each gets an equal part of `width` characters."""

    def fits(row: list[Button]) -> bool:
        widest = max(len(one.label) for one in row)
        alone = any(_OPENS_AN_OFFER in one.data for one in row)
        return len(row) <= most and widest * len(row) <= width and not alone

    rows: list[list[Button]] = []
    for button in buttons:
        if rows and fits([*rows[-1], button]):
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows
