"""Measures understanding on a file of messages with their right answers.

A line of the file: {"text", "intent", "also": [other right answers], "style", "language"?}.
What is in brackets in the printed table is the 95 % interval (Wilson).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu.client import NluClient, Reading
from nlu.language import CLEAR_WORDS
from nlu.normalise import clean
from nlu.types import CRISES, Intent, Parsed
from nlu.understand import MAX_CHARACTERS, Understander

HARD_NEGATIVE = "hard_negative"
WORST = 15
REFUSED = 0.05  # share of needs that may be refused where out of scope is told apart
CRISES_SET = frozenset(CRISES)


class CasesError(ValueError):
    """A file that cannot be evaluated; the message names file, line and field."""


@dataclass(frozen=True, slots=True)
class Case:
    """A message and what would be right."""

    text: str
    intent: str
    also: tuple[str, ...]
    style: str
    language: str
    directness: str = ""

    @property
    def right(self) -> frozenset[str]:
        """Every answer that counts as right."""
        return frozenset((self.intent, *self.also))

    @property
    def is_need(self) -> bool:
        """True when the first right answer is one that a search or a button can serve."""
        return Intent(self.intent, 1.0).is_need

    @property
    def is_crisis(self) -> bool:
        """True when a crisis is meant."""
        return self.intent in CRISES

    @property
    def is_long(self) -> bool:
        """True from three words on."""
        return len(self.text.split()) >= CLEAR_WORDS

    @property
    def is_hard_negative(self) -> bool:
        """True for an idiom, a film, a grief: words of a crisis without one."""
        return self.style.startswith(HARD_NEGATIVE)


@dataclass(frozen=True, slots=True)
class Share:
    """So many right of so many."""

    right: int
    total: int

    @classmethod
    def of(cls, outcomes: Iterable[bool]) -> Share:
        """Counts outcomes."""
        counted = list(outcomes)
        return cls(sum(counted), len(counted))

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None of nothing."""
        return self.right / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of Wilson."""
        if not self.total:
            return None
        z, n, p = 1.96, self.total, self.right / self.total
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "right": self.right,
            "total": self.total,
            "share": self.value,
            "interval": self.interval,
        }

    def __str__(self) -> str:
        if self.value is None or self.interval is None:
            return "–"
        low, high = self.interval
        return f"{100 * self.value:.1f} % ({100 * low:.0f}-{100 * high:.0f}) of {self.total}"


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured in one language (or in all)."""

    language: str
    needs_top1: Share
    needs_top3: Share
    by_intent: dict[str, tuple[Share, Share]]
    crisis_raised: Share
    crisis_raised_or_asked: Share
    crisis_direct: Share
    crisis_indirect: Share
    alarms_hard: Share
    asked_hard: Share
    alarms_rest: Share
    asked_rest: Share
    out_of_scope: Share
    out_of_scope_caught: Share
    language_long: Share
    language_short: Share
    confusions: tuple[tuple[str, str, int], ...]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        shares = {
            name: value.as_json()
            for name in self.__slots__
            if isinstance(value := getattr(self, name), Share)
        }
        return {
            "language": self.language,
            **shares,
            "by_intent": {
                name: {"top1": top1.as_json(), "top3": top3.as_json()}
                for name, (top1, top3) in self.by_intent.items()
            },
            "confusions": [
                {"meant": meant, "named": named, "times": times}
                for meant, named, times in self.confusions
            ],
        }


class ReadAhead:
    """A line that knows already what the service makes of each case.

    Read in batches, which takes a third of the time; and no answer comes too late, so that a busy
    machine measures the same.
    """

    def __init__(self, readings: Mapping[str, Reading]) -> None:
        self._readings = readings

    @classmethod
    async def of(cls, cases: Iterable[Case], client: NluClient) -> ReadAhead | None:
        """Asks the service about all cases; None when it fails."""
        texts = [clean(case.text, MAX_CHARACTERS) for case in cases]
        readings = await client.parse_many(texts)
        return None if readings is None else cls(dict(zip(texts, readings, strict=True)))

    async def parse(self, text: str) -> Reading | None:
        """What the service said of `text`."""
        return self._readings[text]


