"""What the pages show, in the desk's own Dutch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
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


@dataclass(frozen=True, slots=True)
class Item:
    """A request as it stands in the queue; `rests_until` is a moment still to come."""

    code: str
    topic: str
    neighbourhood: str
    language: str
    how: str
    wanted: str
    crisis: str | None
    for_other: bool
    promise: Promise
    asked: str
    claimed_by: str | None
    mine: bool
    new_words: bool
    rests_until: datetime | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a summary; `call` is a telephone number that can be called."""

    name: str
    value: str
    call: str | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message of a talk as it is shown; `by` is None for the resident.

    `shown` is what the resident read of a ready-made reply, in `language`.
    """

    id: int
    at: datetime
    when: str
    text: str
    by: str | None
    delivery: str | None
    state: str | None
    shown: str = ""
    language: str = ""


class View:
    """Turns what is stored into what is shown."""

    def __init__(self, place: Place, texts: Texts) -> None:
        """Read the desk's words."""
        self.words = _words()
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
        return "Algemene vraag" if row.topic is None else self.intent(row.topic)

    def intent(self, name: str) -> str:
        """What somebody means: a topic, or a crisis; the name itself where there is no word."""
        if name in self.words["crisis"]:
            return self.word("crisis", name).capitalize()
        try:
            line = Line(f"topic.{name}")
            return self._texts.write(line, LANGUAGE, self._place.city.directory)
        except MissingTextError:
            return name

    def neighbourhood(self, row: Handoff) -> str:
        """Where a resident lives, as far as they said."""
        if row.neighbourhood is None:
            return "Buurt onbekend"
        found = self._place.city.directory.places.get(row.neighbourhood)
        return row.neighbourhood if found is None else found.name

    def queue(
        self,
        rows: Sequence[tuple[Handoff, str | None]],
        unanswered: frozenset[int],
        me: int,
        now: datetime,
    ) -> list[Item]:
        """The queue, in the order in which people wait."""
        items = [self.item(row, by, row.id in unanswered, me, now) for row, by in rows]
        return sorted(items, key=_turn)

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
            promise=promise(row.due_at, row.answered_at is not None, now, wrote=new_words),
            asked=_asked(row.opened_at, now),
            claimed_by=by,
            mine=row.claimed_by == me,
            new_words=new_words,
            rests_until=row.snoozed_until if is_resting(row, now) else None,
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
                shown=one.shown,
                language=one.language,
            )
            for one in words
        ]

    def held(self, rows: Sequence[tuple[str, str, int]]) -> list[str]:
        """What waits until residents write: how many, in which language, and why."""
        reasons: Mapping[str, str] = self.words["why"]
        return [
            f"{count} in het {self.language(language)}: {reasons.get(reason, reasons['other'])}."
            for reason, language, count in rows
        ]

    def _delivery(self, one: Words) -> str | None:
        if one.delivery is None:
            return None
        said = self.word("delivery", one.delivery)
        if one.delivery not in ("failed", "held"):
            return said
        reasons: Mapping[str, str] = self.words["why"]
        return f"{said}: {reasons.get(one.why or '', reasons['other'])}"


def is_resting(row: Handoff, now: datetime) -> bool:
    """Whether somebody let a request rest until a moment still to come."""
    return row.snoozed_until is not None and row.snoozed_until > now


def _turn(item: Item) -> tuple[int, datetime]:
    """Who comes first: a crisis, my own talks with new words, then the nearest promise.

    What was given back waits for somebody, answered or not. What I let rest stands below.
    """
    waits = item.promise.level not in ("kept", "wrote") or item.claimed_by is None
    if item.mine and item.rests_until is not None:
        rank = 5
    elif waits and item.crisis:
        rank = 0
    elif item.mine and item.promise.level == "wrote":
        rank = 1
    elif waits:
        rank = 2
    else:
        rank = 3 if item.promise.level == "wrote" else 4
    return rank, item.promise.due


def _asked(at: datetime, now: datetime) -> str:
    waited = span(now - at)
    return f"{waited} geleden gevraagd" if waited else "net gevraagd"


def _callable(contact: str) -> str | None:
    if not _NUMBER.fullmatch(contact.strip()):
        return None
    return re.sub(r"[^\d+]", "", contact)


@cache
def _words() -> Mapping[str, Any]:
    words: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return words
