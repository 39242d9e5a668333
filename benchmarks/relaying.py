"""Row 3: the relay, beside publishing the same messages with no database behind."""

import asyncio
import json
import time
import uuid
from collections.abc import Sequence

from bench import Bench, client_of, empty_stream, engine_on, fill, until
from nats.aio.client import Client
from table import Row, by_turns, compared

from hotline_embedded.fixtures import TestDatabase
from hotline_events.broker import BATCH
from hotline_events.relay import Relay, message_of
from hotline_events.store import Head

ROWS = (3,)
SERVICE = "intake"

_ALL = """select position, stream, version, id, name, schema_version, payload::text, metadata::text, recorded_at, hash, null
            from events order by position"""


async def measure(bench: Bench) -> list[Row]:
    """Relay a filled table, and publish the very same bytes."""
    count = 10_000 if bench.quick else 40_000
    database = await bench.databases().fresh(SERVICE)
    await fill(database, count)
    messages = await messages_of(database)

    async def ours() -> float:
        return await relay(bench, database, count)

    async def peer() -> float:
        async with client_of(bench.nats()) as client:
            await empty_stream(client, SERVICE)
            started = time.perf_counter()
            await publish(client, messages)
            return len(messages) / (time.perf_counter() - started)

    row = compared(
        3,
        "relay, sync_interval: always",
        f"nats-py atomic batches of {BATCH}, no database behind",
        await by_turns(ours, peer, bench.rounds),
        unit="events/s",
        at_least=0.6,
    )
    return [row]


async def relay(bench: Bench, database: TestDatabase, count: int) -> float:
    """Let a relay publish the whole table into an empty stream; the time it takes to find out where to begin counts."""
    async with client_of(bench.nats()) as client, engine_on(database.app_url) as engine:
        await empty_stream(client, SERVICE)
        relay = Relay(engine, client, SERVICE)
        started = time.perf_counter()
        running = asyncio.create_task(relay.run())
        await until(lambda: relay.state.published >= count)
        took = time.perf_counter() - started
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return count / took


async def messages_of(database: TestDatabase) -> list[tuple[str, bytes]]:
    """Return every event of a table as it would be published."""
    async with engine_on(database.app_url) as engine, engine.connect() as connection:
        rows = (await connection.exec_driver_sql(_ALL)).all()
    return [message_of(row, Head(0, b"", 1, 0)) for row in rows]


async def publish(client: Client, messages: Sequence[tuple[str, bytes]]) -> None:
    """Publish in atomic batches with nats-py alone, one batch after the other."""
    for first in range(0, len(messages), BATCH):
        batch = messages[first : first + BATCH]
        batch_id = uuid.uuid4().hex
        for number, (subject, body) in enumerate(batch, 1):
            headers = {"Nats-Batch-Id": batch_id, "Nats-Batch-Sequence": str(number)}
            if number < len(batch):
                await client.publish(subject, body, headers=headers)
            else:
                answer = await client.request(subject, body, headers={**headers, "Nats-Batch-Commit": "1"}, timeout=30)
                assert "error" not in json.loads(answer.data), answer.data  # noqa: S101 - a refusal would be a fast nothing
