"""The measuring is part of the product, so it is measured too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlu.evaluate import Case, CasesError, Share, as_json, as_text, read_cases, report
from nlu.types import Intent, Parsed


def case(intent: str, style: str = "direct", also: tuple[str, ...] = ()) -> Case:
    return Case("tekst", intent, also, style, "nl")


def parsed(*names: str, crisis: bool = False, maybe: bool = False) -> Parsed:
    intents = tuple(Intent(name, 0.8 / (index + 1)) for index, name in enumerate(names))
    return Parsed(
        "tekst", "nl", intents=intents,
        crisis="crisis_suicide" if crisis else None,
        crisis_maybe="crisis_suicide" if maybe else None,
    )  # fmt: skip


def test_what_is_right_is_counted() -> None:
    found = report(
        "nl",
        [
            (case("need_debt"), parsed("need_debt")),
            (case("need_debt"), parsed("need_forms", "need_debt")),
            (case("need_debt", also=("need_forms",)), parsed("need_forms")),
            (case("need_debt"), parsed("need_forms", "need_legal", "need_work", "need_debt")),
            (case("greet"), parsed("need_forms")),
            (case("crisis_suicide"), parsed("need_mental", crisis=True)),
            (case("crisis_suicide"), parsed("need_mental", maybe=True)),
            (case("crisis_suicide"), parsed("need_mental")),
            (case("need_grief", style="hard_negative_grief"), parsed("need_grief", crisis=True)),
            (case("need_grief", style="hard_negative_grief"), parsed("need_grief")),
        ],
    )
    assert (found.needs_top1.right, found.needs_top1.total) == (4, 6)
    assert (found.needs_top3.right, found.needs_top3.total) == (5, 6)
    assert (found.crisis_raised.right, found.crisis_raised.total) == (1, 3)
    assert found.crisis_raised_or_asked.right == 2
    assert (found.alarms_hard.right, found.alarms_hard.total) == (1, 2)
    assert (found.alarms_rest.right, found.alarms_rest.total) == (0, 5)
    assert found.confusions[0] == ("need_debt", "need_forms", 2)
    assert "66.7 %" in as_text([found])
    assert json.loads(as_json([found]))[0]["needs_top1"]["right"] == 4


def test_out_of_scope_is_caught_where_few_needs_would_be_refused() -> None:
    def outside(chance: float) -> Parsed:
        return Parsed("tekst", "nl", intents=(Intent("out_of_scope", chance),))

    needs = [(case("need_debt"), outside(number / 100)) for number in range(40)]
    others = [(case("out_of_scope"), outside(chance)) for chance in (0.2, 0.37, 0.375, 0.9)]
    found = report("nl", [*needs, *others]).out_of_scope_caught
    assert (found.right, found.total) == (2, 4)


def test_the_interval_is_wilsons() -> None:
    low, high = Share(97, 100).interval or (0, 0)
    assert round(low, 3) == 0.915
    assert round(high, 3) == 0.990
    assert Share(0, 0).interval is None
    assert str(Share(0, 0)) == "–"


def test_a_file_is_read_with_its_language(tmp_path: Path) -> None:
    path = tmp_path / "tr.jsonl"
    path.write_text(
        '{"text": "a", "intent": "greet"}\n\n{"text": "b", "intent": "stop", "language": "nl"}\n',
        "utf-8",
    )
    first, second = read_cases(path)
    assert (first.language, second.language) == ("tr", "nl")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", ":1: not JSON"),
        ("[]", ":1: must be an object"),
        ('{"text": 3, "intent": "a"}', ":1: text"),
        ('{"text": "a"}', ":1: intent"),
        ('{"text": "a", "intent": "a", "also": "b"}', ":1: also"),
        ("", "no cases"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "nl.jsonl"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(CasesError, match=complaint):
        read_cases(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CasesError, match=r"gone\.jsonl: cannot be read"):
        read_cases(tmp_path / "gone.jsonl")
