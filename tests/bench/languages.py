"""Compares our language detector with packages that could take its place: two Markdown tables.

    python -m tests.bench.languages

Neither package is a dependency; one that is missing is named and left out. To compare them too:

    python3.11 -m venv ELSEWHERE
    ELSEWHERE/bin/pip install pyyaml lingua-language-detector py3langid
    ELSEWHERE/bin/python -m tests.bench.languages

Our detector learns from every other training sentence. The first table is of the rest, by the
same hands; the second of the messages in tests/heldout, by others. Each candidate has a process
of its own, so that its memory can be told.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from nlu.language import LanguageDetector, script_of
from nlu.normalise import normalise
from nlu.sentences import offered, sentences
from nlu.words import load_words

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "nlu" / "data"
HELD_OUT = ROOT / "tests" / "heldout"
OURS_ALONE = frozenset({"pap", "ti"})  # languages that lingua does not know
CLASSES = ("1-2 words", "3-5 words", "6 or more", "romanised")
MISSING = 3  # exit status of a child whose package is not installed
NO_LANGUAGE = ""  # a conversation that has none yet: the bare proposal is wanted


@dataclass(frozen=True, slots=True)
class Message:
    """A text, the language it is in, and which of `CLASSES` it counts in."""

    text: str
    language: str
    kind: str


Detect = Callable[[Message], str]


def proposal() -> Detect:
    """Our detector's bare proposal, whatever the conversation's language."""
    detector = learnt()
    return lambda message: detector.detect(message.text, NO_LANGUAGE).language


def elsewhere() -> Detect:
    """Our detector as used, in a conversation held in another language."""
    detector = learnt()
    priors = {"nl": "en"}
    return lambda message: (
        detector.detect(message.text, priors.get(message.language, "nl")).language
    )


def at_home() -> Detect:
    """Our detector as used, in a conversation held in the message's language."""
    detector = learnt()
    return lambda message: detector.detect(message.text, message.language).language


def lingua(low: bool) -> Detect:
    """The package lingua, among the languages that it knows; `low`: its quicker way."""
    package = import_module("lingua")
    codes = {
        str(language.iso_code_639_1.name).lower(): language for language in package.Language.all()
    }
    known = [codes[code] for code in offered(DATA) if code in codes]
    builder = package.LanguageDetectorBuilder.from_languages(*known)
    if low:
        builder = builder.with_low_accuracy_mode()
    detector = builder.build()

    def detect(message: Message) -> str:
        found = detector.detect_language_of(message.text)
        return str(found.iso_code_639_1.name).lower() if found else NO_LANGUAGE

    return detect


def py3langid() -> Detect:
    """The package py3langid, among the languages that it knows."""
    package = import_module("py3langid.langid")
    identifier = package.LanguageIdentifier.from_model_file(package.MODEL_FILE)
    known = set(identifier.nb_classes) & set(offered(DATA))
    identifier.set_languages(sorted(known))
    return lambda message: str(identifier.classify(message.text)[0])


CANDIDATES: Mapping[str, Callable[[], Detect]] = {
    "ours, bare proposal": proposal,
    "ours, in a conversation of another language": elsewhere,
    "ours, in a conversation of the same language": at_home,
    "lingua": partial(lingua, low=False),
    "lingua, low accuracy": partial(lingua, low=True),
    "py3langid": py3langid,
}


def halves(language: str) -> tuple[list[str], list[str]]:
    """Every other training sentence, and those of the rest that are not among them."""
    texts = [text for _, text in sentences(DATA, language)]
    known = {normalise(text) for text in texts[::2]}
    return texts[::2], [text for text in texts[1::2] if normalise(text) not in known]


def learnt() -> LanguageDetector:
    """Our detector, of every other training sentence."""
    languages = offered(DATA)
    words = {code: load_words(DATA, code) for code in languages}
    return LanguageDetector(words, {code: halves(code)[0] for code in languages})


def sorted_in(texts: Sequence[str], language: str, script: str) -> Iterator[Message]:
    """The texts with the class of each; those without a word count in none."""
    for text in texts:
        size = sum(any(map(str.isalpha, word)) for word in normalise(text).split())
        if size >= 3 and script != "Latn" and script_of(text) == "Latn":
            yield Message(text, language, "romanised")
        elif size:
            yield Message(text, language, CLASSES[(size >= 3) + (size >= 6)])


def messages() -> tuple[list[Message], list[Message]]:
    """What to detect: by the same hands, and by others."""
    same: list[Message] = []
    others: list[Message] = []
    for code in offered(DATA):
        script = load_words(DATA, code).script
        same += sorted_in(halves(code)[1], code, script)
        lines = (HELD_OUT / f"{code}.jsonl").read_text("utf-8").splitlines()
        others += sorted_in([json.loads(line)["text"] for line in lines], code, script)
    return same, others


def measure(candidate: str) -> dict[str, Any]:
    """Loads a candidate and asks it for every message.

    `shares`: for each set of messages, for each class, the percentages right over the languages
    that lingua knows and over all; `seconds` to load, `us` (microseconds) a text, `mb` of memory.
    """
    sets = messages()
    before = resident_mb()
    started = time.perf_counter()
    detect = CANDIDATES[candidate]()
    seconds = time.perf_counter() - started
    took: list[float] = []
    shares = []
    for part in sets:
        found = []
        for message in part:
            started = time.perf_counter()
            found.append(detect(message) == message.language)
            took.append(time.perf_counter() - started)
        shares.append({kind: _shares(part, found, kind) for kind in CLASSES})
    mb = resident_mb() - before
    return {"shares": shares, "seconds": seconds, "us": statistics.median(took) * 1e6, "mb": mb}


def _shares(part: Sequence[Message], found: Sequence[bool], kind: str) -> tuple[float, float]:
    rows = [(m.language, right) for m, right in zip(part, found, strict=True) if m.kind == kind]
    widely = [right for language, right in rows if language not in OURS_ALONE]
    return 100 * statistics.fmean(widely), 100 * statistics.fmean(right for _, right in rows)


def resident_mb() -> float:
    """Memory of this process in MB."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main(arguments: Sequence[str]) -> int:
    """Prints the tables; with a candidate's name, measures that one (a child of this command)."""
    if arguments:
        try:
            print(json.dumps(measure(arguments[0])))
        except ModuleNotFoundError as error:
            print(f"{arguments[0]}: left out, {error.name} is not installed", file=sys.stderr)
            return MISSING
        return 0
    measured: dict[str, Any] = {}
    for name in CANDIDATES:
        command = [sys.executable, "-m", "tests.bench.languages", name]
        child = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if child.returncode == 0:
            measured[name] = json.loads(child.stdout)
        elif child.returncode != MISSING:
            return child.returncode
    heads = ("by the same hands", "by others")
    for number, (head, part) in enumerate(zip(heads, messages(), strict=True)):
        counts = (f"{kind} ({sum(m.kind == kind for m in part):,})" for kind in CLASSES)
        print(f"\n| {head} | {' | '.join(counts)} | microseconds | loaded in, s | MB |")
        print("|---" * (len(CLASSES) + 4) + "|")
        for name, row in measured.items():
            pairs = (f"{wide:.1f} / {every:.1f}" for wide, every in row["shares"][number].values())
            costs = f"{row['us']:.0f} | {row['seconds']:.1f} | {row['mb']:.0f}"
            print(f"| {name} | {' | '.join(pairs)} | {costs} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
