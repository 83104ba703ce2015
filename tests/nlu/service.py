"""A strict stand-in for the NLU service, on loopback."""

from __future__ import annotations

import base64
import json
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "a-token-for-tests"
VECTOR = tuple(0.5 if index < 4 else 0.0 for index in range(384))
PACKED = base64.b64encode(struct.pack("<384f", *VECTOR)).decode()


@dataclass
class Service:
    """What it answers, and what it was asked.

    answer: the ranking that every parse gets. broken: what to do instead of answering well:
    a status code, or the body to send.
    """

    answer: list[tuple[str, float]] = field(default_factory=lambda: [("need_contact", 0.9)])
    broken: int | bytes | None = None
    asked: list[tuple[str, Any]] = field(default_factory=list)
    url: str = ""

    def respond(self, path: str, body: Any) -> tuple[int, Any]:
        """The status and the body for a request; anything off the contract is a 4xx."""
        self.asked.append((path, body))
        reading = {
            "intents": [{"name": n, "confidence": c} for n, c in self.answer],
            "vector": PACKED,
        }
        texts = body.get("texts")
        if path == "/parse" and set(body) == {"text"} and isinstance(body["text"], str):
            return 200, {**reading, "model": "m1"}
        if not isinstance(texts, list) or len(texts) > 64:
            return 422, {"error": "texts"}
        if path == "/parse/batch":
            meant = {"intents": reading["intents"]}
            return 200, {"results": [meant for _ in texts], "model": "m1"}
        if path == "/embed":
            return 200, {"vectors": [PACKED for _ in texts], "model": "m1"}
        return 404, {"error": "no such path"}


@contextmanager
def running() -> Iterator[Service]:
    """A service that answers on a port of its own until the block ends."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(200, {"status": "ok", "model": "m1"})

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(size).decode("utf-8", "strict"))
            self.answer(*service.respond(self.path, body))

        def answer(self, status: int, body: Any) -> None:
            raw = json.dumps(body).encode()
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                status, raw = 401, b'{"error": "token"}'
            if isinstance(service.broken, int):
                status, raw = service.broken, b"{}"
            if isinstance(service.broken, bytes):
                raw = service.broken
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
