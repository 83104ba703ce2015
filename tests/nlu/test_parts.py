"""A message in parts, and what each of them means by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from nlu.client import Reading
from nlu.entities import EntityFinder
from nlu.parts import MOST_PARTS, parts
from nlu.types import THRESHOLDS, Intent, Parsed
from nlu.understand import Understander
from tests.conversation import LANGUAGES
from tests.nlu.loaded import crisis_words, detector, words

SURE = THRESHOLDS.part
TWO = "ik heb schulden en ik ben zo alleen"
DEBT, ALONE = "ik heb schulden", "ik ben zo alleen"


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("nl", "Ik heb schulden. Ik ben alleen!", ("Ik heb schulden", "Ik ben alleen")),
        ("nl", "ik heb schulden\nik ben alleen", ("ik heb schulden", "ik ben alleen")),
        ("nl", TWO, (DEBT, ALONE)),
        ("en", "I have debts AND I feel lonely", ("I have debts", "I feel lonely")),
        ("pl", "mam długi i jestem sama", ("mam długi", "jestem sama")),
        ("uk", "шукаю роботу і хочу вчити мову", ("шукаю роботу", "хочу вчити мову")),
        ("ar", "عندي ديون، وأنا وحيد", ("عندي ديون", "وأنا وحيد")),
        ("ti", "ሆላንድኛ ክመሃር ደልየ፣ ስራሕ ድማ ይደሊ", ("ሆላንድኛ ክመሃር ደልየ", "ስራሕ ድማ ይደሊ")),
    ],
)
def test_parts_end_at_stops_lines_and_the_word_for_and(
    language: str, text: str, found: tuple[str, ...]
) -> None:
    assert parts(text, language) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "ik heb schulden",
        "hallo, ik heb schulden",
        "brieven en formulieren",
        "mijn eigen energie is op",
        "om 14:30 heb ik een afspraak",
        "ik heb 1.250 euro schuld",
        "dit is zo, " * (MOST_PARTS + 1),
    ],
)
def test_what_is_one_part_or_a_whole_story_has_none(text: str) -> None:
    assert parts(text, "nl") == ()


@pytest.mark.parametrize("language", [*LANGUAGES, "xx"])
def test_every_language_splits_at_least_at_stops(language: str) -> None:
    assert parts("aa bb. cc dd", language) == ("aa bb", "cc dd")


@dataclass
class Narrow:
    """A line that says what it was told each text means, one at a time."""

    means: dict[str, tuple[str, float]]
    asked: list[str] = field(default_factory=list)

    def reading(self, text: str) -> Reading:
        self.asked.append(text)
        name, confidence = self.means.get(text, ("out_of_scope", 0.5))
        return Reading((Intent(name, confidence),), None)

    async def parse(self, text: str) -> Reading | None:
        return self.reading(text)


@dataclass
class Wide(Narrow):
    """The same for several texts at once; `slow` never answers those."""

    slow: bool = False

    async def parse_many(self, texts: Sequence[str]) -> list[Reading] | None:
        if self.slow:
            await asyncio.Event().wait()
        return [self.reading(text) for text in texts]


def hears(text: str, line: Narrow) -> Parsed:
    understander = Understander(
        words(), crisis_words(), detector(), EntityFinder(words(), {}, ()), line
    )
    return asyncio.run(understander.parse(text, "nl"))


def meaning(**changes: tuple[str, float]) -> dict[str, tuple[str, float]]:
    usual = {TWO: ("need_debt", 0.99), DEBT: ("need_debt", 1.0), ALONE: ("need_contact", SURE)}
    return {**usual, **changes}


def test_each_part_tells_what_it_is_surely_about() -> None:
    parsed = hears(TWO, Wide(meaning()))
    assert parsed.parts == ("need_debt", "need_contact")
    assert parsed.sure == "need_debt"


def test_a_part_that_is_unsure_tells_nothing() -> None:
    unsure = {ALONE: ("need_contact", SURE - 0.01)}
    assert hears(TWO, Wide(meaning(**unsure))).parts == ("need_debt",)


def test_parts_of_what_is_no_need_are_not_asked_about() -> None:
    line = Wide(meaning(**{TWO: ("thanks", 0.9)}))
    assert hears(TWO, line).parts == ()
    assert line.asked == [TWO]


def test_parts_of_a_crisis_are_not_asked_about() -> None:
    cry = "ik wil niet meer leven, en ik heb schulden"
    line = Wide({cry: ("need_debt", 0.9)})
    parsed = hears(cry, line)
    assert parsed.crisis or parsed.crisis_maybe
    assert line.asked == [cry]


def test_a_line_that_reads_one_text_at_a_time_is_asked_for_the_whole_alone() -> None:
    line = Narrow(meaning())
    assert hears(TWO, line).parts == ()
    assert line.asked == [TWO]


def test_parts_that_take_too_long_are_done_without() -> None:
    parsed = hears(TWO, Wide(meaning(), slow=True))
    assert parsed.parts == ()
    assert parsed.sure == "need_debt"


def test_a_crisis_in_one_part_is_asked_about() -> None:
    debt, cry = "ik heb schulden", "het hoeft allemaal niet meer zo"
    text = f"{debt} en {cry}"
    means = {text: ("need_debt", 0.99), debt: ("need_debt", 1.0), cry: ("crisis_suicide", 0.95)}
    assert hears(text, Wide(means)).crisis_maybe == "crisis_suicide"
