"""Who asked how a matter stands, and what they were told or refused: where mismatches show (A148)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake.disclosure import DisclosureMade, DisclosureRefused
from hotline_events.envelope import Envelope
from hotline_events.projection import View

NAME = "intake.disclosures@1"
_DDL = """
create table if not exists disclosures (disclosure_id uuid primary key, position bigint not null, request_id uuid not null,
    call_id uuid, refused text, decided_by text not null, decided_at timestamptz not null);
create index if not exists disclosures_position on disclosures (position);
create index if not exists disclosures_request on disclosures (request_id, position)
"""
_INSERT = """
insert into disclosures
select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[])
    on conflict do nothing"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureRow:
    """One time that somebody asked; `refused` is why nothing was told, and empty where something was."""

    disclosure_id: UUID
    position: int
    request_id: UUID
    call_id: UUID | None
    refused: str | None
    decided_by: str
    decided_at: datetime


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    rows: list[tuple[object, ...]] = []
    for one in envelopes:
        match one.event:
            case DisclosureMade() as event:
                why: tuple[str | None, str] = (None, event.made_by)
            case DisclosureRefused() as event:
                why = (event.reason.value, event.refused_by)
            case _:
                continue
        about = (one.event.disclosure_id, one.position, one.event.request_id, one.event.call_id)
        rows.append((*about, *why, one.event.occurred_at))
    if rows:
        await connection.exec_driver_sql(_INSERT, tuple(list(column) for column in zip(*rows, strict=True)))


VIEW = View(name=NAME, tables=("disclosures",), ddl=_DDL, sources=("intake",), apply=_apply)


async def disclosures(
    engine: AsyncEngine, *, request_id: UUID | None, refused: str | None, before: int | None, limit: int
) -> Sequence[DisclosureRow]:
    """Return who asked, the newest first."""
    statement = text(
        """select * from disclosures
            where (cast(:request_id as uuid) is null or request_id = :request_id)
              and (cast(:refused as text) is null or refused = :refused)
              and (cast(:before as bigint) is null or position < :before)
            order by position desc limit :limit"""
    )
    values = {"request_id": request_id, "refused": refused, "before": before, "limit": limit}
    async with engine.connect() as connection:
        return [DisclosureRow(**row._asdict()) for row in await connection.execute(statement, values)]
