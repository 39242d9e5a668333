"""Rows 1 and 2: storing events, beside what Postgres itself can do and beside a well-known library."""

import asyncio
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

from bench import Bench, engine_on, raw_connection
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from table import Row, by_turns, compared

from hotline_embedded.fixtures import Databases
from hotline_events.appender import Appender
from hotline_events.catalogue.intake import CallHeld
from hotline_events.envelope import Actor, Cause
from hotline_events.store import Append, Store

ROWS = (1, 2)

_COMMANDS = 128
_EVENTS = 5
_ROWS_A_COMMIT = 100
_REASON = "r" * 330  # a stored payload of some 430 bytes
_NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
_ACTOR = Actor("agent-7", "call_taker")
_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
_UNNEST = """
insert into limit_of_events
select p, s, 1, i, 'intake.call.held', 1, d, m, now(), h
  from unnest($1::bigint[], $2::text[], $3::uuid[], $4::json[], $5::json[], $6::bytea[]) as x(p, s, i, d, m, h)"""


async def measure(bench: Bench) -> list[Row]:
    """Append through our own library, through a plain insert, and through `eventsourcing`."""
    databases = bench.databases()

    async def ours() -> float:
        return await _append(databases, bench.seconds)

    async def limit() -> float:
        return await _unnest(databases, bench.seconds)

    rounds = await by_turns(ours, limit, bench.rounds)
    appends = compared(
        1,
        "append, 128 concurrent commands × 5 events, a hash per event, fsync on",
        "multi-row unnest insert, 100 rows a commit, same columns and constraints",
        rounds,
        unit="events/s",
        at_least=0.5,
    )
    threads, peers = await _best_of_eventsourcing(databases, bench)
    library = compared(
        2,
        "the same",
        f"eventsourcing on the same Postgres, 5 events a save, {threads} threads (its best of 1, 4, 16)",
        (rounds[0], peers),
        unit="events/s",
        at_least=10,
    )
    return [appends, library]


def held(call_id: UUID) -> Append:
    """One command's five events."""
    happened = CallHeld(call_id=call_id, reason=_REASON, estimated_ms=60_000, occurred_at=_NOON)
    command_id = uuid4()
    return Append(
        command_id=command_id,
        fingerprint=b"f" * 32,
        stream=f"call-{call_id}",
        expected_version=0,
        events=[happened] * _EVENTS,
        cause=Cause(correlation_id=call_id, causation_id=command_id, actor=_ACTOR, traceparent=_TRACE),
    )


async def _append(databases: Databases, seconds: float) -> float:
    database = await databases.fresh("intake")
    stored = 0
    counting = False

    async def command() -> None:
        nonlocal stored
        while True:
            outcome = await appender.append(held(uuid4()))
            assert outcome.kind == "appended"  # noqa: S101 - a refusal would be a fast nothing
            stored += _EVENTS if counting else 0

    async with engine_on(database.app_url) as engine, Appender(Store(engine)) as appender:
        tasks = [asyncio.create_task(command()) for _ in range(_COMMANDS)]
        await asyncio.sleep(0.5)
        counting, started = True, time.perf_counter()
        await asyncio.sleep(seconds)
        counting, took = False, time.perf_counter() - started
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return stored / took


async def _unnest(databases: Databases, seconds: float) -> float:
    database = await databases.fresh("intake")
    payload = json.dumps({"call_id": str(uuid4()), "reason": _REASON, "occurred_at": _NOON.isoformat()})
    metadata = json.dumps({"correlationid": str(uuid4()), "causationid": str(uuid4()), "actorid": "a", "traceparent": _TRACE})
    count = _ROWS_A_COMMIT
    stored = 0
    async with raw_connection(database.owner_url) as connection:
        await connection.execute("create table limit_of_events (like events including all)")
        started = time.perf_counter()
        while (took := time.perf_counter() - started) < seconds:
            await connection.execute(
                _UNNEST,
                list(range(stored + 1, stored + count + 1)),
                [f"call-{uuid4()}" for _ in range(count)],
                [uuid4() for _ in range(count)],
                [payload] * count,
                [metadata] * count,
                [b"h" * 32] * count,
            )
            stored += count
    return stored / took


class _Call(Aggregate):
    """The same five events as an aggregate of the library."""

    @event("Held")
    def hold(self, reason: str) -> None:
        self.reason = reason


async def _best_of_eventsourcing(databases: Databases, bench: Bench) -> tuple[int, list[float]]:
    """Measure it with one thread and with several, and keep its best."""
    tried: dict[int, list[float]] = {}
    async with raw_connection(databases.postgres.dsn()) as connection:
        await connection.execute("create database peer")
    for threads in (1, 4, 16):
        with _peer_settings(databases):
            tried[threads] = [await asyncio.to_thread(_save, threads, bench.seconds / 2) for _ in range(bench.rounds)]
    best = max(tried, key=lambda threads: sorted(tried[threads])[len(tried[threads]) // 2])
    return best, tried[best]


@contextmanager
def _peer_settings(databases: Databases) -> Iterator[None]:
    postgres = databases.postgres
    settings = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": "peer",
        "POSTGRES_HOST": "127.0.0.1",
        "POSTGRES_PORT": str(postgres.port),
        "POSTGRES_USER": "postgres",
        "POSTGRES_PASSWORD": postgres.password,
        "POSTGRES_POOL_SIZE": "16",
        "POSTGRES_MAX_OVERFLOW": "16",
    }
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            os.environ.pop(name)


def _save(threads: int, seconds: float) -> float:
    application: Application[UUID] = Application()
    counts = [0] * threads
    started = time.perf_counter()

    def work(number: int) -> None:
        while time.perf_counter() - started < seconds:
            call = _Call()
            for _ in range(_EVENTS - 1):
                call.hold(_REASON)
            application.save(call)
            counts[number] += _EVENTS

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - started
    application.close()
    return sum(counts) / took
