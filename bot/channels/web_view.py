"""How the web chat looks: pages and messages as HTML, in the language of the conversation."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.channels import web_text
from bot.channels.port import Button, Rendered
from bot.channels.render import parse_data
from bot.channels.web_static import StaticFiles
from bot.place import Place
from bot.texts import Texts
from flows.always import WORDS
from flows.say import Line

_FOLDER = Path(__file__).parent / "web_page"
_HERE = "whole_city"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer with the id under which it is kept; None for one that could not be kept."""

    id: int | None
    message: Rendered


@dataclass(frozen=True, slots=True)
class Page:
    """What one showing of the page is about."""

    language: str
    answers: Sequence[Kept] = ()
    start: str = ""
    problem: str | None = None
    notice: str | None = None
    unsent: str = ""


class View:
    """Writes HTML. Everything a person wrote is escaped."""

    def __init__(self, texts: Texts, place: Place, neutral: str) -> None:
        """`neutral` is the address where "leave this page" goes."""
        self._texts = texts
        self._place = place
        self._neutral = neutral
        names = ("chat.css", "chat.js", "door.svg")
        self.files = StaticFiles("/chat/static", _FOLDER, names)
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(paragraphs=web_text.paragraphs, line=web_text.line)

    def word(self, language: str, key: str) -> str:
        """One of the page's own texts."""
        city = self._place.city
        params = {"team": city.team.name, "city": city.team.city, **city.team.lines}
        return self._texts.write(Line(key, params), language, city.directory)

    def page(self, page: Page) -> str:
        """The whole page."""
        language = page.language
        newest = max((seq_of(kept.message) for kept in page.answers), default=-1)
        letters = (
            self._letter(kept, current=seq_of(kept.message) in (-1, newest))
            for kept in page.answers
        )
        return self._templates.get_template("page.html").render(
            page=page,
            direction=self._texts.direction(language),
            languages=self._texts.languages,
            always=WORDS,
            letters=Markup("").join(letters),
            seen=max((kept.id or 0 for kept in page.answers), default=0),
            neutral=self._neutral,
            file=self.files.url,
            new_key=_new_key,
            word=lambda key: self.word(language, key),
            **self._emergency(),
        )

    def _emergency(self) -> dict[str, str]:
        return {"emergency": self._place.city.team.lines["emergency"]}

    def event(self, kept: Kept) -> str:
        """An answer as the data of a server-sent event: one line of JSON."""
        message = kept.message
        return json.dumps(
            {
                "html": str(self._letter(kept, current=True)),
                "seq": seq_of(message),
                "language": message.language,
            }
        )

    def _letter(self, kept: Kept, *, current: bool) -> Markup:
        message = kept.message
        shown = self._templates.get_template("message.html").render(
            kept=kept,
            message=message,
            seq=seq_of(message),
            current=current,
            asks_place=any(_code(button) == _HERE for button in message.buttons),
            new_key=_new_key,
            word=lambda key: self.word(message.language, key),
        )
        return Markup(shown)  # noqa: S704 - written by a template that escapes


def _new_key() -> str:
    return secrets.token_urlsafe(24)


def _buttons(message: Rendered) -> list[Button]:
    opening = [card.button for card in message.cards if card.button is not None]
    return [*opening, *message.buttons]


def seq_of(message: Rendered) -> int:
    """The turn whose choices a message offers; -1 for a message without choices."""
    taps = (parse_data(button.data) for button in _buttons(message))
    return max((tap.seq for tap in taps if tap and tap.seq is not None), default=-1)


def _code(button: Button) -> str | None:
    tap: Any = parse_data(button.data)
    return None if tap is None else tap.choice
