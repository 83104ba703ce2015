"""From a text to its meaning: words first, then the NLU service, then both put together."""

from __future__ import annotations

from nlu.types import Parsed

MAX_CHARACTERS = 2_000


class Understander:
    """Understands texts in the languages offered."""

    async def parse(self, text: str, prior_language: str) -> Parsed:
        """What `text` means, in a conversation held in `prior_language` so far.

        Never raises on what was typed nor on trouble with the service.
        """
        return Parsed(text=text[:MAX_CHARACTERS], language=prior_language)
