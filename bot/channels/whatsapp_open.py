"""Opens WhatsApp on an app that has not started."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import anyio.to_thread

from bot.app import App
from bot.channels import whatsapp_errors
from bot.channels.pace import Pacer
from bot.channels.whatsapp import WhatsAppChannel
from bot.channels.whatsapp_updates import NAME, Became, Moved
from bot.channels.whatsapp_wire import Wire
from bot.store import conversations, outbox
from flows.say import Line

log = logging.getLogger(__name__)


def open_whatsapp(
    app: App,
    pacer: Pacer | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> WhatsAppChannel:
    """Add WhatsApp: what leaves, and the webhook for what comes in."""
    settings = app.settings

    def write(key: str, language: str) -> str:
        return app.texts.write(Line(key), language, app.place.city.directory)

    news = News(app)
    channel = WhatsAppChannel(
        Wire(settings.whatsapp_token.get_secret_value(), settings.whatsapp_base_url),
        numbers=settings.whatsapp_phone_id,
        write=write,
        became=news.became,
        moved=news.moved,
        pacer=pacer,
        sleep=sleep,
    )
    app.add(
        channel,
        channel.routes(
            settings.whatsapp_app_secret.get_secret_value(),
            settings.whatsapp_verify_token.get_secret_value(),
            app.turns.receive,
        ),
    )
    return channel


class News:
    """Writes down what the platform tells besides messages. Raises when that cannot be stored."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def became(self, one: Became) -> bool:
        """Write down what became of an answer; False when no answer of ours has this id."""
        return await anyio.to_thread.run_sync(self._became, one)

    def _became(self, one: Became) -> bool:
        reason = whatsapp_errors.reason(one.code) if one.status == "failed" else None
        with self._app.database.begin() as session:
            known = outbox.delivery(session, one.message_id, one.status, reason)
        if known is not None and reason is not None:
            log.warning("an answer in conversation %d failed after all: %s", known, reason)
        return known is not None

    async def moved(self, one: Moved) -> None:
        """Somebody has another address."""

        def move() -> None:
            with self._app.database.begin() as session:
                conversations.move(session, NAME, one.old, one.new)

        await anyio.to_thread.run_sync(move)
