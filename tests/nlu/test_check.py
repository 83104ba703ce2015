"""What is wrong with training sentences is named by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.check import Problem, check, pairs
from nlu.evaluate import read_cases
from nlu.sentences import intents, sentences
from tests.nlu.loaded import DATA, HELD_OUT, LANGUAGES, words

INTENTS = ("need_meal", "need_sport")


def found(tmp_path: Path, *lines: str, held_out: tuple[str, ...] = ()) -> list[str]:
    """The errors and warnings, thin intents apart, as "line: level: words"."""
    folder = tmp_path / "xx"
    folder.mkdir()
    (folder / "a.yml").write_text("\n".join(lines), encoding="utf-8")
    problems = check(tmp_path, "xx", "Latn", INTENTS, held_out)
    return [f"{p.line}: {p.level}: {p.words}" for p in problems if p.line]


def block(intent: str, *texts: str) -> tuple[str, ...]:
    return (f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts))


def test_a_sentence_that_stands_twice(tmp_path: Path) -> None:
    lines = block("need_meal", "Samen eten?", "samen  ETEN")
    assert found(tmp_path, *lines) == ["4: error: need_meal: stands at a.yml:3 already"]


def test_a_sentence_under_two_intents(tmp_path: Path) -> None:
    lines = (*block("need_meal", "samen eten"), *block("need_sport", "samen eten"))
    assert found(tmp_path, *lines) == ["6: error: need_sport: is need_meal at a.yml:3"]


def test_sentences_that_differ_in_a_letter(tmp_path: Path) -> None:
    lines = block(
        "need_meal",
        "ik wil graag op dinsdag met andere mensen samen eten",
        "ik wil graag op dinsdag met andere mensen samen etten",
        "wie kookt er bij jullie op zondag voor de buurt",
    )
    assert found(tmp_path, *lines) == ["4: warning: need_meal: nearly the same as a.yml:3"]


def test_a_held_out_message_may_not_be_learnt(tmp_path: Path) -> None:
    lines = block("need_meal", "Ik wil graag samen eten op dinsdag!", "ik kook nooit")
    (error,) = found(tmp_path, *lines, held_out=("ik wil graag samen eten op dinsdag",))
    assert error == "3: error: need_meal: is, or nearly is, a held-out message"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("где поесть вместе", "written in Cyrl, not Latn"),
        ("bel mij op 06 12 34 56 78", "an address or a number of somebody"),
        ("mail naar a.jansen@example.org", "an address or a number of somebody"),
    ],
)
def test_what_does_not_belong_in_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    assert found(tmp_path, *block("need_meal", text)) == [f"3: error: need_meal: {words}"]


def test_an_intent_that_does_not_exist(tmp_path: Path) -> None:
    assert found(tmp_path, *block("need_meals", "eten")) == ["3: error: need_meals: no such intent"]


def test_many_that_begin_alike(tmp_path: Path) -> None:
    ends = ("brood", "soep", "rijst", "een stamppot", "vis op vrijdag", "iets warms", "fruit")
    texts = [f"ik wil graag {end}" for end in ends]
    (warning,) = found(tmp_path, *block("need_meal", *texts))
    assert warning == "3: warning: need_meal: 7 of 7 begin with 'ik wil graag'"


def test_too_few_are_named(tmp_path: Path) -> None:
    (tmp_path / "xx").mkdir()
    problems = check(tmp_path, "xx", "Latn", INTENTS)
    words = "need_meal: 0 sentences, 50 are wanted"
    assert Problem("warning", tmp_path / "xx", 0, words) in problems


def test_pairs_are_those_that_comparing_all_would_find() -> None:
    texts = [text for _, text in sentences(DATA, "nl")][:100]
    texts += [text + " nog" for text in texts[:20]]
    every = {pair for start in range(len(texts)) for pair in _with(texts, start)}
    assert every
    assert set(pairs(texts)) == every


def _with(texts: list[str], start: int) -> set[tuple[int, int]]:
    others = range(start + 1, len(texts))
    return {(start, other) for other in others if list(pairs([texts[start], texts[other]]))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentences_that_are_shipped_have_no_error(language: str) -> None:
    exam = [case.text for case in read_cases(HELD_OUT / f"{language}.jsonl")]
    problems = check(DATA, language, words()[language].script, intents(DATA), exam)
    assert [str(problem) for problem in problems if problem.level == "error"] == []
