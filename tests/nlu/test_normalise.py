"""One spelling for many."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.normalise import clean, fold, normalise


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Ik BEN zo alleen!!!", "ik ben zo alleen"),
        ("zóóóó één café", "zo een cafe"),
        ("don't / zo'n / Zwolle'de", "dont zon zwollede"),
        ("İYİYİM, ıssız", "iyiyim issiz"),
        ("Łódź żółw", "lodz zolw"),
        ("м'ята, їжа, Ґанок, й", "мята їжа ганок й"),
        ("أنا تعبانة جدًّا مـــرة إلى", "انا تعبانه جدا مره الي"),
        ("ز\u200bwo\u200dl\ufeffle ١٢۳", "زwolle 123"),
        ("ik_ben-er", "ik ben er"),
        ("ሓገዝ ፀሓይ ሠናይ ዓዲ፡ እየ።", "ሃገዝ ጸሃይ ሰናይ ኣዲ እየ"),
        ("🙂🙂", ""),
        ("", ""),
    ],
)
def test_words_are_compared_in_one_spelling(typed: str, words: str) -> None:
    assert normalise(typed) == words


def test_a_long_run_is_one_letter_or_two() -> None:
    assert normalise("heeeel") == "hel"
    assert normalise("heeeel", run=2) == "heel"
    assert normalise("heel") == "heel"
    assert normalise("0800 2000000") == "0800 2000000"


def test_an_apostrophe_may_set_an_ending_apart() -> None:
    assert normalise("Holtenbroek’te", apostrophe=" ") == "holtenbroek te"


def test_clean_drops_what_cannot_be_seen_or_sent() -> None:
    assert clean("a\x00b\ud800c\u200bd \n\t e") == "a b cd e"
    assert clean("x" * 5000) == "x" * 2000


@given(st.text())
def test_normal_words_stay_as_they_are(typed: str) -> None:
    once = normalise(typed)
    assert normalise(once) == once
    clean(typed).encode("utf-8")
    fold(typed)


@pytest.mark.parametrize("piece", ["a", "ik ben ", "é", "'", "ـ", "\u200b", "😀"])
def test_a_hundred_thousand_characters_are_no_burden(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    started = time.process_time()
    normalise(text)
    assert time.process_time() - started < 0.5
