"""The relay: publishes the events table in commit order, so that the JetStream sequence equals the position.

One leader per database (a session advisory lock). It has no checkpoint: it resumes from the stream's last sequence, and while
nothing happens it looks whether the stream is still there. Every atomic batch is fenced by that sequence, so a leader that
froze and woke up is refused. A stream ahead of the table, or of another epoch, is an alarm: nothing is published until an
operator has refilled it.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import StreamInfo
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.broker import BATCH, PublishRefusedError, epoch_of, publish_batch, stream_of, wake_subject
from hotline_events.envelope import to_cloudevent
from hotline_events.errors import HotlineError
from hotline_events.registry import subject_of
from hotline_events.store import COLUMNS, HEAD, Head, stored_event

_LOCK = 0x686F746C  # "hotl": the advisory lock of the one relay of a database
_FROZEN_MS = 5000  # a leader that does not ask for this long is frozen: the database ends its session, another leads
_LOOK = 2.0  # after so many idle seconds the stream itself is asked whether it is still where it was left
_PAGE = 5 * BATCH
_FLYING = 3
_ROWS = f"select {COLUMNS}, metadata->>'department' from events where position > $1 order by position limit $2"
_log = logging.getLogger(__name__)


class StreamMovedError(HotlineError):
    """The stream is not where this leader left it: it was emptied for a refill, or lost with its broker."""


class StreamAheadError(HotlineError):
    """The stream holds events that the table does not have: the table was restored, or the stream is another's."""


@dataclass(slots=True)
class RelayState:
    """What health and metrics show of a relay."""

    leading: bool = False
    published: int = 0
    backlog: int = 0
    alarm: str | None = None


class Relay:
    """One candidate for leader. Run it in every worker; one of them leads."""

    def __init__(self, engine: AsyncEngine, client: Client, service: str, *, poll: float = 0.05, patience: float = 3.0) -> None:
        self._engine = engine
        self._client = client
        self._service = service
        self._poll = poll
        self._patience = patience
        self._wake = asyncio.Event()
        self.state = RelayState()

    async def run(self) -> None:
        """Lead when the lock is free, for ever; a lost connection or a refused batch starts over from the stream itself."""
        subscription = await self._client.subscribe(wake_subject(self._service), cb=self._on_wake)
        try:
            while True:
                try:
                    async with self._engine.connect() as connection:
                        try:
                            await self._lead(connection)
                        finally:
                            await connection.invalidate()
                except (SQLAlchemyError, OSError, TimeoutError, NatsError, PublishRefusedError, StreamMovedError) as error:
                    said = error if isinstance(error, StreamMovedError) else type(error).__name__
                    _log.warning("relay of %s starts over: %s", self._service, said)
                except StreamAheadError as error:
                    self.state.alarm = str(error)
                    _log.critical("relay of %s stands still: %s", self._service, error)
                    await asyncio.sleep(2)
                self.state.leading = False
                await asyncio.sleep(0.2)
        finally:
            with contextlib.suppress(NatsError):
                await subscription.unsubscribe()

    async def _on_wake(self, _message: Msg) -> None:
        self._wake.set()

    async def _lead(self, connection: AsyncConnection) -> None:
        await connection.exec_driver_sql(f"set idle_session_timeout = {_FROZEN_MS}")
        while not await self._elected(connection):  # noqa: ASYNC110 - no event of ours tells when another process lets go
            await asyncio.sleep(0.3)
        head = await self._head(connection)
        sequence = await self._resume(head)
        self.state.leading = True
        self.state.alarm = None
        pending: asyncio.Task[int] | None = None
        try:
            after, full, looked = sequence, False, time.monotonic()
            while True:
                if pending is not None and not full:
                    # No backlog: what is committed during this batch must be in the very next one.
                    sequence, pending = await pending, None
                self._wake.clear()
                rows = (await connection.exec_driver_sql(_ROWS, (after, _PAGE))).all()
                if pending is not None:
                    sequence, pending = await pending, None
                full = len(rows) == _PAGE
                if not rows:
                    self.state.backlog = 0
                    if time.monotonic() - looked > _LOOK:
                        await self._look(head, sequence)
                        looked = time.monotonic()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), self._poll)
                    continue
                self.state.backlog = len(rows)
                pending = asyncio.create_task(self._publish(rows, sequence, head))
                after = rows[-1][0]
        finally:
            if pending is not None:
                pending.cancel()
                await asyncio.gather(pending, return_exceptions=True)

    async def _look(self, head: Head, sequence: int) -> None:
        """Ask the stream where it is. Nothing is published while nothing happens, so nothing else would tell.

        The head was read before this leader published anything: only its epoch still says something here.
        """
        info = await self._stream()
        found = (epoch_of(info)[0], info.state.last_seq)
        if found != (head.epoch, sequence):
            message = f"the stream of epoch {found[0]} is at {found[1]}, that of epoch {head.epoch} was left at {sequence}"
            raise StreamMovedError(message)

    async def _stream(self) -> StreamInfo:
        return await self._client.jetstream(timeout=self._patience).stream_info(stream_of(self._service))

    async def _elected(self, connection: AsyncConnection) -> bool:
        return bool((await connection.exec_driver_sql("select pg_try_advisory_lock($1)", (_LOCK,))).scalar_one())

    async def _publish(self, rows: Sequence[Any], sequence: int, head: Head) -> int:
        """Publish a page in atomic batches, the next ones on their way while the server syncs the one before.

        Each is fenced by where the one before it will end, so one that is refused takes those behind it along.
        """
        flying: deque[asyncio.Task[int]] = deque()
        try:
            for first in range(0, len(rows), BATCH):
                messages = [message_of(row, head) for row in rows[first : first + BATCH]]
                publishing = publish_batch(self._client, messages, after=sequence + first, patience=self._patience)
                flying.append(asyncio.create_task(publishing))
                await asyncio.sleep(0)
                if len(flying) == _FLYING:
                    self.state.published = await flying.popleft()
            while flying:
                self.state.published = await flying.popleft()
        finally:
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)
        return sequence + len(rows)

    async def _head(self, connection: AsyncConnection) -> Head:
        rows: Sequence[Any] = (await connection.exec_driver_sql(HEAD)).all()
        return Head(*rows[0])

    async def _resume(self, head: Head) -> int:
        """Return the position after which to publish: what the stream says it has."""
        info = await self._stream()
        carried, _ = epoch_of(info)
        if carried != head.epoch:
            message = f"the stream carries epoch {carried}, the table is in epoch {head.epoch}: refill it"
            raise StreamAheadError(message)
        if info.state.last_seq > head.position:
            message = f"the stream is at {info.state.last_seq}, the table at {head.position}"
            raise StreamAheadError(message)
        return info.state.last_seq


def message_of(row: Any, head: Head) -> tuple[str, bytes]:  # noqa: ANN401 - a database row
    """Return (subject, body) of one row of the events table, ready to publish."""
    *columns, department = row
    stored = stored_event(columns)
    return subject_of(stored.name, department), to_cloudevent(stored, epoch=head.epoch, epoch_start=head.epoch_start)
