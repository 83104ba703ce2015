"""Whatever strangers type or send: an answer, finite numbers, and the service stays for the others.

Everything goes through a served model, so that a fault in native code ends that process and not
the tests. The rubbish is drawn by chance, the same each time.
"""

# ruff: noqa: S311 - chance for tests
from __future__ import annotations

import asyncio
import base64
import json
import math
import random
import struct
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from nlu.server.tests.served import CORPUS, DEADLINE, TOKEN, ask

CROWD = 1_000
SLACK = 8.0  # seconds for the work itself and for a machine that has a thousand clients as well

PIECES = (
    "ik heb schulden",
    "\ufdfa",  # one sign that stands for eighteen letters
    "\ufdfb",
    "\u3316",
    "e" + "\u0301" * 40,
    "a\u0300\u0316\u0334",
    "\u202e\u2066abc\u2069",
    "\u200b\u200d\ufeff\u00ad",
    "\x00",
    "\x1b[31m\r\n\t",
    "\ud800",
    "\udc00\ud83d",
    "\U0010ffff\ufffe\uffff",
    "\U000e0041\U000e007f",
    "👨‍👩‍👧‍👦🏳️‍🌈",
    "\u1100\u1161\u11a8",
    "مرحبا ؟ ۱۲۳",
    "ሰላም፡፡",
    "𝔥𝔢𝔩𝔭 Ⅷ ㎨ ﬃ",
    "İıſẞ",
    "[x](y) ]]> ${a} %s {} \\",
    "/need_debt{",
    "-" * 30,
    "9" * 50,
)
BODIES = (
    b"",
    b"null",
    b"NaN",
    b'{"text": 1e999}',
    b'{"text": ' + b"9" * 100_000 + b"}",
    b'{"text": "\xff\xfe\xfd"}',
    b'{"text": "\xed\xa0\x80"}',
    b'{"text": "\xc0\xaf"}',
    b'{"text": "\\ud800"}',
    b'{"text": "\\u00"}',
    b'{"text": "a", "text": null}',
    b'{"text": {"text": "a"}}',
    b'{"text": "a", "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"a": ' * 100_000,
    b'{"texts": [null]}',
    b'{"texts": {"0": "a"}}',
    b'{"texts": [["a"]], "kind": []}',
    b"\x00" * 1_000,
    b"\xef\xbb\xbf" + b'{"text": "a"}',
    '{"text": "a"}'.encode("utf-16"),
    b'{"text": "' + b"a" * 1_000_001 + b'"}',
)


def rubbish(chance: random.Random) -> str:
    """A text of odd pieces and signs drawn from everywhere, some of them very often."""
    parts = []
    for _ in range(chance.randint(1, 6)):
        sign = chr(chance.randrange(0x110000))
        parts.append(chance.choice((*PIECES, sign, sign)) * chance.choice((1, 1, 2, 12)))
    return chance.choice(("", " ")).join(parts)


