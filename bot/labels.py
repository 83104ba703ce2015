"""Recognises a choice that is typed instead of tapped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.store.inbox import OnHeld
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
        self._opening = _in_every_language(texts, "knock.open")
        self._stopping = _in_every_language(texts, "knock.no_more", "always.stop")

    def on_held(self, text: str) -> OnHeld:
        """What this means for what was held, as one of the words under a knock, in any language.

        Anything else opens the door as well, and is answered after what was held.
        """
        typed = normalise(text)
        if typed in self._stopping:
            return "drop"
        return "open" if typed in self._opening else "release"

    def code(self, text: str, language: str, offered: Iterable[str]) -> str | None:
        """The offered choice (or word that always holds) whose label was typed, else None."""
        known = self._codes[language].get(normalise(text), ())
        shown = set(offered)
        for code in known:
            if code in shown or code.startswith("always:"):
                return code
        return None


def _in_every_language(texts: Texts, *keys: str) -> frozenset[str]:
    return frozenset(
        normalise(label)
        for language in texts.languages
        for key in keys
        for label in texts.raw(language, key)
    )


def _index(texts: Texts, language: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key in sorted(texts.keys(language)):
        group, _, name = key.partition(".")
        for prefix in _CODES.get(group, ()):
            label = normalise(texts.raw(language, key)[0])
            found.setdefault(label, []).append(prefix + name)
    # Typed instead of tapped under a knock.
    found.setdefault(normalise(texts.raw(language, "knock.no_more")[0]), []).append("always:stop")
    return {label: tuple(codes) for label, codes in found.items()}