def read_cases(path: Path, language: str | None = None) -> list[Case]:
    """The cases of a JSONL file; CasesError names the first line that is not one.

    language: for lines that name none; without it the file's name must begin with a code
    ("nl.jsonl").
    """
    fallback = language or path.stem.split("_")[0].split("-")[0]
    cases = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CasesError(f"{path}: cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
        except ValueError as error:
            raise CasesError(f"{path}:{number}: not JSON: {error}") from error
        cases.append(_case(raw, f"{path}:{number}", fallback))
    if not cases:
        raise CasesError(f"{path}: no cases")
    return cases


def _case(raw: Any, where: str, language: str) -> Case:
    if not isinstance(raw, dict):
        raise CasesError(f"{where}: must be an object")
    for name in ("text", "intent"):
        if not isinstance(raw.get(name), str):
            raise CasesError(f"{where}: {name}: must be a string")
    also = raw.get("also", [])
    if not isinstance(also, list) or not all(isinstance(name, str) for name in also):
        raise CasesError(f"{where}: also: must be a list of intents")
    style = str(raw.get("style", ""))
    return Case(
        raw["text"],
        raw["intent"],
        tuple(also),
        style,
        language=str(raw.get("language", language)),
        directness=str(raw.get("directness", style)),
    )


async def evaluate(cases: Sequence[Case], understander: Understander) -> list[Report]:
    """A report a language in the order met, and one of all when there are several."""
    parsed = [await understander.parse(case.text, case.language) for case in cases]
    pairs = list(zip(cases, parsed, strict=True))
    languages = list(dict.fromkeys(case.language for case in cases))
    reports = [
        report(language, [pair for pair in pairs if pair[0].language == language])
        for language in languages
    ]
    return reports if len(languages) == 1 else [*reports, report("all", pairs)]


def report(language: str, pairs: Sequence[tuple[Case, Parsed]]) -> Report:
    """Counts what was right."""
    needs = [pair for pair in pairs if pair[0].is_need]
    crises = [pair for pair in pairs if pair[0].is_crisis]
    calm = [pair for pair in pairs if not CRISES_SET & pair[0].right]
    hard = [pair for pair in calm if pair[0].is_hard_negative]
    rest = [pair for pair in calm if not pair[0].is_hard_negative]
    outside = [pair for pair in pairs if pair[0].intent == "out_of_scope"]
    intents = sorted({case.intent for case, _ in pairs})
    wrong = Counter(
        (case.intent, _named(parsed)) for case, parsed in pairs if not _right(case, parsed, 1)
    )
    return Report(
        language=language,
        needs_top1=Share.of(_right(case, parsed, 1) for case, parsed in needs),
        needs_top3=Share.of(_right(case, parsed, 3) for case, parsed in needs),
        by_intent={
            name: (
                Share.of(_right(c, p, 1) for c, p in pairs if c.intent == name),
                Share.of(_right(c, p, 3) for c, p in pairs if c.intent == name),
            )
            for name in intents
        },
        crisis_raised=Share.of(bool(p.crisis) for _, p in crises),
        crisis_raised_or_asked=_heard(crises),
        crisis_direct=_heard(pair for pair in crises if pair[0].directness == "direct"),
        crisis_indirect=_heard(pair for pair in crises if pair[0].directness == "indirect"),
        alarms_hard=Share.of(bool(p.crisis) for _, p in hard),
        asked_hard=Share.of(bool(p.crisis_maybe) for _, p in hard),
        alarms_rest=Share.of(bool(p.crisis) for _, p in rest),
        asked_rest=Share.of(bool(p.crisis_maybe) for _, p in rest),
        out_of_scope=Share.of(p.sure is None or p.sure == "out_of_scope" for _, p in outside),
        out_of_scope_caught=_caught(outside, needs),
        language_long=Share.of(p.language == c.language for c, p in pairs if c.is_long),
        language_short=Share.of(p.language == c.language for c, p in pairs if not c.is_long),
        confusions=tuple(
            (meant, named, times) for (meant, named), times in wrong.most_common(WORST)
        ),
    )


def _caught(outside: Sequence[tuple[Case, Parsed]], needs: Sequence[tuple[Case, Parsed]]) -> Share:
    """Of what is out of scope, what its chance tells apart while few needs would be refused."""
    chances = sorted(_outside_chance(parsed) for _, parsed in needs)
    level = chances[math.ceil(len(chances) * (1 - REFUSED)) - 1] if chances else 1.0
    return Share.of(_outside_chance(parsed) > level for _, parsed in outside)


def _outside_chance(parsed: Parsed) -> float:
    return sum(hint.confidence for hint in parsed.intents if hint.name == "out_of_scope")


def _heard(crises: Iterable[tuple[Case, Parsed]]) -> Share:
    return Share.of(bool(parsed.crisis or parsed.crisis_maybe) for _, parsed in crises)


def _right(case: Case, parsed: Parsed, n: int) -> bool:
    """Right within the first `n`; a crisis that was raised is right for a case that means one."""
    if case.is_crisis and parsed.crisis in case.right:
        return True
    return any(intent.name in case.right for intent in parsed.top(n))


def _named(parsed: Parsed) -> str:
    first = parsed.top(1)
    return first[0].name if first else "(nothing)"


_ROWS = {
    "needs_top1": "needs, first answer right",
    "needs_top3": "needs, right within three",
    "crisis_raised": "crisis raised",
    "crisis_raised_or_asked": "crisis raised or asked about",
    "crisis_direct": "of those said directly",
    "crisis_indirect": "of those only hinted at",
    "alarms_hard": "false alarms on hard negatives",
    "asked_hard": "asked about without need, hard negatives",
    "alarms_rest": "false alarms on the rest",
    "asked_rest": "asked about without need, the rest",
    "out_of_scope": "out of scope not taken for something else",
    "out_of_scope_caught": "out of scope caught where 5 % of needs would be refused",
    "language_long": "language right, three words or more",
    "language_short": "language right, one or two words",
}


def as_text(reports: Sequence[Report]) -> str:
    """The tables for people."""
    lines = []
    for found in reports:
        lines += [
            f"## {found.language}",
            "",
            "| what | measured |",
            "|---|---|",
            *(f"| {label} | {getattr(found, name)} |" for name, label in _ROWS.items()),
            "",
            "| intent | first | within three |",
            "|---|---|---|",
            *(
                f"| {name} | {top1} | {top3} |"
                for name, (top1, top3) in sorted(
                    found.by_intent.items(), key=lambda item: item[1][0].value or 0.0
                )
            ),
            "",
            "Most confused: "
            + "; ".join(
                f"{meant} taken for {named} ({times})" for meant, named, times in found.confusions
            ),
            "",
        ]
    return "\n".join(lines)


def as_summary(reports: Sequence[Report]) -> str:
    """One table with a column for each language, in percent with 95 % intervals."""
    head = " | ".join(found.language for found in reports)
    rows = (
        f"| {label} | " + " | ".join(_percent(getattr(found, name)) for found in reports) + " |"
        for name, label in _ROWS.items()
    )
    return "\n".join((f"| % | {head} |", "|---|" + "---|" * len(reports), *rows))


def _percent(share: Share) -> str:
    """The share with its 95 % interval; nothing of nothing."""
    if share.value is None or share.interval is None:
        return ""
    low, high = share.interval
    return f"{100 * share.value:.1f} ({100 * low:.0f}-{100 * high:.0f})"


def as_json(reports: Sequence[Report]) -> str:
    """The same for programs."""
    return json.dumps([found.as_json() for found in reports], ensure_ascii=False)
