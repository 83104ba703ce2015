"""What an administrator sees who set something wrong: one clear line, never a traceback."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from tests.house import KEY


@pytest.fixture(autouse=True)
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings in a folder of the test's own; the NLU service is away."""
    monkeypatch.setenv("VOORDEUR_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("VOORDEUR_SECRET_KEY", KEY)
    monkeypatch.setenv("VOORDEUR_NLU_URL", "http://127.0.0.1:9")


def the_line(done: Result) -> str:
    """The only line a command that refused printed."""
    assert done.exit_code == 2, done.output
    (line,) = done.stderr.splitlines()
    return line


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DATABASE_URL", "foo", "not a URL"),
        ("DATABASE_URL", "mysql://root@127.0.0.1/x", "mysql cannot be used"),
        ("DATABASE_URL", "sqlite://", "needs a file"),
        ("DATABASE_URL", "postgresql://x@127.0.0.1:9/x", "refused"),
        ("DATABASE_URL", "sqlite:////proc/x/v.db", "/proc/x"),
        ("LANGUAGES", "nl,xx", "no 'xx'"),
        ("LANGUAGES", "", "at least one"),
        ("LOG_LEVEL", "foo", "WARNING"),
        ("VAR", "/proc/x", "/proc/x"),
        ("KEEP_HANDOFF", "0", "greater than or equal to 1"),
        ("SECRET_KEY", "short", "32"),
    ],
)
@pytest.mark.parametrize("command", [("serve",), ("staff", "first")])
def test_a_bad_value_is_one_line_that_names_it(
    command: tuple[str, ...], name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"VOORDEUR_{name}", value)
    line = the_line(run(*command))
    assert line.startswith(f"voordeur: VOORDEUR_{name}: ")
    assert told in line


@pytest.mark.parametrize("missing", ["PHONE_ID", "TOKEN", "APP_SECRET", "VERIFY_TOKEN"])
def test_whatsapp_does_not_start_by_halves(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"PHONE_ID": "1065", "TOKEN": "t", "APP_SECRET": "s", "VERIFY_TOKEN": "v"}
    for name, value in values.items():
        if name != missing:
            monkeypatch.setenv(f"VOORDEUR_WHATSAPP_{name}", value)
    line = the_line(run("serve"))
    assert line.startswith(f"voordeur: VOORDEUR_WHATSAPP_{missing} must be set")


def test_the_id_of_a_number_is_no_telephone_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOORDEUR_WHATSAPP_PHONE_ID", "+31 38 123")
    assert the_line(run("serve")).startswith("voordeur: VOORDEUR_WHATSAPP_PHONE_ID: ")


def test_a_port_in_use_is_told_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("VOORDEUR_PORT", str(taken.getsockname()[1]))
        assert "VOORDEUR_PORT" in the_line(run("serve"))


def test_an_address_of_another_machine_cannot_be_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOORDEUR_HOST", "192.0.2.1")
    assert "VOORDEUR_HOST=192.0.2.1" in the_line(run("serve"))


def test_levels_may_be_written_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOORDEUR_LOG_LEVEL", "warning")
    assert run("staff", "first").exit_code == 0
