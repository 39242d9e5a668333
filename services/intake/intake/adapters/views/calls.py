"""Which calls are open, and how the recent ones went: one row a call, fed by its own events alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake import (
    CallAbandoned,
    CallAnswered,
    CallEnded,
    CallHeld,
    CallReceived,
    CallResumed,
    CallWrappedUp,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View

NAME = "intake.calls@1"
OPEN = ("received", "answered", "held")

_COLUMNS = {
    "call_id": "uuid",
    "version": "integer",
    "status": "text",
    "since": "timestamptz",
    "line": "text",
    "caller_id": "uuid",
    "emergency": "boolean",
    "received_at": "timestamptz",
    "agent_id": "text",
    "answered_at": "timestamptz",
    "wait_ms": "bigint",
    "ring_count": "integer",
    "abandoned_at": "timestamptz",
    "stage": "text",
    "ended_at": "timestamptz",
    "ended_by": "text",
    "talk_ms": "bigint",
    "hold_ms": "bigint",
    "outcome": "text",
    "wrap_up_ms": "bigint",
}
_DDL = f"""
create table if not exists calls ({", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())}, primary key (call_id));
create index if not exists calls_received on calls (received_at desc, call_id desc);
create index if not exists calls_open on calls (received_at desc, call_id desc) where status in ('received', 'answered', 'held')
"""
_OF_LATEST = ("version", "status", "since")
_CHANGES = ", ".join(
    f"{name} = case when excluded.version >= calls.version then excluded.{name} else calls.{name} end"
    if name in _OF_LATEST
    else f"{name} = coalesce(excluded.{name}, calls.{name})"
    for name in _COLUMNS
    if name != "call_id"
)
_ARRAYS = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_COLUMNS.values(), 1))
_UPSERT = (
    f"insert into calls ({', '.join(_COLUMNS)}) select * from unnest({_ARRAYS}) on conflict (call_id) do update set {_CHANGES}"
)
_READ = f"select {', '.join(_COLUMNS)} from calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """A call as it stands."""

    call_id: UUID
    version: int
    status: str
    since: datetime
    line: str
    caller_id: UUID | None
    emergency: bool
    received_at: datetime
    agent_id: str | None
    answered_at: datetime | None
    wait_ms: int | None
    ring_count: int | None
    abandoned_at: datetime | None
    stage: str | None
    ended_at: datetime | None
    ended_by: str | None
    talk_ms: int | None
    hold_ms: int | None
    outcome: str | None
    wrap_up_ms: int | None


def _change(event: object) -> Mapping[str, Any] | None:
    """Return the columns that an event sets, None for an event of something else."""
    match event:
        case CallReceived(line=line, caller_id=caller_id, emergency=emergency, occurred_at=at):
            known = {"line": line, "caller_id": caller_id, "emergency": emergency, "received_at": at}
            return {"status": "received", **known}
        case CallAnswered(agent_id=agent_id, wait_ms=wait_ms, ring_count=ring_count, occurred_at=at):
            return {
                "status": "answered",
                "agent_id": agent_id,
                "answered_at": at,
                "wait_ms": wait_ms,
                "ring_count": ring_count,
            }
        case CallAbandoned(stage=stage, wait_ms=wait_ms, occurred_at=at):
            return {"status": "abandoned", "stage": stage.value, "wait_ms": wait_ms, "abandoned_at": at}
        case CallHeld():
            return {"status": "held"}
        case CallResumed():
            return {"status": "answered"}
        case CallEnded(ended_by=ended_by, talk_ms=talk_ms, hold_ms=hold_ms, occurred_at=at):
            return {
                "status": "ended",
                "ended_by": ended_by.value,
                "talk_ms": talk_ms,
                "hold_ms": hold_ms,
                "ended_at": at,
            }
        case CallWrappedUp(outcome=outcome, wrap_up_ms=wrap_up_ms):
            return {"status": "wrapped_up", "outcome": outcome, "wrap_up_ms": wrap_up_ms}
        case _:
            return None


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    rows: dict[UUID, dict[str, Any]] = {}
    for envelope in envelopes:
        change = _change(envelope.event)
        if change is not None:
            row = rows.setdefault(envelope.event.call_id, {"call_id": envelope.event.call_id})
            row.update(change, version=envelope.version, since=envelope.occurred_at)
    if rows:
        arrays = tuple([row.get(name) for row in rows.values()] for name in _COLUMNS)
        await connection.exec_driver_sql(_UPSERT, arrays)


VIEW = View(name=NAME, tables=("calls",), ddl=_DDL, sources=("intake",), apply=_apply)


async def call(engine: AsyncEngine, call_id: UUID) -> CallRow | None:
    """Return one call."""
    async with engine.connect() as connection:
        row = (await connection.execute(text(f"{_READ} where call_id = :call_id"), {"call_id": call_id})).first()
    return None if row is None else CallRow(**row._asdict())


async def calls(
    engine: AsyncEngine, statuses: Sequence[str] | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[CallRow]:
    """Return calls, newest first, of these statuses when any are named, after a place in that order."""
    values: dict[str, Any] = {"limit": limit}
    conditions = []
    if statuses:
        names = [f"status_{number}" for number in range(len(statuses))]
        conditions.append(f"status in ({', '.join(f':{name}' for name in names)})")
        values |= dict(zip(names, statuses, strict=True))
    if after:
        conditions.append("(received_at, call_id) < (:received_at, :call_id)")
        values |= {"received_at": after[0], "call_id": after[1]}
    where = f"where {' and '.join(conditions)}" if conditions else ""
    statement = text(f"{_READ} {where} order by received_at desc, call_id desc limit :limit")
    async with engine.connect() as connection:
        return [CallRow(**row._asdict()) for row in (await connection.execute(statement, values)).all()]
