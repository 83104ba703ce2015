"""Different ways to write one word are one word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.words import LONGEST, normalise, stem, tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("schaken", "schaak"),
        ("schaakt", "schaken"),
        ("wandelen", "wandelt"),
        ("lezen", "lees"),
        ("geven", "geef"),
        ("eenzaam", "eenzam"),
        ("brieven", "brief"),
        ("maatje", "maatjes"),
        ("Café", "cafe"),
        ("İstanbul", "istanbul"),
        ("yalnız", "yalniz"),
        ("łóżko", "lozko"),
        ("الديون", "ديون"),
        ("إدمان", "ادمان"),
        ("مُدَرِّس", "مدرس"),
    ],
)
def test_forms_of_a_word_are_alike(one: str, other: str) -> None:
    assert [stem(t) for t in tokens(one)] == [stem(t) for t in tokens(other)]


@pytest.mark.parametrize(
    ("one", "other"), [("rouw", "bouw"), ("baan", "baas"), ("kind", "kant"), ("huis", "huil")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_invisible_signs_do_not_hide_a_word() -> None:
    assert tokens("schul\u200bden") == ["schulden"]
    assert tokens("\u202eschulden\u202c") == ["schulden"]


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert all(stem(token) for token in tokens(text))


def test_a_flood_of_text_is_cut_off() -> None:
    assert len(tokens("a " * 100_000)) <= LONGEST
