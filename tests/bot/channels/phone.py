"""A house with Telegram in front of it, and people with phones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bot.channels.pace import Pacer
from bot.channels.port import Receive
from bot.channels.telegram import TelegramChannel, Webhook
from bot.channels.telegram_open import close_door
from bot.channels.telegram_wire import Wire
from flows.say import Line
from tests.bot.channels.fake_telegram import TOKEN, FakeTelegram, serving
from tests.house import House, a_house

_NUMBERS = count(1)
DATE = 1_795_000_000
STAFF_GROUP = "-100777"


@dataclass
class Phone:
    """Somebody on Telegram."""

    telegram: FakeTelegram
    chat: int
    language: str = "nl"

    @property
    def user(self) -> dict[str, Any]:
        """Who they are to Telegram."""
        return {
            "id": self.chat,
            "is_bot": False,
            "first_name": "Ana",
            "language_code": self.language,
        }

    def message(self, **content: Any) -> dict[str, Any]:
        """A message as Telegram tells it."""
        return {
            "message_id": next(_NUMBERS),
            "date": DATE,
            "chat": {"id": self.chat, "type": "private", "first_name": "Ana"},
            "from": self.user,
            **content,
        }

    async def sends(self, **content: Any) -> dict[str, Any]:
        """Send a message with these fields."""
        return await self.telegram.brings(message=self.message(**content))

    async def says(self, text: str) -> dict[str, Any]:
        """Type something."""
        return await self.sends(text=text)

    async def presses(self, data: str) -> dict[str, Any]:
        """Press a button that brings back `data`, shown to this person or not."""
        number = str(next(_NUMBERS))
        query = {
            "id": number,
            "from": self.user,
            "chat_instance": "1",
            "data": data,
            "message": self.message(text="the message with the button"),
        }
        return await self.telegram.brings(callback_query=query)

    async def taps(self, label: str) -> dict[str, Any]:
        """Press the newest button with this label."""
        for message in reversed(self.shown):
            for button in buttons(message):
                if button["text"] == label:
                    return await self.presses(button["callback_data"])
        raise AssertionError(f"no button {label!r} is shown")

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The messages on the screen."""
        return self.telegram.to(self.chat)

    @property
    def last(self) -> str:
        """The newest text."""
        text: str = self.shown[-1]["text"]
        return text


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons under a message."""
    markup = message.get("reply_markup") or {"inline_keyboard": []}
    return [button for row in markup["inline_keyboard"] for button in row]


@dataclass
class Street:
    """A house, Telegram, and the channel between them."""

    house: House
    telegram: FakeTelegram
    channel: TelegramChannel
    people: list[Phone] = field(default_factory=list)

    def somebody(self, language: str = "nl") -> Phone:
        """Somebody who has opened the chat."""
        phone = Phone(self.telegram, 100 + len(self.people), language)
        self.people.append(phone)
        self.telegram.chats.add(str(phone.chat))
        return phone

    @asynccontextmanager
    async def listening(self, receive: Receive | None = None) -> AsyncIterator[None]:
        """The channel runs."""
        task = asyncio.create_task(self.channel.run(receive or self.house.app.turns.receive))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def settles(self) -> None:
        """Everything that was brought is read, and every answer has left."""
        await self.telegram.all_read()
        await self.house.app.settle()


@asynccontextmanager
async def a_street(
    folder: Path,
    *,
    webhook: Webhook | None = None,
    languages: tuple[str, ...] = ("nl", "en", "ar", "pap"),
    closed: Callable[[str], Awaitable[None]] | None = None,
) -> AsyncIterator[Street]:
    """Build it all; time passes only when somebody sleeps."""
    async with a_house(folder) as house, serving(FakeTelegram()) as telegram:
        app = house.app
        time = telegram.time
        channel = TelegramChannel(
            Wire(TOKEN, telegram.url),
            languages=languages,
            write=lambda key, language: app.texts.write(
                Line(key), language, app.place.city.directory
            ),
            closed=closed or (lambda address: close_door(app, "telegram", address)),
            clock=house.clock,
            webhook=webhook,
            staff_chat=STAFF_GROUP,
            pacer=Pacer(1.0, 30, clock=time, sleep=time.sleep),
            sleep=time.sleep,
        )
        app.add(channel, channel.routes(app.turns.receive))
        yield Street(house, telegram, channel)
