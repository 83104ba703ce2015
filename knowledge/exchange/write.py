"""From the social map to HSDS: JSON in a file or folder, or CSV in a zip."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import time
from pathlib import Path
from typing import Any

from knowledge.directory import Directory
from knowledge.exchange import terms
from knowledge.exchange.tabular import as_csv_zip
from knowledge.model import CITY, Entry, Location, Neighbourhood, Schedule
from knowledge.places import Places

Object = dict[str, Any]

_LANGUAGE_NAMES = {
    "nl": "Nederlands",
    "en": "Engels",
    "tr": "Turks",
    "ar": "Arabisch",
    "pl": "Pools",
    "uk": "Oekraïens",
    "fa": "Farsi",
    "ti": "Tigrinya",
    "so": "Somalisch",
    "de": "Duits",
    "fr": "Frans",
    "es": "Spaans",
    "ku": "Koerdisch",
    "dsf": "Nederlandse Gebarentaal",
}


def save(directory: Directory, path: Path) -> None:
    """Write the whole map: `.json` one file, `.zip` CSV tables, anything else a folder of JSON.

    `knowledge.exchange.load` reads each of them back as it was. A file is replaced in one step.
    Raises FileExistsError for a folder that is not empty: old files in it would come along.
    """
    if path.suffix.lower() == ".json":
        _write(path, _json(_one_file(directory)))
    elif path.suffix.lower() == ".zip":
        _write(path, as_csv_zip(_one_file(directory)))
    else:
        _folder(directory, path)


def _folder(directory: Directory, path: Path) -> None:
    if path.exists() and any(path.iterdir()):
        raise FileExistsError(f"{path} is not empty")
    whole = _one_file(directory, with_translations=False)
    (path / "translations").mkdir(parents=True, exist_ok=True)
    _write(path / "neighbourhoods.json", _json({"neighbourhoods": whole.pop("neighbourhoods")}))
    services = whole.pop("services")
    _write(path / "taxonomies.json", _json(whole))
    _write(path / "services.json", _json({"services": services}))
    for language in _languages(directory.entries):
        texts = {
            entry.id: dict(entry.translations[language])
            for entry in directory.entries
            if entry.translations.get(language)
        }
        _write(path / "translations" / f"{language}.json", _json(texts))


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _one_file(directory: Directory, *, with_translations: bool = True) -> Object:
    entries = directory.entries
    return {
        "taxonomies": terms.taxonomies(),
        "taxonomy_terms": terms.terms(
            directory.topic_words, _languages(entries) if with_translations else ()
        ),
        "neighbourhoods": [_neighbourhood(place) for place in directory.neighbourhoods],
        "services": [_service(e, directory.places, with_translations) for e in entries],
    }


def _languages(entries: Iterable[Entry]) -> list[str]:
    return sorted({language for entry in entries for language in entry.translations})


def _neighbourhood(place: Neighbourhood) -> Object:
    return _filled(
        id=place.id,
        name=place.name,
        latitude=place.lat,
        longitude=place.lon,
        aliases=list(place.aliases),
        postcodes=list(place.postcodes),
    )


def _service(entry: Entry, places: Places, with_translations: bool) -> Object:
    def child(kind: str, nth: int, **fields: Any) -> Object:
        return {"id": terms.stable_id(entry.id, kind, str(nth)), **_filled(**fields)}

    contact = entry.contact
    phones = [child("phone", 0, number=contact.phone)] if contact.phone else []
    cost = child(
        "cost_option",
        0,
        currency="EUR" if entry.cost.amount is not None else None,
        amount=None if entry.cost.amount is None else _number(entry.cost.amount),
        amount_description=entry.cost.text,
    )
    return _filled(
        id=entry.id,
        name=entry.name,
        status="active",
        description=entry.description,
        url=contact.url,
        eligibility_description=entry.audience.eligibility,
        minimum_age=entry.audience.age_min,
        maximum_age=entry.audience.age_max,
        assured_date=entry.checked_at.isoformat(),
        organization=_organization(entry.organisation),
        contacts=[child("contact", 0, name=contact.name, email=contact.email, phones=phones)]
        if contact.name or contact.email or phones
        else [],
        cost_options=[cost] if len(cost) > 1 else [],
        languages=[
            child("language", n, name=_LANGUAGE_NAMES.get(code, code), code=code)
            for n, code in enumerate(entry.languages)
        ],
        required_documents=[child("required_document", 0, document=entry.bring)]
        if entry.bring
        else [],
        schedules=[_schedule(entry, n, rule) for n, rule in enumerate(entry.schedules)],
        service_areas=[
            child("service_area", n, **area) for n, area in enumerate(_areas(entry, places))
        ],
        service_at_locations=[
            child("service_at_location", n, location=_location(entry, place))
            for n, place in enumerate(entry.locations)
        ],
        attributes=[
            {"id": terms.stable_id(entry.id, "attribute", id, str(n)), **attribute}
            for n, attribute in enumerate(_attributes(entry, with_translations))
            for id in (attribute["taxonomy_term_id"],)
        ],
    )


def _organization(name: str) -> Object | None:
    if not name:
        return None
    return {"id": terms.stable_id("organization", name), "name": name, "description": name}


def _areas(entry: Entry, places: Places) -> Iterator[Object]:
    for id in entry.neighbourhoods:
        place = places.get(id)
        yield {"name": place.name if place else id, "extent": id, "extent_type": "text"}
    if not entry.neighbourhoods or entry.area != CITY:
        yield {"name": entry.area}


def _location(entry: Entry, place: Location) -> Object:
    own = (place.name, place.address, place.postcode, place.city, str(place.lat), str(place.lon))
    texts = (entry.how_to_get_there, entry.accessibility)
    id = terms.stable_id("location", *own, *texts)
    addressed = place.address or place.postcode or place.city
    address = {
        "id": terms.stable_id(id, "address"),
        "address_1": place.address,
        "city": place.city,
        "state_province": "",
        "postal_code": place.postcode,
        "country": "NL",
        "address_type": "physical",
    }
    access = {"id": terms.stable_id(id, "accessibility"), "description": entry.accessibility}
    return _filled(
        id=id,
        location_type="physical",
        name=place.name,
        latitude=place.lat,
        longitude=place.lon,
        transportation=entry.how_to_get_there,
        addresses=[address] if addressed else [],
        accessibility=[access] if entry.accessibility else [],
    )


def _schedule(entry: Entry, number: int, rule: Schedule) -> Object:
    id = terms.stable_id(entry.id, "schedule", str(number))
    holidays = {
        "id": terms.stable_id(id, "open_on_holidays"),
        "taxonomy_term_id": terms.field_id("open_on_holidays"),
        "value": "true",
    }
    whole_day = rule.opens_at == rule.closes_at == time(0, 0)
    return _filled(
        id=id,
        freq=rule.freq,
        interval=rule.interval if rule.interval > 1 else None,
        byday=",".join(rule.byday),
        bymonthday=",".join(str(day) for day in rule.bymonthday),
        opens_at=_clock(rule.opens_at),
        closes_at="23:59" if whole_day else _clock(rule.closes_at),
        dtstart=rule.dtstart and rule.dtstart.isoformat(),
        until=rule.until and rule.until.isoformat(),
        count=rule.count,
        valid_from=rule.valid_from and rule.valid_from.isoformat(),
        valid_to=rule.valid_to and rule.valid_to.isoformat(),
        description=rule.description,
        attributes=[holidays] if rule.on_holidays else [],
    )


def _clock(at: time | None) -> str | None:
    return None if at is None else at.isoformat("auto" if at.second else "minutes")


def _attributes(entry: Entry, with_translations: bool) -> Iterator[Object]:
    for topic in entry.topics:
        yield {"taxonomy_term_id": terms.topic_id(topic)}
    placeless = not entry.locations
    values = {
        "summary": entry.summary,
        "route": entry.route,
        "first_time": entry.first_time,
        "how_to_get_there": entry.how_to_get_there if placeless else "",
        "accessibility": entry.accessibility if placeless else "",
        "keywords": ", ".join(entry.keywords),
        "pass_on": ", ".join(entry.pass_on),
        "checked_by": entry.checked_by,
        "source": entry.source,
        "expires_at": entry.expires_at.isoformat() if entry.expires_at else "",
        "example": "true" if entry.example else "",
    }
    for field, value in values.items():
        if value:
            yield {"taxonomy_term_id": terms.field_id(field), "value": value}
    if with_translations:
        for language, texts in sorted(entry.translations.items()):
            for field, value in sorted(texts.items()):
                yield {"taxonomy_term_id": terms.field_id(field, language), "value": value}


def _number(amount: Any) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)


def _filled(**fields: Any) -> Object:
    """The fields that hold something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [])}
