"""What the Cloud API refuses in a message, and the answers that say no."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from starlette.responses import Response

Json = dict[str, Any]

_INVISIBLE = "\u200f\u200e\u200b\u2060\ufeff \n\t\u00a0"
_MESSAGE = {
    *("messaging_product", "recipient_type", "to", "recipient", "type"),
    *("context", "biz_opaque_callback_data"),
}
_TITLES = {
    100: "Invalid parameter",
    130429: "Rate limit hit",
    131009: "Parameter value is not valid",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
    132015: "Template is paused",
    132018: "Template parameter format mismatch",
}


class Refusal(Exception):
    """The server will not do it. `status` is of HTTP, `code` is the platform's own."""

    def __init__(self, code: int, details: str, status: int = 400) -> None:
        super().__init__(details)
        self.code = code
        self.status = status


def an_error(code: int, details: str = "", status: int = 400) -> Response:
    """An answer that says no, as the platform writes it."""
    message = _TITLES.get(code, "An error")
    error: Json = {
        "message": f"(#{code}) {message}" if code != 190 else details,
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam",
    }
    if code != 190:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return Response(json.dumps({"error": error}), status, media_type="application/json")


def failure(code: int) -> Json:
    """An error as the statuses of a webhook tell it."""
    title = _TITLES[code]
    details = f"The platform says {code}"
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}}


def units(text: str) -> int:
    """How long a text is at most, however the platform counts: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def only(what: object, allowed: Iterable[str], where: str) -> Json:
    """`what` as an object with no other keys than these."""
    if not isinstance(what, dict):
        raise Refusal(100, f"{where} must be an object")
    strange = sorted(set(what) - set(allowed))
    if strange:
        raise Refusal(100, f"Unexpected key {strange[0]!r} in {where}")
    return what


def text_of(what: Json, key: str, where: str, most: int, *, lines: bool = False) -> str:
    """A text of 1..`most` signs that shows something; `lines` says whether it may break."""
    text = what.get(key)
    name = f"{where}.{key}"
    if not isinstance(text, str):
        raise Refusal(131009, f"{name} is required and must be a string")
    if not text.strip(_INVISIBLE):
        raise Refusal(131009, f"{name} must not be empty")
    if units(text) > most:
        raise Refusal(131009, f"{name} length invalid. Min length: 1, Max length: {most}")
    if not lines and "\n" in text:
        raise Refusal(131009, f"{name} must not hold a new line")
    return text


def check_message(body: Json) -> None:
    """Refuse a message that the platform would refuse whoever it is for."""
    kind = body.get("type")
    if not isinstance(kind, str) or kind not in _CHECKS:
        raise Refusal(100, f"type must be one of {sorted(_CHECKS)}")
    only(body, {*_MESSAGE, kind}, "the message")
    if body.get("recipient_type") != "individual":
        raise Refusal(100, "recipient_type must be individual")
    if ("to" in body) == ("recipient" in body):
        raise Refusal(100, "exactly one of to and recipient is wanted")
    if "context" in body:
        text_of(only(body["context"], {"message_id"}, "context"), "message_id", "context", 512)
    if "biz_opaque_callback_data" in body:
        text_of(body, "biz_opaque_callback_data", "the message", 512, lines=True)
    _CHECKS[kind](body.get(kind))


def _check_text(what: object) -> None:
    text = only(what, {"body", "preview_url"}, "text")
    text_of(text, "body", "text", 4_096, lines=True)
    if not isinstance(text.get("preview_url", False), bool):
        raise Refusal(100, "text.preview_url must be a boolean")


def _check_interactive(what: object) -> None:
    message = only(what, {"type", "header", "body", "footer", "action"}, "interactive")
    if message.get("type") not in ("button", "list"):
        raise Refusal(131009, "interactive.type must be button or list")
    body = only(message.get("body"), {"text"}, "interactive.body")
    # The platform takes 4096 with a list; this project keeps to the narrower limit with both.
    text_of(body, "text", "interactive.body", 1_024, lines=True)
    if "footer" in message:
        footer = only(message["footer"], {"text"}, "interactive.footer")
        text_of(footer, "text", "interactive.footer", 60)
    if "header" in message:
        header = only(message["header"], {"type", "text"}, "interactive.header")
        if header.get("type") != "text":
            raise Refusal(131009, "interactive.header.type: the tests know text only")
        text_of(header, "text", "interactive.header", 60)
    (_check_buttons if message["type"] == "button" else _check_list)(message.get("action"))


def _check_buttons(what: object) -> None:
    where = "interactive.action.buttons"
    buttons = only(what, {"buttons"}, "interactive.action").get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise Refusal(131009, f"{where}: Min buttons: 1, Max buttons: 3")
    replies = [only(one, {"type", "reply"}, where) for one in buttons]
    if any(one.get("type") != "reply" for one in replies):
        raise Refusal(131009, f"{where}.type must be reply")
    inner = [only(one.get("reply"), {"id", "title"}, f"{where}.reply") for one in replies]
    _no_twice([text_of(one, "id", f"{where}.reply", 256) for one in inner], f"{where}.reply.id")
    titles = [text_of(one, "title", f"{where}.reply", 20) for one in inner]
    _no_twice(titles, f"{where}.reply.title")


def _check_list(what: object) -> None:
    where = "interactive.action.sections"
    action = only(what, {"button", "sections"}, "interactive.action")
    text_of(action, "button", "interactive.action", 20)
    sections = action.get("sections")
    if not isinstance(sections, list) or not 1 <= len(sections) <= 10:
        raise Refusal(131009, f"{where}: Min sections: 1, Max sections: 10")
    rows: list[Json] = []
    for section in (only(one, {"title", "rows"}, where) for one in sections):
        if len(sections) > 1 or "title" in section:
            text_of(section, "title", where, 24)
        own = section.get("rows")
        if not isinstance(own, list) or not own:
            raise Refusal(131009, f"{where}.rows: Min rows: 1")
        rows += [only(row, {"id", "title", "description"}, f"{where}.rows") for row in own]
    if len(rows) > 10:
        raise Refusal(131009, f"{where}: Total row count exceed max allowed count: 10")
    for row in rows:
        text_of(row, "title", f"{where}.rows", 24)
        if "description" in row:
            text_of(row, "description", f"{where}.rows", 72)
    _no_twice([text_of(row, "id", f"{where}.rows", 200) for row in rows], f"{where}.rows.id")


def _no_twice(values: list[str], name: str) -> None:
    if len(set(values)) < len(values):
        raise Refusal(131009, f"{name} must be unique within the message")


def _check_template(what: object) -> None:
    template = only(what, {"name", "language", "components"}, "template")
    text_of(template, "name", "template", 512)
    language = only(template.get("language"), {"code", "policy"}, "template.language")
    text_of(language, "code", "template.language", 10)
    components = template.get("components", [])
    if not isinstance(components, list):
        raise Refusal(100, "template.components must be an array")
    for one in components:
        keys = {"type", "parameters", "sub_type", "index"}
        if only(one, keys, "template.components").get("type") not in ("header", "body", "button"):
            raise Refusal(100, "template.components.type must be header, body or button")
        if not isinstance(one.get("parameters"), list):
            raise Refusal(100, "template.components.parameters must be an array")
        if one["type"] == "button" and (
            one.get("sub_type") != "quick_reply" or not re.fullmatch(r"\d", str(one.get("index")))
        ):
            raise Refusal(100, "template.components: a quick_reply button has an index")


_CHECKS: dict[str, Callable[[object], None]] = {
    "text": _check_text,
    "interactive": _check_interactive,
    "template": _check_template,
}
