"""`make bench`: what this machine does, as the README's tables show it."""

from __future__ import annotations

import asyncio
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

import httpx

from bot.app import App
from bot.channels.port import Content, Incoming, Tap, Text
from bot.clock import now
from bot.commands.common import nlu_service
from bot.settings import Settings
from bot.store import conversations
from nlu.client import NluClient
from tests.bench import search
from tests.house import KEY, WatchedChannel

SENTENCES = (
    "ik ben zo alleen de laatste tijd",
    "die deurwaarder staat weer voor de deur",
    "my mother forgets everything and I cannot cope anymore",
    "szukam pracy ale nie mówię po holendersku",
    "komşum çok gürültü yapıyor",
    "ما بفهم الرسالة من البلدية",
    "я щойно приїхала і нікого не знаю",
    "wie kan er met mij mee naar het ziekenhuis",
)
TURNS = 200
SIDE_BY_SIDE = 50
KEYS = count()
IDS: dict[str, int] = {}


def percentiles(seconds: Sequence[float]) -> str:
    """p50 and p95 in milliseconds."""
    cut = statistics.quantiles(seconds, n=20)
    return f"p50 {statistics.median(seconds) * 1000:6.1f} ms   p95 {cut[18] * 1000:6.1f} ms"


async def turn(app: App, address: str, content: Content) -> float:
    """Seconds from a message's arrival to the commit of its turn."""
    incoming = Incoming("watched", address, str(next(KEYS)), content, now())
    started = time.perf_counter()
    await app.turns.receive((incoming,))
    found = IDS.get(address) or await asyncio.to_thread(address_of, app, address)
    IDS[address] = found
    await app.turns.lanes.rest(found)
    return time.perf_counter() - started


async def one_by_one(app: App, address: str, contents: Sequence[Content]) -> list[float]:
    """Seconds of each turn of one resident, who reads the answer before going on."""
    seconds = []
    for content in contents:
        seconds.append(await turn(app, address, content))
        await app.settle()
    return seconds


def address_of(app: App, address: str) -> int:
    """The conversation's id."""
    with app.database.read() as session:
        found = conversations.find(session, "watched", address)
        assert found is not None
        return found.id


async def turns(nlu: NluClient) -> None:
    """Turn latency and throughput on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            var=Path(folder), secret_key=KEY, database_url=f"sqlite:///{folder}/bench.db"
        )
        app = App(settings, nlu=nlu)
        app.add(WatchedChannel())
        app.database.migrate()
        await turn(app, "warm", Text("hallo"))
        taps = await one_by_one(app, "taps", [Tap("always:menu")] * TURNS)
        print(f"turn, tapped button      {percentiles(taps)}")
        said = [Text(SENTENCES[number % len(SENTENCES)]) for number in range(TURNS)]
        print(f"turn, free text          {percentiles(await one_by_one(app, 'texts', said))}")
        for kind, content in (("tapped", Tap("always:menu")), ("free text", Text(SENTENCES[0]))):
            started = time.perf_counter()
            await asyncio.gather(
                *(_several(app, f"{kind}{n}", content) for n in range(SIDE_BY_SIDE))
            )
            rate = SIDE_BY_SIDE * 4 / (time.perf_counter() - started)
            print(f"{SIDE_BY_SIDE} conversations at once, {kind:9}  {rate:6.0f} turns a second")
        await app.settle()
        app.database.close()


async def _several(app: App, address: str, content: Content) -> None:
    for _ in range(4):
        await turn(app, address, content)


async def parsing(nlu: NluClient) -> None:
    """How long the NLU service takes for one sentence."""
    seconds = []
    for number in range(TURNS):
        started = time.perf_counter()
        await nlu.parse(f"{SENTENCES[number % len(SENTENCES)]} {number}")
        seconds.append(time.perf_counter() - started)
    print(f"parse                    {percentiles(seconds)}")


def searching() -> None:
    """How long a search takes at three sizes of the map."""
    for found in search.measure():
        print(
            f"search, {found.entries:7,} entries  p50 {found.p50_ms:6.1f} ms   "
            f"p95 {found.p95_ms:6.1f} ms"
        )


def serving() -> None:
    """Time to ready and memory of a real `voordeur serve` and its NLU child."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "VOORDEUR_VAR": folder, "VOORDEUR_PORT": "18099"}
        started = time.perf_counter()
        served = subprocess.Popen(
            [Path(sys.executable).with_name("voordeur"), "serve"],
            env=environment,
            stderr=subprocess.DEVNULL,
        )
        try:
            seconds = _ready("http://127.0.0.1:18099/readyz", started)
            print(f"time to ready            {seconds:6.1f} s")
            time.sleep(5)
            children = Path(f"/proc/{served.pid}/task/{served.pid}/children").read_text().split()
            both = {"bot": _rss(served.pid), "NLU": sum(_rss(int(child)) for child in children)}
            total = sum(both.values())
            print(f"memory                   {total:6.0f} MB  {both}")
        finally:
            served.terminate()
            served.wait(timeout=20)


def _ready(url: str, started: float) -> float:
    while time.perf_counter() - started < 120:
        with suppress(httpx.HTTPError):
            if httpx.get(url, trust_env=False).status_code == 200:
                return time.perf_counter() - started
        time.sleep(0.1)
    raise TimeoutError("not ready within two minutes")


def _rss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def pace() -> float:
    """Milliseconds for a million additions: what to compare the figures of two machines by."""
    started = time.perf_counter()
    total = 0
    for number in range(1_000_000):
        total += number
    return (time.perf_counter() - started) * 1000


async def main() -> None:
    """Measure everything."""
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores")
    paces = sorted(pace() for _ in range(9))
    print(f"a million additions      p50 {paces[4]:6.1f} ms   slowest {paces[-1]:.1f} ms")
    async with nlu_service(Settings()) as nlu:
        if nlu is None:
            sys.exit("the NLU service does not answer: run `make model`")
        await parsing(nlu)
        await turns(nlu)
    searching()
    serving()


if __name__ == "__main__":
    asyncio.run(main())
