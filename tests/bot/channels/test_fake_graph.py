"""The Cloud API of the tests refuses what the real one refuses."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.bot.channels.fake_graph import (
    APP_SECRET,
    PHONE_ID,
    TOKEN,
    WABA,
    Account,
    FakeGraph,
    serving,
)
from tests.bot.channels.graph_rules import an_error
from tests.bot.channels.whatsapp_phone import Person
from tests.bot.channels.whatsapp_post import SIGNATURE, Postman
from tests.house import TestClock

Json = dict[str, Any]


@dataclass
class Office:
    """Somebody who sends, and a webhook that takes everything in."""

    graph: FakeGraph
    clock: TestClock
    client: httpx.AsyncClient
    ana: Person
    brought: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    async def takes(self, raw: bytes, headers: dict[str, str]) -> int:
        """The webhook."""
        self.brought.append((raw, headers))
        return 200

    async def asks(self, body: object, path: str = f"{PHONE_ID}/messages") -> httpx.Response:
        """Post something."""
        return await self.client.post(path, json=body)

    async def sends(self, kind: str, content: object, **changes: Any) -> int:
        """Send Ana a message; 0 when it is taken, and else the code of the refusal."""
        answer = await self.asks(to(self.ana.account, kind, content, **changes))
        return 0 if answer.status_code == 200 else int(answer.json()["error"]["code"])


def to(account: Account, kind: str, content: object, **changes: Any) -> Json:
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "recipient": account.user_id,
        "type": kind,
        kind: content,
    }
    return {**body, **changes}


def buttons(*titles: str, body: str = "Kies.", **more: Any) -> Json:
    replies = [{"type": "reply", "reply": {"id": f"3:{t}", "title": t}} for t in titles]
    return {"type": "button", "body": {"text": body}, "action": {"buttons": replies}, **more}


def a_list(*sections: Json, button: str = "Kies") -> Json:
    action = {"button": button, "sections": list(sections)}
    return {"type": "list", "body": {"text": "Kies."}, "action": action}


def rows(many: int, title: str = "Koor", **more: str) -> Json:
    return {"rows": [{"id": f"3:{n}{more}", "title": title, **more} for n in range(many)]}


def a_template(name: str = "nieuws", *told: str) -> Json:
    parameters = [{"type": "text", "text": text} for text in told]
    components = [{"type": "body", "parameters": parameters}] if told else []
    return {"name": name, "language": {"code": "nl"}, "components": components}


def a_definition(text: str = "Nieuws van {{1}} voor jou.", label: str = "Lees het") -> Json:
    body = {"type": "BODY", "text": text, "example": {"body_text": [["het team"]]}}
    reply = {"type": "QUICK_REPLY", "text": label}
    components = [body, {"type": "BUTTONS", "buttons": [reply]}]
    return {"name": "nieuws", "language": "nl", "category": "UTILITY", "components": components}


def in_an_office(story: Callable[[Office], Awaitable[None]]) -> None:
    """Tell a story in which Ana has just written."""

    async def told() -> None:
        clock = TestClock()
        graph = FakeGraph(clock)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            serving(graph),
            httpx.AsyncClient(base_url=f"{graph.url}/v22.0", headers=headers) as client,
        ):

            async def post(raw: bytes, headers: dict[str, str]) -> int:
                return await office.takes(raw, headers)

            ana = Person(Postman(graph, post), graph.joins())
            office = Office(graph, clock, client, ana)
            await ana.says("hallo")
            await story(office)

    asyncio.run(told())


REFUSED: list[tuple[str, object]] = [
    ("text", {"body": ""}),
    ("text", {"body": "\u200e \n"}),
    ("text", {"body": "a" * 4_097}),
    ("text", {"body": "a", "markdown": True}),
    ("image", {"id": "1"}),
    ("interactive", buttons()),
    ("interactive", buttons("1", "2", "3", "4")),
    ("interactive", buttons("Ja", "Ja")),
    ("interactive", buttons("a" * 21)),
    ("interactive", buttons(" ")),
    ("interactive", buttons("Ja", body="a" * 1_025)),
    ("interactive", buttons("Ja", footer={"text": "a" * 61})),
    ("interactive", buttons("Ja", header={"type": "text", "text": "a" * 61})),
    ("interactive", buttons("Ja", extra=1)),
    ("interactive", a_list()),
    ("interactive", a_list(rows(11))),
    ("interactive", a_list(rows(0))),
    ("interactive", a_list(rows(1, title="a" * 25))),
    ("interactive", a_list(rows(1, description="a" * 73))),
    ("interactive", a_list(rows(1), button="a" * 21)),
    ("interactive", a_list(rows(1), rows(1, description="x"))),
    ("interactive", a_list({**rows(1), "title": "A"}, {**rows(1), "title": "B"})),
    ("interactive", a_list({**rows(1), "title": "a" * 25})),
]


def test_what_is_too_long_too_many_or_unknown_is_refused() -> None:
    async def story(office: Office) -> None:
        for kind, content in REFUSED:
            assert await office.sends(kind, content) in (100, 131009), content
        assert not office.ana.shown

    in_an_office(story)


def test_what_just_fits_is_taken_and_shown() -> None:
    async def story(office: Office) -> None:
        ana = office.ana
        assert await office.sends("text", {"body": "a" * 4_096, "preview_url": False}) == 0
        assert await office.sends("interactive", buttons("a" * 20, "Ja", body="b" * 1_024)) == 0
        full = a_list({**rows(10, "r" * 24, description="d" * 72), "title": "t" * 24})
        assert await office.sends("interactive", full) == 0
        assert [len(shown.choices) for shown in ana.shown] == [0, 2, 10]
        tapped = await ana.taps("Ja")
        assert tapped["interactive"]["button_reply"] == {"id": "3:Ja", "title": "Ja"}
        assert tapped["context"]["id"] == ana.shown[1].id
        chosen = await ana.taps("r" * 24)
        assert chosen["interactive"]["list_reply"]["description"] == "d" * 72
        with pytest.raises(AssertionError, match="no button"):
            await ana.taps("Nee")

    in_an_office(story)


def test_only_who_is_known_is_reached_and_by_one_name() -> None:
    async def story(office: Office) -> None:
        ana, hello = office.ana.account, {"body": "hallo"}
        wrong = {**to(ana, "text", hello), "recipient": "NL.1"}
        assert (await office.asks(wrong)).json()["error"]["code"] == 131026
        both = to(ana, "text", hello, to=ana.wa_id)
        assert (await office.asks(both)).json()["error"]["code"] == 100
        assert await office.sends("text", hello, recipient_type="group") == 100
        by_number = {**both}
        del by_number["recipient"]
        taken = (await office.asks(by_number)).json()
        assert taken["contacts"] == [{"input": ana.wa_id, "wa_id": ana.wa_id}]
        office.ana.hides_number()
        assert (await office.asks(by_number)).json()["error"]["code"] == 131026
        assert await office.sends("text", hello) == 0

    in_an_office(story)


def test_a_wrong_token_or_number_or_no_json_is_refused() -> None:
    async def story(office: Office) -> None:
        body = to(office.ana.account, "text", {"body": "hallo"})
        assert (await office.asks(body, "999/messages")).status_code == 400
        path = f"{PHONE_ID}/messages"
        assert (await office.client.post(path, content=b"{")).status_code == 400
        office.client.headers["Authorization"] = "Bearer other"
        answer = await office.asks(body)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == 190

    in_an_office(story)


def test_the_window_closes_after_a_day_and_writing_opens_it() -> None:
    async def story(office: Office) -> None:
        office.clock.forward(hours=24)
        assert await office.sends("text", {"body": "nog net"}) == 0
        office.clock.forward(seconds=1)
        assert await office.sends("text", {"body": "te laat"}) == 131047
        office.graph.templates.approves("nieuws", "nl")
        assert await office.sends("template", a_template()) == 0
        await office.ana.says("ja?")
        assert await office.sends("text", {"body": "weer open"}) == 0
        await office.ana.changes_number()
        assert await office.sends("text", {"body": "nieuw nummer"}) == 131047

    in_an_office(story)


def test_templates_are_sent_as_they_were_approved() -> None:
    async def story(office: Office) -> None:
        templates, ana = office.graph.templates, office.ana
        assert await office.sends("template", a_template()) == 132001
        templates.approves("nieuws", "nl", "Nieuws van {{1}} voor jou.", ("Lees het",))
        assert await office.sends("template", a_template()) == 132000
        assert await office.sends("template", a_template("nieuws", "het\nteam")) == 132018
        assert await office.sends("template", a_template("nieuws", "het team")) == 0
        assert ana.last == "Nieuws van het team voor jou."
        assert ana.shown[-1].template == ("nieuws", "nl")
        answered = await ana.answers_template()
        assert answered["button"] == {"payload": "Lees het", "text": "Lees het"}
        templates.marks("nieuws", "nl", "PAUSED")
        assert await office.sends("template", a_template("nieuws", "het team")) == 132015

    in_an_office(story)


def test_too_many_to_one_person_or_in_one_second_are_refused() -> None:
    async def story(office: Office) -> None:
        hello = {"body": "hallo"}
        assert [await office.sends("text", hello) for _ in range(46)] == [0] * 45 + [131056]
        await office.graph.time.sleep(6)
        assert [await office.sends("text", hello) for _ in range(2)] == [0, 131056]
        await office.graph.time.sleep(2)
        office.graph.pair_limit = False
        assert [await office.sends("text", hello) for _ in range(81)] == [0] * 80 + [130429]

    in_an_office(story)


def test_only_what_was_received_is_read() -> None:
    async def story(office: Office) -> None:
        message = await office.ana.says("hallo")
        read = {"messaging_product": "whatsapp", "status": "read", "message_id": message["id"]}
        assert (await office.asks({**read, "typing_indicator": {"type": "text"}})).json() == {
            "success": True
        }
        assert office.graph.reads == office.graph.typing == [message["id"]]
        answer = await office.asks({**read, "message_id": "wamid.other"})
        assert answer.json()["error"]["code"] == 131009

    in_an_office(story)


def test_prepared_answers_come_first() -> None:
    async def story(office: Office) -> None:
        hello = to(office.ana.account, "text", {"body": "hallo"})
        office.graph.answers["message"] += [
            an_error(2, "down", status=500),
            "hang up before",
            "hang up after it was taken",
        ]
        assert (await office.asks(hello)).status_code == 500
        for taken in (0, 1):
            with pytest.raises(httpx.TransportError):
                await office.asks(hello)
            assert len(office.ana.shown) == taken
        assert (await office.asks(hello)).status_code == 200

    in_an_office(story)


def test_templates_are_made_and_listed_page_by_page() -> None:
    async def story(office: Office) -> None:
        path = f"{WABA}/message_templates"
        for wrong in (
            {**a_definition(), "name": "Nieuws"},
            {**a_definition(), "category": "MARKETING"},
            {**a_definition(), "language": "pap"},
            a_definition(text="{{1}} heeft nieuws."),
            a_definition(text="Nieuws van {{1}}"),
            a_definition(text="a" * 1_025),
            a_definition(label="a" * 26),
        ):
            assert (await office.asks(wrong, path)).status_code == 400
        assert (await office.asks(a_definition(), path)).json()["status"] == "PENDING"
        assert (await office.asks(a_definition(), path)).status_code == 400
        office.graph.templates.approves("vraag", "nl")
        query = {"fields": "name,language,status", "limit": "1"}
        page = (await office.client.get(path, params=query)).json()
        assert page["data"][0]["name"] == "nieuws"
        page = (await office.client.get(page["paging"]["next"])).json()
        assert [(one["name"], one["status"]) for one in page["data"]] == [("vraag", "APPROVED")]
        assert "next" not in page["paging"]
        assert (await office.client.get(path, params={"fields": "colour"})).status_code == 400

    in_an_office(story)


def test_the_webhook_gets_signed_bodies_as_often_as_wanted() -> None:
    async def story(office: Office) -> None:
        ana, postman = office.ana, office.ana.postman
        bo = Person(postman, office.graph.joins("Bo", number=False))
        first, second = ana.text("een"), ana.text("twee")
        await postman.brings(ana.value(second, first), bo.value(bo.text("drie")))
        await postman.brings_again()
        (raw, headers), again = office.brought[-2:]
        assert again == (raw, headers)
        digest = hmac.new(APP_SECRET.encode(), raw, hashlib.sha256).hexdigest()
        assert headers[SIGNATURE] == f"sha256={digest}"
        values = [one["value"] for one in json.loads(raw)["entry"][0]["changes"]]
        told = [one["text"]["body"] for value in values for one in value["messages"]]
        assert told == ["twee", "een", "drie"]
        assert "from" not in values[1]["messages"][0]
        assert "wa_id" not in values[1]["contacts"][0]
        assert postman.statuses == [200] * 3

    in_an_office(story)


def test_a_person_with_another_number_has_another_id() -> None:
    async def story(office: Office) -> None:
        before = office.ana.account.user_id, office.ana.account.wa_id
        told = await office.ana.changes_number()
        assert (told["from_user_id"], told["from"]) == before
        assert told["system"]["previous_user_id"] == before[0]
        after = office.ana.account.user_id, office.ana.account.wa_id
        assert (told["system"]["user_id"], told["system"]["wa_id"]) == after
        raw, _ = office.brought[-1]
        assert "contacts" not in json.loads(raw)["entry"][0]["changes"][0]["value"]

    in_an_office(story)
