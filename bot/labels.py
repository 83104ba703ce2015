"""Recognises a choice that is typed instead of tapped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.texts import Texts
from nlu.normalise import normalise

# Whose texts label which codes; see `flows.step`.
_CODES = {
    "choice": ("",),
    "topic": ("topic:",),
    "theme": ("theme:",),
    "language": ("lang:", "speak:"),
    "always": ("always:",),
}


class Labels:
    """The labels of every choice, by language."""

    def __init__(self, texts: Texts) -> None:
        self._codes = {language: _index(texts, language) for language in texts.languages}

    def code(self, text: str, language: str, offered: Iterable[str]) -> str | None:
        """The offered choice (or word that always holds) whose label was typed, else None."""
        known = self._codes[language].get(normalise(text), ())
        shown = set(offered)
        for code in known:
            if code in shown or code.startswith("always:"):
                return code
        return None


def _index(texts: Texts, language: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key in sorted(texts.keys(language)):
        group, _, name = key.partition(".")
        for prefix in _CODES.get(group, ()):
            label = normalise(texts.raw(language, key)[0])
            found.setdefault(label, []).append(prefix + name)
    return {label: tuple(codes) for label, codes in found.items()}
