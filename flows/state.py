"""What a conversation remembers between two messages: JSON-safe facts and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

VERSION = 1
START = "welcome.start"

Json = Any  # None, bool, int, str, and lists and dicts of these


@dataclass(frozen=True, slots=True)
class State:
    """Where a conversation stands.

    `facts` holds only what a later step needs. `seq` grows by one each turn and stamps the
    buttons of that turn, so that a tap on an older message is recognised. `offered` are the
    choices on the newest message. `before` is the state one turn ago, for one true undo.
    """

    step: str = START
    language: str = "nl"
    facts: Mapping[str, Json] = field(default_factory=dict)
    misses: int = 0
    seq: int = 0
    offered: tuple[str, ...] = ()
    before: Mapping[str, Json] | None = None
    version: int = VERSION

    def at(self, step: str, **facts: Json) -> Self:
        """Go to `step` and add facts; a fact given as None is forgotten."""
        merged = {**self.facts, **facts}
        kept = {name: value for name, value in merged.items() if value is not None}
        return replace(self, step=step, facts=kept, misses=0)

    def missed(self) -> Self:
        """Stay where we are: what was said did not help us on."""
        return replace(self, misses=self.misses + 1)

    def fresh(self, step: str) -> Self:
        """Go to `step` with every fact forgotten."""
        return replace(self, step=step, facts={}, misses=0)

    def fact(self, name: str, default: Json = None) -> Json:
        """Return one fact, or `default` where it was never given."""
        return self.facts.get(name, default)

    def to_json(self) -> dict[str, Json]:
        """Return the state as a JSON object; `from_json` gives the same state back."""
        return {
            "version": self.version,
            "step": self.step,
            "language": self.language,
            "facts": dict(self.facts),
            "misses": self.misses,
            "seq": self.seq,
            "offered": list(self.offered),
            "before": None if self.before is None else dict(self.before),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Self:
        """Read a stored state. One that cannot be read, or is of another
        version, starts afresh in the same language."""
        fresh = cls(language=data.get("language", "nl"), seq=data.get("seq", 0))
        if data.get("version") != VERSION:
            return fresh
        try:
            return cls(
                step=data["step"],
                language=data["language"],
                facts=data["facts"],
                misses=data["misses"],
                seq=data["seq"],
                offered=tuple(data["offered"]),
                before=data["before"],
            )
        except (KeyError, TypeError):
            return fresh
