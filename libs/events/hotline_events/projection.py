"""Read models: tables fed by `apply(batch)`, set-based, droppable, rebuilt beside the live ones.

A view's tables live in the schema `views`, which belongs to the service's own role. The checkpoint moves in the transaction
that applies the batch, so an event counts exactly once whatever is delivered, and however often. A projection never skips: on
an event it cannot apply it stops and says which.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.away import naming_errors, patiently
from hotline_events.cursor import Checkpoint
from hotline_events.envelope import Envelope
from hotline_events.errors import CheckpointMovedError, EpochChangedError, PoisonEventError, StoreUnavailableError

SCHEMA = "views"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A read model: the question it answers, its tables, the services it hears, and how a batch changes it.

    `apply` is given events of one source in order. It must give the same tables however the sources interleave. A changed
    table is a new `name` (it is the checkpoint's name): the new one is built from history, then the old one dropped.
    """

    name: str
    tables: tuple[str, ...]
    ddl: str
    sources: tuple[str, ...]
    apply: Callable[[AsyncConnection, Sequence[Envelope]], Awaitable[None]]


class Projector:
    """Runs one view: the follower behind its cursors."""

    def __init__(self, engine: AsyncEngine, view: View, *, schema: str = SCHEMA, consumer: str | None = None) -> None:
        self._engine = engine.execution_options(isolation_level="READ COMMITTED")
        self.view = view
        self.schema = schema
        self.name = consumer or view.name

    async def prepare(self) -> None:
        """Create the view's tables and checkpoints where they are missing. Waits for a database that is away."""
        await patiently(self._prepare)

    async def _prepare(self) -> None:
        insert = text("insert into public.checkpoints values (:name, :source, 0, 1) on conflict do nothing")
        with naming_errors():
            async with self.transaction() as connection:
                await run_ddl(connection, self.view.ddl)
                for source in self.view.sources:
                    await connection.execute(insert, {"name": self.name, "source": source})

    async def checkpoint(self, source: str) -> Checkpoint:
        """Return how far the view is in a source."""
        with naming_errors():
            async with self._engine.connect() as connection:
                return await self.read(connection, source)

    async def apply(self, source: str, events: Sequence[Envelope], after: Checkpoint) -> Checkpoint:
        """Apply a batch and move the checkpoint, in one transaction. A batch with a bad event is applied up to it."""
        try:
            return await self._apply(source, events, after)
        except (CheckpointMovedError, StoreUnavailableError):
            raise
        except Exception as error:
            if len(events) == 1:
                raise PoisonEventError(self.name, source, events[0].position, type(error).__name__) from error
        for event in events:
            after = await self.apply(source, [event], after)
        return after

    async def _apply(self, source: str, events: Sequence[Envelope], after: Checkpoint) -> Checkpoint:
        with naming_errors():
            async with self.transaction() as connection:
                at = await self.read(connection, source)
                if at != after:
                    message = f"{self.name} is at {at} in {source}, not at {after}"
                    raise CheckpointMovedError(message)
                known = [event for event in events if event.event is not None]
                if known:
                    await self.view.apply(connection, known)
                moved = Checkpoint(events[-1].position, after.epoch)
                await self.move(connection, source, moved)
                return moved

    async def change_epoch(self, source: str, change: EpochChangedError) -> None:
        """Adopt a source's new epoch: as it is if nothing after the restore point was read, else by re-reading everything."""
        async with self.transaction() as connection:
            at = await self.read(connection, source)
            if at.position <= change.start:
                await self.move(connection, source, Checkpoint(at.position, change.met))
                return
            for table in self.view.tables:
                await connection.exec_driver_sql(f"drop table if exists {self.schema}.{table} cascade")
            await run_ddl(connection, self.view.ddl)
            await connection.execute(
                text("update public.checkpoints set position = 0 where consumer = :name"), {"name": self.name}
            )
            await self.move(connection, source, Checkpoint(0, change.met))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Hold the view in one transaction: its sources are applied one after the other, in its own schema.

        Nobody waits for the disk: a crash loses rows and checkpoint together, and what was lost is applied again.
        """
        async with self._engine.begin() as connection:
            await connection.execute(
                text(
                    "select pg_advisory_xact_lock(hashtext(:name)), set_config('search_path', :path, true),"
                    " set_config('synchronous_commit', 'off', true)"
                ),
                {"name": self.name, "path": f"{self.schema}, public"},
            )
            yield connection

    async def read(self, connection: AsyncConnection, source: str) -> Checkpoint:
        """Return how far the view is in a source, as this transaction sees it."""
        row = (
            await connection.execute(
                text("select position, epoch from public.checkpoints where consumer = :name and source = :source"),
                {"name": self.name, "source": source},
            )
        ).one()
        return Checkpoint(*row)

    async def move(self, connection: AsyncConnection, source: str, at: Checkpoint) -> None:
        """Set how far the view is in a source."""
        await connection.execute(
            text(
                "update public.checkpoints set position = :position, epoch = :epoch where consumer = :name and source = :source"
            ),
            {"position": at.position, "epoch": at.epoch, "name": self.name, "source": source},
        )


async def run_ddl(connection: AsyncConnection, ddl: str) -> None:
    """Run several statements of a view's DDL; each one must be repeatable (`create table if not exists`)."""
    for statement in ddl.split(";"):
        if statement.strip():
            await connection.exec_driver_sql(statement)
