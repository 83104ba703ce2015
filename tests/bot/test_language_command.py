"""A new language is a folder and two files, and what it lacks is named."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.texts import Texts
from nlu.sentences import offered
from tests.conversation import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The languages there are, in a folder of the test's own."""
    shutil.copytree(ROOT / "nlu" / "data" / "nl", tmp_path / "nlu" / "data" / "nl")
    (tmp_path / "bot" / "texts").mkdir(parents=True)
    shutil.copy(ROOT / "bot" / "texts" / "nl.po", tmp_path / "bot" / "texts")
    (tmp_path / "tests" / "heldout").mkdir(parents=True)
    return tmp_path


def run(project: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["language", *words, "--root", str(project)])


def test_a_new_language_is_not_offered_and_says_what_it_lacks(project: Path) -> None:
    assert run(project, "add", "so").exit_code == 0
    assert offered(project / "nlu" / "data") == ("nl",)
    told = run(project, "check", "so")
    assert told.exit_code == 1
    for lack in (
        "so.po: ",
        "words.yml: always.person: is empty",
        "words.yml: provenance.source: is empty",
        "crisis_words.yml: crisis_suicide.raise: is empty",
        "sentences: need_meal: 0 of 50",
        "so.jsonl: 0 of 250 held-out messages",
        "no native speaker has read it",
    ):
        assert lack in told.output


def test_what_is_filled_in_is_no_longer_named(project: Path) -> None:
    run(project, "add", "de")
    folder = project / "nlu" / "data" / "de"
    for path in (project / "nlu" / "data" / "nl").glob("*.yml"):
        shutil.copy(path, folder)
    texts = (project / "bot" / "texts" / "nl.po").read_text("utf-8")
    (project / "bot" / "texts" / "de.po").write_text(
        texts.replace("Language: nl", "Language: de"), "utf-8"
    )
    told = run(project, "check", "de").output.splitlines()
    assert told == [
        "de: no native speaker has read it (words.yml: provenance)",
        "de: de.jsonl: 0 of 250 held-out messages",
    ]
    assert "de" in offered(project / "nlu" / "data")
    assert Texts(["de"], project / "bot" / "texts").direction("de") == "ltr"


def test_the_table_counts_by_sentence_where_they_come_from(project: Path) -> None:
    money = project / "nlu" / "data" / "nl" / "money.yml"
    content = money.read_text("utf-8")
    first = re.search(r"^    - (.+)$", content, re.MULTILINE)
    assert first
    spoken = f"    - {{text: {first[1]}, source: adapted, reviewed: yes}}"
    money.write_text(content.replace(first[0], spoken, 1), "utf-8")
    head, _, row = run(project, "coverage").output.splitlines()
    cells = dict(zip(head.split(" | "), row.split(" | "), strict=True))
    assert cells["adapted"] == "1"
    assert int(cells["written"]) == int(cells["sentences"]) - 1
    assert cells["read by a native speaker |"] == "1 |"


def test_a_language_that_is_there_or_unknown_is_refused(project: Path) -> None:
    assert "is there already" in run(project, "add", "nl").output
    assert "no language code" in run(project, "add", "zz").output


def test_what_two_languages_share_is_named_by_place_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(ROOT / "nlu" / "data" / "nl" / "home.yml")
    words = "need_meal: means the same as en/home.yml:5 (1.05)"
    told = {"warnings": [[place, 3, words]], "table": ["| % | nl | en |"]}
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\necho '{json.dumps(told)}'\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr("bot.commands.nlu.PYTHON", program)
    monkeypatch.setattr("bot.commands.nlu.settings", lambda: SimpleNamespace(languages=()))
    done = CliRunner().invoke(main, ["data", "check", "--across", "--all"])
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        f"nlu/data/nl/home.yml:3: warning: {words}",
        "| % | nl | en |",
        "0 errors, 1 warnings",
    ]


def test_what_two_languages_share_needs_the_nlu_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.commands.nlu.PYTHON", tmp_path / "python")
    done = CliRunner().invoke(main, ["data", "check", "--across"])
    assert done.exit_code == 2
    assert "run `make install`" in done.output
