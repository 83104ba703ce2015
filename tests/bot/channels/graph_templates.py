"""The message templates of a business account, and what the Cloud API refuses in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode

from tests.bot.channels.graph_rules import Json, Refusal, only, text_of

_VARIABLE = re.compile(r"\{\{\s*\w+\s*\}\}")
_FIELDS = {
    *("id", "name", "language", "status", "category", "components", "parameter_format"),
    *("previous_category", "correct_category", "rejected_reason", "quality_score"),
    *("library_template_name", "message_send_ttl_seconds", "cta_url_link_tracking_opted_out"),
    *("sub_category", "degrees_of_freedom_spec"),
}
_LANGUAGES = (
    "af ar ar_AE ar_EG ar_LB ar_MA ar_QA ar_SA az bg bn ca cs da de el en en_AU en_CA en_GB en_IN "
    "en_US es es_AR es_CL es_CO es_ES es_MX es_PE es_VE et fa fi fil fr fr_BE fr_CA ga gu ha he hi "
    "hr hu id it ja ka kk kn ko ky_KG lo lt lv mk ml mr ms nb nl pa pl pt_BR pt_PT ro ru rw_RW sk "
    "sl sq sr sv sw ta te th tr uk ur uz vi zh_CN zh_HK zh_TW zu"
)


@dataclass
class Templates:
    """The templates by (name, language): each an object as the platform lists it.

    `address` is where they are listed, for the link to the next page.
    """

    address: str = ""
    known: dict[tuple[str, str], Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = count(594425479261000)

    def approves(
        self, name: str, language: str, text: str = "Er is nieuws.", buttons: tuple[str, ...] = ()
    ) -> None:
        """There is a template that may be sent, with quick replies that say `buttons`."""
        parts: list[Json] = [{"type": "BODY", "text": text}]
        if variables := _VARIABLE.findall(text):
            parts[0]["example"] = {"body_text": [variables]}
        if buttons:
            replies = [{"type": "QUICK_REPLY", "text": label} for label in buttons]
            parts.append({"type": "BUTTONS", "buttons": replies})
        what = {"name": name, "language": language, "category": "UTILITY", "components": parts}
        self.made(what)
        self.marks(name, language, "APPROVED")

    def marks(self, name: str, language: str, status: str) -> None:
        """A template gets another status: APPROVED, PENDING, PAUSED, REJECTED."""
        self.known[name, language]["status"] = status

    def buttons(self, name: str, language: str) -> list[str]:
        """What the quick replies of a template say."""
        parts = self.known[name, language]["components"]
        return [one["text"] for part in parts for one in part.get("buttons", [])]

    def filled(self, name: str, language: str, parameters: list[str]) -> str:
        """How a template reads with its parameters, in the order of the body."""
        parts = self.known[name, language]["components"]
        text: str = next(part["text"] for part in parts if part["type"] == "BODY")
        variables = dict.fromkeys(_VARIABLE.findall(text))
        for variable, parameter in zip(variables, parameters, strict=True):
            text = text.replace(variable, parameter)
        return text

    def check(self, sent: Json) -> None:
        """Refuse to send a template that is not there, may not be sent, or is filled in wrong."""
        name, language = sent["name"], sent["language"]["code"]
        known = self.known.get((name, language))
        if known is not None and known["status"] == "PAUSED":
            raise Refusal(132015, "Template is paused due to low quality")
        if known is None or known["status"] != "APPROVED":
            details = f"template name ({name}) does not exist in {language}"
            raise Refusal(132001, details, status=404)
        _check_parameters(sent, known)

    def listed(self, query: Json) -> Json:
        """The page that a query asks for; `next` is the address of the one after it."""
        only(query, {"fields", "limit", "after", "name", "language", "status"}, "the query")
        fields = [name for name in query.get("fields", "").split(",") if name] or ["id", "name"]
        strange = [name for name in fields if name not in _FIELDS]
        if strange:
            raise Refusal(100, f"Tried accessing nonexisting field ({strange[0]})")
        found = [
            one
            for one in self.known.values()
            if all(query.get(key, one[key]) == one[key] for key in ("name", "language", "status"))
        ]
        first, limit = int(query.get("after", "0")), int(query.get("limit", "25"))
        page = found[first : first + limit]
        paging: Json = {"cursors": {"before": str(first), "after": str(first + len(page))}}
        if len(found) > first + limit:
            rest = {**query, "after": first + limit, "limit": limit}
            paging["next"] = f"{self.address}?{urlencode(rest)}"
        shown = [{key: one[key] for key in (*fields, "id") if key in one} for one in page]
        return {"data": shown, "paging": paging}

    def made(self, body: Json) -> Json:
        """Take in a new template, PENDING; the answer has its id."""
        _check_definition(body)
        if (body["name"], body["language"]) in self.known:
            raise Refusal(100, "Content in this language already exists")
        made: Json = {
            **body,
            "id": str(next(self._numbers)),
            "status": "PENDING",
            "parameter_format": "POSITIONAL",
        }
        self.known[body["name"], body["language"]] = made
        return {key: made[key] for key in ("id", "status", "category")}


def _check_parameters(sent: Json, definition: Json) -> None:
    """Refuse a template whose parameters are not the ones its definition wants."""
    parts = {part["type"]: part for part in definition["components"]}
    given: dict[str, list[Json]] = {"body": [], "header": []}
    buttons = len(parts.get("BUTTONS", {"buttons": []})["buttons"])
    for one in sent.get("components", []):
        if one["type"] == "button":
            if int(one["index"]) >= buttons:
                raise Refusal(132018, f"the template has no button {one['index']}")
            for inner in one["parameters"]:
                text_of(only(inner, {"type", "payload"}, "button"), "payload", "button", 128)
            continue
        given[one["type"]] += one["parameters"]
    for kind, parameters in given.items():
        wanted = len(set(_VARIABLE.findall(parts.get(kind.upper(), {}).get("text", ""))))
        if wanted != len(parameters):
            details = f"{kind}: number of localizable_params ({len(parameters)}) does not match"
            raise Refusal(132000, f"{details} the expected number of params ({wanted})")
        for inner in parameters:
            allowed = {"type", "text", "parameter_name"}
            text = text_of(only(inner, allowed, kind), "text", kind, 1_024, lines=True)
            if re.search(r"[\n\t]| {5}", text):
                raise Refusal(132018, "Param text cannot have new-line/tab characters")


def _check_definition(body: Json) -> None:
    """Refuse a new template that the platform would refuse at once."""
    keys = {"name", "language", "category", "components", "parameter_format"}
    only(body, {*keys, "allow_category_change"}, "the template")
    if not re.fullmatch(r"[a-z0-9_]{1,512}", str(body.get("name", ""))):
        raise Refusal(100, "name: only lower-case letters, digits and underscores")
    if body.get("language") not in _LANGUAGES.split():
        raise Refusal(100, "language is not one that the platform knows")
    if body.get("category") != "UTILITY":
        raise Refusal(100, "category: the tests know UTILITY only")
    parts = body.get("components")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise Refusal(100, "components must be an array of objects")
    kinds = [str(part.get("type")) for part in parts]
    if kinds.count("BODY") != 1 or len(set(kinds)) < len(kinds):
        raise Refusal(100, "components: one BODY, and no other kind twice")
    for part in parts:
        _check_part(part)


def _check_part(part: Json) -> None:
    match part["type"]:
        case "BODY":
            body = only(part, {"type", "text", "example"}, "BODY")
            text = text_of(body, "text", "BODY", 1_024, lines=True).strip()
            places = [one.span() for one in _VARIABLE.finditer(text)]
            if places and (places[0][0] == 0 or places[-1][1] == len(text)):
                raise Refusal(100, "BODY: no variable at the beginning or the end")
            if places and "example" not in part:
                raise Refusal(100, "BODY: variables want an example")
        case "FOOTER":
            footer = only(part, {"type", "text"}, "FOOTER")
            if _VARIABLE.search(text_of(footer, "text", "FOOTER", 60)):
                raise Refusal(100, "FOOTER: no variables")
        case "BUTTONS":
            buttons = only(part, {"type", "buttons"}, "BUTTONS").get("buttons")
            if not isinstance(buttons, list) or not 1 <= len(buttons) <= 10:
                raise Refusal(100, "BUTTONS: 1 to 10")
            for one in buttons:
                if only(one, {"type", "text"}, "BUTTONS").get("type") != "QUICK_REPLY":
                    raise Refusal(100, "BUTTONS: the tests know QUICK_REPLY only")
                text_of(one, "text", "BUTTONS", 25)
        case other:
            raise Refusal(100, f"components: the tests know no {other}")
