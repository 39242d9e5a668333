"""Rows 4 and 5: the busiest read model, followed live and rebuilt, beside reading the same events and doing nothing."""

import time
from collections.abc import Callable
from statistics import median

import asyncpg
from bench import Bench, as_json, client_of, empty_stream, engine_on, fill, raw_connection, until
from faststream.nats import NatsBroker
from nats.js.api import AckPolicy, ConsumerConfig
from relaying import SERVICE, messages_of, publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from table import Row, by_turns, compared

from hotline_embedded.fixtures import TestDatabase
from hotline_events.broker import stream_of
from hotline_events.cursor import Cursor, subscribe
from hotline_events.envelope import StoredEvent, from_row
from hotline_events.projection import Projector
from hotline_events.rebuild import own_history, rebuild
from hotline_events.store import Store
from reporting.adapters.views.timeline import VIEW

ROWS = (4, 5)

_FETCH = 500
_PAGE = 1000
_KEYSET = """
select position, stream, version, id, name, schema_version, payload::text, metadata::text, recorded_at, hash
  from events where position > $1 order by position limit $2"""


async def measure(bench: Bench) -> list[Row]:
    """Follow a filled stream, then rebuild from the filled table it came from."""
    count = 10_000 if bench.quick else 40_000
    source = await bench.databases().fresh(SERVICE)
    await fill(source, count)
    async with client_of(bench.nats()) as client:
        await empty_stream(client, SERVICE)
        await publish(client, await messages_of(source))

    async def follow() -> float:
        return await _follow(bench, await bench.databases().fresh("reporting"), count)

    async def fetch() -> float:
        return await _fetch(bench, count)

    async def again() -> float:
        target = await bench.databases().fresh("reporting")
        await live_at(target, count)
        return count / await rebuild_once(source, target)

    async def read() -> float:
        return count / await read_once(source, _as_event)

    async def read_plainly() -> float:
        return count / await read_once(source, _as_dictionaries)

    followed = compared(
        4,
        f"the busiest read model ({VIEW.name}) from its cursor",
        f"nats-py fetch({_FETCH}) and json.loads, nothing behind",
        await by_turns(follow, fetch, bench.rounds),
        unit="events/s",
        at_least=0.5,
    )
    rates = await by_turns(again, read, bench.rounds)
    plain = median([await read_plainly() for _ in range(bench.rounds)])
    rebuilt = compared(
        5,
        "rebuild of that read model",
        "keyset read of the same rows with asyncpg and decoding into events, nothing behind",
        rates,
        unit="events/s",
        at_least=0.3,
        notes=[f"json.loads instead of decoding into events: {plain:,.0f} events/s, ratio {median(rates[0]) / plain:.2f}"],
    )
    return [followed, rebuilt]


async def _follow(bench: Bench, target: TestDatabase, count: int) -> float:
    async with engine_on(target.app_url) as engine:
        projector = Projector(engine, VIEW)
        await projector.prepare()
        cursor = Cursor(SERVICE, projector)
        broker = NatsBroker(bench.nats().url, apply_types=False, logger=None, max_reconnect_attempts=-1)
        subscribe(broker, cursor)
        started = time.perf_counter()
        await broker.start()
        await until(lambda: cursor.state.position >= count)
        took = time.perf_counter() - started
        await broker.stop()
        await _demand(engine, count)
    return count / took


async def _fetch(bench: Bench, count: int) -> float:
    async with client_of(bench.nats()) as client:
        js = client.jetstream()
        started = time.perf_counter()
        config = ConsumerConfig(ack_policy=AckPolicy.NONE, inactive_threshold=30, mem_storage=True)
        consumer = await js.add_consumer(stream_of(SERVICE), config)
        subscription = await js.pull_subscribe_bind(consumer=consumer.name, stream=stream_of(SERVICE))
        got = 0
        while got < count:
            got += len([as_json(message.data.decode()) for message in await subscription.fetch(_FETCH, timeout=5)])
        took = time.perf_counter() - started
        await subscription.unsubscribe()
    return count / took


async def live_at(target: TestDatabase, position: int) -> None:
    """Say that the live view has reached a position, so that a rebuild has to."""
    async with engine_on(target.app_url) as engine:
        await Projector(engine, VIEW).prepare()
        async with engine.connect() as connection:
            await connection.execute(
                text("update checkpoints set position = :position where source = :source"),
                {"position": position, "source": SERVICE},
            )


async def rebuild_once(source: TestDatabase, target: TestDatabase) -> float:
    """Rebuild the view from the source's table; return the seconds it took."""
    async with engine_on(source.app_url) as read, engine_on(target.app_url) as write:
        history = own_history(Store(read))
        started = time.perf_counter()
        await rebuild(write, VIEW, history)
        return time.perf_counter() - started


async def read_once(source: TestDatabase, decode: Callable[[asyncpg.Record], object]) -> float:
    """Read and decode every row page by page; return the seconds it took."""
    async with raw_connection(source.app_url) as connection:
        after = 0
        started = time.perf_counter()
        while rows := await connection.fetch(_KEYSET, after, _PAGE):
            for row in rows:
                decode(row)
            after = rows[-1]["position"]
        return time.perf_counter() - started


def _as_event(row: asyncpg.Record) -> object:
    return from_row(StoredEvent(**row))


def _as_dictionaries(row: asyncpg.Record) -> object:
    return as_json(row["payload"]), as_json(row["metadata"])


async def _demand(engine: AsyncEngine, count: int) -> None:
    """A fast projection that lost rows would be worth nothing."""
    async with engine.connect() as connection:
        found = (await connection.execute(text("select count(*) from timeline"))).scalar_one()
    assert found == count, (found, count)  # noqa: S101 - the point of the measurement
