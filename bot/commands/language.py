"""`voordeur language`: begin a new language, and name what it still lacks."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import yaml
from babel import Locale, UnknownLocaleError
from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from bot.commands.common import stop
from bot.settings import ROOT
from nlu.check import wanted
from nlu.crisis import KINDS, URGENCY
from nlu.evaluate import CasesError, read_cases
from nlu.sentences import FIRST, NEAR, SOURCES, intents, located, offered, sentences
from nlu.types import Intent
from nlu.words import SCRIPTS, WordsError, load_words

DATA = Path("nlu/data")
MODEL = FIRST[0]  # the language that every other is measured against
HELD_OUT = 250


@click.group()
def language() -> None:
    """Languages that residents are offered, or will be."""


@language.command()
@click.argument("code")
@click.option("--script", type=click.Choice(SCRIPTS), default="Latn", show_default=True)
@click.option("--root", type=click.Path(path_type=Path), default=ROOT, hidden=True)
def add(code: str, script: str, root: Path) -> None:
    """Lay out the folder and the two files of a language; nobody is offered it yet."""
    try:
        locale = Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        stop(f"{code}: no language code that is known, such as de or pap")
    folder, texts, exam = _places(root, code)
    if folder.exists() or texts.exists():
        stop(f"{code}: is there already; `voordeur language check {code}` names what it lacks")
    folder.mkdir(parents=True)
    shape = yaml.safe_load((_places(root, MODEL)[0] / "words.yml").read_text("utf-8"))
    words = {
        **{name: _emptied(value) for name, value in shape.items() if name != "provenance"},
        "name": locale.get_display_name(locale) or code,
        "direction": locale.text_direction,
        "script": script,
        "offered": False,
    }
    _write(folder / "words.yml", words)
    with (folder / "words.yml").open("a", encoding="utf-8") as file:
        file.write("provenance: {source: , since: , reviewed: no}\n")  # read by its line
    _write(folder / "crisis_words.yml", {name: {kind: [] for kind in KINDS} for name in URGENCY})
    # Rasa refuses a block without sentences, so each intent begins as a comment.
    blocks = (f"# - intent: {intent}\n#   examples: |\n" for intent in sorted(intents(root / DATA)))
    (folder / "sentences.yml").write_text('version: "3.1"\nnlu:\n' + "".join(blocks), "utf-8")
    _write_texts(_places(root, MODEL)[1], texts, locale)
    exam.touch()
    click.echo(f"{code}: fill {folder}, {texts} and {exam}; then `voordeur language check {code}`")


@language.command()
@click.argument("code")
@click.option("--root", type=click.Path(path_type=Path), default=ROOT, hidden=True)
def check(code: str, root: Path) -> None:
    """Name what a language lacks; fails while there is something."""
    lacks = list(lacking(root, code))
    for words in lacks:
        click.echo(f"{code}: {words}")
    if not lacks:
        open_to_all = code in offered(root / DATA)
        mark = "offered" if open_to_all else "complete: take `offered: false` out of words.yml"
        click.echo(f"{code}: {mark}")
    sys.exit(1 if lacks else 0)


@language.command()
@click.option("--root", type=click.Path(path_type=Path), default=ROOT, hidden=True)
def coverage(root: Path) -> None:
    """Print what there is of each language, as a table for the docs."""
    click.echo("| language | " + " | ".join(_COLUMNS) + " |")
    click.echo("|---" * (len(_COLUMNS) + 1) + "|")
    for code in offered(root / DATA):
        click.echo(f"| {' | '.join((code, *covered(root, code)))} |")


_COLUMNS = (
    "sentences",
    "fewest and median of a need",
    "crisis",
    "near-misses",
    "out of scope",
    "crisis patterns",
    "exam",
    "map entries",
    "doubts noted",
    *SOURCES,
    "read by a native speaker",
)


def covered(root: Path, code: str) -> Iterator[str]:
    """The cells of a language's row in the coverage table."""
    folder, texts, exam = _places(root, code)
    rows = list(located(root / DATA, code))
    counts = Counter(row.intent for row in rows)
    needs = sorted(counts[name] for name in intents(root / DATA) if Intent(name, 1.0).is_need)
    crises = yaml.safe_load((folder / "crisis_words.yml").read_text("utf-8"))
    words = yaml.safe_load((folder / "words.yml").read_text("utf-8"))
    translated = root / "knowledge" / "data" / "translations" / f"{code}.json"
    yield str(len(rows))
    yield f"{needs[0]}, {needs[len(needs) // 2]}"
    yield str(sum(counts[name] for name in URGENCY))
    yield str(sum(row.path.name == NEAR for row in rows))
    yield str(counts["out_of_scope"])
    yield str(sum(len(kinds[kind]) for kinds in crises.values() for kind in kinds))
    yield str(_held(exam))
    yield str(len(json.loads(translated.read_text("utf-8")))) if translated.exists() else "-"
    yield str(len(words.get("doubts") or ()) + texts.read_text("utf-8").count("\n# doubt"))
    for source in SOURCES:
        yield str(sum(row.origin.source == source for row in rows))
    yield str(sum(row.origin.reviewed for row in rows))


