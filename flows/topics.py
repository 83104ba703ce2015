"""The topics a resident can choose, in the groups of the menu."""

from __future__ import annotations

THEMES: dict[str, tuple[str, ...]] = {
    "company": (
        "need_contact",
        "need_daytime",
        "need_sport",
        "need_meal",
        "need_peer_support",
        "need_buddy",
    ),
    "home": (
        "need_practical_help",
        "need_home_care",
        "need_transport",
        "need_housing",
        "neighbour_trouble",
    ),
    "money": (
        "need_debt",
        "need_low_income",
        "need_benefits",
        "need_work",
    ),
    "letters": (
        "need_forms",
        "need_digital",
        "need_legal",
        "need_independent_advice",
    ),
    "newcomer": ("need_language", "need_newcomer"),
    "health": (
        "need_mental",
        "need_addiction",
        "need_grief",
        "need_dementia",
        "need_disability",
        "need_carer_support",
    ),
    "family": ("need_parenting", "need_youth", "need_birth", "need_separation"),
    "give": ("offer_volunteer", "start_initiative"),
    "worry": ("worry_other",),
}

SEARCHED: frozenset[str] = frozenset(topic for group in THEMES.values() for topic in group)
"""Topics answered from the social map."""

OWN: frozenset[str] = frozenset(
    {
        "need_carer_support",
        "need_grief",
        "need_parenting",
        "need_birth",
        "need_separation",
        "neighbour_trouble",
        "offer_volunteer",
        "start_initiative",
    }
)
"""Topics that are the writer's own, also where they speak of somebody else."""

URGENCY: tuple[str, ...] = (
    # A roof, food, and what may be near violence.
    *("need_housing", "need_low_income", "need_separation"),
    # Health, one's own and of those one cares for.
    *("need_mental", "need_addiction", "need_dementia", "need_home_care", "need_birth"),
    *("need_carer_support", "need_grief", "need_meal", "need_disability"),
    # Money and what has a date on it.
    *("need_debt", "need_benefits", "need_legal", "need_forms", "need_work"),
    # The family and the street.
    *("need_youth", "need_parenting", "neighbour_trouble"),
    # Getting by.
    *("need_transport", "need_practical_help", "need_digital", "need_newcomer", "need_language"),
    # Company.
    *("need_contact", "need_daytime", "need_sport"),
)
"""Which of two needs comes first. What is not here says how help is wanted, or is about helping
others: beside a need it is no second one."""

HANDED: frozenset[str] = SEARCHED | {"complaint"}
"""Topics a request to the team may carry."""
