"""Which requests of the queue are shown: by neighbourhood, topic, language and way of contact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.desk.view import View
from bot.store.models import Handoff

# What a form says of a request that has no neighbourhood or topic.
UNKNOWN = "-"
_READ: Mapping[str, Callable[[Handoff], str]] = {
    "place": lambda row: row.neighbourhood or UNKNOWN,
    "topic": lambda row: row.topic or UNKNOWN,
    "language": lambda row: row.language,
    "how": lambda row: row.how,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to choose by; `options` are values with their Dutch words, those in the queue."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str


@dataclass(frozen=True, slots=True)
class Sieve:
    """What was chosen, by field; a field that is not there lets everything through."""

    chosen: Mapping[str, str]

    def lets_through(self, row: Handoff) -> bool:
        """Whether a request is shown."""
        return all(_READ[name](row) == value for name, value in self.chosen.items())

    def link(self, show: str) -> str:
        """The query of a link that keeps what was chosen."""
        return urlencode({"show": show, **self.chosen})

    def fields(self, rows: Sequence[Handoff], view: View) -> list[Field]:
        """The fields with what can be chosen, in the order of the Dutch words."""
        words: Mapping[str, Callable[[Handoff], str]] = {
            "place": view.neighbourhood,
            "topic": view.topic,
            "language": lambda row: view.language(row.language),
            "how": lambda row: view.word("how", row.how),
        }
        return [self._field(name, rows, view, words[name]) for name in _READ]

    def _field(
        self, name: str, rows: Sequence[Handoff], view: View, word: Callable[[Handoff], str]
    ) -> Field:
        found: dict[str, str] = {}
        for row in rows:
            value = _READ[name](row)
            if value not in found:
                found[value] = word(row)
        chosen = self.chosen.get(name, "")
        if chosen:
            # Nobody waits who fits any more: the choice is still shown, so that it can be undone.
            found.setdefault(chosen, view.word("field", "nobody"))
        options = sorted(found.items(), key=lambda option: option[1].casefold())
        return Field(name, view.word("field", name), options, chosen)


def sieve(query: Mapping[str, str]) -> Sieve:
    """What a page's address asks for."""
    return Sieve({name: query[name] for name in _READ if query.get(name)})
