"""The event store of one service: append through the one function that writes, read by stream or by position.

A decision and its events commit together, with the command id, the timers and, for a consumer, its checkpoint. What was
acknowledged is on disk. Nothing here knows what an event means.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from uuid_utils.compat import uuid7

from hotline_events.away import naming_errors
from hotline_events.decider import Timer
from hotline_events.envelope import Cause, StoredEvent, encode_metadata, encode_payload, people_of
from hotline_events.errors import StoreUnavailableError
from hotline_events.registry import type_of

_APPEND = f"select * from append_events({','.join(f'${n}' for n in range(1, 33))})"
COLUMNS = "position, stream, version, id, name, schema_version, payload::text, metadata::text, recorded_at, hash"
_STREAM = f"select {COLUMNS} from events where stream = $1 and version > $2 order by version limit $3"
_STREAMS = f"""
select {COLUMNS} from events join unnest($1::text[], $2::int[]) as wanted (wanted_stream, after_version)
    on stream = wanted_stream and version > after_version order by stream, version"""
_ALL = f"select {COLUMNS} from events where position > $1 order by position limit $2"
HEAD = "select position, hash, epoch, epoch_start from head"
_TRIES = 3


class Keys(Protocol):
    """Where data keys come from: the keyring of the chassis."""

    async def get_many(self, ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
        """Return the keys that exist and that this service may read."""
        ...


class NoKeys:
    """For a service that seals nothing."""

    async def get_many(self, ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
        """Return no key: sealing will then be refused."""
        del ids
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """The events one command decided, for one stream, at the version it was decided on."""

    command_id: UUID
    fingerprint: bytes
    stream: str
    expected_version: int
    events: Sequence[Any]
    cause: Cause
    timers: Sequence[Timer] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command: appended, repeated, reused, conflict or aborted; where the stream then stood."""

    kind: str
    position: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """An event that a reaction could not handle: the class of the error, never its text (it may name people)."""

    position: int
    aggregate: str
    envelope: str
    error: str
    attempts: int
    retry_at: datetime
    dead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointMove:
    """A consumer's step over a batch of its source, with the events of the batch that are parked."""

    consumer: str
    source: str
    epoch: int
    after: int
    to: int
    parked: Sequence[Parked] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Parked events of a consumer that this call handles at last, as (source, position)."""

    consumer: str
    events: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Head:
    """Where the store stands: last position, its hash, and the epoch, which changes at every restore."""

    position: int
    hash: bytes
    epoch: int
    epoch_start: int


@dataclass(slots=True)
class _Columns:
    """The parallel arrays of one call."""

    commands: list[list[Any]] = field(default_factory=lambda: [[] for _ in range(4)])
    events: list[list[Any]] = field(default_factory=lambda: [[] for _ in range(6)])
    timers: list[list[Any]] = field(default_factory=lambda: [[] for _ in range(6)])


class Store:
    """One service's events. `engine` must be in AUTOCOMMIT: every call is a transaction of its own."""

    def __init__(self, engine: AsyncEngine, keys: Keys | None = None, *, call_timeout: float = 20.0) -> None:
        self.engine = engine
        self.keys = keys or NoKeys()
        self.call_timeout = call_timeout

    async def write(
        self,
        appends: Sequence[Append],
        *,
        move: CheckpointMove | None = None,
        settled: Settled | None = None,
        all_or_nothing: bool = False,
    ) -> list[Outcome]:
        """Store what these commands decided in one call; one outcome a command, in order.

        Raises CheckpointMovedError when another worker has moved the consumer on, StoreUnavailableError when the database
        did not answer: then the call may or may not have happened, and repeating it is safe.
        """
        columns = await self._encode(appends)
        arguments = (
            *columns.commands,
            *columns.events,
            *columns.timers,
            *_move_arguments(move),
            *_settled_arguments(settled),
            all_or_nothing,
        )

        async def call(connection: AsyncConnection) -> Sequence[Any]:
            return (await connection.exec_driver_sql(_APPEND, arguments)).all()

        rows = await self._once(call)
        outcomes = [Outcome("", 0, 0)] * len(appends)
        for command, kind, position, version in rows:
            outcomes[command - 1] = Outcome(kind, position or 0, version)
        return outcomes

    async def _encode(self, appends: Sequence[Append]) -> _Columns:
        people = {person for append in appends for event in append.events if (person := people_of(event)) is not None}
        keys = await self.keys.get_many(list(people)) if people else {}
        columns = _Columns()
        for number, append in enumerate(appends, 1):
            _add(columns.commands, append.command_id, append.fingerprint, append.stream, append.expected_version)
            for version, event in enumerate(append.events, append.expected_version + 1):
                kind = type_of(event)
                payload = encode_payload(event, stream=append.stream, version=version, keys=keys)
                _add(
                    columns.events,
                    number,
                    uuid7(),
                    kind.name,
                    kind.version,
                    payload,
                    encode_metadata(event, append.cause),
                )
            for timer in append.timers:
                rule = json.dumps(timer.rule, default=str)
                _add(columns.timers, number, timer.timer_id, timer.kind, timer.due_at, timer.stream, rule)
        return columns

    async def read_stream(self, stream: str, after_version: int = 0, limit: int | None = None) -> list[StoredEvent]:
        """Return the events of one stream after a version, oldest first: all of them, or as many as asked for."""
        return [stored_event(row) for row in await self._fetch(_STREAM, (stream, after_version, limit))]

    async def read_streams(self, after_versions: Mapping[str, int]) -> list[StoredEvent]:
        """Return the events of several streams after these versions, stream by stream, oldest first."""
        arguments = (list(after_versions), list(after_versions.values()))
        return [stored_event(row) for row in await self._fetch(_STREAMS, arguments)] if after_versions else []

    async def read_all(self, after: int, limit: int = 1000) -> list[StoredEvent]:
        """Return the next events by position: gapless, in commit order."""
        return [stored_event(row) for row in await self._fetch(_ALL, (after, limit))]

    async def head(self) -> Head:
        """Return where the store stands."""
        (row,) = await self._fetch(HEAD, ())
        return Head(*row)

    async def known_command(self, command_id: UUID) -> tuple[bytes, Outcome] | None:
        """Return the fingerprint and the first outcome of a command id, None when it was never stored."""
        rows = await self._fetch("select fingerprint, position, version from commands where id = $1", (command_id,))
        return None if not rows else (rows[0][0], Outcome("repeated", rows[0][1], rows[0][2]))

    async def execute(self, sql: str, **arguments: Any) -> Sequence[Any]:  # noqa: ANN401 - whatever the statement takes
        """Run one small repeatable statement of the library's own tables (timers, parked, checkpoints), in autocommit."""

        async def run(connection: AsyncConnection) -> Sequence[Any]:
            result = await connection.execute(_statement(sql), arguments)
            return result.all() if result.returns_rows else ()

        return await self._repeatedly(run)

    async def applied(self, consumer: str, source: str) -> int:
        """Return the position of a source up to which a consumer has applied it."""
        rows = await self.execute(
            "select position from checkpoints where consumer = :consumer and source = :source", consumer=consumer, source=source
        )
        return int(rows[0][0]) if rows else 0

    async def rows(self, sql: str, **arguments: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - whatever the statement takes
        """Run one query of a service's read models and return its rows by the names of their columns."""
        return [dict(row._mapping) for row in await self.execute(sql, **arguments)]  # noqa: SLF001 - SQLAlchemy's documented way

    async def _fetch(self, sql: str, arguments: tuple[Any, ...]) -> Sequence[Any]:
        async def run(connection: AsyncConnection) -> Sequence[Any]:
            return (await connection.exec_driver_sql(sql, arguments)).all()

        return await self._repeatedly(run)

    async def _repeatedly(self, run: Callable[[AsyncConnection], Awaitable[Sequence[Any]]]) -> Sequence[Any]:
        """Run what may be run twice; once more when the pooled connection turned out to be dead."""
        for _ in range(_TRIES - 1):
            try:
                return await self._once(run)
            except StoreUnavailableError:
                await asyncio.sleep(0.02)
        return await self._once(run)

    async def _once(self, run: Callable[[AsyncConnection], Awaitable[Sequence[Any]]]) -> Sequence[Any]:
        with naming_errors():
            async with asyncio.timeout(self.call_timeout), self.engine.connect() as connection:
                return await run(connection)


# What a statement is made of is looked for in its text each time it is built.
_statement = lru_cache(maxsize=512)(text)


def _add(columns: list[list[Any]], *values: Any) -> None:  # noqa: ANN401 - one value a column
    for column, value in zip(columns, values, strict=True):
        column.append(value)


def _move_arguments(move: CheckpointMove | None) -> tuple[Any, ...]:
    if move is None:
        return (None,) * 5 + ([],) * 7
    columns: list[list[Any]] = [[] for _ in range(7)]
    for event in move.parked:
        _add(
            columns,
            event.position,
            event.aggregate,
            event.envelope,
            event.error,
            event.attempts,
            event.retry_at,
            event.dead,
        )
    return (move.consumer, move.source, move.epoch, move.after, move.to, *columns)


def _settled_arguments(settled: Settled | None) -> tuple[Any, ...]:
    if settled is None:
        return (None, [], [])
    return (settled.consumer, [source for source, _ in settled.events], [position for _, position in settled.events])


def stored_event(row: Any) -> StoredEvent:  # noqa: ANN401 - a database row
    """Return a row of the events table, its columns in the order of `COLUMNS`."""
    return StoredEvent._make(row)
