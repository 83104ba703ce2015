"""What is wrong with an import is said by file, entry and field, all at once."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from knowledge.exchange import EXAMPLE, Loaded, Problem, files, load
from knowledge.exchange.terms import field_id, topic_id
from knowledge.hours import is_open
from tests.knowledge.conftest import NOW

ID = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"


def said(code: str, value: str) -> dict[str, Any]:
    term = {"id": field_id(code), "code": code, "name": code, "description": code}
    return {"taxonomy_term": term, "value": value}


def topic(code: str) -> dict[str, Any]:
    return {
        "taxonomy_term": {"id": topic_id(code), "code": code, "name": code, "description": code}
    }


def service(**different: Any) -> dict[str, Any]:
    """The least that a service must say, as HSDS JSON."""
    whole = {
        "id": ID,
        "name": "Koffie",
        "status": "active",
        "assured_date": "2026-11-01",
        "attributes": [
            topic("need_contact"),
            said("summary", "Koffie met buren."),
            said("route", "basic"),
            said("checked_by", "redactie"),
            said("source", "flyer"),
        ],
    }
    return whole | different


def without(code: str) -> list[dict[str, Any]]:
    return [a for a in service()["attributes"] if a["taxonomy_term"]["code"] != code]


def imported(path: Path, content: Any, name: str = "map.json") -> Loaded | tuple[Problem, ...]:
    file = path / name
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return load(file)


def problems(path: Path, content: Any, name: str = "map.json") -> list[str]:
    found = imported(path, content, name)
    assert not isinstance(found, Loaded)
    return [str(problem) for problem in found]


def test_the_least_is_enough(tmp_path: Path) -> None:
    loaded = imported(tmp_path, {"services": [service()]})
    assert isinstance(loaded, Loaded)
    (entry,) = loaded.directory.entries
    assert (entry.name, entry.topics, entry.neighbourhoods) == ("Koffie", ("need_contact",), ())
    assert loaded.directory.places.find("holtenbroek")


@pytest.mark.parametrize("shape", [lambda s: s, lambda s: [s], lambda s: {"contents": [s]}])
def test_one_service_a_list_and_a_page_are_read(tmp_path: Path, shape: Any) -> None:
    assert isinstance(imported(tmp_path, shape(service())), Loaded)


@pytest.mark.parametrize(
    ("different", "named"),
    [
        ({"id": "koffie"}, "id: 'koffie' is not a uuid"),
        ({"name": ""}, "name:"),
        ({"name": 12}, "name: 12 is not of type string"),
        ({"status": "open"}, "status: 'open' is not one of"),
        ({"assured_date": "1 november"}, "assured_date: '1 november' is not a date"),
        ({"assured_date": "20261101"}, "assured_date: '20261101' is not a date"),
        ({"assured_date": None}, "assured_date: is missing"),
        ({"url": "javascript:alert(1)"}, "url: 'javascript:alert(1)' is not a uri"),
        ({"email": "niet-een-adres"}, "email: 'niet-een-adres' is not a email"),
        ({"minimum_age": "12"}, "minimum_age: '12' is not of type number"),
        ({"minimum_age": 65, "maximum_age": 12}, "minimum_age: 65 is above the maximum age 12"),
        ({"description": "x" * 2001}, "description: is 2001 characters; at most 2000"),
        (
            {"schedules": [{"freq": "WEEKLY", "opens_at": "19:00"}]},
            "schedules[0].closes_at: is missing",
        ),
        (
            {"schedules": [{"freq": "WEEKLY", "opens_at": "19 uur", "closes_at": "21:00"}]},
            "schedules[0].opens_at: '19 uur' is not a local-time",
        ),
        (
            {"schedules": [{"freq": "WEEKLY", "opens_at": "19:00Z", "closes_at": "21:00"}]},
            "schedules[0].opens_at: '19:00Z' is not a local-time",
        ),
        ({"schedules": [{"byday": "maandag"}]}, "schedules[0].byday"),
        ({"schedules": [{"byweekno": "4"}]}, "schedules[0].byweekno: RFC 5545"),
        (
            {
                "schedules": [
                    {
                        "freq": "WEEKLY",
                        "byday": "MO",
                        "interval": 2,
                        "opens_at": "19:00",
                        "closes_at": "21:00",
                    }
                ]
            },
            "schedules[0].dtstart: is needed",
        ),
        (
            {
                "schedules": [
                    {"freq": "WEEKLY", "byday": "1MO", "opens_at": "19:00", "closes_at": "21:00"}
                ]
            },
            "schedules[0].byday: numbers a day",
        ),
        ({"cost_options": [{"amount": -1}]}, "cost_options[0].amount"),
        ({"languages": [{"code": "Nederlands"}]}, "languages[0].code"),
        (
            {"service_areas": [{"extent_type": "text", "extent": "atlantis"}]},
            "service_areas.extent: 'atlantis' is not a known neighbourhood",
        ),
        ({"attributes": without("need_contact")}, "attributes: name no topic"),
        ({"attributes": without("route")}, "attributes.route: '' is not one of basic"),
        ({"attributes": without("summary")}, "attributes.summary: is missing"),
        ({"attributes": without("checked_by")}, "attributes.checked_by: is missing"),
        ({"attributes": without("source")}, "attributes.source: is missing"),
        (
            {"attributes": [*without("summary"), said("summary", "x" * 201)]},
            "attributes.summary: is 201 characters; at most 200",
        ),
        (
            {"attributes": [*service()["attributes"], said("expires_at", "morgen")]},
            "expires_at: 'morgen' is not a date",
        ),
        ({"organization_id": OTHER}, f"organization_id: there is no organization {OTHER}"),
    ],
)
def test_every_mistake_is_named(tmp_path: Path, different: dict[str, Any], named: str) -> None:
    (problem,) = problems(tmp_path, {"services": [service(**different)]})
    assert problem.startswith("map.json: services[0]")
    assert named in problem


def test_all_mistakes_are_named_at_once_and_nothing_is_loaded(tmp_path: Path) -> None:
    bad = [
        service(),
        service(id=OTHER, name="Soep", url="soep", status="dicht"),
        service(id="33333333-3333-4333-8333-333333333333", attributes=[]),
    ]
    found = problems(tmp_path, {"services": bad})
    assert len(found) == 2 + 5
    assert sum("services[1] (Soep)" in problem for problem in found) == 2
    assert sum("services[2] (Koffie)" in problem for problem in found) == 5


def test_the_same_id_twice_is_a_mistake(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {"services": [service(), service(name="Thee")]})
    assert problem == f"map.json: services[1] (Thee): id: {ID} is used twice"


def test_services_that_are_not_active_are_left_out_and_counted(tmp_path: Path) -> None:
    resting = service(id=OTHER, status="temporarily closed")
    loaded = imported(tmp_path, {"services": [service(), resting]})
    assert isinstance(loaded, Loaded)
    assert (len(loaded.directory.entries), loaded.inactive) == (1, 1)
    assert problems(tmp_path, [resting]) == ["map.json: services: holds no active service"]


def test_a_map_may_bring_its_own_neighbourhoods(tmp_path: Path) -> None:
    here = {"id": "hier", "name": "Hier", "latitude": 52.0, "longitude": 5.0}
    whole = {
        "neighbourhoods": [here],
        "services": [service(service_areas=[{"extent": "hier", "extent_type": "text"}])],
    }
    loaded = imported(tmp_path, whole)
    assert isinstance(loaded, Loaded)
    assert loaded.directory.entries[0].neighbourhoods == ("hier",)
    twice = whole | {"neighbourhoods": [here, here | {"id": "daar"}]}
    assert "'hier' is claimed by hier and daar" in problems(tmp_path, twice)[0]


@pytest.mark.parametrize(
    "place",
    [
        {"latitude": 52.529, "longitude": 6.083},
        {
            "addresses": [
                {
                    "address_1": "Straat 1",
                    "city": "Zwolle",
                    "state_province": "Overijssel",
                    "postal_code": "8031 AB",
                    "country": "NL",
                    "address_type": "physical",
                }
            ]
        },
    ],
)
def test_without_a_service_area_the_location_says_where(
    tmp_path: Path, place: dict[str, Any]
) -> None:
    location = {"id": OTHER, "location_type": "physical", "name": "Wijkcentrum"} | place
    loaded = imported(tmp_path, [service(service_at_locations=[{"location": location}])])
    assert isinstance(loaded, Loaded)
    assert loaded.directory.entries[0].neighbourhoods == ("holtenbroek",)


def test_a_day_to_a_minute_before_midnight_is_a_whole_day(tmp_path: Path) -> None:
    day = {"freq": "WEEKLY", "byday": "TU", "opens_at": "00:00", "closes_at": "23:59"}
    loaded = imported(tmp_path, [service(schedules=[day])])
    assert isinstance(loaded, Loaded)
    assert is_open(loaded.directory.entries[0], NOW.replace(hour=23, minute=59, second=30))


def test_translations_may_be_absent_partial_or_of_services_long_gone(tmp_path: Path) -> None:
    (tmp_path / "services.json").write_text(json.dumps([service()]), encoding="utf-8")
    (tmp_path / "translations").mkdir()
    turkish = tmp_path / "translations" / "tr.json"
    turkish.write_text(json.dumps({ID: {"name": "Kahve"}, OTHER: {"name": "?"}}), encoding="utf-8")
    loaded = load(tmp_path)
    assert isinstance(loaded, Loaded)
    (entry,) = loaded.directory.entries
    assert entry.text("name", "tr") == "Kahve"
    assert entry.text("summary", "tr") == "Koffie met buren."
    assert entry.text("name", "pl") == "Koffie"
    turkish.write_text(json.dumps({ID: {"naam": "Kahve"}}), encoding="utf-8")
    found = load(tmp_path)
    assert isinstance(found, tuple)
    assert str(found[0]).startswith(f"translations/tr.json: {ID} (Koffie): naam: is not one of")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"services": [NaN]}', "is not JSON"),
        (b'{"services": 1' + b"0" * 5000 + b"}", "is not JSON"),
        (b'{"services": "veel"}', "services: is not a list"),
        (b'{"services": [7]}', "services[0]: is not an object"),
        (b'{"diensten": []}', "diensten: is not a table of HSDS"),
        (b'"koffie"', "is not a table of HSDS"),
        (b"null", "is not a table of HSDS"),
        (b'{"services": []}', "holds no active service"),
        (b'{"services": [{"name": "\\u0000"}]}', "holds a sign that is not text"),
        (b'{"services": [{"name": "\\ud800"}]}', "holds a sign that is not text"),
        ('{"name": "Café"}'.encode("latin-1"), "is not UTF-8 (at byte 13)"),
        ('{"services": []}'.encode("utf-16"), "is UTF-16"),
    ],
)
def test_rubbish_is_named_and_does_no_harm(tmp_path: Path, content: bytes, named: str) -> None:
    (problem,) = problems(tmp_path, content)
    assert named in problem


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + json.dumps([service()]).encode()
    assert isinstance(imported(tmp_path, content), Loaded)


@pytest.mark.parametrize("name", ["nowhere.json", "nowhere.zip", "nowhere"])
def test_what_is_not_there_is_said(tmp_path: Path, name: str) -> None:
    found = load(tmp_path / name)
    assert isinstance(found, tuple)
    assert str(found[0]).startswith(f"{name}: cannot be read")


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert isinstance(found, tuple)
    assert "holds no .json or .csv file" in str(found[0])


def packed(path: Path, **members: str | bytes) -> Path:
    file = path / "map.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return file


def test_a_zip_that_points_outside_is_refused(tmp_path: Path) -> None:
    found = load(packed(tmp_path, **{"..__..__services_dot_csv": "id\n"}))
    assert isinstance(found, tuple)
    assert str(found[0]) == "../../services.csv: points outside the archive"
    assert list(tmp_path.iterdir()) == [tmp_path / "map.zip"]


def test_a_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_FILE", 1000)
    found = load(packed(tmp_path, services_dot_csv=b"0" * 1_000_000))
    assert isinstance(found, tuple)
    assert str(found[0]) == "services.csv: larger than 1000 bytes"


def test_many_files_that_are_large_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST_IMPORT", 100)
    found = load(packed(tmp_path, **{f"a{n}_dot_json": "[" + " " * 60 + "]" for n in range(3)}))
    assert isinstance(found, tuple)
    assert any("more than 100 bytes in all" in str(problem) for problem in found)
    monkeypatch.setattr(files, "MOST_FILES", 1)
    found = load(packed(tmp_path, a_dot_json="[]", b_dot_json="[]"))
    assert any("more than 1 files" in str(problem) for problem in found)  # type: ignore[union-attr]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nonsense", b"hello"])
def test_a_broken_zip_is_said(tmp_path: Path, content: bytes) -> None:
    (problem,) = problems(tmp_path, content, "map.zip")
    assert problem.startswith("map.zip: cannot be read")


def test_links_and_hidden_files_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text("{", encoding="utf-8")
    folder = tmp_path / "map"
    folder.mkdir()
    (folder / "services.json").write_text(json.dumps([service()]), encoding="utf-8")
    (folder / "link.json").symlink_to(outside)
    (folder / ".hidden.json").write_text("{", encoding="utf-8")
    assert isinstance(load(folder), Loaded)


def table(*rows: dict[str, str], delimiter: str = ",") -> str:
    written = io.StringIO(newline="")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    writer = csv.DictWriter(written, columns, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def tabular(delimiter: str = ",", **more: str) -> dict[str, str]:
    """The least that an HSDS tabular package must hold."""
    values = {"summary": "Soep.", "route": "basic", "checked_by": "redactie", "source": "flyer"}
    attributes = [
        {"link_id": ID, "taxonomy_term_id": topic_id("need_meal"), "value": ""},
        *({"link_id": ID, "taxonomy_term_id": field_id(c), "value": v} for c, v in values.items()),
    ]
    terms = [
        {"id": topic_id("need_meal"), "code": "need_meal", "name": "Eten", "description": ""},
        *({"id": field_id(c), "code": c, "name": c, "description": c} for c in values),
    ]
    dated = {"id": ID, "name": "Soep", "status": "active", "assured_date": "2026-11-01"}
    return {
        "services_dot_csv": table(dated | {"maximum_age": "64"}, delimiter=delimiter),
        "attributes_dot_csv": table(*attributes, delimiter=delimiter),
        "taxonomy_terms_dot_csv": table(*terms, delimiter=delimiter),
    } | more


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_tables_are_read_with_commas_and_with_semicolons(tmp_path: Path, delimiter: str) -> None:
    loaded = load(packed(tmp_path, **tabular(delimiter)))
    assert isinstance(loaded, Loaded), loaded
    (entry,) = loaded.directory.entries
    assert (entry.name, entry.topics, entry.audience.age_max) == ("Soep", ("need_meal",), 64)


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        (
            "schedules",
            table({"service_id": OTHER}),
            f"row 2: service_id: there is no service {OTHER}",
        ),
        ("schedules", table({"service_id": ID, "opens_at": "7"}), "row 2: opens_at: '7' is not"),
        ("cost_options", table({"service_id": ID, "amount": "gratis"}), "amount: 'gratis' is not"),
        ("cost_options", table({"service_id": ID, "amount": "Infinity"}), "amount: 'Infinity'"),
        ("phones", table({"service_id": ID}), "row 2: number: is missing"),
        ("services", "id,name\n1,2,3\n", "row 2: has more cells than the header"),
        ("services", 'id,name\n"1,2', "is not CSV"),
        ("services", "id,name\n\x00,\x01\n", "services.csv"),
        ("services", f"id\n{'x' * 200_000}\n", "is not CSV"),
        ("openingstijden", "id\n1\n", "openingstijden.csv: is not a table of HSDS"),
        ("programs", "id\n1\n", ""),
    ],
)
def test_mistakes_in_tables_are_named_by_row(
    tmp_path: Path, name: str, content: str, named: str
) -> None:
    found = load(packed(tmp_path, **tabular(**{f"{name}_dot_csv": content})))
    if not named:
        assert isinstance(found, Loaded)
        return
    assert isinstance(found, tuple)
    assert any(named in str(p) and str(p).startswith(f"{name}.csv") for p in found), found


def test_the_example_map_is_whole() -> None:
    assert isinstance(load(EXAMPLE), Loaded)
