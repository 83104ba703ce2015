"""Half characters: JSON can carry them, and nothing can store or send them."""

from __future__ import annotations


def whole(text: str) -> str:
    """The text with a mark in the place of every half character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
