"""The model and the service that all tests here share: training takes longer than any of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nlu.server.model import Project
from nlu.server.tests.served import served, trained


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of three intents, trained."""
    return trained(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def url(project: Project) -> Iterator[str]:
    """The address of a served model."""
    with served(project) as address:
        yield address
