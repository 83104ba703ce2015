"""The facts HSDS has no field for, as terms of two taxonomies that attributes refer to.

A service carries them as HSDS attributes: its topics as bare terms, the rest as terms with a
value. A text in another language is the same term with that language. Documented for publishers
in `knowledge/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid5

from knowledge.model import TEXT_FIELDS, TOPICS, TopicWords

_SPACE = UUID("6b6f7669-6f6f-5264-8575-72766f6f7264")

TOPIC_TAXONOMY = "Voordeur onderwerpen"
FIELD_TAXONOMY = "Voordeur velden"

FIELDS = {
    "summary": "Samenvatting in gewone taal, hooguit 200 tekens",
    "route": "Route: basic, network, initiative of tailored",
    "first_time": "Wat er de eerste keer gebeurt",
    "how_to_get_there": "Hoe je er komt, als er geen locatie is",
    "accessibility": "Toegankelijkheid, als er geen locatie is",
    "keywords": "Zoekwoorden, met komma's ertussen",
    "pass_on": "Wat minimaal doorgegeven wordt, met komma's ertussen",
    "checked_by": "Door wie het gegeven is nagekeken",
    "source": "Waar het gegeven vandaan komt",
    "expires_at": "Laatste dag waarop dit aanbod getoond mag worden (JJJJ-MM-DD)",
    "example": "true: een verzonnen voorbeeld, geen bestaand aanbod",
    "open_on_holidays": "true: ook open op officiële feestdagen",
}


def stable_id(*parts: str) -> str:
    """The same UUID for the same parts, always."""
    return str(uuid5(_SPACE, "\x1f".join(parts)))


def topic_id(topic: str, language: str = "") -> str:
    """The id of the term of a topic, or of what it is called in a language."""
    return stable_id("topic", topic, language)


def field_id(field: str, language: str = "") -> str:
    """The id of the term of one of `FIELDS`, or of a text field in another language."""
    return stable_id("field", field, language)


def taxonomies() -> list[dict[str, str]]:
    """The two taxonomies as HSDS rows."""
    return [
        {
            "id": stable_id("taxonomy", TOPIC_TAXONOMY),
            "name": TOPIC_TAXONOMY,
            "description": "Waar iemand mee geholpen is: de onderwerpen van de voordeur",
        },
        {
            "id": stable_id("taxonomy", FIELD_TAXONOMY),
            "name": FIELD_TAXONOMY,
            "description": "Gegevens van een dienst waar HSDS geen eigen veld voor heeft",
        },
    ]


def terms(topic_words: Iterable[TopicWords], languages: Iterable[str]) -> list[dict[str, str]]:
    """All terms as HSDS taxonomy_term rows, with the text fields in the given languages."""
    rows = [_term(topic_id(topic), topic, topic, TOPIC_TAXONOMY) for topic in TOPICS]
    rows += [
        _term(
            topic_id(said.topic, said.language), said.topic, ", ".join(said.words), TOPIC_TAXONOMY
        )
        | {"name": said.name, "language": said.language, "parent_id": topic_id(said.topic)}
        for said in topic_words
    ]
    rows += [_term(field_id(code), code, about, FIELD_TAXONOMY) for code, about in FIELDS.items()]
    rows += [
        _term(field_id(code, language), code, f"Vertaling van {code}", FIELD_TAXONOMY)
        | {"language": language}
        for language in sorted(languages)
        for code in TEXT_FIELDS
    ]
    return rows


def _term(id: str, code: str, description: str, taxonomy: str) -> dict[str, str]:
    return {
        "id": id,
        "code": code,
        "name": code,
        "description": description,
        "taxonomy": taxonomy,
        "taxonomy_id": stable_id("taxonomy", taxonomy),
    }
