"""A small model of three intents, trained by Rasa and served by a process of its own."""

# ruff: noqa: S105, S310, S603 - a process of ours, on loopback
from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nlu.server.model import ROOT, Project
from nlu.server.train import train

TOKEN = "a-token-for-tests"
DEADLINE = 4.0  # seconds that a request may wait here; in use it is longer
CORPUS = {
    "need_debt": [
        "schuld",
        "deurwaarder",
        "rekening",
        "betalen",
        "aanmaning",
        "incasso",
        "lenen",
        "krediet",
    ],
    "need_sport": [
        "sport",
        "bewegen",
        "zwemmen",
        "fietsen",
        "fitness",
        "wandelen",
        "gymnastiek",
        "hardlopen",
    ],
    "out_of_scope": ["weer", "voetbal", "recept", "mop", "film", "muziek", "vakantie", "auto"],
}
FRAMES = ["ik heb een vraag over {}", "mijn moeder wil iets met {}", "{} hoe werkt dat", "help {}"]


def trained(root: Path) -> Project:
    """The project below `root`, an empty folder, trained."""
    folder = root / "nlu" / "data" / "nl"
    folder.mkdir(parents=True)
    lines = ['version: "3.1"', "nlu:"]
    for intent, words in CORPUS.items():
        lines += [f"- intent: {intent}", "  examples: |"]
        lines += [f"    - {frame.format(word)}" for word in words for frame in FRAMES]
    (folder / "all.yml").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "words.yml").write_text("name: Nederlands\n", "utf-8")
    shutil.copy(ROOT / "config.yml", root / "config.yml")
    here = Path.cwd()
    try:
        assert train(Project(root), "made-for-tests") == 0
    finally:
        os.chdir(here)
    return Project(root)


@contextmanager
def served(project: Project) -> Iterator[str]:
    """The address at which the project's model is served meanwhile."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (
        "import sys; from pathlib import Path; from nlu.server import model, serve;"
        "serve.Project = lambda: model.Project(Path(sys.argv[1]));"
        "serve.DEADLINE = float(sys.argv[3]);"
        "sys.exit(serve.main(['--port', sys.argv[2]]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, project.root, str(port), str(DEADLINE)],
        cwd=ROOT,
        env={**os.environ, "VOORDEUR_NLU_TOKEN": TOKEN},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                ask(address, "/health")
                break
            except urllib.error.URLError:
                assert process.poll() is None
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def ask(url: str, path: str, body: Any = None, token: str = TOKEN) -> tuple[int, Any]:
    """Status and answer; `body` is sent as JSON, or as it is when it is bytes."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, {"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
