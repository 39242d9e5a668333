"""Rebuild a read model beside the live one, which goes on serving until the new tables take its place.

The new tables are filled from history in a schema of their own; then, in one transaction that holds the view, the rest is
applied up to the live checkpoint and the tables change places. Memory stays flat: history is read page by page.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_events.cursor import Checkpoint, History
from hotline_events.envelope import Envelope, from_row
from hotline_events.projection import Projector, View
from hotline_events.store import Store

_PAGE = 1000


def own_history(store: Store, *, page: int = _PAGE) -> History:
    """Return a reader of the service's own events, page by page, by position."""

    async def read(_source: str, after: int) -> AsyncIterator[Sequence[Envelope]]:
        head = await store.head()
        while rows := await store.read_all(after, page):
            yield [from_row(row, epoch=head.epoch, epoch_start=head.epoch_start) for row in rows]
            after = rows[-1].position

    return read


async def rebuild(
    engine: AsyncEngine,
    view: View,
    history: History,
    *,
    progress: Callable[[str, int], None] = lambda _source, _position: None,
) -> None:
    """Build the view anew from history and put it in the live one's place."""
    live = Projector(engine, view)
    shadow = Projector(engine, view, schema=f"rebuild_{view.tables[0]}"[:60], consumer=f"{view.name}!rebuild")
    await _clear(engine, shadow)
    async with engine.connect() as connection:
        await connection.exec_driver_sql(f"create schema {shadow.schema}")
    await shadow.prepare()
    for source in view.sources:
        await _fill(shadow, source, history, await live.checkpoint(source), progress)
    await _swap(engine, live, shadow, history)


async def _fill(
    shadow: Projector, source: str, history: History, until: Checkpoint, progress: Callable[[str, int], None]
) -> None:
    """Apply history up to the position the live view has reached, in its epoch."""
    at = await shadow.checkpoint(source)
    if at.epoch != until.epoch:
        async with shadow.transaction() as connection:
            await shadow.move(connection, source, Checkpoint(at.position, until.epoch))
        at = Checkpoint(at.position, until.epoch)
    if at.position >= until.position:
        return
    async for page in _read_ahead(history(source, at.position)):
        wanted = [event for event in page if event.position <= until.position]
        if wanted:
            at = await shadow.apply(source, wanted, at)
            progress(source, at.position)
        if at.position >= until.position:
            return


async def _read_ahead(pages: AsyncIterator[Sequence[Envelope]]) -> AsyncIterator[Sequence[Envelope]]:
    """Read the next page while the one before it is applied: never more than two are in memory."""
    reading = asyncio.ensure_future(anext(pages, None))
    try:
        while (page := await reading) is not None:
            reading = asyncio.ensure_future(anext(pages, None))
            yield page
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _swap(engine: AsyncEngine, live: Projector, shadow: Projector, history: History) -> None:
    """Hold the live view, apply what it has gained meanwhile, and let the new tables take its place."""
    async with live.transaction() as connection:
        for source in live.view.sources:
            at = await live.read(connection, source)
            await _fill(shadow, source, history, at, lambda _source, _position: None)
        for table in live.view.tables:
            await connection.exec_driver_sql(f"drop table if exists {live.schema}.{table} cascade")
            await connection.exec_driver_sql(f"alter table {shadow.schema}.{table} set schema {live.schema}")
    await _clear(engine, shadow)


async def _clear(engine: AsyncEngine, shadow: Projector) -> None:
    """Remove what is left of this rebuild, or of one that was cut off."""
    async with engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
        await connection.exec_driver_sql(f"drop schema if exists {shadow.schema} cascade")
        await connection.execute(text("delete from public.checkpoints where consumer = :name"), {"name": shadow.name})
