"""From what WhatsApp posts to what somebody said, and to what became of our answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.channels import commands
from bot.channels.port import Content, Incoming, Location, Open, Other, Start, Tap, Text
from bot.channels.render import parse_data
from bot.characters import whole

log = logging.getLogger(__name__)

NAME = "whatsapp"
# What the button under a knock brings back.
OPEN = "open"
# No flow offers this: such a tap is answered as one on an old button.
_RUBBISH = Tap("unknown")
_ATTACHED = {
    "audio": "voice",
    "voice": "voice",
    "image": "photo",
    "video": "video",
    "sticker": "sticker",
    "document": "file",
    "contacts": "contact",
}
_STATUSES = ("sent", "delivered", "read", "failed")


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote; `number` is ours, `message_id` the platform's for what they wrote."""

    incoming: Incoming
    number: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Became:
    """What became of an answer: sent, delivered, read or failed, with the platform's code."""

    message_id: str
    status: str
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The platform knows somebody by another address from now on."""

    old: str
    new: str


Seen = Said | Became | Moved
Json = dict[str, Any]


def address(number: str, user: str) -> str:
    """Where answers go: which of our numbers, and who. The same person is another on another."""
    return f"{number}:{user}"


def parts(whole_address: str) -> tuple[str, str]:
    """Our number and the person in an address."""
    number, _, user = whole_address.partition(":")
    return number, user


def decoded(payload: bytes) -> Json | None:
    """The JSON object of a payload, without half characters; None for anything else."""
    try:
        found = json.loads(whole(json.dumps(json.loads(payload), ensure_ascii=False)))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def read(body: Json, numbers: Collection[str]) -> list[Seen]:
    """Everything in a body that is about one of our `numbers`; what cannot be read is left out.

    One body may hold several accounts, changes and messages.
    """
    seen: list[Seen] = []
    for value in _values(body):
        number = str(_dict(value.get("metadata")).get("phone_number_id", ""))
        if number not in numbers:
            log.warning("something for a number that is not ours was left out")
            continue
        people = [_dict(one) for one in _list(value.get("contacts"))]
        for raw in _list(value.get("messages")):
            seen += _sound(partial(_message, _dict(raw), number, people), "message")
        for raw in _list(value.get("statuses")):
            seen += _sound(partial(_status, _dict(raw)), "status")
    return seen


def _values(body: Json) -> Iterator[Json]:
    for entry in _list(body.get("entry")):
        for change in _list(_dict(entry).get("changes")):
            if _dict(change).get("field") == "messages":
                yield _dict(_dict(change).get("value"))


def _sound(look: Callable[[], Seen | None], what: str) -> list[Seen]:
    try:
        found = look()
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        # Whatever else is in the body must not be lost with it.
        log.warning("a %s of WhatsApp cannot be read", what)
        return []
    return [] if found is None else [found]


def _message(raw: Json, number: str, people: list[Json]) -> Seen | None:
    kind = raw["type"]
    if kind == "system":
        return _moved(raw, number)
    if "group_id" in raw:
        return None
    content = _content(raw)
    if content is None:
        return None
    user, phone = _who(raw, people)
    message_id = raw["id"]
    if not (isinstance(message_id, str) and message_id):
        raise ValueError("a message without an id would be heard again and again")
    incoming = Incoming(
        NAME,
        address(number, user or phone),
        message_id,
        content,
        datetime.fromtimestamp(int(raw["timestamp"]), UTC),
        # Who was known by a telephone number before they had an id goes on under the id.
        formerly=address(number, phone) if user and phone else None,
    )
    return Said(incoming, number, message_id)


def _who(raw: Json, people: list[Json]) -> tuple[str, str]:
    """The id and the telephone number of who wrote; either may be empty, not both."""
    user, phone = str(raw.get("from_user_id") or ""), str(raw.get("from") or "")
    for person in people:
        its = (str(person.get("user_id") or ""), str(person.get("wa_id") or ""))
        same = bool(user and its[0] == user) or bool(phone and its[1] == phone)
        differs = (user and its[0] and its[0] != user) or (phone and its[1] and its[1] != phone)
        if same or (len(people) == 1 and not differs):
            user, phone = user or its[0], phone or its[1]
    if not user and not phone:
        raise ValueError("nobody wrote this")
    return user, phone


def _moved(raw: Json, number: str) -> Moved | None:
    system = raw["system"]
    new = system.get("user_id") or system.get("wa_id")
    old = system.get("previous_user_id") or raw.get("from_user_id") or raw.get("from")
    if system["type"] not in ("user_changed_number", "user_changed_user_id") or not (new and old):
        return None
    return Moved(address(number, str(old)), address(number, str(new)))


def _content(raw: Json) -> Content | None:
    """What a message holds; None for what asks for no answer, such as a thumb up."""
    kind = raw["type"]
    match raw.get(kind):
        case {"body": str(text)} if kind == "text":
            return commands.read(text)
        case {"button_reply": {"id": str(data)}} | {"list_reply": {"id": str(data)}}:
            return parse_data(data) or _RUBBISH
        case {"payload": str(data)} if kind == "button":
            return Open() if data == OPEN else parse_data(data) or _RUBBISH
        case {"latitude": latitude, "longitude": longitude} if kind == "location":
            return Location(float(latitude), float(longitude))
        case {"caption": str(words)} if kind in _ATTACHED and words.strip():
            # Words under a picture are words: the ones that matter most may be there.
            return Text(words)
    match kind:
        case "reaction" | "revoke":
            return None
        case "request_welcome":
            return Start()
        case "edit":
            return _content(_dict(_dict(raw.get("edit")).get("message")) or {"type": "other"})
    return Other(_ATTACHED.get(kind, "other"))


def _status(raw: Json) -> Became | None:
    if raw["status"] not in _STATUSES:
        return None
    errors = _list(raw.get("errors"))
    code = int(errors[0]["code"]) if errors else None
    return Became(str(raw["id"]), raw["status"], code)


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
