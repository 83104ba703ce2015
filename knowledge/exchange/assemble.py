"""From rows that refer to each other to services that hold all that is theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from knowledge.exchange.problems import Problem
from knowledge.exchange.tables import Row, Tables

_OF_SERVICE = {
    "phones": "phone",
    "schedules": "schedule",
    "service_areas": "service_area",
    "service_at_locations": "service_at_location",
    "languages": "language",
    "cost_options": "cost_option",
    "required_documents": "required_document",
    "contacts": "contact",
}
_OF_LOCATION = {"addresses": "address", "accessibility": "accessibility"}
_OF_CONTACT = {"phones": "phone"}
_OF_AT_LOCATION = {"schedules": "schedule"}

_CHILDREN = {
    "service": _OF_SERVICE,
    "location": _OF_LOCATION,
    "contact": _OF_CONTACT,
    "service_at_location": _OF_AT_LOCATION,
    "schedule": dict[str, str](),
}

Object = dict[str, Any]


def services(tables: Tables, broken: set[str]) -> tuple[list[Row], list[Problem]]:
    """Each service with everything that belongs to it nested, and the references that lead nowhere.

    A row that names the same id as another of its kind is a problem: one of them would be lost.
    `broken` holds ids that were given but not understood: a reference to one of those is fine.
    """
    joined = _Join(tables, broken)
    rows = [
        Row(row.file, row.label, joined.whole("service", row, row.data))
        for row in tables.get("service", [])
    ]
    return rows, joined.problems


class _Join:
    def __init__(self, tables: Tables, broken: set[str]) -> None:
        self.problems: list[Problem] = []
        self._broken = broken
        self._by_id: dict[str, dict[str, Object]] = defaultdict(dict)
        self._children: dict[tuple[str, str], list[tuple[str, Object]]] = defaultdict(list)
        for kind, rows in tables.items():
            for row in rows:
                self._take(kind, row)
        for kind, rows in tables.items():
            for row in rows:
                self.problems += self._dangling(kind, row)

    def _take(self, kind: str, row: Row) -> None:
        id = row.data.get("id")
        if id is not None and self._by_id[kind].setdefault(str(id), row.data) is not row.data:
            self.problems.append(row.problem("id", f"{id} is used twice"))
        for parent in _PARENTS.get(kind, ()):
            if owner := row.data.get(f"{parent}_id"):
                self._children[kind, owner].append((parent, row.data))
        if kind == "attribute" and (owner := row.data.get("link_id")):
            self._children[kind, owner].append(("", row.data))

    def _dangling(self, kind: str, row: Row) -> Iterator[Problem]:
        for parent in _PARENTS.get(kind, ()):
            owner = row.data.get(f"{parent}_id")
            if owner is not None and not self._known(parent, owner):
                yield row.problem(f"{parent}_id", f"there is no {parent} {owner}")

    def whole(self, kind: str, row: Row, value: Object) -> Object:
        """An object with its children and what it refers to nested."""
        full = dict(value)
        id = str(value.get("id", ""))
        for field, child in _CHILDREN.get(kind, {}).items():
            own = [c for parent, c in self._children[child, id] if parent == kind] if id else []
            nested = [*value.get(field, ()), *own]
            full[field] = [self.whole(child, row, item) for item in nested]
        own = [c for _, c in self._children["attribute", id]] if id else []
        attributes = [*value.get("attributes", ()), *own]
        full["attributes"] = [self._refer(row, a, "taxonomy_term") for a in attributes]
        if kind == "service":
            full = self._refer(row, full, "organization")
        if kind == "service_at_location":
            full = self._refer(row, full, "location")
            if "location" in full:
                full["location"] = self.whole("location", row, full["location"])
        return full

    def _refer(self, row: Row, value: Object, to: str) -> Object:
        """The value with the object nested that it refers to by id."""
        id = value.get(f"{to}_id")
        if to in value or id is None:
            return value
        if id in self._by_id[to]:
            return value | {to: self._by_id[to][id]}
        if not self._known(to, id):
            self.problems.append(row.problem(f"{to}_id", f"there is no {to} {id}"))
        return value

    def _known(self, kind: str, id: str) -> bool:
        return id in self._by_id[kind] or id in self._broken


_PARENTS: dict[str, tuple[str, ...]] = {
    "phone": ("service", "contact"),
    "schedule": ("service", "service_at_location"),
    "service_area": ("service",),
    "service_at_location": ("service",),
    "language": ("service",),
    "cost_option": ("service",),
    "required_document": ("service",),
    "contact": ("service",),
    "address": ("location",),
    "accessibility": ("location",),
}
