"""What a flow may look at: read-only facts the shell gathered for this one turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowledge.directory import Directory
    from knowledge.hours import OfficeHours


@dataclass(frozen=True, slots=True)
class Team:
    """The sociaal wijkteam as residents may know it; read from the team file.

    `lines` are telephone numbers and addresses of help by name (emergency, suicide, violence …).
    `promise_hours` are working hours within which somebody answers. `quiet` is the part of the
    day in which the bot starts no message: from, until.
    """

    name: str
    city: str
    phone: str
    address: str
    website: str
    municipality_phone: str
    hours: OfficeHours
    promise_hours: int
    quiet: tuple[time, time]
    lines: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HandoffView:
    """The resident's own open request, as far as the conversation needs to know."""

    code: str
    due: datetime
    how: str
    claimed_by: str | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside the conversation that one turn may read.

    `now` is aware, in the city's time zone. `new_code` is a code for a handoff
    or a link that this turn may open. `linked` is how many other conversations the resident
    linked with this one. `retention` gives days by kind of data.
    """

    now: datetime
    directory: Directory
    team: Team
    languages: tuple[str, ...]
    new_code: str
    handoff: HandoffView | None = None
    checkins_stopped: bool = False
    linked: int = 0
    retention: Mapping[str, int] = field(default_factory=dict)
