"""The resident that tests talk through: pure flows, with the state through JSON at every turn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Self

from bot.clock import CITY
from bot.team import load_team
from flows.effects import Effect, OpenHandoff, Turn, WithdrawHandoff
from flows.engine import take_turn
from flows.heard import (
    CheckinDue,
    HandoffMoved,
    Heard,
    Located,
    Started,
    Tapped,
    Understood,
    Unreadable,
)
from flows.say import Say
from flows.state import State
from flows.steps import STEPS
from flows.world import HandoffView, World
from knowledge.directory import Directory
from knowledge.exchange import Loaded, load
from nlu.sentences import offered
from nlu.types import Intent, Parsed
from nlu.understand import Understander, load_understander

ROOT = Path(__file__).parent.parent
LANGUAGES = offered(ROOT / "nlu" / "data")
# A Tuesday morning on which the team is open.
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=CITY)
SATURDAY_NIGHT = datetime(2026, 11, 28, 23, 30, tzinfo=CITY)


@cache
def example_map() -> Directory:
    """The example map of the city."""
    loaded = load(ROOT / "knowledge" / "data")
    assert isinstance(loaded, Loaded), loaded
    return loaded.directory


@cache
def words_alone() -> Understander:
    """Understanding without the NLU service: crisis, always-words, places, times, prices."""
    places = example_map().places
    areas = {code for place in places.all for code in place.postcodes}
    return load_understander(ROOT / "nlu" / "data", LANGUAGES, places.gazetteer(), areas, None)


def a_world(now: datetime = TUESDAY, **changes: Any) -> World:
    """A world with the example map and team."""
    team = load_team(ROOT / "bot" / "team.yml")
    world = World(
        now=now,
        directory=example_map(),
        team=team,
        languages=LANGUAGES,
        new_code="KPM-7RT",
        retention={"conversation": 90},
    )
    return replace(world, **changes)


def understood(text: str, means: str | tuple[str, ...] = (), language: str = "nl") -> Understood:
    """Free text; `means` is what the classifier is sure of, or several it wavers between."""
    parsed: Parsed = asyncio.run(words_alone().parse(text, language))
    if isinstance(means, str):
        intents = (Intent(means, 0.9),)
    else:
        intents = tuple(Intent(name, 0.9 / len(means)) for name in means)
    return Understood(replace(parsed, intents=intents, understood=True))


@dataclass
class Resident:
    """Somebody with a phone. Every call is one turn; every question about it is an assertion."""

    state: State = field(default_factory=State)
    world: World = field(default_factory=a_world)
    turn: Turn | None = None

    def says(self, text: str, means: str | tuple[str, ...] = ()) -> Self:
        """Type something."""
        return self.meets(understood(text, means, self.state.language))

    def taps(self, choice: str) -> Self:
        """Tap a choice of the newest message, by its code."""
        if not choice.startswith("always:"):
            assert choice in self.state.offered, f"{choice} is not among {self.state.offered}"
        return self.meets(Tapped(choice))

    def opens(self, payload: str = "") -> Self:
        """Open the chat."""
        return self.meets(Started(payload))

    def shares_location_in(self, neighbourhood: str | None) -> Self:
        """Share where they are."""
        return self.meets(Located(neighbourhood))

    def sends(self, kind: str) -> Self:
        """Send something that is not text."""
        return self.meets(Unreadable(kind))

    def is_checked_on(self, **about: str) -> Self:
        """A check-in falls due."""
        return self.meets(CheckinDue(**about))

    def team_does(self, what: str, **details: Any) -> Self:
        """Something happens at the desk."""
        assert self.world.handoff is not None
        return self.meets(HandoffMoved(what, self.world.handoff.code, **details))

    def meets(self, heard: Heard) -> Self:
        """Take one turn; the state goes through JSON as it does in the store."""
        state = State.from_json(json.loads(json.dumps(self.state.to_json())))
        self.turn = take_turn(state, heard, self.world)
        self.state = State.from_json(json.loads(json.dumps(self.turn.state.to_json())))
        for effect in self.turn.effects:
            match effect:
                case Say():
                    assert Say.from_json(json.loads(json.dumps(effect.to_json()))) == effect
                case OpenHandoff(code, draft, due):
                    view = HandoffView(code, due, draft.how)
                    self.world = replace(self.world, handoff=view)
                case WithdrawHandoff():
                    self.world = replace(self.world, handoff=None)
                case _:
                    pass
        assert self.state.step in STEPS
        return self

    def hears(self, *keys: str) -> Self:
        """The turn said these keys, in this order (others may stand between)."""
        said = iter(self.said)
        for key in keys:
            assert key in said, f"{key} is not among {self.said}, in this order"
        return self

    def does_not_hear(self, key: str) -> Self:
        """The turn did not say this."""
        assert key not in self.said
        return self

    def hears_nothing(self) -> Self:
        """The turn said nothing."""
        assert self.said == []
        return self

    def is_at(self, step: str) -> Self:
        """The conversation stands at this step."""
        assert self.state.step == step
        return self

    def knows(self, **facts: Any) -> Self:
        """These facts are kept."""
        kept = {name: self.state.fact(name) for name in facts}
        assert kept == facts
        return self

    def causes(self, kind: type[Effect], check: Callable[[Any], bool] = lambda _: True) -> Self:
        """The turn had an effect of this kind."""
        assert self.turn is not None
        found = [effect for effect in self.turn.effects if isinstance(effect, kind)]
        assert any(check(effect) for effect in found), (kind, found, self.turn.effects)
        return self

    def sees_offers(self, count: int) -> Offers:
        """The last message shows this many offers."""
        shown = self.state.fact("shown", [])
        assert self.said[-1] == "offers.list", self.said
        assert len(shown) == count
        return Offers(self.world, shown)

    def is_offered(self, *choices: str) -> Self:
        """These can be tapped now."""
        missing = set(choices) - set(self.state.offered)
        assert not missing, f"{missing} not among {self.state.offered}"
        return self

    def later(self, **span: float) -> Self:
        """Let time pass."""
        self.world = replace(self.world, now=self.world.now + timedelta(**span))
        return self

    @property
    def said(self) -> list[str]:
        """The keys of the last turn's messages."""
        return [] if self.turn is None else [say.key for say in self.turn.says]


@dataclass(frozen=True)
class Offers:
    """The offers on the screen."""

    world: World
    shown: list[str]

    def each(self, *, topic: str, near: str | None = None) -> None:
        """Every offer is about the topic, and open to people of the neighbourhood."""
        for name in self.shown:
            entry = self.world.directory.get(name)
            assert entry is not None
            assert topic in entry.topics
            if near is not None and entry.neighbourhoods:
                places = self.world.directory.places
                assert min(places.distance_km(near, place) for place in entry.neighbourhoods) < 6
