"""A database that is away: nothing is wrong with the events, and what starts meanwhile waits."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import make_url, text

from hotline_events.catalogue.intake import CallReceived
from hotline_events.cursor import Checkpoint
from hotline_events.errors import StoreUnavailableError
from hotline_events.projection import Projector, View
from hotline_events.testing import NOON, enveloped


async def _count(connection, envelopes) -> None:
    await connection.execute(text("insert into counted values (:n)"), {"n": len(envelopes)})


COUNTED = View(
    name="counted@1",
    tables=("counted",),
    ddl="create table if not exists counted (n integer)",
    sources=("intake",),
    apply=_count,
)


@contextlib.asynccontextmanager
async def _door(to, port: int = 0) -> AsyncIterator[int]:
    """Open another port of the same database, for as long as the block lasts."""

    async def pump(reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
        writer.close()

    async def serve(reader, writer):
        with contextlib.suppress(OSError):
            behind_reader, behind_writer = await asyncio.open_connection(to.host, to.port)
            await asyncio.gather(pump(reader, behind_writer), pump(behind_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _closed_port(to) -> int:
    async with _door(to) as port:
        return port


async def test_a_database_that_is_away_is_no_poison(databases, engine_for):
    url = make_url((await databases.fresh("intake")).app_url)
    engine = engine_for(url.set(port=await _closed_port(url)).render_as_string(hide_password=False))
    call_id = uuid4()
    received = CallReceived(call_id=call_id, line="12345", occurred_at=NOON)
    projector = Projector(engine, COUNTED)
    with pytest.raises(StoreUnavailableError):
        await projector.checkpoint("intake")
    with pytest.raises(StoreUnavailableError):
        await projector.apply(
            "intake", [enveloped(received, position=1, stream=f"call-{call_id}", version=1)], Checkpoint(0, 1)
        )


async def test_a_view_that_is_prepared_before_its_database_answers_waits_for_it(databases, engine_for):
    url = make_url((await databases.fresh("intake")).app_url)
    port = await _closed_port(url)
    projector = Projector(engine_for(url.set(port=port).render_as_string(hide_password=False)), COUNTED)
    preparing = asyncio.create_task(projector.prepare())
    await asyncio.sleep(0.5)
    assert not preparing.done()
    async with _door(url, port):
        await asyncio.wait_for(preparing, 60)
        assert await projector.checkpoint("intake") == Checkpoint(0, 1)
