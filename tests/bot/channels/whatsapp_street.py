"""A house with WhatsApp in front of it, and people with phones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from bot.channels.pace import Pacer
from bot.channels.whatsapp import WhatsAppChannel
from bot.channels.whatsapp_open import open_whatsapp
from bot.channels.whatsapp_templates import NAME, submission
from bot.channels.whatsapp_webhook import PATH
from flows.say import Line
from tests.bot.channels.fake_graph import APP_SECRET, PHONE_ID, TOKEN, FakeGraph, serving
from tests.bot.channels.whatsapp_phone import Person
from tests.bot.channels.whatsapp_post import Postman, through
from tests.house import House, TestClock, a_house

VERIFY_TOKEN = "a word that only we two know"
SETTINGS = {
    "whatsapp_phone_id": PHONE_ID,
    "whatsapp_token": TOKEN,
    "whatsapp_app_secret": APP_SECRET,
    "whatsapp_verify_token": VERIFY_TOKEN,
}


@dataclass
class Street:
    """Everything on one street. `meanwhile` happens whenever somebody sleeps."""

    house: House
    graph: FakeGraph
    channel: WhatsAppChannel
    client: httpx.AsyncClient
    postman: Postman
    meanwhile: list[Callable[[float], None]] = field(default_factory=list)

    def somebody(self, name: str = "Ana", **how: Any) -> Person:
        """Somebody with WhatsApp."""
        return Person(self.postman, self.graph.joins(name, **how))

    def approves(self, *languages: str) -> None:
        """The platform approves the template in these languages."""
        app = self.house.app
        for language in languages:
            handed_in = submission(
                language,
                lambda key, code: app.texts.write(Line(key), code, app.place.city.directory),
            )
            assert handed_in is not None
            body, buttons = handed_in["components"]
            labels = tuple(one["text"] for one in buttons["buttons"])
            self.graph.templates.approves(NAME, handed_in["language"], body["text"], labels)

    async def settles(self) -> None:
        """Every turn is taken, and every answer has left."""
        await self.house.app.settle()


@asynccontextmanager
async def a_street(folder: Path, **changes: Any) -> AsyncIterator[Street]:
    """Build it all; time passes only when somebody sleeps or a test moves the clock."""
    clock = TestClock()
    async with serving(FakeGraph(clock=clock)) as graph:
        settings = {**SETTINGS, "whatsapp_base_url": graph.url, **changes}
        async with a_house(folder, clock, **settings) as house:
            time = graph.time
            meanwhile: list[Callable[[float], None]] = []

            async def sleep(seconds: float) -> None:
                for happens in meanwhile:
                    happens(seconds)
                await time.sleep(seconds)

            pacer = Pacer(6.0, 80, 30, clock=time, sleep=sleep)
            channel = open_whatsapp(house.app, pacer, sleep)
            transport = httpx.ASGITransport(app=Starlette(routes=house.app.routes))
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                postman = Postman(graph, through(client, PATH))
                yield Street(house, graph, channel, client, postman, meanwhile)
