"""Asks the NLU service. Trouble on the line is an answer (None), never an error."""

from __future__ import annotations

import base64
import binascii
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from nlu.types import Intent

Answer = TypeVar("Answer")

DIMENSIONS = 384
BATCH = 64
PARSE_SECONDS = 2.0
EMBED_SECONDS = 60.0  # a full batch of long passages on a small machine
FAILURES = 3  # in a row, after which the service is left alone
REST_SECONDS = 5.0  # before it is tried again


@dataclass(frozen=True, slots=True)
class Reading:
    """What the service makes of a text: all intents, likeliest first, and its query vector.

    `vector`: None of a text that was parsed with many others.
    """

    intents: tuple[Intent, ...]
    vector: tuple[float, ...] | None


class _Malformed(Exception):
    """An answer that is not what the service promises."""


class NluClient:
    """The line to the NLU service; safe to share between conversations."""

    def __init__(
        self,
        url: str,
        token: str,
        clock: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`url`: http://host:port; `token`: the service's bearer token."""
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=PARSE_SECONDS,
            transport=transport,
            trust_env=False,
        )
        self._clock = clock
        self._failures = 0
        self._rest_until = 0.0

    async def parse(self, text: str) -> Reading | None:
        """The reading of one text; None when the service does not answer well within 2 seconds."""
        return await self._post("/parse", {"text": _sendable(text)}, PARSE_SECONDS, _reading)

    async def parse_many(self, texts: Sequence[str]) -> list[Reading] | None:
        """Readings of `texts` without vectors, in their order; None as soon as a batch fails."""
        readings: list[Reading] = []
        for part in _batches(texts):
            found = await self._post("/parse/batch", {"texts": part}, EMBED_SECONDS, _results)
            if found is None or len(found) != len(part):
                return None
            readings += found
        return readings

    async def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]] | None:
        """Vectors of passages (what is searched in), to compare with a reading's vector."""
        vectors: list[tuple[float, ...]] = []
        for part in _batches(texts):
            found = await self._post("/embed", {"texts": part}, EMBED_SECONDS, _vectors)
            if found is None or len(found) != len(part):
                return None
            vectors += found
        return vectors

    async def health(self) -> str | None:
        """The model's hash; None when the service is not there. Asked even while it is resting."""
        try:
            answer = await self._http.get("/health")
            model = answer.json().get("model") if answer.status_code == 200 else None
        except (httpx.HTTPError, ValueError, AttributeError):
            return None
        if not isinstance(model, str):
            return None
        self._failures = 0
        return model

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _post(
        self,
        path: str,
        body: Mapping[str, Any],
        seconds: float,
        read: Callable[[Any], Answer],
    ) -> Answer | None:
        if self._failures >= FAILURES and self._clock() < self._rest_until:
            return None
        try:
            answer = await self._http.post(path, json=body, timeout=seconds)
            answer.raise_for_status()
            found = read(answer.json())
        except (httpx.HTTPError, _Malformed, ValueError):
            self._failures += 1
            self._rest_until = self._clock() + REST_SECONDS
            return None
        self._failures = 0
        return found


def _sendable(text: str) -> str:
    """`text` without lone surrogates, which no JSON body can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _batches(texts: Sequence[str]) -> list[list[str]]:
    return [
        [_sendable(text) for text in texts[start : start + BATCH]]
        for start in range(0, len(texts), BATCH)
    ]


def _reading(body: Any) -> Reading:
    try:
        return Reading(_intents(body), _vector(body["vector"]))
    except (KeyError, TypeError) as error:
        raise _Malformed from error


def _results(body: Any) -> list[Reading]:
    try:
        return [Reading(_intents(entry), None) for entry in body["results"]]
    except (KeyError, TypeError) as error:
        raise _Malformed from error


def _intents(body: Any) -> tuple[Intent, ...]:
    try:
        return tuple(
            Intent(str(entry["name"]), float(entry["confidence"])) for entry in body["intents"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _Malformed from error


def _vectors(body: Any) -> list[tuple[float, ...]]:
    try:
        return [_vector(packed) for packed in body["vectors"]]
    except (KeyError, TypeError) as error:
        raise _Malformed from error


def _vector(packed: str) -> tuple[float, ...]:
    """384 numbers out of base64 of little-endian 32-bit floats."""
    try:
        return struct.unpack(f"<{DIMENSIONS}f", base64.b64decode(packed, validate=True))
    except (binascii.Error, struct.error, TypeError) as error:
        raise _Malformed from error
