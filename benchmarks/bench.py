"""What every row group stands on: real servers of its own with their shipped settings (fsync on, what NATS takes is synced)."""

import asyncio
import fcntl
import itertools
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import asyncpg
from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_chassis.runtime import engine_of
from hotline_embedded.fixtures import Databases, TestDatabase
from hotline_embedded.nats import EmbeddedNats
from hotline_embedded.postgres import EmbeddedPostgres
from hotline_embedded.provision import SERVICES, provision
from hotline_embedded.secret_book import SecretBook
from hotline_embedded.stack import Stack
from hotline_events.broker import BrokerAddress, connect, ensure_streams, stream_of


@dataclass(slots=True)
class Bench:
    """One run: how often to measure, how much, and the servers, started when the first row needs them."""

    folder: Path
    quick: bool = False
    rounds: int = 3
    _databases: Databases | None = None
    _nats: EmbeddedNats | None = None
    _stack: Stack | None = None
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _lock: IO[str] | None = None

    def __enter__(self) -> Self:
        """Start from nothing: what an earlier run left is thrown away. Two runs at once would spoil each other's figures."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self.folder.with_suffix(".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("another benchmark is running on this machine") from None
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop every server that was started and throw its data away."""
        self.rest()
        shutil.rmtree(self.folder, ignore_errors=True)

    def rest(self) -> None:
        """Stop all servers, so that the next rows have the machine for themselves."""
        if self._stack is not None:
            self._stack.stop()
        if self._nats is not None:
            self._nats.stop()
        if self._databases is not None:
            self._databases.postgres.stop()
        self._stack = self._nats = self._databases = None

    @property
    def seconds(self) -> float:
        """How long a rate is measured."""
        return 1.5 if self.quick else 4.0

    def databases(self) -> Databases:
        """Return a maker of fresh migrated databases on a Postgres with the shipped settings."""
        if self._databases is None:
            home = self.folder / f"core{next(self._numbers)}"
            postgres = EmbeddedPostgres(home / "pg")
            postgres.start()
            self._databases = Databases(postgres, SecretBook(home / "secrets.json"))
            with ThreadPoolExecutor(max_workers=1) as aside:
                aside.submit(asyncio.run, provision(postgres, self._databases.passwords)).result()
        return self._databases

    def nats(self) -> EmbeddedNats:
        """Return a NATS that syncs whatever it acknowledges."""
        if self._nats is None:
            self._nats = EmbeddedNats(self.folder / f"nats{next(self._numbers)}" / "data")
            self._nats.start()
        return self._nats

    def stack(self, services: Sequence[str] = SERVICES) -> Stack:
        """Return the system with both processes of these services started."""
        if self._stack is None:
            self._stack = Stack(self.folder / f"stack{next(self._numbers)}", services=services)
            self._stack.start()
        return self._stack


@asynccontextmanager
async def engine_on(url: str) -> AsyncIterator[AsyncEngine]:
    """Open an engine as a service does, and close it."""
    engine = engine_of(url)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def raw_connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Open a bare connection, and close it."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def client_of(nats: EmbeddedNats) -> AsyncIterator[Client]:
    """Connect to NATS as a service does, and disconnect."""
    client = await connect(BrokerAddress(url=nats.url, name="bench"))
    try:
        yield client
    finally:
        await client.close()


async def empty_stream(client: Client, service: str) -> None:
    """Make the stream of a service anew, as the bootstrap does."""
    js = client.jetstream(timeout=30)
    if await ensure_streams(js, [service]):
        return
    await js.delete_stream(stream_of(service))
    await ensure_streams(js, [service])


_LIVES = """
insert into events
select g, 'call-' || id, v, md5('event' || g)::uuid,
       'intake.call.' || (array['received', 'answered', 'held', 'resumed', 'ended'])[v], 1,
       (array[
         format('{"call_id":"%s","line":"12345","caller_id":"%s","emergency":false,"occurred_at":"2026-03-02T04:00:00Z"}',
                id, md5('caller' || g)::uuid),
         format('{"call_id":"%s","agent_id":"agent-%s","wait_ms":%s,"ring_count":3,"occurred_at":"2026-03-02T04:00:09Z"}',
                id, g % 90, g % 30000),
         format('{"call_id":"%s","reason":"%s","estimated_ms":60000,"occurred_at":"2026-03-02T04:01:00Z"}',
                id, repeat('查询主管部门的答复口径。', 6)),
         format('{"call_id":"%s","held_ms":%s,"occurred_at":"2026-03-02T04:01:40Z"}', id, g % 60000),
         format('{"call_id":"%s","ended_by":"caller","talk_ms":%s,"hold_ms":%s,"occurred_at":"2026-03-02T04:03:00Z"}',
                id, g % 300000, g % 60000)])[v]::json,
       format('{"time":"2026-03-02T04:00:00+00:00","correlationid":"%s","causationid":"%s","actorid":"agent-7",'
              '"actorrole":"call_taker","traceparent":"00-%s-%s-00"}',
              id, id, md5('trace' || g), left(md5('span' || g), 16))::json,
       '2026-03-02T04:03:00Z', sha256(g::text::bytea)
  from (select g, (g - 1) % 5 + 1 as v, md5('call' || (g - 1) / 5)::uuid as id from generate_series($1::bigint, $2) g) x
"""


async def fill(database: TestDatabase, count: int, *, after: int = 0) -> None:
    """Put the lives of `count / 5` calls into the events table, as rows: only reading is measured on them."""
    async with raw_connection(database.owner_url) as connection:
        for first in range(after + 1, count + 1, 50_000):
            await connection.execute(_LIVES, first, min(first + 49_999, count))
        await connection.execute("update head set position = $1", count)
        await connection.execute("analyze events")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that nobody announces; looking costs far less than what is measured."""
    while not condition():  # noqa: ASYNC110 - a state of the library, which has no event
        await asyncio.sleep(0.002)


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    cpu = next((line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    cores = sum(line.startswith("processor") for line in _lines("/proc/cpuinfo"))
    kib = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    load = f"{os.getloadavg()[0]:.1f}"
    return {"cpu": cpu, "cores": str(cores), "memory": f"{kib / 2**20:.0f} GiB", "load before the run": load}


def _lines(file: str) -> list[str]:
    path = Path(file)
    return path.read_text().splitlines() if path.exists() else []


def as_json(text: str) -> object:
    """Decode as any consumer without our code would."""
    return json.loads(text)
