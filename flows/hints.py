"""What a sentence gives away besides its need: place, time, price, for whom, what it is like."""

from __future__ import annotations

from flows.world import World
from knowledge.search import Query
from nlu.types import Parsed

WHOLE_CITY = "whole"
_SIMILAR = 12
# When the map can be asked to be open. "Now" is said for urgency more than for opening hours.
_PARTS = {
    "morning": "daytime",
    "afternoon": "daytime",
    "evening": "evening",
    "weekend": "weekend",
}


def heard_facts(parsed: Parsed, world: World) -> dict[str, object]:
    """Place, time, price and for whom, named in a text, as facts for the search."""
    facts: dict[str, object] = {}
    for entity in parsed.entities:
        match entity.kind:
            case "neighbourhood":
                facts["place"] = entity.value
            case "city":
                facts.setdefault("place", WHOLE_CITY)
            case "postcode":
                found = world.directory.places.by_postcode(entity.value)
                if found is not None:
                    facts["place"] = found.id
            case "time" if entity.value in _PARTS:
                facts["when"] = _PARTS[entity.value]
            case "price":
                facts["price"] = entity.value
            case "other":
                facts["other"] = True
    return facts


def similar(parsed: Parsed, topic: str | None, world: World) -> list[str]:
    """Ids of the entries closest to what was said, best first; the words are not kept."""
    query = Query(
        now=world.now, topic=topic, words=parsed.text, vector=parsed.vector, limit=_SIMILAR
    )
    return [hit.entry.id for hit in world.directory.search(query)]
