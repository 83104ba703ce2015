"""The conversation in a terminal."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App, StartError
from bot.channels import terminal
from tests.house import Meaning, TestClock, settings_in


async def typing(*lines: str) -> AsyncIterator[str]:
    for line in lines:
        yield line


def talk(folder: Path, *lines: str, language: str | None = None, save: Path | None = None) -> str:
    """Everything on the screen after these lines were typed."""
    meaning = Meaning()
    meaning.means["ik zoek gezelschap"] = "need_contact"
    app = App(settings_in(folder), clock=TestClock(), understander=meaning)
    screen: list[str] = []
    asyncio.run(terminal.chat(app, language, save, lines=typing(*lines), write=screen.append))
    return "\n".join(screen)


def test_a_resident_is_helped_by_typing_words_numbers_and_labels(tmp_path: Path) -> None:
    seen = talk(tmp_path, "ik zoek gezelschap", "Holtenbroek", "1", "praat met het team")
    assert seen.startswith("Hallo!")
    assert "In welke buurt" in seen
    assert "  1. " in seen
    assert "Hoe wil je contact" in seen.split("\n\n", 1)[1]


def test_always_words_and_commands_work(tmp_path: Path) -> None:
    seen = talk(tmp_path, "MENU", "/mydata", "/start need_debt")
    assert "Waar gaat het over" in seen
    assert "Dit is alles wat ik van je bewaar" in seen
    assert "In welke buurt" in seen


def test_a_number_that_is_no_choice_is_a_text(tmp_path: Path) -> None:
    assert "begreep ik niet" in talk(tmp_path, "99")


def test_the_conversation_begins_in_the_language_that_was_asked(tmp_path: Path) -> None:
    assert ": English" in talk(tmp_path, "/mydata", language="en")


def test_the_conversation_is_saved_as_a_test_that_runs(tmp_path: Path) -> None:
    saved = tmp_path / "test_saved.py"
    words = 'mijn "bsn" is 111222333'
    talk(tmp_path, "ik zoek gezelschap", "Holtenbroek", "1", words, save=saved)
    story = saved.read_text(encoding="utf-8")
    assert '.says("ik zoek gezelschap", "need_contact").hears("find_help.ask_place")' in story
    assert '.taps("card:1").hears("offer.details")' in story
    assert "111222333" not in story
    finished: dict[str, object] = {}
    exec(compile(story, str(saved), "exec"), finished)
    test = finished["test_a_conversation"]
    assert callable(test)
    test()


def test_a_file_that_cannot_be_written_is_said_before_the_talk(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="--save"):
        talk(tmp_path, save=tmp_path / "nowhere" / "test.py")


def test_lines_are_read_from_a_pipe_in_whatever_pieces_they_come() -> None:
    source, target = os.pipe()

    async def read() -> list[str]:
        return [line async for line in terminal.typed(source)]

    def write() -> None:
        for piece in ("één\ntw", "ee", "\n\ndrie"):
            os.write(target, piece.encode())
        os.close(target)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert asyncio.run(read()) == ["één", "twee", "", "drie"]
    finally:
        writer.join()
        os.close(source)


def test_lines_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "typed").write_text("een\ntwee\n", encoding="utf-8")

    async def read() -> list[str]:
        with (tmp_path / "typed").open("rb") as file:
            return [line async for line in terminal.typed(file.fileno())]

    assert asyncio.run(read()) == ["een", "twee", ""]
