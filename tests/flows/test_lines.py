"""What a card says of an entry."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from flows.lines import card_lines
from knowledge.model import Cost
from tests.conversation import example_map


@pytest.mark.parametrize(
    ("amount", "text", "key"),
    [
        ("2.00", "€ 2 voor koffie en een koekje", "entry.cost_text"),
        ("2.50", "€ 2,50 per keer, de eerste keer gratis", "entry.cost_text"),
        ("0.35", "35 cent per kilometer", "entry.costs_with_text"),
        ("5.00", "met de Zwolle Pas goedkoper", "entry.costs_with_text"),
        ("3.00", "de eerste 3 keer gratis", "entry.costs_with_text"),
        ("1.00", "€ 1.000 per jaar", "entry.costs_with_text"),
        ("5.00", "", "entry.costs"),
    ],
)
def test_a_price_is_told_once(amount: str, text: str, key: str) -> None:
    entry = replace(example_map().entries[0], cost=Cost(Decimal(amount), text=text))
    told = [line.key for line in card_lines(entry, "nl") if line.key.startswith("entry.cost")]
    assert told == [key]
