"""Whether an object has the shape of HSDS, and in which field it has not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

_FILE = Path(__file__).parent.parent / "schemas" / "hsds.json"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TIME = re.compile(r"(\d\d:\d\d(?::\d\d)?)(?:\+0[12]:00)?")
_MISSING = re.compile(r"'(\w+)' is a (?:required property|dependency)")
_LONGEST_SHOWN = 60


def errors(kind: str, value: object) -> Iterator[tuple[str, str]]:
    """The fields of an object that break its schema, each with what is wrong."""
    for error in sorted(_validator(kind).iter_errors(value), key=lambda e: e.json_path):
        missing = _MISSING.match(error.message) if "equired" in str(error.validator) else None
        if missing:
            yield field([*error.absolute_path, missing[1]]), "is missing"
        else:
            yield field(error.absolute_path), _message(error)


def fields(kind: str) -> Mapping[str, Any]:
    """The schema of each field of an object, by name."""
    properties: Mapping[str, Any] = _schema()["$defs"][kind]["properties"]
    return properties


def required(kind: str) -> frozenset[str]:
    """The fields an object must have."""
    return frozenset(_schema()["$defs"][kind].get("required", ()))


def field(path: Any) -> str:
    """A path into an object as people write it: schedules[0].opens_at."""
    written = ""
    for step in path:
        written += f"[{step}]" if isinstance(step, int) else f".{step}" if written else str(step)
    return written


def _message(error: ValidationError) -> str:
    if error.validator == "not":
        return str(error.schema.get("description")) if isinstance(error.schema, dict) else ""
    if error.validator == "maxLength":
        return f"is {len(str(error.instance))} characters; at most {error.validator_value}"
    if error.validator == "format":
        return f"{_shown(error.instance)} is not a {error.validator_value}"
    if error.validator == "pattern":
        return f"{_shown(error.instance)} is not written as expected ({error.validator_value})"
    if error.validator == "enum":
        return f"{_shown(error.instance)} is not one of {error.validator_value}"
    if error.validator == "type":
        return f"{_shown(error.instance)} is not of type {error.validator_value}"
    return error.message[:300]


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"


@cache
def _schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return loaded


@cache
def _validator(kind: str) -> Draft202012Validator:
    schema = {"$ref": f"#/$defs/{kind}", "$defs": _schema()["$defs"]}
    return Draft202012Validator(schema, format_checker=_formats())


def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())
    checks: dict[str, Callable[[str], object]] = {
        "uuid": _uuid,
        "date": _date,
        "local-time": local_time,
        "email": _email,
        "uri": _uri,
    }
    for name, check in checks.items():
        checker.checks(name, raises=ValueError)(_for_text(check))
    return checker


def _for_text(check: Callable[[str], object]) -> Callable[[object], bool]:
    """A check as jsonschema wants it: it raises ValueError, or it holds; types are not its work."""

    def holds(value: object) -> bool:
        if isinstance(value, str):
            check(value)
        return True

    return holds


def local_time(text: str) -> time:
    """The time that a schedule gives, as a clock in the Netherlands shows it.

    A Dutch offset (+01:00, +02:00) is dropped: a publisher means the clock, all year round.
    Raises ValueError for anything else.
    """
    if not (match := _TIME.fullmatch(text)):
        raise ValueError("not a local time")
    return time.fromisoformat(match[1])


def _uuid(text: str) -> None:
    if str(UUID(text)) != text.lower():
        raise ValueError("not written as a UUID")


def _date(text: str) -> None:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("not written as YYYY-MM-DD")


def _email(text: str) -> None:
    if not _EMAIL.fullmatch(text):
        raise ValueError("not an address")


def _uri(text: str) -> None:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or " " in text:
        raise ValueError("not a web address")
