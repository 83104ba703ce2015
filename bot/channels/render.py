"""From what a flow says to messages within a channel's limits: once, for all channels."""

from __future__ import annotations

import re

from bot.channels.port import Button, Limits, Rendered, RenderedCard, Tap
from bot.texts import Texts
from flows.always import COMMANDS, WORDS
from flows.say import Choice, Line, Say
from knowledge.directory import Directory

_ELLIPSIS = "…"
_SENTENCE_END = re.compile(r"(?<=[.!?…؟。])\s+|\n+")
_DATA = re.compile(r"(\d{1,9}):([a-zA-Z0-9_:.\-]{1,48})", re.ASCII)


def render(
    say: Say, language: str, seq: int, limits: Limits, texts: Texts, directory: Directory
) -> tuple[Rendered, ...]:
    """Write one message, in as many platform messages as the limits ask for.

    Choices and the words that always hold are on the last of them.
    """

    def line(one: Line) -> str:
        return texts.write(one, language, directory)

    def button(choice: Choice) -> Button:
        return Button(_short(line(choice.label), limits.label), data(seq, choice.code))

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
        opening = [button(card.choice) for card in say.cards if card.choice is not None]
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
    parts = split(body, limits.text)
    last = Rendered(
        text=parts[-1],
        language=language,
        direction=direction,
        cards=cards,
        buttons=tuple(buttons[: limits.buttons]),
        always=always,
    )
    before = tuple(
        Rendered(text=part, language=language, direction=direction) for part in parts[:-1]
    )
    return (*before, last)


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
    """Cut a text into parts of at most `most` characters: at sentences, else words, else hard."""
    if len(text) <= most:
        return [text]
    parts: list[str] = []
    rest = text
    while len(rest) > most:
        cut = _cut(rest, most)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _cut(text: str, most: int) -> int:
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, most)]
    if ends and ends[-1] > most // 3:
        return ends[-1]
    space = text.rfind(" ", 0, most)
    return space if space > most // 3 else most


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + _ELLIPSIS
