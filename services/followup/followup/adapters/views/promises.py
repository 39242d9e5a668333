"""Which calls back are promised, which are near, and what became of them (A18, A85, A153)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from followup.adapters.views.tables import ask, known_rows, of_aggregate, where
from hotline_events.catalogue.followup import (
    PromiseAttempted,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    PromiseReleased,
    PromiseWarned,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import Row, put


class PromiseStatus(StrEnum):
    """Open, near its time, past it, kept, or released: a broken promise still waits to be kept late."""

    OPEN = "open"
    NEAR = "near"
    BROKEN = "broken"
    KEPT = "kept"
    RELEASED = "released"


_DDL = """
create table if not exists promises (
    promise_id uuid primary key, version integer not null, call_id uuid, work_order_id uuid, request_id uuid, caller_id uuid,
    reason text not null, immediate boolean not null, status text not null, promised_by text not null,
    promised_at timestamptz not null, warn_at timestamptz not null, due_at timestamptz not null, warned_at timestamptz,
    attempts integer not null, last_outcome text, last_attempt_at timestamptz, kept_by text, kept_at timestamptz, late boolean,
    broken_at timestamptz, rule_version text not null
);
create index if not exists promises_by_status on promises (status, due_at, promise_id);
create index if not exists promises_by_time on promises (due_at, promise_id);
create table if not exists promise_attempts (
    promise_id uuid, attempt integer, outcome text not null, attempted_by text not null, attempted_at timestamptz not null,
    primary key (promise_id, attempt)
)
"""


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    own = of_aggregate(envelopes, "promise")
    rows = await known_rows(connection, "promises", "promise_id", {envelope.event.promise_id for envelope in own})
    for envelope in own:
        promise_id = envelope.event.promise_id
        known = rows.get(promise_id, {})
        rows[promise_id] = {**known, "version": envelope.version, **_change(envelope.event, known)}
    await put(connection, "promises", ("promise_id",), list(rows.values()))
    tries = [_try(event) for envelope in own if isinstance(event := envelope.event, PromiseAttempted)]
    await put(connection, "promise_attempts", ("promise_id", "attempt"), tries)


promises = View(
    name="followup.promises@1",
    tables=("promises", "promise_attempts"),
    ddl=_DDL,
    sources=("followup",),
    apply=_apply,
)


def _change(event: object, known: Row) -> Row:
    match event:
        case PromiseMade():
            return _made(event)
        case PromiseWarned():
            open_still = {"status": PromiseStatus.NEAR} if known.get("status") == PromiseStatus.OPEN else {}
            return {"warned_at": event.occurred_at, **open_still}
        case PromiseAttempted():
            return {"attempts": event.attempt, "last_outcome": event.outcome, "last_attempt_at": event.occurred_at}
        case PromiseKept():
            kept = {"kept_by": event.kept_by, "kept_at": event.occurred_at, "late": event.late}
            return {"status": PromiseStatus.KEPT, **kept}
        case PromiseBroken():
            over = known.get("status") in {PromiseStatus.KEPT, PromiseStatus.RELEASED}
            return {"broken_at": event.occurred_at, **({} if over else {"status": PromiseStatus.BROKEN})}
        case PromiseReleased():
            return {"status": PromiseStatus.RELEASED}
        case _:
            return {}


def _made(event: PromiseMade) -> Row:
    return {
        "promise_id": event.promise_id,
        "call_id": event.call_id,
        "work_order_id": event.work_order_id,
        "request_id": event.request_id,
        "caller_id": event.caller_id,
        "reason": event.reason,
        "immediate": event.immediate,
        "status": PromiseStatus.OPEN,
        "promised_by": event.promised_by,
        "promised_at": event.occurred_at,
        "warn_at": event.warn_at,
        "due_at": event.due_at,
        "attempts": 0,
        "rule_version": event.rule_version,
    }


def _try(event: PromiseAttempted) -> Row:
    return {
        "promise_id": event.promise_id,
        "attempt": event.attempt,
        "outcome": event.outcome,
        "attempted_by": event.attempted_by,
        "attempted_at": event.occurred_at,
    }


async def promises_listed(
    engine: AsyncEngine, *, status: PromiseStatus | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """Answer the promises in the order in which they are due."""
    conditions = where({"status = :status": status, "(due_at, promise_id) > (:due_at, cast(:promise_id as uuid))": after})
    due_at, promise_id = after or (None, None)
    values: Row = {"status": status, "due_at": due_at, "promise_id": promise_id, "limit": limit}
    return await ask(engine, f"select * from promises where {conditions} order by due_at, promise_id limit :limit", values)


async def promise_detail(engine: AsyncEngine, promise_id: UUID) -> Row | None:
    """Answer one promise."""
    rows = await ask(engine, "select * from promises where promise_id = :promise_id", {"promise_id": promise_id})
    return rows[0] if rows else None


async def attempts_of(engine: AsyncEngine, promise_id: UUID) -> list[Row]:
    """Answer how often the caller was called back in vain, and when."""
    question = "select * from promise_attempts where promise_id = :promise_id order by attempt"
    return await ask(engine, question, {"promise_id": promise_id})
