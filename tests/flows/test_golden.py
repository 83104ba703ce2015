"""The real words, whole conversations long: a changed word is seen and read before it is kept."""

from __future__ import annotations

import pytest

from tests.conversation import LANGUAGES
from tests.golden import FOLDER, ON_WHATSAPP, on_whatsapp, transcript


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_are_those_that_were_read(language: str) -> None:
    kept = (FOLDER / f"{language}.txt").read_text(encoding="utf-8")
    assert transcript(language) == kept, "read the difference, then run: python -m tests.golden"


@pytest.mark.parametrize("language", ON_WHATSAPP)
def test_the_words_on_whatsapp_are_those_that_were_read(language: str) -> None:
    kept = (FOLDER / f"whatsapp.{language}.txt").read_text(encoding="utf-8")
    assert on_whatsapp(language) == kept, "read the difference, then run: python -m tests.golden"
