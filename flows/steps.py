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
    offer,
    offers,
    summary,
    talk,
    welcome,
    worry,
)
from flows.step import Step

STEPS: dict[str, Step] = {
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
}
