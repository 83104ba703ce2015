"""From nested HSDS objects to the tables of its tabular package."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from typing import Any

from knowledge.exchange.tables import TABLES

Object = dict[str, Any]
Tables = dict[str, dict[str, Object]]

_NESTED = {
    "organization": "organizations",
    "location": "locations",
    "phones": "phones",
    "contacts": "contacts",
    "cost_options": "cost_options",
    "languages": "languages",
    "required_documents": "required_documents",
    "schedules": "schedules",
    "service_areas": "service_areas",
    "service_at_locations": "service_at_location",
    "addresses": "addresses",
    "accessibility": "accessibility",
    "attributes": "attributes",
}


def as_csv_zip(whole: Mapping[str, Any]) -> bytes:
    """The tables of an export, whose rows may nest others, as a zip with one CSV a table."""
    return _zip(_flat(whole))


def _flat(whole: Mapping[str, Any]) -> Tables:
    """HSDS tables by name, rows by id, from nested objects."""
    tables: Tables = {}

    def lay(table: str, row: Object) -> None:
        flat = {}
        for field, value in row.items():
            if field not in _NESTED:
                flat[field] = ",".join(value) if isinstance(value, list) else value
            elif isinstance(value, dict):
                flat[f"{field}_id"] = value["id"]
                lay(_NESTED[field], value)
            else:
                for item in value:
                    lay(_NESTED[field], _child_of(TABLES[table], row["id"], field, item))
        tables.setdefault(table, {})[row["id"]] = flat

    for table, rows in whole.items():
        for row in rows:
            lay(table, row)
    return tables


def _child_of(kind: str, id: str, field: str, item: Object) -> Object:
    if field == "attributes":
        return item | {"link_id": id, "link_entity": kind}
    return item | {f"{kind}_id": id}


def _zip(tables: Tables) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for table, rows in tables.items():
            columns = list(dict.fromkeys(field for row in rows.values() for field in row))
            written = io.StringIO(newline="")
            writer = csv.DictWriter(written, columns)
            writer.writeheader()
            writer.writerows(rows.values())
            member = zipfile.ZipInfo(f"{table}.csv", (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, written.getvalue())
    return packed.getvalue()
