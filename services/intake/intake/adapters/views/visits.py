"""Who waits at the desk, and who has been told why (A158)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake import VisitorArrived, VisitorServed, VisitWaitExplained
from hotline_events.envelope import Envelope
from hotline_events.projection import View

NAME = "intake.visits@1"
_COLUMNS = {
    "visit_id": "uuid",
    "version": "integer",
    "desk": "text",
    "arrived_at": "timestamptz",
    "told_until": "timestamptz",
    "reason": "text",
    "served_at": "timestamptz",
    "waited_ms": "bigint",
    "unexplained": "boolean",
}
_DDL = f"""
create table if not exists visits ({", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())}, primary key (visit_id));
create index if not exists visits_waiting on visits (arrived_at, visit_id) where served_at is null
"""
_ARRAYS = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_COLUMNS.values(), 1))
_CHANGES = ", ".join(f"{name} = coalesce(excluded.{name}, visits.{name})" for name in _COLUMNS if name != "visit_id")
_UPSERT = (
    f"insert into visits ({', '.join(_COLUMNS)}) select * from unnest({_ARRAYS})"
    f" on conflict (visit_id) do update set {_CHANGES} where excluded.version > visits.version"
)
_READ = f"select {', '.join(_COLUMNS)} from visits"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """A visitor as they stand; `told_until` is until when they know that they wait."""

    visit_id: UUID
    version: int
    desk: str
    arrived_at: datetime
    told_until: datetime
    reason: str | None
    served_at: datetime | None
    waited_ms: int | None
    unexplained: bool | None


def _change(event: object) -> Mapping[str, Any] | None:
    match event:
        case VisitorArrived(desk=desk, explain_by=explain_by, occurred_at=at):
            return {"desk": desk, "arrived_at": at, "told_until": explain_by}
        case VisitWaitExplained(reason=reason, estimated_ms=estimated_ms, occurred_at=at):
            return {"reason": reason, "told_until": at + timedelta(milliseconds=estimated_ms)}
        case VisitorServed(waited_ms=waited_ms, unexplained=unexplained, occurred_at=at):
            return {"served_at": at, "waited_ms": waited_ms, "unexplained": unexplained}
        case _:
            return None


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    rows: dict[UUID, dict[str, Any]] = {}
    for envelope in envelopes:
        change = _change(envelope.event)
        if change is not None:
            row = rows.setdefault(envelope.event.visit_id, {"visit_id": envelope.event.visit_id})
            row.update(change, version=envelope.version)
    if rows:
        arrays = tuple([row.get(name) for row in rows.values()] for name in _COLUMNS)
        await connection.exec_driver_sql(_UPSERT, arrays)


VIEW = View(name=NAME, tables=("visits",), ddl=_DDL, sources=("intake",), apply=_apply)


async def visit(engine: AsyncEngine, visit_id: UUID) -> VisitRow | None:
    """Return one visitor."""
    async with engine.connect() as connection:
        row = (await connection.execute(text(f"{_READ} where visit_id = :visit_id"), {"visit_id": visit_id})).first()
    return None if row is None else VisitRow(**row._asdict())


async def waiting(engine: AsyncEngine, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[VisitRow]:
    """Return who waits at the desk, the longest first."""
    values: dict[str, Any] = {"limit": limit}
    later = ""
    if after:
        later = "and (arrived_at, visit_id) > (:arrived_at, :visit_id)"
        values |= {"arrived_at": after[0], "visit_id": after[1]}
    statement = text(f"{_READ} where served_at is null {later} order by arrived_at, visit_id limit :limit")
    async with engine.connect() as connection:
        return [VisitRow(**row._asdict()) for row in (await connection.execute(statement, values)).all()]
