"""The commands: what they print, and one clear line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from telegram.error import InvalidToken

from bot.app import open_place
from bot.cli import main
from bot.map_keeper import MapKeeper
from knowledge.exchange import EXAMPLE
from tests.house import KEY, settings_in


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings in a folder of the test's own; the NLU service is away."""
    monkeypatch.setenv("VOORDEUR_VAR", str(tmp_path))
    monkeypatch.setenv("VOORDEUR_SECRET_KEY", KEY)
    monkeypatch.setenv("VOORDEUR_NLU_URL", "http://127.0.0.1:9")
    return tmp_path


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, list(words), input=typed)


def test_every_command_explains_itself() -> None:
    for name in main.commands:
        assert run(name, "--help").exit_code == 0


def test_search_finds_the_chess_club_first(env: Path) -> None:
    done = run("search", "iemand om mee te schaken", "--json")
    assert done.exit_code == 0
    assert "schaak" in json.loads(done.stdout)[0]["name"].lower()


def test_a_map_goes_out_and_comes_back_in(env: Path) -> None:
    out = env / "out.zip"
    assert run("export", str(out)).exit_code == 0
    done = run("import", str(out))
    assert done.exit_code == 0, done.output
    assert (env / "map.json").exists()


def test_a_broken_map_changes_nothing_and_names_the_place(env: Path) -> None:
    bad = env / "bad.json"
    bad.write_text('{"services": [{"id": "x", "name": 3}]}', encoding="utf-8")
    done = run("import", str(bad))
    assert done.exit_code == 1
    assert "bad.json" in done.stderr
    assert not (env / "map.json").exists()


def test_an_imported_map_is_taken_over_while_running(env: Path) -> None:
    settings = settings_in(env)
    keeper = MapKeeper(settings, open_place(settings), None)
    assert keeper.changed() is None
    assert run("import", str(EXAMPLE)).exit_code == 0
    fresh = keeper.changed()
    assert fresh is not None
    assert keeper.changed() is None
    (env / "map.json").write_text("rubbish", encoding="utf-8")
    assert keeper.changed() is None


def test_parse_prints_what_a_turn_would_see(env: Path) -> None:
    asked = '{"text": "ik wil niet meer leven"}\n{"text": "in Holtenbroek, \'s avonds"}\n'
    done = run("parse", "--jsonl", typed=asked)
    assert done.exit_code == 0, done.output
    crisis, place = (json.loads(line) for line in done.stdout.splitlines())
    assert crisis["crisis"] == "crisis_suicide"
    assert {entity["value"] for entity in place["entities"]} >= {"holtenbroek", "evening"}


def test_parse_names_the_line_that_is_wrong(env: Path) -> None:
    done = run("parse", "--jsonl", typed='{"text": "hallo"}\nrubbish\n')
    assert done.exit_code == 2
    assert "line 2" in done.stderr


def test_bad_settings_are_one_clear_line(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOORDEUR_PORT", "many")
    done = run("search", "koffie")
    assert done.exit_code == 2
    assert done.stderr.startswith("voordeur: VOORDEUR_PORT:")


def test_a_short_key_is_refused(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOORDEUR_SECRET_KEY", "short")
    done = run("staff", "add", "noor@example.org", "Noor")
    assert done.exit_code == 2
    assert "VOORDEUR_SECRET_KEY" in done.stderr


def test_a_first_login_is_printed_as_long_as_nobody_set_a_password(env: Path) -> None:
    first, second = run("staff", "first").stdout, run("staff", "first").stdout
    assert "/desk/first/" in first
    assert "/desk/first/" in second
    assert first != second


def test_doctor_finds_telegram_whatever_the_slash_and_asks_for_a_staff_chat(
    env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def bot(token: str, base_url: str) -> object:
        asked.append(base_url)
        raise InvalidToken

    monkeypatch.setattr("bot.commands.doctor.telegram.Bot", bot)
    monkeypatch.setenv("VOORDEUR_TELEGRAM_TOKEN", "1:x")
    monkeypatch.setenv("VOORDEUR_TELEGRAM_BASE_URL", "http://127.0.0.1:9/")
    found = json.loads(run("doctor", "--json").stdout)
    assert asked == ["http://127.0.0.1:9/bot"]
    (staff_chat,) = [finding for finding in found if finding["what"] == "staff"]
    assert staff_chat["level"] == "warning"
    assert "VOORDEUR_TELEGRAM_STAFF_CHAT" in staff_chat["message"]


def test_doctor_names_what_is_wrong_and_what_to_do(env: Path) -> None:
    run("staff", "first")
    done = run("doctor", "--json")
    found = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert found["database"]["level"] == "ok"
    assert found["nlu"]["level"] == "error"
    assert "VOORDEUR_NLU_URL" in found["nlu"]["message"]
    assert done.exit_code == 1


def test_doctor_sees_a_key_that_does_not_open_the_database(
    env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("staff", "first")
    monkeypatch.setenv("VOORDEUR_SECRET_KEY", "quite another key of forty signs or more")
    done = run("doctor", "--json")
    found = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert found["database"]["level"] == "error"
    assert "VOORDEUR_SECRET_KEY" in found["database"]["message"]
