"""Writes the desk's pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from bot.channels.web_static import StaticFiles
from bot.clock import CITY
from bot.desk import rest
from bot.desk.desk import Desk
from bot.desk.promise import moment
from bot.desk.view import View

_HERE = Path(__file__).parent
_FILES = ("tokens.css", "desk.css", "desk.js", "icon.svg")


class Pages:
    """The templates with what every page needs."""

    def __init__(self, desk: Desk) -> None:
        """Read the templates, the words and the files."""
        self.files = StaticFiles("/desk/static", _HERE / "static", _FILES)
        self.view = View(desk.place, desk.texts)
        self._clock = desk.clock
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            file=self.files.url,
            word=self.view.word,
            moment=self._moment,
            iso=_iso,
            slot=rest.name,
            team=desk.place,
        )

    def show(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page. Raises jinja2's UndefinedError for a value that was forgotten."""
        return HTMLResponse(
            self._templates.get_template(template).render(**values), status_code=status
        )

    def refuse(self, status: int, title: str, lines: Sequence[str]) -> HTMLResponse:
        """A page that says what is wrong and how to go on."""
        return self.show("message.html", status, title=title, lines=lines, me=None)

    def _moment(self, at: datetime) -> str:
        return moment(at, self._clock())


def _iso(at: datetime) -> str:
    return at.astimezone(CITY).isoformat(timespec="minutes")
