"""What all tests share."""

from __future__ import annotations

import pytest

from tests.conversation import Resident


@pytest.fixture
def resident() -> Resident:
    """Somebody who has not written before."""
    return Resident()
