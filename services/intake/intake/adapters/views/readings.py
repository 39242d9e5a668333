"""Who read whose identity, which facts, what for and when: the office looks after those who look (A144)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake import PersonIdentityRead
from hotline_events.envelope import Envelope
from hotline_events.projection import View

NAME = "intake.identity_readings@1"
_DDL = """
create table if not exists identity_readings (position bigint primary key, person_id uuid not null, request_id uuid,
    fields text not null, purpose text not null, read_by text not null, read_at timestamptz not null);
create index if not exists identity_readings_person on identity_readings (person_id, position);
create index if not exists identity_readings_reader on identity_readings (read_by, position)
"""
_INSERT = """
insert into identity_readings
select * from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
    on conflict do nothing"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow:
    """One reading; never the facts themselves."""

    position: int
    person_id: UUID
    request_id: UUID | None
    fields: Sequence[str]
    purpose: str
    read_by: str
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which readings; what is None does not matter."""

    person_id: UUID | None = None
    request_id: UUID | None = None
    read_by: str | None = None
    purpose: str | None = None


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    rows = [
        (
            one.position,
            event.person_id,
            event.request_id,
            ",".join(event.fields),
            event.purpose,
            event.read_by,
            event.occurred_at,
        )
        for one in envelopes
        if isinstance(event := one.event, PersonIdentityRead)
    ]
    if rows:
        await connection.exec_driver_sql(_INSERT, tuple(list(column) for column in zip(*rows, strict=True)))


VIEW = View(name=NAME, tables=("identity_readings",), ddl=_DDL, sources=("intake",), apply=_apply)


async def readings(engine: AsyncEngine, wanted: Wanted, *, before: int | None, limit: int) -> Sequence[ReadingRow]:
    """Return the readings, the newest first."""
    statement = text(
        """select position, person_id, request_id, string_to_array(fields, ',') as fields, purpose, read_by, read_at
             from identity_readings
            where (cast(:person_id as uuid) is null or person_id = :person_id)
              and (cast(:request_id as uuid) is null or request_id = :request_id)
              and (cast(:read_by as text) is null or read_by = :read_by)
              and (cast(:purpose as text) is null or purpose = :purpose)
              and (cast(:before as bigint) is null or position < :before)
            order by position desc limit :limit"""
    )
    values = {name: getattr(wanted, name) for name in ("person_id", "request_id", "read_by", "purpose")}
    async with engine.connect() as connection:
        rows = await connection.execute(statement, {**values, "before": before, "limit": limit})
        return [ReadingRow(**row._asdict()) for row in rows]
