"""Every sentence says where it comes from, by itself, by its file or by its language."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from nlu.check import check
from nlu.sentences import Sentence, located, plain

WRITTEN = "provenance: {source: written, since: 2026-11, reviewed: no}"
MIXED = """\
nlu:
- intent: need_meal
  examples: |
    - samen eten
    - {text: wie kookt er, of bakt: graag, source: adapted, reviewed: yes}
    - {text: soep, reviewed: yes}
"""


def told(tmp_path: Path, content: str, words: str = WRITTEN) -> list[Sentence]:
    """The sentences of a file in a language whose words.yml holds the line `words`."""
    folder = tmp_path / "xx"
    folder.mkdir()
    (folder / "words.yml").write_text(f"name: Xx\n{words}\n", encoding="utf-8")
    (folder / "a.yml").write_text(content, encoding="utf-8")
    return list(located(tmp_path, "xx"))


def origins(rows: list[Sentence]) -> list[tuple[str, str, bool]]:
    return [(row.text, row.origin.source, row.origin.reviewed) for row in rows]


def test_a_sentence_speaks_for_itself_and_the_language_for_the_rest(tmp_path: Path) -> None:
    assert origins(told(tmp_path, MIXED)) == [
        ("samen eten", "written", False),
        ("wie kookt er, of bakt: graag", "adapted", True),
        ("soep", "written", True),
    ]


def test_a_file_speaks_for_its_sentences(tmp_path: Path) -> None:
    rows = told(tmp_path, f"_from: {{source: adapted}}\n{MIXED}")
    assert [row.origin.source for row in rows] == ["adapted"] * 3
    assert [row.origin.reviewed for row in rows] == [False, True, True]


def test_a_language_that_says_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, MIXED, "direction: ltr")[0].origin.source == ""


def test_the_trainer_reads_the_same_sentences(tmp_path: Path) -> None:
    rows = told(tmp_path, f"_from: {{source: adapted}}\n{MIXED}")
    (block,) = yaml.safe_load(plain(rows[0].path.read_text("utf-8")))["nlu"]
    assert block["examples"].splitlines() == [f"- {row.text}" for row in rows]


@pytest.mark.parametrize(
    ("content", "words", "problem"),
    [
        (MIXED.replace("adapted", "copied"), WRITTEN, "a.yml:5: error: copied: no such source"),
        (MIXED.replace("{text: soep", "{soep"), WRITTEN, "a.yml:6: error: no origin that can be"),
        (MIXED.replace("reviewed: yes}", "reviewed: x}", 1), WRITTEN, "a.yml:5: error: no origin"),
        (f"\n_from: adapted\n{MIXED}", WRITTEN, "a.yml:2: error: no origin that can be read"),
        (MIXED, "provenance: {source: , reviewed: no}", "words.yml:2: error: no origin that can"),
        (MIXED, "direction: ltr", "words.yml:0: error: no origin that can be read"),
    ],
)
def test_an_origin_that_cannot_be_read_is_named(
    tmp_path: Path, content: str, words: str, problem: str
) -> None:
    told(tmp_path, content, words)
    found = [str(one) for one in check(tmp_path, "xx", "Latn", ["need_meal"])]
    assert [one for one in found if f"/{problem}" in one]
