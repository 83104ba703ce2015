"""Trouble with the NLU service is an answer, never an error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest

from nlu.client import FAILURES, REST_SECONDS, NluClient
from tests.nlu.service import TOKEN, VECTOR, Service, running

Found = TypeVar("Found")


@pytest.fixture
def service() -> Iterator[Service]:
    with running() as found:
        yield found


def talk(
    service: Service, story: Callable[[NluClient], Awaitable[Found]], token: str = TOKEN
) -> Found:
    async def told() -> Found:
        client = NluClient(service.url, token)
        try:
            return await story(client)
        finally:
            await client.aclose()

    return asyncio.run(told())


def test_a_reading_has_intents_and_a_vector(service: Service) -> None:
    reading = talk(service, lambda client: client.parse("ik ben alleen"))
    assert reading is not None
    assert reading.intents[0].name == "need_contact"
    assert reading.vector == VECTOR
    assert service.asked == [("/parse", {"text": "ik ben alleen"})]


def test_many_texts_go_in_batches_of_sixty_four(service: Service) -> None:
    vectors = talk(service, lambda client: client.embed(["a"] * 130))
    assert vectors is not None
    assert len(vectors) == 130
    assert [len(body["texts"]) for _, body in service.asked] == [64, 64, 2]
    readings = talk(service, lambda client: client.parse_many(["a", "b"]))
    assert readings is not None
    assert [(reading.intents[0].name, reading.vector) for reading in readings] == [
        ("need_contact", None)
    ] * 2


def test_a_lone_surrogate_can_be_sent(service: Service) -> None:
    assert talk(service, lambda client: client.parse("a\ud800b")) is not None


def test_health_names_the_model(service: Service) -> None:
    assert talk(service, lambda client: client.health()) == "m1"
    assert talk(service, lambda client: client.health(), token="wrong") is None


@pytest.mark.parametrize(
    "broken",
    [
        500,
        401,
        b"not json",
        b"[]",
        b'{"intents": 3}',
        b'{"intents": [], "vector": "AAAA"}',
        b'{"intents": [{"name": "a"}], "vector": ""}',
        b'{"intents": [], "vector": 3}',
    ],
)
def test_a_broken_answer_is_none(service: Service, broken: int | bytes) -> None:
    service.broken = broken
    assert talk(service, lambda client: client.parse("a")) is None


def test_nobody_listening_is_none() -> None:
    with running() as gone:
        pass
    assert talk(gone, lambda client: client.parse("a")) is None
    assert talk(gone, lambda client: client.embed(["a"])) is None
    assert talk(gone, lambda client: client.health()) is None


def test_after_three_failures_the_service_is_left_to_rest(service: Service) -> None:
    now = [1_000.0]

    async def story() -> list[bool]:
        client = NluClient(service.url, TOKEN, clock=lambda: now[0])
        service.broken = 500
        answers = [await client.parse("a") is not None for _ in range(FAILURES + 2)]
        service.broken = None
        answers.append(await client.parse("still resting") is not None)
        now[0] += REST_SECONDS
        answers.append(await client.parse("awake again") is not None)
        await client.aclose()
        return answers

    assert asyncio.run(story()) == [False] * (FAILURES + 3) + [True]
    assert len(service.asked) == FAILURES + 1
