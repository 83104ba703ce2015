"""From the files of an import to HSDS objects, each held against its schema.

JSON may be one service, a list or page of services, or an object of tables
(`{"services": […], "organizations": […]}`); CSV is one table a file, as HSDS names them.
Either way the result is the same: rows by kind.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from knowledge.exchange import schema
from knowledge.exchange.files import Source
from knowledge.exchange.problems import Problem

TABLES = {
    "organizations": "organization",
    "services": "service",
    "service_at_location": "service_at_location",
    "locations": "location",
    "addresses": "address",
    "accessibility": "accessibility",
    "schedules": "schedule",
    "cost_options": "cost_option",
    "languages": "language",
    "phones": "phone",
    "contacts": "contact",
    "service_areas": "service_area",
    "required_documents": "required_document",
    "attributes": "attribute",
    "taxonomy_terms": "taxonomy_term",
    "taxonomies": "taxonomy",
    "metadata": "metadata",
    "neighbourhoods": "neighbourhood",
}
"""The tables that are read, by the names HSDS gives them, to the kind of their rows."""

_OF_HSDS_BUT_UNUSED = {
    "funding",
    "programs",
    "organization_identifiers",
    "meta_table_descriptions",
    "service_capacities",
    "units",
    "urls",
}
_LONGEST_CELL = 100_000
_MOST_ROWS = 2_000_000

csv.field_size_limit(_LONGEST_CELL)


@dataclass(frozen=True, slots=True)
class Row:
    """An object of an import with where it came from, for whoever has to repair it."""

    file: str
    label: str
    data: dict[str, Any]

    def problem(self, field: str, message: str) -> Problem:
        """Something wrong with a field of this row."""
        return Problem(self.file, self.label, field, message)


Tables = dict[str, list[Row]]


@dataclass(slots=True)
class Parsed:
    """The rows that have the shape of HSDS, by kind; the ids of those that have not; translations.

    `translations` holds a row a language, labelled with the language.
    """

    tables: Tables
    broken: set[str]
    translations: list[Row]
    problems: list[Problem]


def parse(sources: list[Source]) -> Parsed:
    """Everything in the files, and everything that is wrong with its shape."""
    parsed = Parsed(defaultdict(list), set(), [], [])
    for source in sources:
        for found in _rows(source):
            match found:
                case Problem():
                    parsed.problems.append(found)
                case "translation", row:
                    parsed.translations.append(row)
                case kind, row:
                    _hold(parsed, kind, row)
    return parsed


def _hold(parsed: Parsed, kind: str, row: Row) -> None:
    wrong = [row.problem(field, why) for field, why in schema.errors(kind, row.data)]
    if wrong:
        parsed.problems += wrong
        parsed.broken.add(str(row.data.get("id")))
    else:
        parsed.tables[kind].append(row)


Found = tuple[str, Row] | Problem


def _rows(source: Source) -> Iterator[Found]:
    if PurePosixPath(source.name).suffix.lower() == ".csv":
        return _csv(source)
    return _json(source)


def _json(source: Source) -> Iterator[Found]:
    try:
        value = json.loads(source.text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        yield Problem(source.name, "", "", f"is not JSON: {error}")
        return
    path = PurePosixPath(source.name)
    try:
        value = _clean(value)
    except ValueError as error:
        yield Problem(source.name, "", "", str(error))
        return
    if path.parent.name == "translations":
        yield _translation(source.name, path.stem, value)
        return
    for table, items in _json_tables(value).items():
        kind = TABLES.get(table)
        if kind is None:
            if table not in _OF_HSDS_BUT_UNUSED:
                yield Problem(source.name, "", table, "is not a table of HSDS")
        elif not isinstance(items, list):
            yield Problem(source.name, "", table, "is not a list")
        else:
            for number, item in enumerate(items):
                yield _item(source.name, kind, f"{table}[{number}]", item)


def _json_tables(value: object) -> Mapping[str, Any]:
    match value:
        case list():
            return {"services": value}
        case {"contents": contents}:
            return {"services": contents}
        case {"id": _, "name": _}:
            return {"services": [value]}
        case dict():
            return value
        case _:
            return {"the file": value}


def _item(file: str, kind: str, label: str, item: object) -> Found:
    if not isinstance(item, dict):
        return Problem(file, label, "", "is not an object")
    name = item.get("name")
    return kind, Row(file, f"{label} ({name})" if isinstance(name, str) else label, item)


def _translation(file: str, language: str, value: object) -> Found:
    if not isinstance(value, dict):
        return Problem(file, "", "", "is not an object of service ids")
    return "translation", Row(file, language, value)


def _csv(source: Source) -> Iterator[Found]:
    table = PurePosixPath(source.name).stem
    kind = TABLES.get(table)
    if kind is None:
        if table not in _OF_HSDS_BUT_UNUSED:
            yield Problem(source.name, "", "", "is not a table of HSDS")
        return
    header = source.text.partition("\n")[0]
    delimiter = ";" if ";" in header and "," not in header else ","
    reader = csv.DictReader(io.StringIO(source.text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, 2):
            label = f"row {number}"
            if None in cells:
                yield Problem(source.name, label, "", "has more cells than the header")
                continue
            name = cells.get("name")
            kept = schema.required(kind)
            data = {k: _cell(kind, k, cell) for k, cell in cells.items() if cell or k in kept}
            yield kind, Row(source.name, f"{label} ({name})" if name else label, _clean(data))
            if number > _MOST_ROWS:
                yield Problem(source.name, label, "", f"more than {_MOST_ROWS} rows")
                return
    except (csv.Error, ValueError) as error:
        yield Problem(source.name, f"line {reader.line_num}", "", f"is not CSV: {error}")


def _cell(kind: str, key: str, cell: str) -> Any:
    """A cell as its schema wants it; a number that is none stays text, for the schema to name."""
    wanted = schema.fields(kind).get(key, {}).get("type")
    if wanted == "array":
        return [part.strip() for part in cell.split(",") if part.strip()]
    if wanted in ("number", "integer"):
        try:
            number = json.loads(cell, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return cell
        return number if isinstance(number, int | float) else cell
    return cell


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _clean(value: Any) -> Any:
    """The value without nulls. Raises ValueError for control signs and halves of signs."""
    match value:
        case dict():
            return {_clean(k): _clean(v) for k, v in value.items() if v is not None}
        case list():
            return [_clean(item) for item in value if item is not None]
        case str() if not value.isprintable():
            if any(_unprintable(sign) for sign in value):
                raise ValueError(f"holds a sign that is not text, in {value[:40]!r}")
    return value


def _unprintable(sign: str) -> bool:
    return (sign < " " and sign not in "\t\n\r") or "\ud800" <= sign <= "\udfff"
