"""What a page posts: read carefully, because anybody can post anything."""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request

from bot.channels import commands
from bot.channels.body import body_of
from bot.channels.port import Content, Location, Start
from bot.channels.render import parse_data
from bot.characters import whole

# A hundred thousand characters of four bytes each, as JSON may write them.
MOST_BYTES = 1_250_000
MOST_CHARACTERS = 100_000
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_PAYLOAD = 64
# What takes no room on a screen: format and control signs, fillers.
_UNSEEN = frozenset({"Cf", "Cc", "Cs", "Zs", "Zl", "Zp", "Mn"})


@dataclass(frozen=True, slots=True)
class Posted:
    """One message of a page. `key` is the same for every try to send it."""

    content: Content
    key: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a post cannot be taken: an HTTP status, and the key of the words for it."""

    status: int
    words: str


TOO_LONG = Unusable(413, "web.too_long")
UNCLEAR = Unusable(400, "web.unclear")
EMPTY = Unusable(422, "web.empty")


def is_json(request: Request) -> bool:
    """Whether a script posted, rather than a plain form."""
    return request.headers.get("content-type", "").split(";")[0].strip() == "application/json"


async def fields_of(request: Request) -> dict[str, Any] | Unusable:
    """The fields of a post, from JSON or from a plain form."""
    body = await body_of(request, MOST_BYTES)
    if body is None:
        return TOO_LONG
    try:
        if is_json(request):
            data = json.loads(body)
            return data if isinstance(data, dict) else UNCLEAR
        form = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=20)
    except (ValueError, RecursionError):
        return UNCLEAR
    return {name: values[-1] for name, values in form.items()}


def read(fields: Mapping[str, Any]) -> Posted | Unusable:
    """The message among the fields: a choice, an opened chat, a place, a command, or a text."""
    key = fields.get("key") or secrets.token_urlsafe(24)
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        return UNCLEAR
    content = _content(fields)
    return content if isinstance(content, Unusable) else Posted(content, key)


def _content(fields: Mapping[str, Any]) -> Content | Unusable:
    match fields:
        case {"choice": str(data)}:
            return parse_data(data) or UNCLEAR
        case {"start": str(payload)}:
            return Start(whole(payload[:_PAYLOAD]))
        case {"location": str(place)}:
            return _location(place)
        case {"text": str(text)} if len(text) > MOST_CHARACTERS:
            return TOO_LONG
        case {"text": str(text)}:
            return commands.read(whole(text)) if _can_be_seen(text) else EMPTY
    return UNCLEAR


def _location(place: str) -> Location | Unusable:
    """A place as "latitude,longitude" in degrees."""
    try:
        latitude, longitude = (float(part) for part in place.split(","))
    except ValueError:
        return UNCLEAR
    if abs(latitude) <= 90 and abs(longitude) <= 180:
        return Location(latitude, longitude)
    return UNCLEAR


def _can_be_seen(text: str) -> bool:
    return any(unicodedata.category(sign) not in _UNSEEN for sign in text)
