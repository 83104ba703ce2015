"""Sentences that mean the same in two languages are found; what samples are taken from stays put.

Runs in the NLU environment: nlu/server/.venv/bin/python -m pytest nlu/server/tests
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nlu.sentences import Origin, Sentence
from nlu.server.across import Twin, compared, margins, table, twins
from nlu.server.encoder import Encoder, packaged_model
from nlu.server.holdback import held_back
from nlu.server.model import Project
from nlu.server.sample import sample

DUTCH = (
    "ik wil leren zwemmen maar ik ben al vijftig",
    "mijn scootmobiel staat al een week stil in de schuur",
    "de buren draaien elke nacht harde muziek",
    "ik zoek een kamer voor mijn dochter van twintig",
    "hoe laat gaat de bibliotheek morgen open",
    "mijn man drinkt te veel en ik schaam me",
)
ENGLISH = (
    "i want to learn how to swim but i am already fifty",
    "nobody ever asks how my mother is doing",
    "they cut off our electricity this morning",
    "where can i bring my old paint",
    "my son does not dare to go to school any more",
    "we would like to start a garden with the street",
)


def rows(language: str, texts: Sequence[str], intent: str = "need_sport") -> list[Sentence]:
    path = Path("nlu/data") / language / "a.yml"
    origin = Origin("written", False, path, 0)
    return [Sentence(intent, text, path, line, origin) for line, text in enumerate(texts, 1)]


@pytest.fixture(scope="module")
def vectors() -> tuple[np.ndarray, np.ndarray]:
    encoder = Encoder(packaged_model())
    return encoder.queries(DUTCH), encoder.queries(ENGLISH)


def test_a_translated_sentence_is_found(vectors: tuple[np.ndarray, np.ndarray]) -> None:
    (twin,) = twins(rows("nl", DUTCH), rows("en", ENGLISH), vectors)
    assert (twin.one.text, twin.other.text) == (DUTCH[0], ENGLISH[0])


def test_not_under_another_intent(vectors: tuple[np.ndarray, np.ndarray]) -> None:
    other = rows("en", ENGLISH, "need_meal")
    assert list(twins(rows("nl", DUTCH), other, vectors)) == []


def test_what_is_near_to_everything_is_no_twin() -> None:
    everywhere = np.full((4, 4), 0.5)  # unit vectors that are all the same
    assert margins(everywhere, everywhere) == pytest.approx(np.ones((4, 4)))


def test_the_table_counts_a_sentence_once() -> None:
    dutch, english, german = rows("nl", DUTCH), rows("en", ENGLISH), rows("de", ENGLISH)
    found = [
        Twin(1.1, dutch[0], english[0]),
        Twin(1.1, dutch[0], english[1]),
        Twin(1.1, dutch[0], german[0]),
    ]
    assert table({"nl": 4, "en": 4, "de": 2}, found)[2:] == [
        "| nl | - | 25.0 | 25.0 | 25.0 | 4 |",
        "| en | 50.0 | - | 0.0 | 50.0 | 4 |",
        "| de | 50.0 | 0.0 | - | 50.0 | 2 |",
    ]


def test_what_is_looked_at_is_what_is_held_back_and_a_few_more(tmp_path: Path) -> None:
    folder = tmp_path / "nlu" / "data" / "nl"
    folder.mkdir(parents=True)
    texts = [f"{text}, zei {name}" for text in DUTCH for name in ("opa", "oma", "tante", "oom")]
    block = "".join(f"    - {text}\n" for text in [*texts, "te kort"])
    (folder / "a.yml").write_text(f"nlu:\n- intent: need_sport\n  examples: |\n{block}", "utf-8")
    held = {text for text in texts if held_back(text)}
    assert held
    assert {row.text for row in compared(Project(tmp_path), "nl", 0)} == held
    more = [row.text for row in compared(Project(tmp_path), "nl", 3)]
    assert len(more) == len(held) + 3
    assert "te kort" not in more


def test_a_sample_keeps_most_of_what_it_had_when_others_come() -> None:
    texts = [f"zin {number}" for number in range(100)]
    before = {texts[place] for place in sample(texts[:90], 20)}
    after = {texts[place] for place in sample(texts, 20)}
    assert len(after) == 20
    assert len(before & after) >= 15
