"""`intake.missed_calls@1`: which callers of a duty line are still to be called back, the most urgent first (A05)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.intake import CallBackAttempted, CallBackOverdue, CalledBack, MissedCallRecorded
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import put
from hotline_events.store import Store
from intake.adapters.views.rows import change

NAME = "intake.missed_calls@1"
_DDL = """
create table if not exists missed_calls (
    call_id uuid primary key, line text not null, caller_id uuid, waited_ms bigint not null, missed_at timestamptz not null,
    due_at timestamptz not null, attempts integer, overdue_at timestamptz, ended_at timestamptz, outcome text, called_by text);
create index if not exists missed_calls_open on missed_calls (due_at, call_id) where ended_at is null
"""
_SAME = "t.call_id = c.call_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCallRow:
    """A missed call as it stands; open while it has no `ended_at`."""

    call_id: UUID
    line: str
    caller_id: UUID | None
    waited_ms: int
    missed_at: datetime
    due_at: datetime
    attempts: int
    overdue_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    called_by: str | None


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    missed: list[dict[str, Any]] = []
    attempted: dict[UUID, dict[str, Any]] = {}
    ended: list[dict[str, Any]] = []
    overdue: list[dict[str, Any]] = []
    for envelope in envelopes:
        match envelope.event:
            case MissedCallRecorded() as event:
                names = ("call_id", "line", "caller_id", "waited_ms", "due_at")
                missed.append({name: getattr(event, name) for name in names} | {"missed_at": event.occurred_at})
            case CallBackAttempted(call_id=call_id, attempt=attempt):
                attempted[call_id] = {"call_id": call_id, "attempts": attempt}
            case CalledBack(call_id=call_id, outcome=outcome, called_by=by, attempts=attempts, occurred_at=at):
                attempted[call_id] = {"call_id": call_id, "attempts": attempts}
                ended.append({"call_id": call_id, "ended_at": at, "outcome": outcome.value, "called_by": by})
            case CallBackOverdue(call_id=call_id, occurred_at=at):
                overdue.append({"call_id": call_id, "overdue_at": at})
            case _:
                pass
    await put(connection, "missed_calls", ["call_id"], missed)
    await change(connection, "missed_calls", _SAME, list(attempted.values()), "attempts")
    await change(connection, "missed_calls", _SAME, ended, "ended_at", "outcome", "called_by")
    await change(connection, "missed_calls", _SAME, overdue, "overdue_at")


VIEW = View(name=NAME, tables=("missed_calls",), ddl=_DDL, sources=("intake",), apply=_apply)


async def missed_calls(
    store: Store, *, line: str | None, still_open: bool, after: tuple[datetime, UUID] | None, limit: int
) -> list[MissedCallRow]:
    """Return missed calls, those due first at the head."""
    rows = await store.rows(
        """select call_id, line, caller_id, waited_ms, missed_at, due_at, coalesce(attempts, 0) as attempts, overdue_at,
                  ended_at, outcome, called_by
             from missed_calls
            where (not :still_open or ended_at is null) and (cast(:line as text) is null or line = :line)
              and (cast(:due_at as timestamptz) is null or (due_at, call_id) > (:due_at, cast(:call_id as uuid)))
            order by due_at, call_id limit :most""",
        still_open=still_open,
        line=line,
        due_at=after[0] if after else None,
        call_id=after[1] if after else None,
        most=limit,
    )
    return [MissedCallRow(**row) for row in rows]
