"""The small server around the model: parse, batch, embed and health; loopback and token only.

    VOORDEUR_NLU_TOKEN=… python -m nlu.server.serve [--port 5005]

POST /parse        {"text": …}          → {"intents": […], "vector": …, "model": …}
POST /parse/batch  {"texts": [… 64]}    → {"results": [{"intents": …} …], "model": …}
POST /embed        {"texts": [… 64], "kind": "passage" or "query"} → {"vectors": […], "model": …}
GET  /health                            → {"status": "ok", "model": …}

A vector is 384 little-endian 32-bit floats in base64. Texts are never logged and never stored.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hmac
import json
import os
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

# Meaning and vector of a message are worked out side by side: each has half of the cores.
os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 2) // 2)))

from nlu.server.encoder import Encoder, packaged_model
from nlu.server.model import Model, Project, Ranking

MAX_BODY = 1_000_000  # bytes
MAX_TEXTS = 64
AT_ONCE = 8  # texts of a batch between which a resident may have a turn
DEADLINE = 10.0  # seconds that a request may take to arrive, and may wait for a turn
VARIABLE = "VOORDEUR_NLU_TOKEN"


class Service:
    """Answers requests with one model; one piece of work at a time, the rest waits in line."""

    def __init__(self, model: Model, encoder: Encoder, token: str) -> None:
        self._model = model
        self._encoder = encoder
        self._token = token.encode()
        self._turn = asyncio.Lock()

    def app(self) -> Starlette:
        """The web application."""
        return Starlette(
            routes=[
                Route("/health", self.health, methods=["GET"]),
                Route("/parse", self.parse, methods=["POST"]),
                Route("/parse/batch", self.parse_batch, methods=["POST"]),
                Route("/embed", self.embed, methods=["POST"]),
            ],
            exception_handlers={HTTPException: refuse},
        )

    async def health(self, request: Request) -> JSONResponse:
        """Says that the model is loaded, and which."""
        self._admit(request)
        return JSONResponse({"status": "ok", "model": self._model.hash})

    async def parse(self, request: Request) -> JSONResponse:
        """Intents and vector of one text."""
        body = await self._body(request)
        if not isinstance(body.get("text"), str):
            raise HTTPException(422, "text: must be a string")
        reading = await self._work(request, self._read, [body["text"]])
        return JSONResponse({**reading, "model": self._model.hash})

    async def parse_batch(self, request: Request) -> JSONResponse:
        """Intents of several texts, a few at a time: a resident may write meanwhile."""
        texts = texts_of(await self._body(request))
        parse = partial(run_in_threadpool, self._model.parse)
        results = [
            {"intents": shown(ranking)}
            for start in range(0, len(texts), AT_ONCE)
            for ranking in await self._work(request, parse, texts[start : start + AT_ONCE])
        ]
        return JSONResponse({"results": results, "model": self._model.hash})

    async def _read(self, texts: list[str]) -> dict[str, Any]:
        (ranking,), (vector,) = await asyncio.gather(
            run_in_threadpool(self._model.parse, texts),
            run_in_threadpool(self._encoder.queries, texts),
        )
        return {"intents": shown(ranking), "vector": packed(vector)}

    async def embed(self, request: Request) -> JSONResponse:
        """Vectors of passages (what is searched in) or queries."""
        body = await self._body(request)
        kinds = {"passage": self._encoder.passages, "query": self._encoder.queries}
        kind = body.get("kind", "passage")
        if not isinstance(kind, str) or kind not in kinds:
            raise HTTPException(422, "kind: must be passage or query")
        encode = partial(run_in_threadpool, kinds[kind])
        # One at a time: a map of thousands must not keep a resident waiting for an answer.
        vectors = [
            vector
            for text in texts_of(body)
            for vector in await self._work(request, encode, [text])
        ]
        return JSONResponse(
            {"vectors": [packed(vector) for vector in vectors], "model": self._model.hash}
        )

    def _admit(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, b"Bearer " + self._token):
            raise HTTPException(401, "a bearer token is needed")

    async def _body(self, request: Request) -> dict[str, Any]:
        self._admit(request)
        try:
            received = await asyncio.wait_for(whole(request), DEADLINE)
        except (asyncio.TimeoutError, ClientDisconnect):  # noqa: UP041 - as below
            raise HTTPException(408, "the body did not arrive") from None
        try:
            body = json.loads(received)
        except (ValueError, RecursionError):
            raise HTTPException(400, "the body is not JSON") from None
        if not isinstance(body, dict):
            raise HTTPException(422, "the body must be an object")
        return body

    async def _work(
        self, request: Request, work: Callable[[list[str]], Awaitable[Any]], texts: list[str]
    ) -> Any:
        try:
            await asyncio.wait_for(self._turn.acquire(), DEADLINE)
        except asyncio.TimeoutError:  # noqa: UP041 - two different errors in Python 3.10
            raise HTTPException(503, "too busy; try again") from None
        try:
            # The bot gives up sooner than we: what nobody waits for would keep the next waiting.
            if await request.is_disconnected():
                raise HTTPException(408, "nobody waits for the answer")
            return await work(texts)
        finally:
            self._turn.release()


async def whole(request: Request) -> bytearray:
    """The body of a request, refused as soon as it is too long."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BODY:
            raise HTTPException(413, f"at most {MAX_BODY} bytes")
    return received


def texts_of(body: dict[str, Any]) -> list[str]:
    """The texts of a request; refuses what is no list of at most 64 strings."""
    texts = body.get("texts")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise HTTPException(422, "texts: must be a list of strings")
    if len(texts) > MAX_TEXTS:
        raise HTTPException(422, f"texts: at most {MAX_TEXTS} at a time")
    return texts


def shown(ranking: Ranking) -> list[dict[str, Any]]:
    """A ranking as it goes over the line."""
    return [{"name": name, "confidence": round(confidence, 6)} for name, confidence in ranking]


def packed(vector: np.ndarray) -> str:
    """A vector in base64."""
    return base64.b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode("ascii")


async def refuse(_: Request, error: Exception) -> JSONResponse:
    """What a refused request gets: its status and one clear line."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else "error"
    return JSONResponse({"error": detail}, status_code=status)


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Serve the trained NLU model on loopback.")
    parser.add_argument("--port", type=int, default=5005, help="port on 127.0.0.1")
    chosen = parser.parse_args(arguments)
    token = os.environ.get(VARIABLE, "")
    if not token:
        print(f"nlu: set {VARIABLE} to the token that the bot sends", file=sys.stderr)
        return 2
    try:
        model = Model(Project())
    except FileNotFoundError:
        print("nlu: no trained model; run `python -m nlu.server.train` first", file=sys.stderr)
        return 3
    app = Service(model, Encoder(packaged_model()), token).app()
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=chosen.port,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
