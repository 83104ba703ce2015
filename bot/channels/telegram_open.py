"""Opens Telegram on an app that has not started."""

from __future__ import annotations

import anyio.to_thread

from bot.app import App
from bot.channels.telegram import TelegramChannel, Webhook
from bot.channels.telegram_wire import Wire
from bot.store import conversations, outbox
from flows.say import Line


def open_telegram(app: App) -> None:
    """Add Telegram: polling, or a webhook when it has an address."""
    settings = app.settings
    url = settings.telegram_webhook_url
    secret = settings.telegram_webhook_secret.get_secret_value()

    def write(key: str, language: str) -> str:
        return app.texts.write(Line(key), language, app.place.city.directory)

    channel = TelegramChannel(
        Wire(settings.telegram_token.get_secret_value(), settings.telegram_base_url),
        languages=settings.languages,
        write=write,
        closed=lambda address: close_door(app, TelegramChannel.name, address),
        clock=app.clock,
        webhook=Webhook(url, secret) if url else None,
        staff_chat=settings.telegram_staff_chat,
    )
    app.add(channel, channel.routes(app.turns.receive))


async def close_door(app: App, channel: str, address: str) -> None:
    """Send nothing more to somebody who blocked the bot, until they write again."""

    def close() -> None:
        with app.database.begin() as session:
            conversation = conversations.find(session, channel, address)
            if conversation is not None:
                conversations.mark_blocked(session, conversation.id, app.clock())
                outbox.drop(session, conversation.id, "blocked")

    await anyio.to_thread.run_sync(close)