def broken(chance: random.Random) -> bytes:
    """A good body with some bytes changed, left out or cut off."""
    body = bytearray(json.dumps({"text": rubbish(chance), "texts": [rubbish(chance)]}).encode())
    for _ in range(chance.randint(0, 8)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    start = chance.choice((0, 0, 0, chance.randrange(len(body))))
    return bytes(body[start : chance.choice((len(body), chance.randrange(len(body))))])


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_every_text_gets_a_finite_unit_vector(url: str, kind: str) -> None:
    chance = random.Random(kind)
    texts = [*PIECES, *(rubbish(chance) for _ in range(20))]
    status, answer = ask(url, "/embed", {"texts": texts, "kind": kind})
    assert status == 200
    for text, packed in zip(texts, answer["vectors"], strict=True):
        vector = struct.unpack("<384f", base64.b64decode(packed))
        assert math.dist(vector, [0.0] * 384) == pytest.approx(1, abs=0.001), ascii(text)


@pytest.mark.parametrize("seed", range(2))
def test_every_text_gets_all_intents_with_chances_that_add_up(url: str, seed: int) -> None:
    chance = random.Random(seed)
    texts = [rubbish(chance) for _ in range(20)]
    status, answer = ask(url, "/parse/batch", {"texts": texts})
    assert status == 200
    for text, found in zip(texts, answer["results"], strict=True):
        chances = {entry["name"]: entry["confidence"] for entry in found["intents"]}
        assert sorted(chances) == sorted(CORPUS), ascii(text)
        assert sum(chances.values()) == pytest.approx(1, abs=0.001), ascii(text)


@pytest.mark.parametrize(
    "sign", ["\ufdfa", "\u3316", "\u0301", "\ufe0f", "\ud800", "\x00", "[", "a ", "\u202e"]
)
def test_a_hundred_thousand_of_one_sign_are_one_message(url: str, sign: str) -> None:
    status, answer = ask(url, "/parse", {"text": (sign * 100_000)[:100_000]})
    assert status == 200
    assert len(answer["intents"]) == len(CORPUS)


def test_rare_signs_are_read_only_as_far_as_words_would_be(url: str) -> None:
    texts = ["\u3316" * 400, "\u3316" * 1_000]
    _, answer = ask(url, "/embed", {"texts": texts})
    assert answer["vectors"][0] == answer["vectors"][1]


def test_ordinary_words_are_read_to_a_thousand_signs(url: str) -> None:
    words = "ik heb schulden en kan niet meer betalen " * 24
    _, answer = ask(url, "/embed", {"texts": [words[:900] + "klaverjassen", words[:900]]})
    assert answer["vectors"][0] != answer["vectors"][1]


@pytest.mark.parametrize("path", ["/parse", "/parse/batch", "/embed"])
def test_every_body_gets_a_plain_answer(url: str, path: str) -> None:
    chance = random.Random(path)
    for body in [*BODIES, *(broken(chance) for _ in range(60))]:
        status, answer = ask(url, path, body)
        assert status in {200, 400, 413, 422}, ascii(body[:200])
        assert ("error" in answer) == (status != 200)
    assert ask(url, "/health")[0] == 200


def test_a_thousand_at_once_are_answered_or_told_to_come_back(url: str) -> None:
    said = [f"{number} ik heb schulden, wie helpt mij" for number in range(CROWD)]
    said[::50] = ["\ufdfa\u0301" * 50_000] * len(said[::50])

    async def all_at_once() -> list[tuple[int, Any, float]]:
        return await asyncio.gather(*(answered(url, text) for text in said))

    told = asyncio.run(all_at_once())
    assert {200} <= {status for status, _, _ in told} <= {200, 503}
    assert max(seconds for _, _, seconds in told) < DEADLINE + SLACK
    refused = [answer for status, answer, _ in told if status == 503]
    assert all(answer == {"error": "too busy; try again"} for answer in refused)
    assert ask(url, "/parse", {"text": "ik heb schulden"})[0] == 200


def test_nobody_waits_for_a_crowd_that_has_hung_up(url: str) -> None:
    async def asked_after_it() -> int:
        sent = await asyncio.gather(*(open_with(url, request(f"{n} help")) for n in range(CROWD)))
        for _, writer in sent:
            writer.close()
        status, _, _ = await answered(url, "ik heb schulden")
        return status

    assert asyncio.run(asked_after_it()) == 200  # 503 if it had to wait for them


@pytest.mark.parametrize("lacking", [5, 27])
def test_a_body_that_never_ends_is_given_up(url: str, lacking: int) -> None:
    async def begun() -> bytes:
        reader, writer = await open_with(url, request("ik heb schulden")[:-lacking])
        answer = await asyncio.wait_for(reader.read(), DEADLINE + SLACK)
        writer.close()
        return answer

    assert b" 408 " in asyncio.run(begun())


def request(text: str) -> bytes:
    """A whole request to parse `text`, as it goes over the line."""
    body = json.dumps({"text": text}).encode()
    head = (
        f"POST /parse HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def open_with(url: str, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection over which `sent` went."""
    reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
    writer.write(sent)
    await writer.drain()
    return reader, writer


async def answered(url: str, text: str) -> tuple[int, Any, float]:
    """Status and answer of parsing `text`, and the seconds that it took."""
    started = time.monotonic()
    reader, writer = await open_with(url, request(text))
    head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split(b" ", 2)[1]), json.loads(answer), time.monotonic() - started
