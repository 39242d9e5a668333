"""The exports that were asked for and what became of each: what a second person decides from (A146)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake.export import ExportApproved, ExportAskedFor, ExportFetched, ExportRejected
from hotline_events.envelope import Envelope
from hotline_events.projection import View

NAME = "intake.exports@1"
_DDL = """
create table if not exists exports (export_id uuid primary key, position bigint not null, span_start timestamptz not null,
    span_end timestamptz not null, purpose text not null, asked_by text not null, asked_at timestamptz not null,
    status text not null, decided_by text, decided_at timestamptz, valid_until timestamptz);
create table if not exists export_fetchings (position bigint primary key, export_id uuid not null, rows integer not null,
    watermark text not null, fetched_at timestamptz not null);
create index if not exists export_fetchings_export on export_fetchings (export_id)
"""
_ASK = "insert into exports values ($1, $2, $3, $4, $5, $6, $7, 'asked') on conflict do nothing"
_DECIDE = """
update exports set status = $2, decided_by = $3, decided_at = $4, valid_until = $5 where export_id = $1"""
_FETCH = "insert into export_fetchings values ($1, $2, $3, $4, $5) on conflict do nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow:
    """One export as it stands; `status` is asked, approved or rejected."""

    export_id: UUID
    position: int
    span_start: datetime
    span_end: datetime
    purpose: str
    asked_by: str
    asked_at: datetime
    status: str
    decided_by: str | None
    decided_at: datetime | None
    valid_until: datetime | None
    fetched: int
    watermark: str | None


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    """Apply them one by one: there are a few a day."""
    for one in envelopes:
        match one.event:
            case ExportAskedFor() as event:
                span = (event.start, event.end, event.purpose)
                await connection.exec_driver_sql(
                    _ASK, (event.export_id, one.position, *span, event.asked_by, event.occurred_at)
                )
            case ExportApproved() as event:
                decided = ("approved", event.approved_by, event.occurred_at, event.valid_until)
                await connection.exec_driver_sql(_DECIDE, (event.export_id, *decided))
            case ExportRejected() as event:
                decided_not = ("rejected", event.rejected_by, event.occurred_at, None)
                await connection.exec_driver_sql(_DECIDE, (event.export_id, *decided_not))
            case ExportFetched() as event:
                taken = (event.rows, event.watermark, event.occurred_at)
                await connection.exec_driver_sql(_FETCH, (one.position, event.export_id, *taken))
            case _:
                continue


VIEW = View(name=NAME, tables=("exports", "export_fetchings"), ddl=_DDL, sources=("intake",), apply=_apply)


async def exports(
    engine: AsyncEngine, *, status: str | None, asked_by: str | None, before: int | None, limit: int
) -> Sequence[ExportRow]:
    """Return the exports, the newest first; `asked_by` leaves those of one person."""
    statement = text(
        """select e.*, (select count(*) from export_fetchings f where f.export_id = e.export_id) as fetched,
                  (select max(watermark) from export_fetchings f where f.export_id = e.export_id) as watermark
             from exports e
            where (cast(:status as text) is null or e.status = :status)
              and (cast(:asked_by as text) is null or e.asked_by = :asked_by)
              and (cast(:before as bigint) is null or e.position < :before)
            order by e.position desc limit :limit"""
    )
    async with engine.connect() as connection:
        values = {"status": status, "asked_by": asked_by, "before": before, "limit": limit}
        return [ExportRow(**row._asdict()) for row in await connection.execute(statement, values)]
