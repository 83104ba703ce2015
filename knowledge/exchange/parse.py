"""From one whole HSDS service to an entry, or to all that keeps it from being one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from knowledge.exchange.problems import Problem
from knowledge.exchange.schema import local_time
from knowledge.exchange.tables import Row
from knowledge.model import (
    CITY,
    ROUTES,
    SUMMARY_LENGTH,
    TEXT_FIELDS,
    TOPICS,
    Audience,
    Contact,
    Cost,
    Entry,
    Location,
    Route,
    Schedule,
)
from knowledge.places import Places

Object = Mapping[str, Any]
_WHOLE_DAY = (time(0, 0), time(23, 59))


def entry(row: Row, places: Places) -> Entry | list[Problem]:
    """The entry that a service is, or everything that is wrong with what it says."""
    reader = _Reader(row, places)
    made = reader.entry()
    return reader.problems or made


class _Reader:
    def __init__(self, row: Row, places: Places) -> None:
        self.problems: list[Problem] = []
        self._row = row
        self._service: Object = row.data
        self._places = places
        self._own = _Own(row.data["attributes"])

    def entry(self) -> Entry:
        service, own = self._service, self._own
        locations = [x["location"] for x in service["service_at_locations"] if "location" in x]
        return Entry(
            id=service["id"].lower(),
            name=service["name"],
            summary=self._summary(),
            topics=self._topics(),
            route=self._route(),
            checked_at=self._date("assured_date", service.get("assured_date"), needed=True),
            checked_by=self._needed("checked_by", own.text("checked_by"), "assurer_email"),
            source=self._needed("source", own.text("source"), "url"),
            description=service.get("description", ""),
            organisation=service.get("organization", {}).get("name", ""),
            audience=self._audience(),
            neighbourhoods=self._neighbourhoods(locations),
            area=self._area(),
            locations=tuple(_location(location) for location in locations),
            schedules=tuple(self._schedules()),
            cost=_cost(service),
            languages=_languages(service),
            accessibility=_first(
                *(a.get("description") for place in locations for a in place["accessibility"]),
                own.text("accessibility"),
            ),
            bring=", ".join(
                d["document"] for d in service["required_documents"] if "document" in d
            ),
            first_time=own.text("first_time"),
            how_to_get_there=_first(
                *(place.get("transportation") for place in locations), own.text("how_to_get_there")
            ),
            contact=_contact(service),
            keywords=own.items("keywords"),
            pass_on=own.items("pass_on"),
            expires_at=self._optional_date("expires_at", own.text("expires_at")),
            example=own.text("example") == "true",
            translations=own.translations(),
        )

    def _wrong(self, field: str, message: str) -> None:
        self.problems.append(self._row.problem(field, message))

    def _needed(self, field: str, text: str, other: str) -> str:
        found = _first(text, self._service.get(other))
        if not found:
            self._wrong(f"attributes.{field}", f"is missing (or give {other})")
        return found

    def _summary(self) -> str:
        summary = _first(self._own.text("summary"), self._service.get("description"))
        if not summary:
            self._wrong("attributes.summary", "is missing")
        elif len(summary) > SUMMARY_LENGTH:
            self._wrong(
                "attributes.summary",
                f"is {len(summary)} characters; at most {SUMMARY_LENGTH}",
            )
        return summary

    def _topics(self) -> tuple[str, ...]:
        topics = tuple(code for code in self._own.codes if code in TOPICS)
        if not topics:
            self._wrong("attributes", "name no topic of the front door")
        return tuple(dict.fromkeys(topics))

    def _route(self) -> Route:
        named = self._own.text("route")
        for route in ROUTES:
            if route == named:
                return route
        self._wrong("attributes.route", f"{named!r} is not one of {', '.join(ROUTES)}")
        return "basic"

    def _date(self, field: str, text: str | None, *, needed: bool) -> date:
        found = self._optional_date(field, text)
        if found is None and needed and not text:
            self._wrong(field, "is missing: nothing is shown that nobody checked")
        return found or date.min

    def _optional_date(self, field: str, text: str | None) -> date | None:
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._wrong(field, f"{text!r} is not a date (YYYY-MM-DD)")
            return None

    def _audience(self) -> Audience:
        low, high = (self._age(name) for name in ("minimum_age", "maximum_age"))
        if low is not None and high is not None and low > high:
            self._wrong("minimum_age", f"{low} is above the maximum age {high}")
        return Audience(low, high, self._service.get("eligibility_description", ""))

    def _age(self, field: str) -> int | None:
        age = self._service.get(field)
        return None if age is None else int(age)

    def _neighbourhoods(self, locations: list[Object]) -> tuple[str, ...]:
        areas = self._service["service_areas"]
        if not areas:
            near = (self._near(location) for location in locations)
            return tuple(dict.fromkeys(id for id in near if id))
        named = [area["extent"] for area in areas if area.get("extent_type") == "text"]
        for id in named:
            if self._places.get(id) is None:
                self._wrong("service_areas.extent", f"{id!r} is not a known neighbourhood")
        return tuple(dict.fromkeys(named))

    def _near(self, location: Object) -> str | None:
        if "latitude" in location and "longitude" in location:
            place = self._places.nearest(location["latitude"], location["longitude"])
        else:
            codes = " ".join(a["postal_code"] for a in location["addresses"])
            place = self._places.by_postcode(codes)
        return None if place is None else place.id

    def _area(self) -> str:
        names = [
            area["name"]
            for area in self._service["service_areas"]
            if area.get("extent_type") != "text" and "name" in area
        ]
        return names[0] if names else CITY

    def _schedules(self) -> Iterator[Schedule]:
        every = [*self._service["schedules"]]
        for at in self._service["service_at_locations"]:
            every += at["schedules"]
        for number, schedule in enumerate(every):
            made = _schedule(schedule)
            for field, message in _rule_problems(made):
                self._wrong(f"schedules[{number}].{field}", message)
            yield made


class _Own:
    """The attributes of an object by the code of their term."""

    def __init__(self, attributes: list[Object]) -> None:
        self._said = [(a.get("taxonomy_term", {}), str(a.get("value", ""))) for a in attributes]
        self.codes = [_code(term) for term, _ in self._said]

    def text(self, code: str) -> str:
        return _first(
            *(v for term, v in self._said if _code(term) == code and "language" not in term)
        )

    def items(self, code: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(code).split(",") if part.strip())

    def translations(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for term, value in self._said:
            if "language" in term and _code(term) in TEXT_FIELDS and value:
                found.setdefault(term["language"], {})[_code(term)] = value
        return found


def _code(term: Object) -> str:
    return str(term.get("code") or term.get("name") or "")


def _first(*texts: str | None) -> str:
    return next((text for text in texts if text), "")


def _schedule(row: Object) -> Schedule:
    opens, closes = (
        local_time(row[field]) if field in row else None for field in ("opens_at", "closes_at")
    )
    if (opens, closes) == _WHOLE_DAY:
        closes = opens
    return Schedule(
        freq=row.get("freq", "WEEKLY"),
        byday=tuple(part.strip() for part in row.get("byday", "").split(",") if part.strip()),
        bymonthday=tuple(int(part) for part in row.get("bymonthday", "").split(",") if part),
        opens_at=opens,
        closes_at=closes,
        interval=int(row.get("interval", 1)),
        count=int(row["count"]) if "count" in row else None,
        on_holidays=_Own(row["attributes"]).text("open_on_holidays") == "true",
        description=row.get("description", ""),
        **{
            field: date.fromisoformat(row[field])
            for field in ("dtstart", "until", "valid_from", "valid_to")
            if field in row
        },
    )


def _rule_problems(rule: Schedule) -> Iterator[tuple[str, str]]:
    if rule.opens_at is None:
        return
    days = rule.byday or rule.bymonthday
    if rule.dtstart is None and (rule.interval > 1 or rule.count is not None or not days):
        yield "dtstart", "is needed with an interval, a count, or without byday and bymonthday"
    if rule.freq == "WEEKLY" and any(len(day) > 2 for day in rule.byday):
        yield "byday", "numbers a day, which is for MONTHLY"
    if rule.freq == "WEEKLY" and rule.bymonthday:
        yield "bymonthday", "is for MONTHLY"


def _cost(service: Object) -> Cost:
    options = service["cost_options"]
    amounts = {Decimal(str(option["amount"])) for option in options if "amount" in option}
    texts = (option.get("amount_description") for option in options)
    text = _first("; ".join(t for t in texts if t), service.get("fees_description"))
    amount = amounts.pop() if len(amounts) == 1 else None
    return Cost(amount, amount == 0, text)


def _languages(service: Object) -> tuple[str, ...]:
    codes = dict.fromkeys(x["code"] for x in service["languages"] if "code" in x)
    return tuple(codes) or ("nl",)


def _location(row: Object) -> Location:
    address: Object = next(iter(row["addresses"]), {})
    return Location(
        name=row.get("name", ""),
        address=address.get("address_1", ""),
        postcode=address.get("postal_code", ""),
        city=address.get("city", ""),
        lat=row.get("latitude"),
        lon=row.get("longitude"),
    )


def _contact(service: Object) -> Contact:
    contact: Object = next(iter(service["contacts"]), {})
    phones = (*contact.get("phones", ()), *service["phones"])
    return Contact(
        name=contact.get("name", ""),
        phone=phones[0]["number"] if phones else "",
        email=_first(contact.get("email"), service.get("email")),
        url=service.get("url", ""),
    )
