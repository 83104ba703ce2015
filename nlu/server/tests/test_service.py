"""The whole way on a small corpus: train with Rasa, serve without TensorFlow, answer strictly.

Runs in the NLU environment: nlu/server/.venv/bin/python -m pytest nlu/server/tests
"""

# ruff: noqa: S106, S603 - a token for tests, a process of ours
from __future__ import annotations

import base64
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nlu.server.model import ROOT, Project
from nlu.server.tests.served import CORPUS, ask


def test_a_text_gets_all_intents_and_a_vector(url: str) -> None:
    status, answer = ask(url, "/parse", {"text": "de deurwaarder komt om een rekening"})
    assert status == 200
    assert answer["model"] == "made-for-tests"
    names = [entry["name"] for entry in answer["intents"]]
    assert names[0] == "need_debt"
    assert sorted(names) == sorted(CORPUS)
    assert abs(sum(entry["confidence"] for entry in answer["intents"]) - 1) < 0.001
    vector = struct.unpack("<384f", base64.b64decode(answer["vector"]))
    assert abs(sum(number * number for number in vector) - 1) < 0.01


def test_a_batch_answers_as_single_texts_do(url: str) -> None:
    texts = ["zwemmen of fietsen", "ik krijg een aanmaning", ""]
    _, batch = ask(url, "/parse/batch", {"texts": texts})
    for text, found in zip(texts, batch["results"], strict=True):
        _, single = ask(url, "/parse", {"text": text})
        assert found["intents"][0]["name"] == single["intents"][0]["name"]


def test_passages_are_embedded(url: str) -> None:
    status, answer = ask(url, "/embed", {"texts": ["schaken in het buurthuis", "voedselbank"]})
    assert status == 200
    assert len(answer["vectors"]) == 2
    assert ask(url, "/embed", {"texts": []})[1]["vectors"] == []


@pytest.mark.parametrize(
    "text",
    ["", "🙂", "\x00", "a\ud800b", "\u200b" * 500, "[" * 100_000, "/need_debt", "؟" * 3000],
)
def test_rubbish_is_answered(url: str, text: str) -> None:
    status, answer = ask(url, "/parse", {"text": text})
    assert status == 200
    assert len(answer["intents"]) == len(CORPUS)


def test_a_slash_does_not_choose_the_intent(url: str) -> None:
    _, answer = ask(url, "/parse", {"text": '/out_of_scope{"a": "b"}'})
    assert answer["intents"][0]["confidence"] < 1.0


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/parse", b"{", 400),
        ("/parse", b"[" * 500_000, 400),
        ("/parse", b"\xff\xfe", 400),
        ("/parse", [], 422),
        ("/parse", {"text": 3}, 422),
        ("/parse", b'"' + b"a" * 1_100_000 + b'"', 413),
        ("/parse/batch", {"texts": ["a"] * 65}, 422),
        ("/parse/batch", {"texts": "a"}, 422),
        ("/embed", {"texts": ["a"], "kind": "other"}, 422),
        ("/model", {"file": "x"}, 404),
    ],
)
def test_what_is_off_the_contract_is_refused(url: str, path: str, body: Any, status: int) -> None:
    assert ask(url, path, body)[0] == status


@pytest.mark.parametrize("path", ["/health", "/parse", "/parse/batch", "/embed"])
def test_without_the_token_nothing_is_answered(url: str, path: str) -> None:
    body = None if path == "/health" else {"text": "a", "texts": ["a"]}
    assert ask(url, path, body, token="another")[0] == 401


def test_serving_stays_small_and_without_tensorflow(project: Project) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from nlu.server.model import Model, Project;"
        "Model(Project(Path(sys.argv[1]))).parse(['ik heb schulden']);"
        "status = Path('/proc/self/status').read_text();"
        "print('tensorflow' in sys.modules, status.split('VmRSS:')[1].split()[0])"
    )
    shown = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(project.root)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert shown[0] == "False"
    assert int(shown[1]) < 500_000  # kilobytes


def test_what_was_trained_is_known(project: Project, tmp_path: Path) -> None:
    assert project.trained_hash() == "made-for-tests"
    before = project.source_hash()
    (project.data / "nl" / "more.yml").write_text("nlu: []\n", "utf-8")
    assert project.source_hash() != before
    (project.data / "nl" / "more.yml").unlink()
    assert project.source_hash() == before
    assert Project(tmp_path).trained_hash() is None
