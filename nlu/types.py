"""What the conversation learns from a text: plain frozen values, no input or output.

Flows import these names. Everything here is a hint, except `Parsed.crisis` and
`Parsed.always`, which come from word lists and hold without the NLU service.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Answer = Literal["yes", "no", "skip"]
Always = Literal["person", "stop", "back", "menu", "language"]
CrisisName = Literal["crisis_suicide", "crisis_violence", "crisis_emergency"]

CRISES: tuple[CrisisName, ...] = ("crisis_suicide", "crisis_violence", "crisis_emergency")
ALWAYS: tuple[Always, ...] = ("person", "stop", "back", "menu", "language")
FILTERS: tuple[str, ...] = (
    "too_expensive",
    "too_far",
    "evening_only",
    "my_language",
    "something_else",
    "more",
    "why",
    "details",
)

# What is asked about, searched for, or worried over: every intent that may be offered as a button.
NEED_LIKE_PREFIXES = ("need_",)
NEED_LIKE_NAMES = frozenset(
    {"neighbour_trouble", "worry_other", "offer_volunteer", "start_initiative", "complaint"}
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where hints become decisions; confidences are calibrated: 0.6 is right in six of ten.

    sure: from this confidence the best intent is acted upon.
    margin: the best must lead the second by this much, unless it is above `plain`.
    plain: from this confidence the margin no longer matters.
    likely: a need below this confidence is not worth a button.
    likely_total: together the likely needs must be at least this probable, else nothing is offered.
    part: from this confidence a part of a message is about something by itself. About one in a
    hundred of the sentences held back then seems to hold two needs; of plain messages with two,
    two in three are found.
    """

    sure: float = 0.42
    margin: float = 0.25
    plain: float = 0.7
    likely: float = 0.08
    likely_total: float = 0.3
    part: float = 0.8


THRESHOLDS = Thresholds()


class EntityKind(StrEnum):
    """The kinds of things found inside a text."""

    NEIGHBOURHOOD = "neighbourhood"  # value: the gazetteer's id
    POSTCODE = "postcode"  # value: "8011" or "8011AB"
    CITY = "city"  # value: "whole"
    TIME = "time"  # value: evening, weekend, morning, afternoon, now
    PRICE = "price"  # value: free, cheap
    LANGUAGE = "language"  # value: a language code
    OTHER = "other"  # value: other; it is about somebody else than who writes


@dataclass(frozen=True, slots=True)
class Intent:
    """One of the contract's intent names with its calibrated probability (0 to 1)."""

    name: str
    confidence: float

    @property
    def is_need(self) -> bool:
        """True for what can be offered as a button: a need, an offer to help, a complaint."""
        return self.name.startswith(NEED_LIKE_PREFIXES) or self.name in NEED_LIKE_NAMES


@dataclass(frozen=True, slots=True)
class Entity:
    """Something named in the text: its kind, its canonical value, and the words that named it."""

    kind: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text means.

    text: as typed, cut to 2,000 characters.
    language: code of the language to answer in (detected, or kept when unsure).
    language_switch: another offered language clearly written in (three words or more), else None.
    intents: every intent, likeliest first; empty when the NLU service was not asked or reached.
    crisis: a crisis recognised by words or by the classifier; handled before anything else.
    crisis_maybe: veiled or doubtful; asks one short warm question. None when `crisis` is set.
    vector: the sentence's 384 numbers (unit length) for search on the social map.
    parts: what the parts of the text are surely about by themselves, each intent once, in the
    order they were told; empty when there is one part, or they were not asked about.
    understood: False without an answer of the NLU service; all else comes from the words then.
    always, answer, filter: the whole message is one of these phrases.
    """

    text: str
    language: str
    language_switch: str | None = None
    intents: tuple[Intent, ...] = ()
    crisis: CrisisName | None = None
    crisis_maybe: CrisisName | None = None
    entities: tuple[Entity, ...] = ()
    vector: tuple[float, ...] | None = None
    parts: tuple[str, ...] = ()
    understood: bool = False
    always: Always | None = None
    answer: Answer | None = None
    filter: str | None = None

    def top(self, n: int = 1) -> tuple[Intent, ...]:
        """The `n` likeliest intents."""
        return self.intents[:n]

    @property
    def sure(self) -> str | None:
        """Name of the intent that is certain enough to act upon."""
        if not self.intents:
            return None
        first = self.intents[0]
        second = self.intents[1].confidence if len(self.intents) > 1 else 0.0
        if first.confidence >= THRESHOLDS.plain:
            return first.name
        if first.confidence >= THRESHOLDS.sure and first.confidence - second >= THRESHOLDS.margin:
            return first.name
        return None

    @property
    def likely(self) -> tuple[str, ...]:
        """The two or three likeliest needs to offer as buttons when nothing is sure, else ()."""
        if self.sure is not None:
            return ()
        needs = [i for i in self.intents if i.is_need and i.confidence >= THRESHOLDS.likely][:3]
        if sum(need.confidence for need in needs) < THRESHOLDS.likely_total:
            return ()
        return tuple(need.name for need in needs)

    def entity(self, kind: str) -> Entity | None:
        """The first entity of a kind."""
        return next((entity for entity in self.entities if entity.kind == kind), None)
