"""Makes sentences a little worse, as thumbs on a phone do, so that the encoder gets used to it."""

from __future__ import annotations

import random

from nlu.normalise import fold


def spoilt(text: str, chance: random.Random) -> str:
    """`text` as typed in a hurry: half the time unchanged, else folded or with a typo or two."""
    kind = chance.random()
    if kind < 0.5:
        return text
    if kind < 0.7:
        return fold(text)
    letters = list(text.lower() if kind < 0.85 else text)
    for _ in range(1 + len(letters) // 40):
        _typo(letters, chance)
    return "".join(letters)


def _typo(letters: list[str], chance: random.Random) -> None:
    if len(letters) < 4:
        return
    at = chance.randrange(1, len(letters) - 1)
    kind = chance.randrange(3)
    if kind == 0:
        del letters[at]
    elif kind == 1:
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    else:
        letters.insert(at, letters[at])
