"""Opens the web chat on an app that has not started."""

from __future__ import annotations

from bot.app import App
from bot.channels.web import WebChannel
from bot.channels.web_routes import Chat
from bot.channels.web_view import View

# Where "leave this page" goes: a page that anybody may have open.
_NEUTRAL = "https://www.weeronline.nl/"


def open_web(app: App) -> None:
    """Add the web chat: its channel and its pages."""
    channel = WebChannel(app.database, app.clock)
    chat = Chat(
        channel,
        app.turns.receive,
        app.database,
        View(app.texts, app.place, _NEUTRAL),
        app.settings.languages,
        app.clock,
        app.settings.public_url,
    )
    app.add(channel, chat.routes())
