"""From what a flow says to messages within a channel's limits: once, for all channels."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.channels.port import Button, Limits, Rendered, RenderedCard, Tap
from bot.texts import Texts
from flows.always import COMMANDS, WORDS
from flows.say import Choice, Line, Say
from knowledge.directory import Directory

_ELLIPSIS = "…"
_SENTENCE_END = re.compile(r"(?<=[.!?…؟。])\s+|\n+")
_ONE_UNIT = "\uffff"
_DATA = re.compile(r"(\d{1,9}):([a-zA-Z0-9_:.\-]{1,48})", re.ASCII)


def render(
    say: Say, language: str, seq: int, limits: Limits, texts: Texts, directory: Directory
) -> tuple[Rendered, ...]:
    """Write one message, in as many platform messages as the limits ask for.

    Choices are on the last of them, or on several where they are many; the words that always
    hold are on the very last.
    """

    def line(one: Line) -> str:
        return texts.write(one, language, directory)

    def button(choice: Choice, number: str = "") -> Button:
        label = number + line(choice.label)
        short = _short(label, limits.label)
        detail = "" if short == label else _short(line(choice.label), limits.detail)
        return Button(short, data(seq, choice.code), detail)

    body = line(Line(say.key, say.params))
    cards: tuple[RenderedCard, ...] = ()
    buttons = [button(choice) for choice in say.choices]
    if limits.cards:
        cards = tuple(
            RenderedCard(
                title=texts.value(card.title, language, directory),
                lines=tuple(line(one) for one in card.lines),
                button=None if card.choice is None else button(card.choice),
            )
            for card in say.cards
        )
    else:
        numbered = len(say.cards) > 1
        for number, card in enumerate(say.cards, start=1):
            title = texts.value(card.title, language, directory)
            heading = f"{number}. {title}" if numbered else title
            body = "\n".join((body, "", heading, *(line(one) for one in card.lines)))
        opening = [
            button(card.choice, f"{number}. " if numbered and limits.detail else "")
            for number, card in enumerate(say.cards, start=1)
            if card.choice is not None
        ]
        buttons = opening + buttons
    return _in_messages(body, cards, buttons, language, limits, texts, directory)


def _in_messages(
    body: str,
    cards: tuple[RenderedCard, ...],
    buttons: list[Button],
    language: str,
    limits: Limits,
    texts: Texts,
    directory: Directory,
) -> tuple[Rendered, ...]:
    direction = texts.direction(language)
    always = tuple(
        Button(texts.write(Line(f"always.{word}"), language, directory), f"always:{word}")
        for word in WORDS
    )
    *before, last = split(body, limits.text)
    if limits.text_above is not None:
        *more, last = split(last, limits.text_above)
        before += more
    pages = [buttons[at : at + limits.buttons] for at in range(0, len(buttons), limits.buttons)]
    going_on = texts.write(Line("engine.more_choices"), language, directory)
    messages = [Rendered(text=part, language=language, direction=direction) for part in before]
    messages += [
        Rendered(
            text=last if number == 0 else going_on,
            language=language,
            direction=direction,
            cards=cards if number == 0 else (),
            buttons=tuple(page),
        )
        for number, page in enumerate(pages or [[]])
    ]
    return (*messages[:-1], replace(messages[-1], always=always))


def data(seq: int, code: str) -> str:
    """What comes back when a choice is tapped."""
    return f"{seq}:{code}"


def parse_data(text: str) -> Tap | None:
    """Read what came back from a button; None for rubbish."""
    if text.startswith("always:"):
        word = text.removeprefix("always:")
        return Tap(text) if word in (*WORDS, *COMMANDS) else None
    match = _DATA.fullmatch(text)
    return None if match is None else Tap(match[2], int(match[1]))


def split(text: str, most: int) -> list[str]:
    """Cut a text into parts of at most `most` units: at sentences, else words, else hard.

    Units are those of UTF-16, in which platforms count: most signs are one, an emoji is two.
    """
    parts: list[str] = []
    rest = text
    while (room := _room(rest, most)) < len(rest):
        cut = _cut(rest, room)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest or not parts else parts


def _room(text: str, most: int) -> int:
    """How many characters of a text fit into so many units."""
    if len(text) * 2 <= most or (len(text) <= most and text.isascii()):
        return len(text)
    units = 0
    for number, sign in enumerate(text):
        units += 2 if sign > _ONE_UNIT else 1
        if units > most:
            return number
    return len(text)


def _cut(text: str, most: int) -> int:
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, most)]
    if ends and ends[-1] > most // 3:
        return ends[-1]
    space = text.rfind(" ", 0, most)
    return space if space > most // 3 else most


def _short(label: str, most: int) -> str:
    if not most:
        return ""
    return label if len(label) <= most else label[: most - 1].rstrip() + _ELLIPSIS
