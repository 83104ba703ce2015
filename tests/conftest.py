"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from tests.conversation import Resident

# Where it is set, nothing may be skipped for want of a browser, a database or the model.
MUST_RUN_ALL = bool(os.environ.get("VOORDEUR_TEST_ALL"))


@pytest.fixture
def resident() -> Resident:
    """Somebody who has not written before."""
    return Resident()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where everything must run."""
    report = yield
    if MUST_RUN_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where everything must run: {report.longrepr}"
    return report
