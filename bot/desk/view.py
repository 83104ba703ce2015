"""What the pages show, in the desk's own Dutch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from babel import Locale

from bot.desk.promise import Promise, moment, promise, span
from bot.place import Place
from bot.store.models import Handoff
from bot.store.talks import Words
from bot.texts import MissingTextError, Texts
from flows.say import Line

LANGUAGE = "nl"
OUTCOMES = ("helped", "referred", "not_reached", "not_for_us")
_DUTCH = Locale.parse(LANGUAGE)
_FILE = Path(__file__).parent / "words.yml"
_NUMBER = re.compile(r"\+?[\d\s().\-/]{8,}")
_LATE, _SOON = 0, 1


@dataclass(frozen=True, slots=True)
class Item:
    """A request as it stands in the queue."""

    code: str
    topic: str
    neighbourhood: str
    language: str
    how: str
    wanted: str
    crisis: str | None
    for_other: bool
    promise: Promise
    waits: str
    claimed_by: str | None
    mine: bool
    new_words: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a summary; `call` is a telephone number that can be called."""

    name: str
    value: str
    call: str | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message of a talk as it is shown; `by` is None for the resident."""

    id: int
    at: datetime
    when: str
    text: str
    by: str | None
    delivery: str | None
    state: str | None


class View:
    """Turns what is stored into what is shown."""

    def __init__(self, place: Place, texts: Texts) -> None:
        """Read the desk's words."""
        self.words: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
        self._place = place
        self._texts = texts

    def word(self, group: str, name: str | None) -> str:
        """The word for a short name; the name itself where there is none."""
        found: str = self.words[group].get(name, name or "")
        return found

    def language(self, code: str) -> str:
        """The Dutch name of a language."""
        return str(_DUTCH.languages.get(code, code)).capitalize()

    def topic(self, row: Handoff) -> str:
        """What a request is about."""
        if row.topic is None:
            return "Algemene vraag"
        try:
            line = Line(f"topic.{row.topic}")
            return self._texts.write(line, LANGUAGE, self._place.city.directory)
        except MissingTextError:
            return row.topic

    def neighbourhood(self, row: Handoff) -> str:
        """Where a resident lives, as far as they said."""
        if row.neighbourhood is None:
            return "Niet gezegd"
        found = self._place.city.directory.places.get(row.neighbourhood)
        return row.neighbourhood if found is None else found.name

    def queue(
        self,
        rows: Sequence[tuple[Handoff, str | None]],
        unanswered: frozenset[int],
        me: int,
        now: datetime,
    ) -> list[Item]:
        """The queue: who is in a crisis first, then the nearest promise, kept ones last."""
        ordered = sorted(
            rows,
            key=lambda pair: (
                pair[0].answered_at is not None,
                pair[0].crisis is None,
                pair[0].due_at,
                pair[0].id,
            ),
        )
        return [self.item(row, by, row.id in unanswered, me, now) for row, by in ordered]

    def item(self, row: Handoff, by: str | None, new_words: bool, me: int, now: datetime) -> Item:
        """One request for the queue."""
        return Item(
            code=row.code,
            topic=self.topic(row),
            neighbourhood=self.neighbourhood(row),
            language=self.language(row.language),
            how=self.word("how", row.how),
            wanted=self.word("wanted", row.wanted),
            crisis=self.word("crisis", row.crisis) if row.crisis else None,
            for_other=row.for_other,
            promise=promise(row.due_at, row.answered_at is not None, now),
            waits=span(now - row.opened_at) or "nog maar net",
            claimed_by=by,
            mine=row.claimed_by == me,
            new_words=new_words,
        )

    def summary(self, row: Handoff, details: Mapping[str, Any]) -> list[Fact]:
        """What the resident told the team, line by line; the note stands apart."""
        facts = [Fact("Onderwerp", self.topic(row))]
        if row.entry is not None:
            entry = self._place.city.directory.get(row.entry)
            name = row.entry if entry is None else entry.text("name", LANGUAGE)
            facts.append(Fact("Over dit aanbod", name))
        if row.for_other:
            facts.append(Fact("Voor wie", "Voor iemand anders"))
        facts.append(Fact("Contact", self.word("how", row.how)))
        if contact := details.get("contact"):
            name = "Telefoon" if row.how == "call" else "Nummer of adres"
            facts.append(Fact(name, contact, _callable(contact)))
        facts.append(Fact("Wanneer", self.word("wanted", row.wanted).capitalize()))
        if row.buddy:
            facts.append(Fact("Maatje", "Gaat graag met iemand samen"))
        facts += [
            Fact("Taal", self.language(row.language)),
            Fact("Buurt", self.neighbourhood(row)),
            Fact("Naam", details.get("name") or "Liever zonder naam"),
        ]
        return facts

    def talk(self, words: Sequence[Words], now: datetime) -> list[Spoken]:
        """The talk, with what became of each reply."""
        return [
            Spoken(
                id=one.id,
                at=one.at,
                when=moment(one.at, now),
                text=one.text,
                by=one.by,
                delivery=self._delivery(one),
                state=one.delivery,
            )
            for one in words
        ]

    def _delivery(self, one: Words) -> str | None:
        if one.delivery is None:
            return None
        said = self.word("delivery", one.delivery)
        if one.delivery != "failed":
            return said
        reasons: Mapping[str, str] = self.words["why"]
        return f"{said}: {reasons.get(one.why or '', reasons['other'])}"


def _callable(contact: str) -> str | None:
    if not _NUMBER.fullmatch(contact.strip()):
        return None
    return re.sub(r"[^\d+]", "", contact)
