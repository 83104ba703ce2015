"""What a sentence gives away besides its need: place, time, price, and what it resembles."""

from __future__ import annotations

from flows.world import World
from knowledge.search import Query
from nlu.types import Parsed

WHOLE_CITY = "whole"
_SIMILAR = 12


def heard_facts(parsed: Parsed) -> dict[str, object]:
    """Place, time and price named in a text, as facts for the search."""
    facts: dict[str, object] = {}
    for entity in parsed.entities:
        match entity.kind:
            case "neighbourhood":
                facts["place"] = entity.value
            case "city":
                facts.setdefault("place", WHOLE_CITY)
            case "time" if entity.value in ("evening", "weekend"):
                facts["when"] = entity.value
            case "price":
                facts["price"] = entity.value
    return facts


def similar(parsed: Parsed, topic: str | None, world: World) -> list[str]:
    """Ids of the entries closest to what was said, best first; the words are not kept."""
    query = Query(
        now=world.now, topic=topic, words=parsed.text, vector=parsed.vector, limit=_SIMILAR
    )
    return [hit.entry.id for hit in world.directory.search(query)]
