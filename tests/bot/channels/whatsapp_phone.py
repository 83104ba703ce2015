"""People with WhatsApp: what they send, and what their screens show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.bot.channels.fake_graph import PHONE_ID, Account, Taken
from tests.bot.channels.graph_rules import Json, failure
from tests.bot.channels.whatsapp_post import Postman

_PICTURE = {"id": "1003383421387256", "mime_type": "image/jpeg", "sha256": "SfInY0gGKTsJlUWbwxC1k="}
_CONTENT: dict[str, Json] = {
    "audio": {**_PICTURE, "mime_type": "audio/ogg; codecs=opus", "voice": True},
    "image": {**_PICTURE, "caption": "kijk"},
    "video": {**_PICTURE, "mime_type": "video/mp4"},
    "sticker": {**_PICTURE, "mime_type": "image/webp", "animated": False},
    "document": {**_PICTURE, "mime_type": "application/pdf", "filename": "brief.pdf"},
}


@dataclass(frozen=True)
class Shown:
    """A message on a screen; `choices` are (label, id) of the buttons or the rows of the list.

    `template` is (name, language) where it is one, and `text` is then as it reads when filled in.
    `opener` is the label that opens the list.
    """

    id: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()
    kind: str = "text"
    opener: str = ""
    descriptions: tuple[str, ...] = ()
    header: str = ""
    footer: str = ""
    template: tuple[str, str] | None = None

    @property
    def labels(self) -> list[str]:
        """What the buttons or the rows say."""
        return [label for label, _ in self.choices]


@dataclass
class Person:
    """Somebody on WhatsApp who writes to one number of ours; `graph.joins()` makes the account."""

    postman: Postman
    account: Account
    phone_id: str = PHONE_ID

    # Messages, not brought yet: to put several in one body, or bring them out of order.

    def message(self, kind: str, content: object = None, **more: Any) -> Json:
        """A message of a kind with its content, as the platform tells it."""
        opens = kind not in ("system", "reaction")
        sender: Json = {"from_user_id": self.account.user_id}
        if self.account.wa_id is not None:
            sender["from"] = self.account.wa_id
        told: Json = {
            **sender,
            "id": self.postman.graph.receives(self.phone_id, self.account, opens=opens),
            "timestamp": str(int(self.postman.graph.clock().timestamp())),
            "type": kind,
            **more,
        }
        return told if content is None else {**told, kind: content}

    def text(self, text: str) -> Json:
        """Something typed."""
        return self.message("text", {"body": text})

    def value(self, *messages: Json) -> Json:
        """A change that tells these messages of theirs."""
        return {**self._about(), "contacts": [self._contact()], "messages": list(messages)}

    def status(self, message_id: str, status: str, *, code: int | None = None) -> Json:
        """A change that tells what became of a message of ours: sent, delivered, read, failed.

        `code` is why it failed. A body with several statuses joins their lists.
        """
        told: Json = {
            "id": message_id,
            "status": status,
            "timestamp": str(int(self.postman.graph.clock().timestamp())),
            "recipient_user_id": self.account.user_id,
        }
        if self.account.wa_id is not None:
            told["recipient_id"] = self.account.wa_id
        if code is not None:
            return {**self._about(), "statuses": [{**told, "errors": [failure(code)]}]}
        told["pricing"] = {
            "billable": False,
            "pricing_model": "PMP",
            "type": "free_customer_service",
            "category": "service",
        }
        return {**self._about(), "contacts": [self._contact()], "statuses": [told]}

    # What they do: each brings one body and gives back what was told in it.

    async def brings(self, *messages: Json) -> Json:
        """Bring messages of theirs in one body; the last one."""
        await self.postman.brings(self.value(*messages))
        return messages[-1]

    async def says(self, text: str) -> Json:
        """Type something."""
        return await self.brings(self.text(text))

    async def taps(self, label: str) -> Json:
        """Press the newest button, or choose the newest row, with this label."""
        for shown in reversed(self.shown):
            for position, (known, choice) in enumerate(shown.choices):
                if known == label and shown.template is None:
                    return await self._chooses(shown, position, choice)
        raise AssertionError(f"no button {label!r} is shown")

    async def presses(self, choice: str, title: str = "Ja") -> Json:
        """Press a button that brings back `choice`, shown to this person or not."""
        reply = {"id": choice, "title": title}
        content = {"type": "button_reply", "button_reply": reply}
        return await self.brings(self.message("interactive", content))

    async def answers_template(self, label: str | None = None) -> Json:
        """Press a quick reply of the newest template: the first one, or the one named."""
        for shown in reversed(self.shown):
            for known, choice in shown.choices if shown.template else ():
                if label in (None, known):
                    content = {"payload": choice, "text": known}
                    context = self._context(shown.id)
                    return await self.brings(self.message("button", content, context=context))
        raise AssertionError(f"no quick reply {label or ''!r} is shown")

    async def shares(self, latitude: float, longitude: float, **more: str) -> Json:
        """Share a place, in degrees; `more` is its name or address."""
        place = {"latitude": latitude, "longitude": longitude, **more}
        return await self.brings(self.message("location", place))

    async def sends(self, kind: str) -> Json:
        """Send what cannot be read.

        Kinds: audio, image, video, sticker, document, contacts, unsupported.
        """
        if kind == "contacts":
            name = {"formatted_name": "Bo", "first_name": "Bo"}
            card = {"name": name, "phones": [{"phone": "+31 6 12345678", "type": "CELL"}]}
            return await self.brings(self.message(kind, [card]))
        if kind == "unsupported":
            error = {
                "code": 131051,
                "title": "Message type unknown",
                "message": "Message type unknown",
                "error_data": {"details": "Message type is currently not supported."},
            }
            return await self.brings(self.message(kind, errors=[error]))
        return await self.brings(self.message(kind, _CONTENT[kind]))

    async def reacts(self, emoji: str = "👍") -> Json:
        """Put a reaction on the newest message, or take it off with an empty one."""
        content = {"message_id": self.shown[-1].id, "emoji": emoji}
        return await self.brings(self.message("reaction", content))

    async def changes_number(self) -> Json:
        """Get another number, and with it another id; nobody has written from that one yet."""
        told = self._system("user_changed_number", self.postman.graph.new_wa_id())
        self.account.wrote.clear()
        return await self._moved(told)

    async def changes_user_id(self) -> Json:
        """Get another id with the same number."""
        return await self._moved(self._system("user_changed_user_id"))

    def hides_number(self) -> None:
        """Take a username: from now on the number is withheld, and reaches nobody."""
        self.account.wa_id = None
        self.account.username = f"{self.account.name.lower()}.hidden"

    # What they see.

    @property
    def shown(self) -> list[Shown]:
        """The messages on the screen, oldest first."""
        mine = self.postman.graph.to(self.account)
        return [self._shows(one) for one in mine if one.phone_id == self.phone_id]

    @property
    def last(self) -> str:
        """The newest text."""
        return self.shown[-1].text

    async def _chooses(self, shown: Shown, position: int, choice: str) -> Json:
        reply = {"id": choice, "title": shown.choices[position][0]}
        if shown.kind == "list" and shown.descriptions[position]:
            reply["description"] = shown.descriptions[position]
        kind = f"{shown.kind}_reply"
        context = self._context(shown.id)
        content = {"type": kind, kind: reply}
        return await self.brings(self.message("interactive", content, context=context))

    def _shows(self, taken: Taken) -> Shown:
        body = taken.body
        if body["type"] == "text":
            return Shown(taken.id, body["text"]["body"])
        if body["type"] == "template":
            return self._shows_template(taken.id, body["template"])
        message = body["interactive"]
        action = message["action"]
        rows = [row for section in action.get("sections", []) for row in section["rows"]]
        replies = [one["reply"] for one in action.get("buttons", [])]
        return Shown(
            taken.id,
            message["body"]["text"],
            tuple((one["title"], one["id"]) for one in (*replies, *rows)),
            kind=message["type"],
            opener=action.get("button", ""),
            descriptions=tuple(row.get("description", "") for row in rows),
            header=message.get("header", {}).get("text", ""),
            footer=message.get("footer", {}).get("text", ""),
        )

    def _shows_template(self, message_id: str, template: Json) -> Shown:
        parts = template.get("components", [])
        key = (template["name"], template["language"]["code"])
        templates = self.postman.graph.templates
        labels = templates.buttons(*key)
        payloads = {
            int(one["index"]): one["parameters"][0]["payload"]
            for one in parts
            if one["type"] == "button"
        }
        told = [
            inner["text"] for one in parts if one["type"] == "body" for inner in one["parameters"]
        ]
        return Shown(
            message_id,
            templates.filled(*key, told),
            tuple((label, payloads.get(at, label)) for at, label in enumerate(labels)),
            kind="template",
            template=key,
        )

    def _about(self) -> Json:
        number = self.postman.graph.phones[self.phone_id]
        metadata = {"display_phone_number": number, "phone_number_id": self.phone_id}
        return {"messaging_product": "whatsapp", "metadata": metadata}

    def _contact(self) -> Json:
        profile = {"name": self.account.name}
        if self.account.username is not None:
            profile["username"] = self.account.username
        contact: Json = {"profile": profile, "user_id": self.account.user_id}
        return contact if self.account.wa_id is None else {**contact, "wa_id": self.account.wa_id}

    def _context(self, message_id: str) -> Json:
        return {"from": self.postman.graph.phones[self.phone_id], "id": message_id}

    def _system(self, kind: str, wa_id: str | None = None) -> Json:
        """The message of a change, told about the old ids; the account has the new ones after."""
        old, new = self.account.user_id, self.postman.graph.new_user_id()
        content = {
            "type": kind,
            "user_id": new,
            "previous_user_id": old,
            "body": f"User {self.account.name} changed from {old} to {new}",
        }
        shows = self.account.wa_id is not None
        if wa_id is not None and shows:
            content["wa_id"] = wa_id
        told = self.message("system", content)
        self.account.user_id = new
        self.account.wa_id = (wa_id or self.account.wa_id) if shows else None
        return told

    async def _moved(self, told: Json) -> Json:
        """Bring a system message: it comes without contacts."""
        await self.postman.brings({**self._about(), "messages": [told]})
        return told
