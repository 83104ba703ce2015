"""Opens every channel that is configured."""

from __future__ import annotations

from bot.app import App


def open_channels(app: App) -> None:
    """Add what the settings ask for to an app that has not started."""
