"""Read models: the same tables for any interleaving, any batches, any number of deliveries."""

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
from hotline_events.errors import PoisonEventError
from hotline_events.projection import Projector
from hotline_events.rebuild import rebuild
from hotline_events.testing_town import Town
from reporting.adapters.views import VIEWS

RUNS = itertools.count(1)
Sources = Mapping[str, Sequence[Envelope]]
SOURCES = ("intake", "routing", "followup", "reporting")


async def dump(engine: AsyncEngine, schema: str) -> dict[str, list[Any]]:
    """Return every row of every table, as text: nothing may differ, not even by type."""
    tables = {}
    async with engine.connect() as connection:
        for table in (table for view in VIEWS for table in view.tables):
            rows = await connection.execute(text(f"select t::text from {schema}.{table} as t order by 1"))
            tables[table] = rows.scalars().all()
    return tables


async def run(engine: AsyncEngine, sources: Sources, steps: list[tuple[str, int]], deliveries: int = 1) -> dict[str, list[Any]]:
    """Let every view follow the history in these steps, each step being delivered so often, in a schema of its own."""
    number = next(RUNS)
    schema = f"run_{number}"
    async with engine.connect() as connection:
        await connection.execute(text(f"create schema {schema}"))
    projectors = [Projector(engine, view, schema=schema, consumer=f"{view.name}#{number}") for view in VIEWS]
    cursors = []
    for projector in projectors:
        await projector.prepare()
        cursors += [Cursor(source, projector) for source in projector.view.sources]
    at = dict.fromkeys(SOURCES, 0)
    for source, size in [*steps, *((source, 10_000) for source in SOURCES)]:
        log, start = sources[source], at[source]
        at[source] = min(start + size, len(log))
        for again in range(deliveries):
            batch = log[max(0, start - again * 3) : at[source]]
            for cursor in cursors:
                if cursor.source == source:
                    await cursor.take(batch)
    tables = await dump(engine, schema)
    async with engine.connect() as connection:
        await connection.execute(text(f"drop schema {schema} cascade"))
    return tables


@pytest.fixture
async def engine(databases: Databases, engine_for: Callable[[str], AsyncEngine]) -> AsyncEngine:
    return engine_for((await databases.fresh("reporting")).app_url)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    steps=st.lists(st.tuples(st.sampled_from(SOURCES), st.integers(1, 15)), max_size=25),
    deliveries=st.sampled_from((1, 3)),
)
async def test_any_interleaving_any_cuts_and_any_number_of_deliveries_give_the_same_tables(
    engine: AsyncEngine, seed: int, steps: list[tuple[str, int]], deliveries: int
) -> None:
    history = Town(seed).play(calls=4, matters=5)
    expected = await run(engine, history.sources, [])
    assert await run(engine, history.sources, steps, deliveries) == expected


async def test_applying_history_again_changes_no_row(follow: Callable[..., Any]) -> None:
    """Even without the checkpoint's protection."""
    history = Town(7).play(calls=8, matters=8)
    engine = await follow(history)
    before = await dump(engine, "views")
    for view in VIEWS:
        async with Projector(engine, view).transaction() as connection:
            for source in view.sources:
                for start in range(0, len(history.sources[source]), 9):
                    await view.apply(connection, history.sources[source][start : start + 9])
    assert await dump(engine, "views") == before
    assert all(before[table] for table in ("timeline", "calls", "orders", "dispatches", "departments", "revisits"))


async def test_a_rebuild_equals_the_live_tables(follow: Callable[..., Any]) -> None:
    history = Town(11).play(calls=8, matters=8)
    engine = await follow(history)
    before = await dump(engine, "views")

    async def read(source: str, after: int) -> AsyncIterator[Sequence[Envelope]]:
        log = history.sources[source]
        while after < len(log):
            yield log[after : after + 7]
            after += 7

    for view in VIEWS:
        await rebuild(engine, view, read)
    assert await dump(engine, "views") == before


async def test_every_event_of_a_matter_is_in_its_timeline_and_no_text_of_it_is_readable(follow: Callable[..., Any]) -> None:
    history = Town(3).play(calls=8, matters=8)
    rows = (await dump(await follow(history), "views"))["timeline"]
    assert len(rows) == sum(len(log) for source, log in history.sources.items() if source != "reporting")
    assert not any("路灯" in row or "修" in row for row in rows)


async def test_an_act_on_an_order_that_was_never_dispatched_stops_the_view(engine: AsyncEngine) -> None:
    history = Town(3).play(calls=8, matters=8)
    routed = history.sources["routing"]
    signed = next(envelope for envelope in routed if envelope.name == "routing.work_order.signed")
    view = next(view for view in VIEWS if view.name == "reporting.orders@1")
    projector = Projector(engine, view)
    await projector.prepare()
    with pytest.raises(PoisonEventError, match="LookupError"):
        await projector.apply("routing", [signed], await projector.checkpoint("routing"))
