"""The command that hands in the template and asks what is approved."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.channels.whatsapp_templates import NAME
from bot.cli import main
from tests.bot.channels.fake_graph import APP_SECRET, PHONE_ID, TOKEN, WABA, FakeGraph, serving
from tests.house import KEY, TestClock


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["whatsapp", "templates", *words])


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in {
        "VAR": str(tmp_path),
        "SECRET_KEY": KEY,
        "LANGUAGES": "nl,ar,so",
        "WHATSAPP_PHONE_ID": PHONE_ID,
        "WHATSAPP_TOKEN": TOKEN,
        "WHATSAPP_APP_SECRET": APP_SECRET,
        "WHATSAPP_VERIFY_TOKEN": "a word",
    }.items():
        monkeypatch.setenv(f"VOORDEUR_{name}", value)
    return monkeypatch


def with_the_platform(env: pytest.MonkeyPatch, story: Callable[[FakeGraph], None]) -> None:
    async def told() -> None:
        async with serving(FakeGraph(clock=TestClock())) as graph:
            env.setenv("VOORDEUR_WHATSAPP_BASE_URL", graph.url)
            env.setenv("VOORDEUR_WHATSAPP_ACCOUNT_ID", WABA)
            await asyncio.to_thread(story, graph)

    asyncio.run(told())


def test_it_prints_one_template_a_language_and_names_those_that_cannot_be(
    env: pytest.MonkeyPatch,
) -> None:
    done = run()
    assert done.exit_code == 0
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["name"], one["language"], one["category"]) for one in printed] == [
        (NAME, "nl", "UTILITY"),
        (NAME, "ar", "UTILITY"),
    ]
    assert "so: WhatsApp has no templates in this language" in done.stderr


def test_it_says_what_is_missing_to_ask_the_platform(env: pytest.MonkeyPatch) -> None:
    done = run("--check")
    assert done.exit_code == 2
    assert "VOORDEUR_WHATSAPP_ACCOUNT_ID" in done.stderr


def test_it_hands_in_what_lacks_and_tells_what_became_of_it(env: pytest.MonkeyPatch) -> None:
    def story(graph: FakeGraph) -> None:
        assert run("--check").stdout.splitlines() == ["nl: not submitted", "ar: not submitted"]
        assert run("--submit").stdout.splitlines() == ["nl: pending", "ar: pending"]
        graph.templates.marks(NAME, "nl", "APPROVED")
        checked = run("--check")
        assert checked.stdout.splitlines() == ["nl: approved", "ar: pending"]
        assert checked.exit_code == 1
        graph.templates.marks(NAME, "ar", "APPROVED")
        assert run("--check").exit_code == 0
        graph.templates.known[NAME, "ar"]["category"] = "MARKETING"
        assert "ar: approved, but filed under marketing" in run("--check").stdout

    with_the_platform(env, story)


def test_a_wrong_token_is_one_clear_line(env: pytest.MonkeyPatch) -> None:
    def story(graph: FakeGraph) -> None:
        env.setenv("VOORDEUR_WHATSAPP_TOKEN", "another")
        done = run("--check")
        assert done.exit_code == 1
        assert "WhatsApp answered with error 190" in done.stderr

    with_the_platform(env, story)
