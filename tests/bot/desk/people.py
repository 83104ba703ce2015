"""People of the team, each with a browser of their own, and residents who ask for them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from bot.store import audit, conversations, handoffs, staff
from bot.store.models import Staff
from flows.effects import Draft
from tests.house import House, TestClock, a_house

HOST = "http://desk.test"
PASSWORD = "paard batterij nietje"
DRAFT = Draft(topic="need_contact", how="chat", when="asap", language="nl")


@dataclass
class Browser:
    """A browser at the desk."""

    client: httpx.AsyncClient
    page: httpx.Response | None = None

    @property
    def text(self) -> str:
        """What the page shows, as HTML."""
        assert self.page is not None
        return self.page.text

    async def opens(self, path: str, **headers: str) -> httpx.Response:
        """Go to a page, through every redirect."""
        self.page = await self.client.get(path, follow_redirects=True, headers=headers)
        return self.page

    async def sends(self, path: str, **fields: str) -> httpx.Response:
        """Send a form with its token and follow where it leads."""
        self.page = await self.client.post(
            path, data={"csrf": self.token, **fields}, follow_redirects=True
        )
        return self.page

    @property
    def token(self) -> str:
        """The token in the forms of the page."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.text if self.page else "")
        return found[1] if found else ""

    async def logs_in(self, email: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        """Fill in the login form."""
        self.page = await self.client.post(
            "/desk/login",
            data={"email": email, "password": password, **fields},
            follow_redirects=True,
        )
        return self.page

    async def chooses(self, link: str, password: str, again: str | None = None) -> httpx.Response:
        """Choose a password on the page of a one-time link."""
        self.page = await self.client.post(
            f"/desk/first/{link}",
            data={"password": password, "again": password if again is None else again},
            follow_redirects=True,
        )
        return self.page


@dataclass
class Office:
    """A house with a desk."""

    house: House
    stack: AsyncExitStack
    web: Any

    @property
    def clock(self) -> TestClock:
        """The clock of the house."""
        return self.house.clock

    async def browser(self, address: str = "10.0.0.1", **headers: str) -> Browser:
        """A browser in which nobody is logged in."""
        transport = httpx.ASGITransport(app=self.web, client=(address, 123))
        client = httpx.AsyncClient(
            transport=transport, base_url=HOST, headers={"Origin": HOST, **headers}
        )
        return Browser(await self.stack.enter_async_context(client))

    def link(self, email: str, name: str) -> str:
        """A one-time link's token for somebody."""
        with self.house.app.database.begin() as session:
            return staff.add(session, email, name, self.clock())

    async def member(self, name: str) -> Browser:
        """Somebody of the team at the queue, logged in for the first time."""
        browser = await self.browser()
        await browser.chooses(self.link(f"{name.lower()}@wijk.example", name), PASSWORD)
        assert browser.page is not None
        assert browser.page.url.path == "/desk", browser.text
        return browser

    async def request(self, address: str = "ana", code: str = "KPM-7RT", **changes: Any) -> str:
        """A resident's request, as the flows would leave it; its code."""
        await self.house.hears(address, "hallo")
        fields = {
            name: changes.get(name, getattr(DRAFT, name)) for name in Draft.__dataclass_fields__
        }
        now = self.clock()
        due = changes.get("due", self.house.app.place.city.team.hours.add_hours(now, 8))
        with self.house.app.database.begin() as session:
            conversation = self._conversation(session, address)
            handoffs.open_request(session, conversation, code, Draft(**fields), due, now)
        return code

    def _conversation(self, session: Any, address: str) -> int:
        found = conversations.find(session, self.house.channel.name, address)
        assert found is not None
        return found.id

    async def settles(self) -> None:
        """Everything that was set in motion comes to rest."""
        await self.house.app.settle()

    def acts(self) -> list[tuple[str | None, str, str]]:
        """The log, oldest first."""
        with self.house.app.database.read() as session:
            return [(act.who, act.action, act.subject) for act in audit.latest(session)][::-1]

    def person(self, name: str) -> Staff:
        """Somebody of the team as the store knows them."""
        with self.house.app.database.read() as session:
            return session.scalars(select(Staff).where(Staff.name == name)).one()


@asynccontextmanager
async def an_office(folder: Path, **changes: Any) -> AsyncIterator[Office]:
    """A house whose desk can be visited."""
    async with a_house(folder, **changes) as house, AsyncExitStack() as stack:
        yield Office(house, stack, house.app.web())
