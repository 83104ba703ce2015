"""What is exported imports back the same, whatever is in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from knowledge.directory import Directory
from knowledge.exchange import EXAMPLE, Loaded, load, save
from knowledge.hours import WEEKDAYS
from knowledge.model import (
    ROUTES,
    TEXT_FIELDS,
    TOPICS,
    Audience,
    Contact,
    Cost,
    Entry,
    Location,
    Schedule,
)

FORMS = ["map.json", "map.zip", "folder"]

SIGNS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
TEXT = st.text(SIGNS, max_size=40)
WORDS = st.text(SIGNS, min_size=1, max_size=40)
ITEM = st.text(SIGNS.filter(lambda c: c != ","), min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)
DATES = st.dates(date(2000, 1, 1), date(2099, 1, 1))
MAYBE_DATE = st.none() | DATES
TIMES = st.times().map(lambda t: t.replace(microsecond=0, fold=0))
SPANS = st.tuples(TIMES, TIMES).filter(lambda span: span != (time(0), time(23, 59)))
URLS = st.just("") | st.just("https://example.org/pad?x=1")
CODES = st.sampled_from(["nl", "en", "tr", "ar", "pl", "uk", "fa", "dsf"])

WEEKLY = st.lists(st.sampled_from(WEEKDAYS), unique=True, min_size=1).map(tuple)
MONTHLY = st.lists(st.sampled_from(["1MO", "-1FR", "3SU", "TU"]), unique=True, min_size=1)


def schedules() -> st.SearchStrategy[Schedule]:
    common = {
        "interval": st.integers(1, 4),
        "dtstart": DATES,
        "until": MAYBE_DATE,
        "count": st.none() | st.integers(1, 50),
        "valid_from": MAYBE_DATE,
        "valid_to": MAYBE_DATE,
        "on_holidays": st.booleans(),
        "description": TEXT,
    }
    weekly = st.builds(Schedule, freq=st.just("WEEKLY"), byday=WEEKLY, **common)
    days = st.lists(st.integers(1, 31) | st.integers(-31, -1), unique=True, max_size=3)
    monthly = st.builds(
        Schedule,
        freq=st.just("MONTHLY"),
        byday=MONTHLY.map(tuple),
        bymonthday=days.map(tuple),
        **common,
    )
    return st.builds(_at, weekly | monthly, st.none() | SPANS)


def _at(rule: Schedule, span: tuple[time, time] | None) -> Schedule:
    return rule if span is None else replace(rule, opens_at=span[0], closes_at=span[1])


COSTS = st.builds(
    lambda amount, text: Cost(amount, amount == 0, text),
    st.none() | st.decimals(0, 1000, places=2),
    TEXT,
)
LOCATIONS = st.builds(
    Location,
    name=TEXT,
    address=TEXT,
    postcode=TEXT.map(lambda t: t[:20]),
    city=TEXT,
    lat=st.none() | st.floats(-90, 90),
    lon=st.none() | st.floats(-180, 180),
)


def entries(neighbourhoods: list[str]) -> st.SearchStrategy[Entry]:
    return st.builds(
        Entry,
        id=st.uuids(version=4).map(str),
        name=WORDS,
        summary=WORDS,
        topics=st.lists(st.sampled_from(TOPICS), min_size=1, unique=True).map(tuple),
        route=st.sampled_from(ROUTES),
        checked_at=DATES,
        checked_by=WORDS,
        source=WORDS,
        description=TEXT,
        organisation=TEXT,
        audience=st.builds(
            Audience,
            age_min=st.none() | st.integers(0, 18),
            age_max=st.none() | st.integers(18, 120),
            eligibility=TEXT,
        ),
        neighbourhoods=st.lists(st.sampled_from(neighbourhoods), max_size=3, unique=True).map(
            tuple
        ),
        area=st.sampled_from(["Zwolle", "Nederland"]),
        locations=st.lists(LOCATIONS, max_size=2).map(tuple),
        schedules=st.lists(schedules(), max_size=3).map(tuple),
        cost=COSTS,
        languages=st.lists(CODES, min_size=1, unique=True).map(tuple),
        accessibility=TEXT,
        bring=TEXT,
        first_time=TEXT,
        how_to_get_there=TEXT,
        contact=st.builds(
            Contact,
            name=TEXT,
            phone=st.sampled_from(["", "14 038", "+31 38 123 45 67"]),
            email=st.sampled_from(["", "iemand@example.org"]),
            url=URLS,
        ),
        keywords=st.lists(ITEM, max_size=4).map(tuple),
        pass_on=st.lists(ITEM, max_size=3).map(tuple),
        expires_at=MAYBE_DATE,
        example=st.booleans(),
        translations=st.dictionaries(
            CODES,
            st.dictionaries(st.sampled_from(TEXT_FIELDS), WORDS, min_size=1, max_size=3),
            max_size=2,
        ),
    )


def back(directory: Directory, form: str) -> Directory:
    with TemporaryDirectory() as folder:
        path = Path(folder) / form
        save(directory, path)
        loaded = load(path)
    assert isinstance(loaded, Loaded), loaded
    return loaded.directory


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_any_map_comes_back_as_it_was(zwolle: Directory, form: str, data: st.DataObject) -> None:
    ids = [place.id for place in zwolle.neighbourhoods]
    made = data.draw(st.lists(entries(ids), min_size=1, max_size=3, unique_by=lambda e: e.id))
    assert back(Directory(made, zwolle.places), form).entries == tuple(made)


@pytest.mark.parametrize("form", FORMS)
def test_the_example_map_comes_back_as_it_was(zwolle: Directory, form: str) -> None:
    again = back(zwolle, form)
    assert again.entries == zwolle.entries
    assert again.neighbourhoods == zwolle.neighbourhoods
    assert set(again.topic_words) == set(zwolle.topic_words)


def test_what_is_exported_is_valid_hsds(zwolle: Directory, tmp_path: Path) -> None:
    save(zwolle, tmp_path / "map.json")
    whole = json.loads((tmp_path / "map.json").read_text(encoding="utf-8"))
    schema_file = EXAMPLE.parent / "schemas" / "hsds.json"
    schema = json.loads(schema_file.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    check = Draft202012Validator({"$ref": "#/$defs/service", "$defs": schema["$defs"]})
    assert not [error for service in whole["services"] for error in check.iter_errors(service)]
    unfilled = [s["name"] for s in whole["services"] if not all(c.get("id") for c in _within(s))]
    assert unfilled == []


def _within(value: object) -> list[dict[str, object]]:
    """All objects in a service, itself included."""
    match value:
        case dict():
            return [value, *(inner for item in value.values() for inner in _within(item))]
        case list():
            return [inner for item in value for inner in _within(item)]
    return []


def test_an_export_to_a_folder_in_use_is_refused(zwolle: Directory, tmp_path: Path) -> None:
    (tmp_path / "keep.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="not empty"):
        save(zwolle, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["keep.txt"]


def test_an_export_that_fails_leaves_the_old_file(
    zwolle: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "map.json"
    path.write_text("old", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        save(zwolle, path)
    assert [file.name for file in tmp_path.iterdir()] == ["map.json"]
    assert path.read_text(encoding="utf-8") == "old"
