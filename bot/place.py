"""The city as the bot knows it: its map, its team, its languages; read at start, swapped whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.clock import CITY
from bot.store import handoffs, links
from bot.store.models import Conversation
from flows.world import Team, World
from knowledge.directory import Directory


@dataclass(frozen=True, slots=True)
class City:
    """What is the same for every conversation."""

    directory: Directory
    team: Team
    languages: tuple[str, ...]
    retention: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Place:
    """Holds the city of the moment, so that a newer map can take its place while running."""

    city: City

    def use_directory(self, directory: Directory) -> None:
        """Put another map in place."""
        self.city = replace(self.city, directory=directory)

    def world(self, session: Session, conversation: Conversation, now: datetime) -> World:
        """Gather what one turn of a conversation may read."""
        city = self.city
        linked = [other.id for other in links.linked(session, conversation)]
        return World(
            now=now.astimezone(CITY),
            directory=city.directory,
            team=city.team,
            languages=city.languages,
            new_code=handoffs.new_code(),
            handoff=handoffs.of_conversation(session, conversation.id, *linked),
            checkins_stopped=conversation.checkins_stopped,
            linked=len(linked),
            retention=city.retention,
        )
