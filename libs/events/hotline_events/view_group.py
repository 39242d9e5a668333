"""The read models of one service that hear the same source, applied together: one fetch, one decoding, one transaction a batch.

Each view keeps a checkpoint of its own, so a new or rebuilt one catches up while the others pass over what they have. A view
that meets an event it cannot apply stands still and says which; the others go on without it.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.away import naming_errors
from hotline_events.cursor import Checkpoint
from hotline_events.envelope import Envelope
from hotline_events.errors import CheckpointMovedError, EpochChangedError, PoisonEventError, StoreUnavailableError
from hotline_events.projection import SCHEMA, Projector

_HOLD = text(
    "select set_config('search_path', :path, true) union all select set_config('synchronous_commit', 'off', true) union all "
    "select pg_advisory_xact_lock(hashtext(name))::text from unnest(cast(:names as text[])) as name"
)
_READ = text("select consumer, position, epoch from public.checkpoints where consumer = any(:names) and source = :source")
_MOVE = text(
    "update public.checkpoints set position = :position "
    "where consumer = any(:names) and source = :source and position < :position"
)
_log = logging.getLogger(__name__)


class ViewGroup:
    """The follower of one source for several views. `stopped` names the views that stand still, and why."""

    def __init__(self, engine: AsyncEngine, name: str, projectors: Sequence[Projector]) -> None:
        self._engine = engine.execution_options(isolation_level="READ COMMITTED")
        self._projectors = {projector.name: projector for projector in projectors}
        self.name = name
        self.stopped: dict[str, str] = {}

    @property
    def _names(self) -> list[str]:
        """Return the views that go on, in the order in which everyone holds them."""
        return sorted(self._projectors.keys() - self.stopped.keys())

    async def checkpoint(self, source: str) -> Checkpoint:
        """Return how far the view is that is least far, of those in the oldest epoch."""
        with naming_errors():
            async with self._engine.connect() as connection:
                known = await self._read(connection, source)
        epoch = min(at.epoch for at in known.values())
        return Checkpoint(min(at.position for at in known.values() if at.epoch == epoch), epoch)

    async def apply(self, source: str, events: Sequence[Envelope], after: Checkpoint) -> Checkpoint:
        """Apply a batch to every view that has not had it, and move their checkpoints, in one transaction."""
        try:
            await self._together(source, events, after)
        except (CheckpointMovedError, StoreUnavailableError):
            raise
        except Exception:  # noqa: BLE001 - which view it is, and at which event, shows when each is tried alone
            await self._apart(source, events)
        return Checkpoint(events[-1].position, after.epoch)

    async def _together(self, source: str, events: Sequence[Envelope], after: Checkpoint) -> None:
        known_names = [event for event in events if event.event is not None]
        with naming_errors():
            async with self._held() as connection:
                for name, at in (await self._read(connection, source)).items():
                    if at.epoch != after.epoch or at.position < after.position:
                        message = f"{name} is at {at} in {source}, not at {after}"
                        raise CheckpointMovedError(message)
                    fresh = [event for event in known_names if event.position > at.position]
                    if fresh:
                        await self._projectors[name].view.apply(connection, fresh)
                to = {"position": events[-1].position, "names": self._names, "source": source}
                await connection.execute(_MOVE, to)

    async def _apart(self, source: str, events: Sequence[Envelope]) -> None:
        """Apply each view in a transaction of its own; one that fails is left behind at its bad event."""
        for name in self._names:
            projector = self._projectors[name]
            at = await projector.checkpoint(source)
            fresh = [event for event in events if event.position > at.position]
            try:
                if fresh:
                    await projector.apply(source, fresh, at)
            except PoisonEventError as stop:
                _log.critical("%s", stop)
                if len(self._names) == 1:
                    raise
                self.stopped[name] = str(stop)

    async def change_epoch(self, source: str, change: EpochChangedError) -> None:
        """Let each view adopt the source's new epoch, re-reading everything where it must."""
        for name in self._names:
            if (await self._projectors[name].checkpoint(source)).epoch == change.known:
                await self._projectors[name].change_epoch(source, change)

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[AsyncConnection]:
        async with self._engine.begin() as connection:
            await connection.execute(_HOLD, {"path": f"{SCHEMA}, public", "names": self._names})
            yield connection

    async def _read(self, connection: AsyncConnection, source: str) -> dict[str, Checkpoint]:
        rows = await connection.execute(_READ, {"names": self._names, "source": source})
        return {name: Checkpoint(position, epoch) for name, position, epoch in rows}
