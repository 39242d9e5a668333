"""Routing's read models: the same tables for any interleaving, any cuts and any number of deliveries; equal after a rebuild."""

import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_embedded.fixtures import Databases
from hotline_events.cursor import Cursor
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector
from hotline_events.rebuild import rebuild
from hotline_events.store import Store
from hotline_events.testing_town import Town
from routing.adapters.views import DEPARTMENTS, DISPATCHING, ORDERS, queries
from routing.adapters.views.departments import open_departments
from routing.domain.work_order import decider

VIEWS = (ORDERS, DISPATCHING, DEPARTMENTS)  # what a town fills; the others have tests of their own
SOURCES = ("routing", "intake")
RUNS = itertools.count(1)
Sources = Mapping[str, Sequence[Envelope]]


async def dump(engine: AsyncEngine, schema: str = "views") -> dict[str, list[Any]]:
    """Return every row of every table as text."""
    tables = {}
    async with engine.connect() as connection:
        for table in (table for view in VIEWS for table in view.tables):
            rows = await connection.execute(text(f"select t::text from {schema}.{table} as t order by 1"))
            tables[table] = list(rows.scalars().all())
    return tables


async def run(engine: AsyncEngine, sources: Sources, steps: list[tuple[str, int]], deliveries: int = 1) -> dict[str, list[Any]]:
    """Let the views follow the history in these steps, in a schema of their own."""
    number = next(RUNS)
    schema = f"run_{number}"
    async with engine.connect() as connection:
        await connection.execute(text(f"create schema {schema}"))
    projectors = [Projector(engine, view, schema=schema, consumer=f"{view.name}#{number}") for view in VIEWS]
    for projector in projectors:
        await projector.prepare()
    cursors = [Cursor(source, projector) for projector in projectors for source in projector.view.sources]
    at = dict.fromkeys(SOURCES, 0)
    for source, size in [*steps, *((source, 10_000) for source in SOURCES)]:
        log, start = sources[source], at[source]
        at[source] = min(start + size, len(log))
        for again in range(deliveries):
            for cursor in cursors:
                if cursor.source == source:
                    await cursor.take(log[max(0, start - again * 3) : at[source]])
    tables = await dump(engine, schema)
    async with engine.connect() as connection:
        await connection.execute(text(f"drop schema {schema} cascade"))
    return tables


async def follow(engine: AsyncEngine, sources: Sources) -> None:
    for view in VIEWS:
        projector = Projector(engine, view)
        await projector.prepare()
        for source in view.sources:
            await Cursor(source, projector).take(sources[source])


@pytest.fixture
async def engine(databases: Databases, engine_for: Callable[[str], AsyncEngine]) -> AsyncEngine:
    return engine_for((await databases.fresh("routing")).app_url)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    steps=st.lists(st.tuples(st.sampled_from(SOURCES), st.integers(1, 15)), max_size=20),
    deliveries=st.sampled_from((1, 3)),
)
async def test_any_interleaving_any_cuts_and_any_number_of_deliveries_give_the_same_tables(
    engine: AsyncEngine, seed: int, steps: list[tuple[str, int]], deliveries: int
) -> None:
    sources = Town(seed).play(calls=0, matters=6).sources
    assert await run(engine, sources, steps, deliveries) == await run(engine, sources, [])


async def test_the_same_events_again_change_no_row(engine: AsyncEngine) -> None:
    """Even without the checkpoint's protection."""
    sources = Town(7).play(calls=0, matters=12).sources
    await follow(engine, sources)
    before = await dump(engine)
    assert all(before[table] for table in ("orders", "order_matters", "queue_events", "departments"))
    for view in VIEWS:
        async with Projector(engine, view).transaction() as connection:
            for source in view.sources:
                for start in range(0, len(sources[source]), 9):
                    await view.apply(connection, sources[source][start : start + 9])
    assert await dump(engine) == before


async def test_a_rebuild_equals_the_live_tables(engine: AsyncEngine) -> None:
    sources = Town(11).play(calls=0, matters=12).sources
    await follow(engine, sources)
    before = await dump(engine)

    async def read(source: str, after: int) -> AsyncIterator[Sequence[Envelope]]:
        for start in range(after, len(sources[source]), 7):
            yield sources[source][start : start + 7]

    for view in VIEWS:
        await rebuild(engine, view, read)
    assert await dump(engine) == before


async def test_every_row_says_what_the_order_is(engine: AsyncEngine) -> None:
    """The read model against a fold of the same events by the rules themselves."""
    sources = Town(3).play(calls=0, matters=25).sources
    await follow(engine, sources)
    streams: dict[str, list[Any]] = {}
    for envelope in sources["routing"]:
        if envelope.stream.startswith("work_order-"):
            streams.setdefault(envelope.stream, []).append(envelope.event)
    rows = await queries.orders(Store(engine), bound_to=None, department=None, status=None, before=None, limit=100)
    assert len(rows) == len(streams)
    for row in rows:
        order = decider.fold(streams[f"work_order-{row['work_order_id']}"])
        assert (row["status"], row["department"], row["category"]) == (order.status, order.department, order.category)
        assert row["version"] == len(streams[f"work_order-{row['work_order_id']}"])
        assert order.stint is None or (row["hop"], row["round"]) == (order.stint.hop, order.stint.round)


async def test_a_departments_queue_and_what_it_is_told_are_its_own(engine: AsyncEngine) -> None:
    sources = Town(5).play(calls=0, matters=25).sources
    await follow(engine, sources)
    store = Store(engine)
    for code in await open_departments(store):
        for row in await queries.queue(store, code, after=None, limit=100):
            assert (row["department"], row["status"] in {"transferred", "signed"}) == (code, True)
        expected = [
            one.position
            for one in sources["routing"]
            if one.stream.startswith("work_order-") and getattr(one.event, "department", None) == code
        ]
        told = queries.queue_events(store, code, 0)
        assert [(await anext(told)).position for _ in expected] == expected
        await told.aclose()
