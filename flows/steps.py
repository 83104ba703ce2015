"""Every step there is, by name."""

from __future__ import annotations

from flows import (
    about,
    checkin,
    crisis,
    elsewhere,
    find_help,
    handoff,
    language,
    link,
    offer,
    offers,
    summary,
    talk,
    welcome,
    worry,
)
from flows.misread import counted
from flows.step import Step

_ALL: dict[str, Step] = {
    **welcome.STEPS,
    **language.STEPS,
    **find_help.STEPS,
    **offers.STEPS,
    **offer.STEPS,
    **handoff.STEPS,
    **summary.STEPS,
    **talk.STEPS,
    **checkin.STEPS,
    **about.STEPS,
    **worry.STEPS,
    **elsewhere.STEPS,
    **crisis.STEPS,
    **link.STEPS,
}

# Where the resident may say that what was offered is not what they meant.
_GUESSES = ("find_help.which", "find_help.place", "crisis.maybe")

STEPS: dict[str, Step] = {**_ALL, **{name: counted(_ALL[name]) for name in _GUESSES}}
