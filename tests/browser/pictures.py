"""Takes the pictures of the README: `python -m tests.browser.pictures`."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bot.store import handoffs, inbox, staff
from flows.effects import Draft
from tests.browser.conftest import CHROMIUM, QUIET, Server, a_server, a_visit
from tests.conversation import ROOT

FOLDER = ROOT / "docs" / "pictures"
PASSWORD = "paard batterij nietje"
CHATS = {
    "nl-NL": ("chat", "ik ben zo alleen de laatste tijd"),
    "ar": ("chat-ar", "أشعر بالوحدة كثيرا هذه الأيام"),
}
REQUESTS = (
    (Draft("need_debt", "call", "asap", "nl", crisis=None, neighbourhood="assendorp"), 1),
    (Draft("worry_other", "chat", "asap", "nl", crisis="crisis_violence", for_other=True), 2),
    (Draft("need_contact", "chat", "afternoon", "ar", neighbourhood="holtenbroek", buddy=True), 5),
    (Draft("need_forms", "appointment", "morning", "pl", neighbourhood="diezerpoort"), 8),
)


def chats(chromium: Browser, server: Server) -> None:
    """The chat on a telephone, with offers."""
    for locale, (name, text) in CHATS.items():
        server.meaning.means[text] = "need_contact"
        with a_visit(chromium, server.url, locale=locale) as visit:
            page = visit.page()
            page.goto("/")
            for typed in (text, "Holtenbroek"):
                page.fill("#write", typed)
                page.click("#send")
                page.wait_for_selector("#log article:last-child button")
            page.wait_for_selector(".card")
            page.wait_for_timeout(900)
            page.screenshot(path=FOLDER / f"{name}.png")


def desk(chromium: Browser, server: Server) -> None:
    """The queue, with made-up requests."""
    now = server.clock()
    with server.app.database.begin() as session:
        for number, (draft, hours) in enumerate(REQUESTS):
            body = {"kind": "start", "payload": ""}
            key = f"{number}"
            found = inbox.put(session, "web", key, key, body, language="nl", now=now)
            assert found is not None
            due = now + timedelta(hours=hours)
            code = handoffs.new_code()
            handoffs.open_request(session, found.conversation_id, code, draft, due, now)
        token = staff.add(session, "noor@wijk.example", "Noor", now)
    with a_visit(chromium, server.url, viewport={"width": 1100, "height": 640}) as visit:
        page = visit.page()
        page.goto(f"/desk/first/{token}")
        page.get_by_label("Wachtwoord").fill(PASSWORD)
        page.get_by_label("Nog een keer").fill(PASSWORD)
        page.get_by_role("button", name="Bewaar en ga verder").click()
        page.wait_for_selector("h1:has-text('Aanvragen')")
        page.screenshot(path=FOLDER / "desk.png")


def main() -> None:
    """Take every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = next(filter(None, map(shutil.which, CHROMIUM)))
    with (
        tempfile.TemporaryDirectory() as folder,
        a_server(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        chats(chromium, server)
        desk(chromium, server)
        chromium.close()


if __name__ == "__main__":
    main()
