"""The two processes as they are started: the worker follows real streams, the api serves what it has followed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_embedded.fixtures import Databases
from hotline_embedded.nats import EmbeddedNats
from hotline_events.bootstrap import bootstrap
from hotline_events.broker import BrokerAddress, connect, publish_batch
from hotline_events.registry import subject_of
from hotline_events.testing_history import History
from hotline_events.testing_town import Town
from reporting import main
from reporting.adapters.views import VIEWS


@asynccontextmanager
async def working() -> AsyncIterator[None]:
    """Run the worker as `serve` does, and end it."""
    running = asyncio.create_task(main.worker().run())
    yield
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def publish(address: BrokerAddress, history: History, *, from_: int, to: int) -> None:
    """Publish a part of every log as the relays do: sequence equals position."""
    client = await connect(address)
    for log in history.sources.values():
        messages = [
            (subject_of(event.name, getattr(event.event, "department", None)), event.raw.encode()) for event in log[from_:to]
        ]
        if messages:
            await publish_batch(client, messages, after=from_)
    await client.close()


async def positions(engine: AsyncEngine) -> dict[str, int]:
    async with engine.connect() as connection:
        rows = await connection.execute(text("select source, min(position) from checkpoints group by source"))
        return dict(rows.tuples().all())


async def until(engine: AsyncEngine, history: History, to: int) -> None:
    """Wait until every view has applied that much of every log."""
    wanted = {source: min(to, len(log)) for source, log in history.sources.items()}
    for _ in range(1500):
        if await positions(engine) == wanted:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(await positions(engine), wanted)


async def rows_of(engine: AsyncEngine) -> list[Any]:
    tables = [table for view in VIEWS for table in view.tables]
    async with engine.connect() as connection:
        return [(await connection.execute(text(f"select t::text from {one} as t order by 1"))).all() for one in tables]


async def test_a_worker_that_is_stopped_and_started_follows_every_service_to_the_same_tables(
    databases: Databases,
    engine_for: Callable[[str], AsyncEngine],
    nats: EmbeddedNats,
    configure: Callable[..., None],
    follow: Callable[..., Any],
) -> None:
    history = Town(8).play(calls=10, matters=12)
    address = BrokerAddress(url=nats.url, name="test", credentials="")
    await bootstrap(address)
    url = (await databases.fresh("reporting")).app_url
    engine = engine_for(url)
    configure(database_url=url, nats_url=nats.url)
    await publish(address, history, from_=0, to=30)
    async with working():
        await until(engine, history, 30)
    await publish(address, history, from_=30, to=190)
    async with working():
        await until(engine, history, 190)
    assert max(len(log) for log in history.sources.values()) <= 190
    assert await rows_of(engine) == await rows_of(await follow(history))


async def test_an_api_is_ready_and_answers_before_any_worker_has_run(
    databases: Databases, nats: EmbeddedNats, configure: Callable[..., None]
) -> None:
    configure(database_url=(await databases.fresh("reporting")).app_url, nats_url=nats.url)
    app = main.api()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://reporting") as client:
            ready = await client.get("/health/ready")
        async with app.state.runtime.engine.connect() as connection:
            counted = await connection.execute(text("select count(*) from timeline, calls, orders, dispatches, revisits"))
    assert ready.json() == {"status": "ready", "checks": {"database": "ok", "broker": "ok"}}
    assert counted.scalar_one() == 0


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_released_checkpoint_name_never_changes(view: Any) -> None:
    assert view.name in {
        "reporting.timeline@1",
        "reporting.calls@1",
        "reporting.orders@1",
        "reporting.revisits@1",
        "reporting.rule_sets@1",
        "access@1",
    }
