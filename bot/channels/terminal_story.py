"""Writes a conversation down as a test that somebody can finish."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from bot import bsn
from bot.app import App
from bot.channels.port import Channel, Content, Location, Other, Rendered, Start, Tap, Text
from bot.outbox import Outbox
from flows.say import Say

_WIDTH = 100
_HEAD = '''"""A conversation to finish: give it a name, and keep what matters."""

from __future__ import annotations

from flows.state import State
from tests.conversation import Resident


def test_a_conversation() -> None:
    resident = Resident(State(language={language}))
'''


@dataclass
class _Exchange:
    call: str
    keys: list[str] = field(default_factory=list)


class Story:
    """Watches what an app says. To be made before the app starts."""

    def __init__(self, app: App, language: str) -> None:
        self._app = app
        self._language = language
        self._exchanges: list[_Exchange] = []
        app.outbox = Outbox(app.database, app.channels, self._render, app.clock)

    def _render(self, say: Say, language: str, seq: int, channel: Channel) -> tuple[Rendered, ...]:
        if self._exchanges:
            self._exchanges[-1].keys.append(say.key)
        return self._app.render(say, language, seq, channel)

    async def note(self, content: Content, language: str | None) -> None:
        """Write down what the resident does next, in a conversation in `language`."""
        match content:
            case Text(text):
                words = bsn.mask(text.strip())
                call = f"says({', '.join(await self._meaning(words, language))})"
            case Tap(choice):
                call = f"taps({_quoted(choice)})"
            case Start(payload):
                call = f"opens({_quoted(payload) if payload else ''})"
            case Other(kind):
                call = f"sends({_quoted(kind)})"
            case Location(latitude, longitude):
                near = self._app.place.city.directory.places.nearest(latitude, longitude)
                call = f"shares_location_in({_quoted(near.id) if near else None})"
        self._exchanges.append(_Exchange(call))

    async def _meaning(self, words: str, language: str | None) -> list[str]:
        parsed = await self._app.understander.parse(words, language or self._language)
        if parsed.sure:
            return [_quoted(words), _quoted(parsed.sure)]
        if parsed.likely:
            several = ", ".join(_quoted(name) for name in parsed.likely)
            return [_quoted(words), f"({several},)"]
        return [_quoted(words)]

    def as_test(self) -> str:
        """The conversation so far, as a Python file."""
        lines = [_HEAD.format(language=_quoted(self._language)).rstrip("\n")]
        for exchange in self._exchanges:
            call = f"    resident.{exchange.call}"
            heard = ", ".join(_quoted(key) for key in exchange.keys)
            check = f".hears({heard})" if heard else ".hears_nothing()"
            if len(call + check) <= _WIDTH:
                lines.append(call + check)
            else:
                lines += [call, f"    resident{check}"]
        return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
