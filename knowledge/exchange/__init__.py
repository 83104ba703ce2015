"""Import and export of the social map, as HSDS 3 in JSON or CSV.

An import is all or nothing: either the whole map, or every problem by file, entry and field.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from knowledge.directory import MAX_AGE_DAYS, Directory
from knowledge.exchange import assemble, parse
from knowledge.exchange.files import read
from knowledge.exchange.problems import Problem
from knowledge.exchange.tables import Parsed, Row
from knowledge.exchange.tables import parse as parse_tables
from knowledge.exchange.write import save
from knowledge.model import TEXT_FIELDS, TOPICS, Entry, Neighbourhood, TopicWords
from knowledge.places import Places

__all__ = ["EXAMPLE", "Loaded", "Problem", "load", "save"]

EXAMPLE = Path(__file__).parent.parent / "data"
"""The example map: Zwolle."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A map that was read whole, and how many services it left out because they are not active."""

    directory: Directory
    inactive: int


def load(path: Path, max_age_days: int = MAX_AGE_DAYS) -> Loaded | tuple[Problem, ...]:
    """The social map in a file, folder or zip, or everything that is wrong with it.

    A map without neighbourhoods or topic words of its own gets those of the example map.
    """
    sources, problems = read(path)
    parsed = parse_tables(sources)
    problems += parsed.problems
    places = _places(parsed, problems)
    rows, dangling = assemble.services(parsed.tables, parsed.broken)
    active = [row for row in rows if row.data["status"] == "active"]
    entries = _entries(active, places, problems)
    entries = _translate(entries, parsed.translations, problems)
    problems += dangling
    if not problems and not entries:
        problems.append(Problem(path.name, "", "services", "holds no active service"))
    if problems:
        return tuple(sorted(set(problems)))
    return Loaded(
        Directory(entries, places, max_age_days, _topic_words(parsed)), len(rows) - len(active)
    )


def _entries(rows: list[Row], places: Places, problems: list[Problem]) -> list[Entry]:
    made = []
    for row in rows:
        match parse.entry(row, places):
            case Entry() as entry:
                made.append(entry)
            case found:
                problems.extend(found)
    return made


def _places(parsed: Parsed, problems: list[Problem]) -> Places:
    rows = parsed.tables.get("neighbourhood", [])
    if not rows:
        return _example_places()
    try:
        return Places(_neighbourhood(row) for row in rows)
    except ValueError as error:
        problems.append(Problem(rows[0].file, "", "neighbourhoods", str(error)))
        return Places(())


def _example_places() -> Places:
    sources, _ = read(EXAMPLE / "neighbourhoods.json")
    return Places(_neighbourhood(row) for row in parse_tables(sources).tables["neighbourhood"])


def _topic_words(parsed: Parsed) -> list[TopicWords]:
    said = _said_of_topics(parsed)
    if said:
        return said
    sources, _ = read(EXAMPLE / "taxonomies.json")
    return _said_of_topics(parse_tables(sources))


def _said_of_topics(parsed: Parsed) -> list[TopicWords]:
    terms = (row.data for row in parsed.tables.get("taxonomy_term", ()))
    return [
        TopicWords(
            topic=term["code"],
            language=term["language"],
            name=term["name"],
            words=tuple(word.strip() for word in term["description"].split(",") if word.strip()),
        )
        for term in terms
        if term.get("code") in TOPICS and "language" in term
    ]


def _neighbourhood(row: Row) -> Neighbourhood:
    data = row.data
    return Neighbourhood(
        id=data["id"],
        name=data["name"],
        lat=data["latitude"],
        lon=data["longitude"],
        aliases=tuple(data.get("aliases", ())),
        postcodes=tuple(data.get("postcodes", ())),
    )


def _translate(entries: list[Entry], rows: list[Row], problems: list[Problem]) -> list[Entry]:
    """The entries with the translations of `translations/<language>.json` laid over their own.

    Translations of a service that is not there (any more) do no harm and are passed over.
    """
    for row in rows:
        translated = []
        for entry in entries:
            texts = row.data.get(entry.id, {})
            wrong = _translation_problem(texts)
            if wrong:
                problems.append(Problem(row.file, f"{entry.id} ({entry.name})", *wrong))
            elif texts:
                own = dict(entry.translations)
                own[row.label] = {**own.get(row.label, {}), **texts}
                entry = replace(entry, translations=own)
            translated.append(entry)
        entries = translated
    return entries


def _translation_problem(texts: object) -> tuple[str, str] | None:
    if not isinstance(texts, dict):
        return "", "is not an object of texts by field"
    for field, text in texts.items():
        if field not in TEXT_FIELDS:
            return str(field), f"is not one of {', '.join(TEXT_FIELDS)}"
        if not isinstance(text, str):
            return str(field), "is not text"
    return None
