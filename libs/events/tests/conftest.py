"""What the tests of the core share: one small aggregate, and stores on fresh databases."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_embedded.fixtures import Databases, TestDatabase
from hotline_events.aggregates import Aggregates
from hotline_events.appender import Appender
from hotline_events.broker import BrokerAddress, connect, ensure_streams, wake_subject
from hotline_events.catalogue.intake import CallReceived
from hotline_events.cursor import Cursor, subscribe
from hotline_events.relay import Relay
from hotline_events.store import Append, Store
from hotline_events.testing import NOON, cause


class FixedKeys:
    """Data keys that exist for everyone, until they are shredded."""

    def __init__(self) -> None:
        self.keys: dict[UUID, bytes] = {}
        self.shredded: set[UUID] = set()

    async def get_many(self, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        return {one: self.keys.setdefault(one, os.urandom(32)) for one in ids if one not in self.shredded}


@dataclass
class Desk:
    """A store with its appender, as an api process has them."""

    database: TestDatabase
    engine: AsyncEngine
    store: Store
    appender: Appender
    aggregates: Aggregates
    keys: FixedKeys = field(default_factory=FixedKeys)

    async def receive(self, count: int = 1, *, call_id: UUID | None = None, after: int = 0) -> Any:
        return await self.appender.append(received(call_id or uuid4(), count, after=after))


def received(call_id: UUID, count: int = 1, *, after: int = 0) -> Append:
    """An append of `count` events to the stream of one call."""
    event = CallReceived(call_id=call_id, line="12345", occurred_at=NOON)
    return Append(
        command_id=uuid4(),
        fingerprint=b"received",
        stream=f"call-{call_id}",
        expected_version=after,
        events=[event] * count,
        cause=cause(call_id),
    )


@pytest.fixture
def desk_for(databases: Databases, engine_for: Callable[[str], AsyncEngine]) -> Callable[..., Any]:
    """Return an opener of desks on fresh databases (or on a given one)."""

    @asynccontextmanager
    async def open_desk(
        service: str = "intake", *, on: TestDatabase | None = None, committed: Callable[[], None] = lambda: None
    ) -> AsyncIterator[Desk]:
        database = on or await databases.fresh(service)
        engine = engine_for(database.app_url)
        keys = FixedKeys()
        store = Store(engine, keys)
        async with Appender(store, committed=committed) as appender:
            yield Desk(database, engine, store, appender, Aggregates(store, appender), keys)

    return open_desk


@dataclass
class Line:
    """A running transport: one relay, and a broker for cursors."""

    client: Any
    relay: Relay
    broker: Any
    wake: Callable[[], None]


@asynccontextmanager
async def transport(
    nats_url: str, engine: AsyncEngine, cursors: Sequence[Cursor] = (), service: str = "intake"
) -> AsyncIterator[Line]:
    """Run a relay of `service` and these cursors, as a worker does."""
    from faststream.nats import NatsBroker

    client = await connect(BrokerAddress(url=nats_url, name="test"))
    await ensure_streams(client.jetstream(), [service])
    relay = Relay(engine, client, service)
    broker = NatsBroker(nats_url, apply_types=False, logger=None, max_reconnect_attempts=-1, drain_timeout=1)
    for cursor in cursors:
        subscribe(broker, cursor)
    await broker.start()
    running = asyncio.create_task(relay.run())
    pings: set[Any] = set()

    def wake() -> None:
        task = asyncio.ensure_future(client.publish(wake_subject(service), b""))
        pings.add(task)
        task.add_done_callback(pings.discard)

    try:
        yield Line(client, relay, broker, wake)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await broker.stop()
        await client.close()


async def until(condition: Callable[[], Any], *, within: float = 60.0) -> None:
    """Wait until an (async) condition holds; fail when it does not within that many seconds."""
    async with asyncio.timeout(within):
        while True:
            answer = condition()
            if asyncio.iscoroutine(answer):
                answer = await answer
            if answer:
                return
            await asyncio.sleep(0.01)


@pytest.fixture
def core() -> Any:
    """Return the helpers of this file: tests cannot import it."""

    class Core:
        transport = staticmethod(transport)
        until = staticmethod(until)
        received = staticmethod(received)

    return Core
