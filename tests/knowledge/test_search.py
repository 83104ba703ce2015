"""What residents ask of the map, and what they are shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from knowledge import hours
from knowledge.directory import Directory
from knowledge.model import Audience, Cost, Schedule
from knowledge.search import Query
from tests.knowledge.conftest import NOW

MapOf = Callable[..., Directory]


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("iemand om mee te schaken", "Schaakclub De Open Lijn"),
        ("ik zoek een schaakvereniging", "Schaakclub De Open Lijn"),
        ("satranç oynamak istiyorum", "Schaakclub De Open Lijn"),
        ("شطرنج", "Schaakclub De Open Lijn"),
        ("samen eten op zondag", "Zondagsoep"),
        ("een formulier invullen", "Formulierenbrigade Holtenbroek"),
        ("fomulier invullen", "Formulierenbrigade Holtenbroek"),
        ("ik ben zwanger en heb geen spullen", "Babyspullenbank"),
        ("rolstoel lenen", "Uitleen Krukken en Rolstoelen"),
        ("stoppen met drinken", "Anonieme Alcoholisten (AA)"),
        ("ik word gepest op school", "Tegengas: groep tegen pesten"),
        ("kan iemand mijn lamp ophangen", "Klussen met een Glimlach"),
        ("mijn vrouw is overleden", "Rouwcafé"),
        ("zingen in een koor", "Zing maar Raak"),
        ("hulp met DigiD", "DigiD-uurtje"),
        ("tuk tuk", "Tuk-tuk Ritjes"),
    ],
)
def test_words_find_the_offer_that_is_meant(zwolle: Directory, asked: str, first: str) -> None:
    hits = zwolle.search(Query(now=NOW, words=asked))
    assert hits[0].entry.name.removesuffix(" (voorbeeld)") == first
    assert "words" in hits[0].reasons


@pytest.mark.parametrize(
    ("asked", "topic"),
    [
        ("ik ben zo alleen de laatste tijd", "need_contact"),
        ("I am so lonely lately", "need_contact"),
        ("çok yalnızım, arkadaş istiyorum", "need_contact"),
        ("أنا وحيدة جدا", "need_contact"),
        ("jestem taka samotna", "need_contact"),
        ("я дуже самотня", "need_contact"),
        ("لدي ديون", "need_debt"),
        ("komornik przyszedł", "need_debt"),
        ("borçlarım var", "need_debt"),
        ("моя мама все забуває, деменція", "need_dementia"),
        ("herrie van de buren", "neighbour_trouble"),
    ],
)
def test_words_in_every_language_find_the_topic(zwolle: Directory, asked: str, topic: str) -> None:
    hits = zwolle.search(Query(now=NOW, words=asked))
    assert len(hits) == 3
    assert all(topic in hit.entry.topics for hit in hits)


@pytest.mark.parametrize("asked", ["asdf qwer", "🙂🙂", "\u200b\u200b", "????", "x" * 100_000])
def test_nonsense_finds_nothing_rather_than_something(zwolle: Directory, asked: str) -> None:
    assert zwolle.search(Query(now=NOW, words=asked)) == ()


def test_near_comes_before_far_and_says_so(zwolle: Directory) -> None:
    query = Query(now=NOW, topic="need_contact", place="holtenbroek", limit=40)
    hits = zwolle.search(query)
    assert any("in_neighbourhood" in hit.reasons for hit in hits[:3])
    assert {hit.distance_km for hit in hits if "in_neighbourhood" in hit.reasons} == {0.0}
    far = [n for n, hit in enumerate(hits) if (hit.distance_km or 0) > 3]
    close = [n for n, hit in enumerate(hits) if "in_neighbourhood" in hit.reasons]
    assert sum(close) / len(close) < sum(far) / len(far)


def test_nearer_is_better_all_else_alike(map_of: MapOf) -> None:
    places = ("windesheim", "holtenbroek", "aa-landen")
    directory = map_of(*[{"neighbourhoods": (place,)} for place in places])
    hits = directory.search(Query(now=NOW, place="holtenbroek"))
    assert [hit.entry.neighbourhoods[0] for hit in hits] == [
        "holtenbroek",
        "aa-landen",
        "windesheim",
    ]
    assert [bool({"near"} & set(hit.reasons)) for hit in hits] == [False, True, False]


def test_whole_city_has_no_distance(map_of: MapOf) -> None:
    (hit,) = map_of({}).search(Query(now=NOW, place="holtenbroek"))
    assert hit.distance_km is None
    assert "whole_city" in hit.reasons


def test_what_does_not_fit_is_never_shown(zwolle: Directory) -> None:
    ages, prices, whens = (7, 15, 30, 64, 65, 90), (None, "free", "cheap"), (None, *hours.PARTS)
    for topic, age, price, when in product(zwolle.topics, ages, prices, whens):
        query = Query(now=NOW, topic=topic, age=age, max_price=price, when=when, limit=200)
        for hit in zwolle.search(query):
            assert topic in hit.entry.topics
            assert hit.entry.audience.fits(age)
            assert price != "free" or hit.entry.cost.free
            amount = hit.entry.cost.amount
            assert price != "cheap" or (amount is not None and amount <= 5)
            assert when is None or hours.open_in(hit.entry, when, NOW)


def test_the_participation_fund_ends_at_65(zwolle: Directory) -> None:
    def shown(age: int) -> bool:
        hits = zwolle.search(Query(now=NOW, topic="need_low_income", age=age, limit=200))
        return any(hit.entry.name == "Participatiefonds Zwolle" for hit in hits)

    assert shown(64)
    assert not shown(65)


def test_unknown_price_is_not_called_free_or_cheap(map_of: MapOf) -> None:
    directory = map_of({"cost": Cost()}, {"cost": Cost(Decimal("7.50"))})
    assert directory.search(Query(now=NOW, max_price="cheap")) == ()
    assert len(directory.search(Query(now=NOW))) == 2


@pytest.mark.parametrize(
    ("price", "reason"), [(Decimal(0), "free"), (Decimal("2.50"), "cheap"), (Decimal(5), "cheap")]
)
def test_the_price_is_a_reason(map_of: MapOf, price: Decimal, reason: str) -> None:
    directory = map_of({"cost": Cost(price, price == 0)})
    (hit,) = directory.search(Query(now=NOW, max_price="cheap"))
    assert {"free", "cheap"} & set(hit.reasons) == {reason}


def test_open_now_looks_at_the_minute_and_the_holiday(zwolle: Directory) -> None:
    christmas = NOW.replace(month=12, day=25)
    for moment in (NOW, christmas):
        hits = zwolle.search(Query(now=moment, when="now", limit=200))
        assert hits
        assert all(hours.is_open(hit.entry, moment) for hit in hits)
        assert all("open_now" in hit.reasons for hit in hits)
    names = {hit.entry.name for hit in zwolle.search(Query(now=christmas, when="now", limit=200))}
    assert "De Luisterlijn" in names
    assert "Sociaal Wijkteam Zwolle" not in names


@pytest.mark.parametrize(
    ("different", "days", "offered"),
    [
        ({"checked_at": date(2026, 11, 1)}, 0, True),
        ({"checked_at": date(2026, 11, 1)}, 400, False),
        ({"expires_at": date(2026, 12, 1)}, 7, True),
        ({"expires_at": date(2026, 12, 1)}, 8, False),
    ],
)
def test_what_is_out_of_date_is_not_offered(
    map_of: MapOf, different: dict[str, Any], days: int, offered: bool
) -> None:
    directory = map_of(different)
    moment = NOW + timedelta(days=days)
    assert bool(directory.search(Query(now=moment))) == offered
    assert directory.is_current(directory.entries[0], moment) == offered
    assert directory.get(directory.entries[0].id) is not None


def test_how_long_a_check_holds_is_a_setting(map_of: MapOf, zwolle: Directory) -> None:
    entry = map_of({"checked_at": date(2024, 1, 1)}).entries[0]
    assert not Directory([entry], zwolle.places).search(Query(now=NOW))
    assert Directory([entry], zwolle.places, max_age_days=2000).search(Query(now=NOW))


def test_shown_offers_are_not_shown_again(zwolle: Directory) -> None:
    seen: set[str] = set()
    for _ in range(5):
        hits = zwolle.search(Query(now=NOW, topic="need_grief", exclude=frozenset(seen)))
        assert not seen & {hit.entry.id for hit in hits}
        seen |= {hit.entry.id for hit in hits}
    assert seen == {entry.id for entry in zwolle.entries if "need_grief" in entry.topics}


def test_routes_are_tried_in_order_and_none_is_skipped(map_of: MapOf) -> None:
    directory = map_of(
        {"route": "tailored"}, {"route": "initiative"}, {"route": "network"}, {"route": "basic"}
    )
    hits = directory.search(Query(now=NOW, topic="need_contact", limit=4))
    routes = [hit.entry.route for hit in hits]
    assert routes == ["basic", "network", "initiative", "tailored"]


def test_own_language_is_preferred_but_not_demanded(map_of: MapOf) -> None:
    directory = map_of({"name": "A"}, {"name": "B", "languages": ("nl", "ar")})
    first, second = directory.search(Query(now=NOW, language="ar"))
    assert (first.entry.name, second.entry.name) == ("B", "A")
    assert "your_language" in first.reasons
    assert "your_language" not in second.reasons
    assert len(directory.search(Query(now=NOW, speaks="ar"))) == 1


def test_age_is_a_reason_only_where_it_matters(map_of: MapOf) -> None:
    directory = map_of({"audience": Audience(12, 23)}, {})
    hits = directory.search(Query(now=NOW, age=15))
    assert ["age_fit" in hit.reasons for hit in hits] == [True, False]


def test_meaning_finds_what_words_do_not(map_of: MapOf) -> None:
    directory = map_of(*[{"name": f"Nummer {n}", "summary": "Iets."} for n in range(20)])
    wanted = directory.entries[7]
    vectors = {e.id: [1.0, 0.1 * (n % 3), 0.0] for n, e in enumerate(directory.entries)}
    vectors[wanted.id] = [1.0, 0.0, 0.9]
    found = directory.with_vectors(vectors).search(Query(now=NOW, vector=[1.0, 0.0, 1.0]))
    assert found[0].entry == wanted
    assert "words" in found[0].reasons
    assert directory.search(Query(now=NOW, vector=[1.0, 0.0, 1.0])) == ()


def test_a_vector_of_another_model_changes_nothing(zwolle: Directory) -> None:
    known = zwolle.with_vectors({entry.id: [0.1] * 384 for entry in zwolle.entries})
    asked = Query(now=NOW, words="schaken", vector=[0.1] * 12)
    assert known.search(asked)[0].entry.name.startswith("Schaakclub")


def test_preferred_entries_come_first(zwolle: Directory) -> None:
    last = zwolle.search(Query(now=NOW, topic="need_contact", limit=200))[-1].entry
    hits = zwolle.search(Query(now=NOW, topic="need_contact", prefer=(last.id, "gone")))
    assert hits[0].entry == last


def test_the_same_question_gets_the_same_answer(zwolle: Directory) -> None:
    query = Query(now=NOW, topic="need_contact", limit=20)
    assert zwolle.search(query) == zwolle.search(query)


def test_a_map_with_a_mistake_in_it_is_refused(map_of: MapOf, zwolle: Directory) -> None:
    entry = map_of({}).entries[0]
    with pytest.raises(ValueError, match="share an id"):
        Directory([entry, entry], zwolle.places)
    with pytest.raises(ValueError, match="atlantis"):
        map_of({"neighbourhoods": ("atlantis",)})


def test_a_season_that_is_far_off_does_not_count_as_open(map_of: MapOf) -> None:
    spring = Schedule(
        byday=("TU",),
        opens_at=hours.time(19),
        closes_at=hours.time(21),
        valid_from=date(2027, 3, 1),
    )
    assert map_of({"schedules": (spring,)}).search(Query(now=NOW, when="evening")) == ()
