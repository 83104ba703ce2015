"""How residents say where they live."""

from __future__ import annotations

import pytest

from knowledge.directory import Directory
from knowledge.model import Neighbourhood
from knowledge.places import Places


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Holtenbroek", "holtenbroek"),
        ("bij holtenbroek", "holtenbroek"),
        ("ik woon in HOLTENBROEK!!", "holtenbroek"),
        ("holtenbroeck", "holtenbroek"),
        ("hotlenbroek", "holtenbroek"),
        ("asendorp", "assendorp"),
        ("oltenbroek", "holtenbroek"),
        ("ik woon in stadshagn", "stadshagen"),
        ("westenhotle", "westenholte"),
        ("Aa-landen", "aa-landen"),
        ("aalanden", "aa-landen"),
        ("aa landen", "aa-landen"),
        ("in de A-landen", "aa-landen"),
        ("zuid", "zwolle-zuid"),
        ("Zwolle Zuid", "zwolle-zuid"),
        ("het centrum", "binnenstad"),
        ("dieze oost", "dieze-oost"),
        ("indische buurt", "indische-buurt"),
        ("هولتنبروك", "holtenbroek"),
        ("أنا أسكن في هولتنبروك", "holtenbroek"),
        ("ستادسهاخن", "stadshagen"),
        ("Ассендорп", "assendorp"),
        ("живу в Стадсгаген", "stadshagen"),
        ("8031", "holtenbroek"),
        ("8031AB", "holtenbroek"),
        ("8031 ab", "holtenbroek"),
        ("mijn postcode is 8017 JZ", "schellerlanden"),
        ("٨٠٣١", "holtenbroek"),
        ("ik weet het niet", None),
        ("Kampen", None),
        ("1012 AB", None),
        ("80311", None),
        ("herfst", None),
        ("", None),
        ("x" * 100_000, None),
        ("geren geren", "geren"),
    ],
)
def test_a_place_is_understood(zwolle: Directory, said: str, meant: str | None) -> None:
    found = zwolle.places.find(said)
    assert (found and found.id) == meant


@pytest.mark.parametrize(
    ("lat", "lon", "meant"),
    [
        (52.529, 6.083, "holtenbroek"),
        (52.5125, 6.0925, "binnenstad"),
        (52.451, 6.134, "windesheim"),
        (52.37, 4.89, None),
        (0.0, 0.0, None),
    ],
)
def test_a_position_is_a_neighbourhood_or_outside(
    zwolle: Directory, lat: float, lon: float, meant: str | None
) -> None:
    found = zwolle.places.nearest(lat, lon)
    assert (found and found.id) == meant


def test_distances_are_those_of_the_map(zwolle: Directory) -> None:
    places = zwolle.places
    assert places.distance_km("holtenbroek", "holtenbroek") == 0
    there = places.distance_km("holtenbroek", "assendorp")
    assert there == places.distance_km("assendorp", "holtenbroek")
    assert 2.5 < there < 3.5
    with pytest.raises(KeyError):
        places.distance_km("holtenbroek", "atlantis")


def test_every_name_in_every_script_leads_to_its_place(zwolle: Directory) -> None:
    names = zwolle.places.gazetteer()
    assert {zwolle.places.get(id) for id in names.values()} == set(zwolle.neighbourhoods)
    for name, id in names.items():
        found = zwolle.places.find(name)
        assert found is not None, name
        assert found.id == id, name


def test_two_places_cannot_claim_one_name_or_postcode() -> None:
    one = Neighbourhood("a", "Hier", 52.5, 6.0, postcodes=("8011",))
    with pytest.raises(ValueError, match="hier"):
        Places([one, Neighbourhood("b", "Daar", 52.5, 6.1, aliases=("HIER",))])
    with pytest.raises(ValueError, match="8011"):
        Places([one, Neighbourhood("b", "Daar", 52.5, 6.1, postcodes=("8011",))])
    with pytest.raises(ValueError, match="'a'"):
        Places([one, Neighbourhood("a", "Daar", 52.5, 6.1)])
