"""Which calls are open, who is served first, and how the recent ones went: one row a call, fed by its own events alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake import (
    CallAbandoned,
    CallAlternativeChosen,
    CallAnswered,
    CallCallerIdentified,
    CallConductEvent,
    CallDistressTagged,
    CallEnded,
    CallEvent,
    CallExtensionRang,
    CallFiguresCorrected,
    CallHangUpExplained,
    CallHeld,
    CallPrioritised,
    CallPriority,
    CallReceived,
    CallResumed,
    CallStepEvent,
    CallTalkActionReached,
    CallTalkNoticeReached,
    CallTransferBriefed,
    CallTransferConfirmed,
    CallTransferConnected,
    CallTransferDeclined,
    CallTransferPrepared,
    CallWrappedUp,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View

NAME = "intake.calls@2"
OPEN = ("received", "answered", "held")

RANKS = tuple(CallPriority)

_ADDED = {
    "priority": "smallint",
    "emotion": "text",
    "late": "boolean",
    "exception": "text",
    "noticed_at": "timestamptz",
    "action_due_at": "timestamptz",
    "extension": "text",
    "transfer_target": "text",
    "transfer_step": "text",
    "alternative": "text",
    "number_id": "uuid",
}
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
    **_ADDED,
}
_CORRECTED = (
    "received_at", "caller_id", "answered_at", "agent_id", "wait_ms", "ring_count", "late", "abandoned_at", "stage", "ended_at",
    "ended_by", "talk_ms", "hold_ms",
)  # fmt: skip
_DDL = f"""
create table if not exists calls ({", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())}, primary key (call_id));
{"; ".join(f"alter table calls add column if not exists {name} {kind}" for name, kind in _ADDED.items())};
create index if not exists calls_received on calls (received_at desc, call_id desc);
create index if not exists calls_unfinished on calls (agent_id) where status in ('answered', 'held', 'ended');
create index if not exists calls_open on calls (received_at desc, call_id desc) where status in ('received', 'answered', 'held')
"""
_OF_ABANDONED = ("abandoned_at", "stage")  # an answer that is told of late takes them back
_LATER = "excluded.version >= calls.version"


def _merged(name: str) -> str:
    """Return how a column takes up a batch: where a call stands from its latest event, its priority never lower than it was."""
    match name:
        case "version":
            return "greatest(excluded.version, calls.version)"
        case "priority":
            return "greatest(excluded.priority, calls.priority)"
        case "status" | "since":
            return f"case when {_LATER} then coalesce(excluded.{name}, calls.{name}) else calls.{name} end"
        case _ if name in _OF_ABANDONED:
            return f"case when coalesce(excluded.answered_at, calls.answered_at) is null then {_kept(name)} end"
        case _:
            return _kept(name)


def _kept(name: str) -> str:
    return f"coalesce(excluded.{name}, calls.{name})"


_CHANGES = ", ".join(f"{name} = {_merged(name)}" for name in _COLUMNS if name != "call_id")
_ARRAYS = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_COLUMNS.values(), 1))
_UPSERT = (
    f"insert into calls ({', '.join(_COLUMNS)}) select * from unnest({_ARRAYS}) on conflict (call_id) do update set {_CHANGES}"
)
# A limit that a late reported end turns out to lie before was never reached.
_REACHED = ("noticed_at", "action_due_at")
# What rang is of interest while somebody waits for it; told of late, it is not known of a call that is past that.
_RINGS = "status = 'received' or (ended_at is null and transfer_step in ('prepared', 'briefed'))"
_SHOWN_WHEN = dict.fromkeys(_REACHED, "{name} <= coalesce(ended_at, 'infinity')") | {"extension": _RINGS}
_SHOWN = ", ".join(
    f"case when {_SHOWN_WHEN[name].format(name=name)} then {name} end as {name}" if name in _SHOWN_WHEN else name
    for name in _COLUMNS
)
_READ = f"select {_SHOWN} from calls"


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
    priority: int | None
    emotion: str | None
    late: bool | None
    exception: str | None
    noticed_at: datetime | None
    action_due_at: datetime | None
    extension: str | None
    transfer_target: str | None
    transfer_step: str | None
    alternative: str | None
    number_id: UUID | None


def _change(event: object) -> Mapping[str, Any] | None:
    """Return the columns that an event sets, None for an event of something else."""
    if isinstance(event, CallConductEvent):
        return _conducted(event)
    if isinstance(event, CallStepEvent):
        return _stepped(event)
    if not isinstance(event, CallEvent):
        return None
    change = _stands(event)
    return change if not change.get("status") else {**change, "since": event.occurred_at}


def _stands(event: CallEvent) -> Mapping[str, Any]:
    match event:
        case CallReceived(line=line, caller_id=caller_id, occurred_at=at):
            known = {
                "line": line,
                "caller_id": caller_id,
                "number_id": caller_id,
                "emergency": event.emergency,
                "received_at": at,
            }
            rank = RANKS.index(CallPriority.EMERGENCY if event.emergency else CallPriority.ORDINARY)
            return {"status": "received", "priority": rank, **known}
        case CallAnswered(agent_id=agent_id, wait_ms=wait_ms, ring_count=ring_count, late=late, occurred_at=at):
            figures = {"answered_at": at, "wait_ms": wait_ms, "ring_count": ring_count, "late": late}
            return {"status": "answered", "agent_id": agent_id, **figures, **dict.fromkeys(_OF_ABANDONED)}
        case CallAbandoned(stage=stage, wait_ms=wait_ms, occurred_at=at):
            return {"status": "abandoned", "stage": stage.value, "wait_ms": wait_ms, "abandoned_at": at}
        case CallHeld():
            return {"status": "held"}
        case CallResumed():
            return {"status": "answered"}
        case CallEnded(ended_by=ended_by, talk_ms=talk_ms, hold_ms=hold_ms, occurred_at=at):
            exception = event.exception.value if event.exception else None
            figures = {"talk_ms": talk_ms, "hold_ms": hold_ms, "ended_at": at, "exception": exception}
            return {"status": "ended", "ended_by": ended_by.value, **figures}
        case CallWrappedUp(outcome=outcome, wrap_up_ms=wrap_up_ms):
            return {"status": "wrapped_up", "outcome": outcome, "wrap_up_ms": wrap_up_ms}
        case CallFiguresCorrected():
            told = {name: getattr(event, name) for name in _CORRECTED}
            told["number_id"] = event.number_id or event.caller_id
            return {name: str(one) if isinstance(one, StrEnum) else one for name, one in told.items() if one is not None}
        case _:
            return {}


def _conducted(event: CallConductEvent) -> Mapping[str, Any]:
    match event:
        case CallPrioritised(priority=priority):
            return {"priority": RANKS.index(priority)}
        case CallDistressTagged(emotion=emotion):
            return {"priority": RANKS.index(CallPriority.DISTRESS), "emotion": emotion.value}
        case CallCallerIdentified(caller_id=caller_id):
            return {"caller_id": caller_id}
        case CallHangUpExplained(exception=exception):
            return {"exception": exception}
        case CallTalkNoticeReached(occurred_at=at):
            return {"noticed_at": at}
        case CallTalkActionReached(occurred_at=at):
            return {"action_due_at": at}
        case _:
            return {}


def _stepped(event: CallStepEvent) -> Mapping[str, Any]:
    match event:
        case CallExtensionRang(extension=extension):
            return {"extension": extension}
        case CallTransferPrepared(target=target):
            return {"transfer_target": target, "transfer_step": "prepared"}
        case CallTransferBriefed():
            return {"transfer_step": "briefed"}
        case CallTransferConnected(target=target):
            return {"transfer_target": target, "transfer_step": "connected"}
        case CallTransferConfirmed():
            return {"transfer_step": "confirmed"}
        case CallTransferDeclined():
            return {"transfer_step": "declined"}
        case CallAlternativeChosen(choice=choice):
            return {"alternative": choice.value}
        case _:
            return {}


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    rows: dict[UUID, dict[str, Any]] = {}
    for envelope in envelopes:
        change = _change(envelope.event)
        if change is not None:
            row = rows.setdefault(envelope.event.call_id, {"call_id": envelope.event.call_id})
            highest = max(row.get("priority") or 0, change.get("priority") or 0)
            row.update(change, version=envelope.version, priority=highest)
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


async def waiting(engine: AsyncEngine, after: tuple[int, datetime, UUID] | None, limit: int) -> Sequence[CallRow]:
    """Return the callers who wait for somebody, those who are served first before the others (A16, A119)."""
    values: dict[str, Any] = {"limit": limit}
    condition = ""
    if after:
        condition = "and (-priority, received_at, call_id) > (:priority, :received_at, :call_id)"
        values |= {"priority": after[0], "received_at": after[1], "call_id": after[2]}
    statement = text(f"{_READ} where status = 'received' {condition} order by -priority, received_at, call_id limit :limit")
    async with engine.connect() as connection:
        return [CallRow(**row._asdict()) for row in (await connection.execute(statement, values)).all()]