def lacking(root: Path, code: str) -> Iterator[str]:
    """A line for each thing that the language `code` still lacks under `root`."""
    folder, texts, exam = _places(root, code)
    yield from _lacking_texts(texts, _places(root, MODEL)[1])
    try:
        load_words(root / DATA, code)
        words = yaml.safe_load((folder / "words.yml").read_text("utf-8"))
        for name in _empty(words):
            yield f"words.yml: {name}: is empty"
        crises = yaml.safe_load((folder / "crisis_words.yml").read_text("utf-8"))
        for name in _empty(crises):
            yield f"crisis_words.yml: {name}: is empty"
        if not _reviewed(words):
            yield "no native speaker has read it (words.yml: provenance)"
    except (WordsError, OSError, yaml.YAMLError) as error:
        yield str(error)
    counts = Counter(intent for intent, _ in sentences(root / DATA, code))
    for intent in sorted(intents(root / DATA)):
        least = wanted(code, intent)
        if counts[intent] < least:
            yield f"sentences: {intent}: {counts[intent]} of {least}"
    held = _held(exam)
    if held < HELD_OUT:
        yield f"{exam.name}: {held} of {HELD_OUT} held-out messages"


def _places(root: Path, code: str) -> tuple[Path, Path, Path]:
    """The folder and the two files of a language."""
    return (
        root / DATA / code,
        root / "bot" / "texts" / f"{code}.po",
        root / "tests" / "heldout" / f"{code}.jsonl",
    )


def _reviewed(words: Mapping[str, Any]) -> bool:
    """Whether a native speaker has read the language, by its words.yml."""
    return words.get("provenance", {}).get("reviewed") is True


def _held(exam: Path) -> int:
    """How many held-out messages there are."""
    try:
        return len(read_cases(exam))
    except CasesError:
        return 0


def _emptied(value: object) -> object:
    if isinstance(value, dict):
        return {name: _emptied(inner) for name, inner in value.items()}
    return [] if isinstance(value, list) else ""


def _empty(value: object, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _empty(inner, f"{name}.{key}" if name else str(key))
    elif value in ([], "", None):
        yield name


def _write(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")


def _write_texts(model: Path, path: Path, locale: Locale) -> None:
    """A catalogue with every key, the model's words as comments, and nothing filled in."""
    with model.open("rb") as file:
        known = read_po(file)
    fresh = Catalog(locale=locale, project="Voordeur", fuzzy=False)
    for message in known:
        if message.id:
            forms = (message.string,) if isinstance(message.string, str) else message.string or ()
            fresh.add(message.id, auto_comments=[" ".join(forms).replace("\n", " ")])
    with path.open("wb") as file:
        write_po(file, fresh, width=0)


def _lacking_texts(path: Path, model: Path) -> Iterator[str]:
    if not path.exists():
        yield f"{path.name}: is missing"
        return
    with path.open("rb") as file, model.open("rb") as other:
        said = {message.id: message.string for message in read_po(file) if message.id}
        keys = [message.id for message in read_po(other) if message.id]
    lacks = [key for key in keys if not _filled(said.get(key))]
    if lacks:
        names = ", ".join(key if isinstance(key, str) else key[0] for key in lacks[:3])
        yield f"{path.name}: {len(lacks)} of {len(keys)} texts, such as {names}"


def _filled(said: object) -> bool:
    return all(said) if isinstance(said, tuple) else bool(said)
