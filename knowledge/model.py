"""The values of the social map: an entry and what it is made of.

An `Entry` is one HSDS service flattened with its organisation, locations, schedules, costs and
attributes into what a conversation needs. `knowledge.exchange` translates both ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Literal, get_args

Route = Literal["basic", "network", "initiative", "tailored"]
ROUTES: tuple[Route, ...] = get_args(Route)
"""The four routes of the city, in the order in which they are tried."""

TOPICS: tuple[str, ...] = (
    "need_contact",
    "need_daytime",
    "need_sport",
    "need_meal",
    "need_transport",
    "need_practical_help",
    "need_home_care",
    "need_forms",
    "need_digital",
    "need_debt",
    "need_low_income",
    "need_benefits",
    "need_work",
    "need_legal",
    "need_language",
    "need_newcomer",
    "need_housing",
    "need_carer_support",
    "need_dementia",
    "need_mental",
    "need_addiction",
    "need_grief",
    "need_disability",
    "need_peer_support",
    "need_parenting",
    "need_youth",
    "need_birth",
    "need_separation",
    "need_buddy",
    "need_independent_advice",
    "neighbour_trouble",
    "worry_other",
    "offer_volunteer",
    "start_initiative",
)
"""The topics an entry may answer: the intents that the social map can serve, by their own names."""

CITY = "Zwolle"
"""The area of an entry that names none."""

TEXT_FIELDS = (
    "name",
    "summary",
    "description",
    "eligibility",
    "cost",
    "accessibility",
    "bring",
    "first_time",
    "how_to_get_there",
    "hours",
)
"""The fields that are words for a resident and may be translated; see `Entry.text`."""

SUMMARY_LENGTH = 200
"""The most characters of a summary: a card on the smallest channel shows it whole."""


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom an entry is. Ages in whole years, both inclusive; None is no limit."""

    age_min: int | None = None
    age_max: int | None = None
    eligibility: str = ""

    def fits(self, age: int | None) -> bool:
        """Whether somebody of this age is welcome; an unknown age always is."""
        if age is None:
            return True
        return (self.age_min is None or age >= self.age_min) and (
            self.age_max is None or age <= self.age_max
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """What it costs: euros a time, whether it is free, and the words for it.

    `amount` None and `free` False is "differs or unknown". Raises ValueError when `free` and
    `amount` contradict each other: free is an amount of 0, and nothing else.
    """

    amount: Decimal | None = None
    free: bool = False
    text: str = ""

    def __post_init__(self) -> None:
        if self.free != (self.amount == 0):
            raise ValueError("free and an amount of 0 go together")
        if self.amount is not None and self.amount < 0:
            raise ValueError("an amount is not negative")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is open: the RRULE fields of an HSDS schedule, in Dutch local time.

    `byday` holds RRULE days ("MO", or "1MO" for the first Monday with `freq` MONTHLY). A
    `closes_at` at or before `opens_at` is on the next day; equal times are a whole day.
    Without `opens_at` the schedule only describes and never counts as open.
    """

    freq: Literal["WEEKLY", "MONTHLY"] = "WEEKLY"
    byday: tuple[str, ...] = ()
    bymonthday: tuple[int, ...] = ()
    opens_at: time | None = None
    closes_at: time | None = None
    interval: int = 1
    dtstart: date | None = None
    until: date | None = None
    count: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    on_holidays: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """The one contact of an entry; an empty string is "not there"."""

    name: str = ""
    phone: str = ""
    email: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """Where an entry happens. Latitude and longitude in degrees (WGS 84)."""

    name: str
    address: str = ""
    postcode: str = ""
    city: str = ""
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A part of the city that residents name.

    `aliases` are other names, in any script; `postcodes` the four-digit areas it covers.
    """

    id: str
    name: str
    lat: float
    lon: float
    aliases: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicWords:
    """What people who need a topic say, in one language: its name and some of their words."""

    topic: str
    language: str
    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One service at its locations, as a conversation shows it.

    `neighbourhoods` empty means all of `area` (the city, or the country). `pass_on` names the
    least that must be passed on about a resident to refer them. `example` entries are made up
    to show the working and say so in their name or text.
    """

    id: str
    name: str
    summary: str
    topics: tuple[str, ...]
    route: Route
    checked_at: date
    checked_by: str
    source: str
    description: str = ""
    organisation: str = ""
    audience: Audience = Audience()
    neighbourhoods: tuple[str, ...] = ()
    area: str = CITY
    locations: tuple[Location, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    cost: Cost = Cost()
    languages: tuple[str, ...] = ("nl",)
    accessibility: str = ""
    bring: str = ""
    first_time: str = ""
    how_to_get_there: str = ""
    contact: Contact = Contact()
    keywords: tuple[str, ...] = ()
    pass_on: tuple[str, ...] = ()
    expires_at: date | None = None
    example: bool = False
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    def text(self, name: str, language: str = "nl") -> str:
        """The words of one of `TEXT_FIELDS` in a language, else in Dutch.

        Raises KeyError for a name that is not a text field: that is a bug of the caller.
        """
        if name not in TEXT_FIELDS:
            raise KeyError(name)
        translated = self.translations.get(language, {}).get(name, "")
        return translated or self._dutch(name)

    def _dutch(self, name: str) -> str:
        match name:
            case "eligibility":
                return self.audience.eligibility
            case "cost":
                return self.cost.text
            case "hours":
                return "; ".join(s.description for s in self.schedules if s.description)
            case _:
                return str(getattr(self, name))
