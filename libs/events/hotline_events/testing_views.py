"""A read model follows one log in any cuts and any number of deliveries: its tests compare what it then holds."""

import itertools
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_events.cursor import Cursor
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector, View

_RUNS = itertools.count(1)


async def rows_after(
    engine: AsyncEngine, view: View, log: Sequence[Envelope], steps: Sequence[int], deliveries: int = 1
) -> dict[str, list[Any]]:
    """Let a view of one source follow in these steps, in a schema of its own, meeting what it met before again.

    Return every row of its tables as text, in order.
    """
    number = next(_RUNS)
    schema = f"run_{number}"
    async with engine.connect() as connection:
        await connection.execute(text(f"create schema {schema}"))
    projector = Projector(engine, view, schema=schema, consumer=f"{view.name}#{number}")
    await projector.prepare()
    (source,) = view.sources
    cursor, at = Cursor(source, projector), 0
    for size in [*steps, len(log)]:
        start, at = at, min(at + size, len(log))
        await cursor.take(log[start:at])
        async with projector.transaction() as connection:
            for _ in range(deliveries - 1):
                if start < at:
                    await view.apply(connection, log[max(0, start - 4) : at])
    async with engine.connect() as connection:
        return {
            table: list((await connection.execute(text(f"select t::text from {schema}.{table} t order by 1"))).scalars())
            for table in view.tables
        }
