"""The readings that were taken before anybody approved them, for those who ratify and for the oversight office (A130)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake.break_glass import (
    BreakGlassLapsed,
    BreakGlassOpened,
    BreakGlassRatified,
    BreakGlassRejected,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View

NAME = "intake.break_glass@1"
_DDL = """
create table if not exists break_glass (break_glass_id uuid primary key, request_id uuid not null, reason text not null,
    fields text[] not null, opened_by text not null, opened_for text, opened_at timestamptz not null,
    ratify_by timestamptz not null, status text not null, decided_by text, decided_at timestamptz)
"""
_OPEN = """
insert into break_glass values ($1, $2, $3, $4, $5, $6, $7, $8, 'open') on conflict do nothing"""
_DECIDE = """
update break_glass set status = $2, decided_by = $3, decided_at = $4 where break_glass_id = $1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlassRow:
    """One such reading and what became of it."""

    break_glass_id: UUID
    request_id: UUID
    reason: str
    fields: Sequence[str]
    opened_by: str
    opened_for: str | None
    opened_at: datetime
    ratify_by: datetime
    status: str
    decided_by: str | None
    decided_at: datetime | None


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    """Apply them one by one: there are a few a day."""
    for envelope in envelopes:
        decided: tuple[str, str | None] | None = None
        match envelope.event:
            case BreakGlassOpened() as event:
                who = (list(event.fields), event.opened_by, event.opened_for)
                row = (event.break_glass_id, event.request_id, event.reason, *who, event.occurred_at, event.ratify_by)
                await connection.exec_driver_sql(_OPEN, row)
            case BreakGlassRatified() as event:
                decided = ("ratified", event.ratified_by)
            case BreakGlassRejected() as event:
                decided = ("rejected", event.rejected_by)
            case BreakGlassLapsed():
                decided = ("lapsed", None)
            case _:
                continue
        if decided is not None:
            await connection.exec_driver_sql(_DECIDE, (envelope.event.break_glass_id, *decided, envelope.event.occurred_at))


VIEW = View(name=NAME, tables=("break_glass",), ddl=_DDL, sources=("intake",), apply=_apply)


async def readings(
    engine: AsyncEngine, *, status: str | None, bound_to: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[BreakGlassRow]:
    """Return the readings, newest first; a department sees its own people's."""
    where = ["true"]
    values: dict[str, Any] = {"limit": limit, "status": status, "bound_to": bound_to}
    if status is not None:
        where.append("status = :status")
    if bound_to is not None:
        where.append("opened_for = :bound_to")
    if after:
        where.append("(opened_at, break_glass_id) < (:opened_at, :break_glass_id)")
        values |= {"opened_at": after[0], "break_glass_id": after[1]}
    statement = text(
        f"select * from break_glass where {' and '.join(where)} order by opened_at desc, break_glass_id desc limit :limit"
    )
    async with engine.connect() as connection:
        return [BreakGlassRow(**row._asdict()) for row in (await connection.execute(statement, values)).all()]
