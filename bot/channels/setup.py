"""Opens every channel that is configured."""

from __future__ import annotations

from bot.app import App
from bot.channels.telegram_open import open_telegram
from bot.channels.web_open import open_web
from bot.channels.whatsapp_open import open_whatsapp


def open_channels(app: App) -> None:
    """Add what the settings ask for to an app that has not started."""
    open_web(app)
    if app.settings.telegram_token.get_secret_value():
        open_telegram(app)
    if app.settings.whatsapp_phone_id:
        open_whatsapp(app)
