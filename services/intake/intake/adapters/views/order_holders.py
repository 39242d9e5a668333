"""Which department holds the order of a request now, as routing tells: only that one may need to know the requester (A144)."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.routing import (
    WorkOrderClosed,
    WorkOrderReopened,
    WorkOrderReturned,
    WorkOrderTransferred,
    WorkOrderWithdrawn,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View

NAME = "intake.order_holders@1"
_DDL = "create table if not exists order_holders (request_id uuid primary key, department text, position bigint not null)"
_UPSERT = """
insert into order_holders select * from unnest($1::uuid[], $2::text[], $3::bigint[])
    on conflict (request_id) do update set department = excluded.department, position = excluded.position
 where order_holders.position < excluded.position"""


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    rows: dict[UUID, tuple[str | None, int]] = {}
    for envelope in envelopes:
        match envelope.event:
            case WorkOrderTransferred() | WorkOrderReopened() as event:
                rows[event.request_id] = (event.department, envelope.position)
            case WorkOrderReturned() | WorkOrderWithdrawn() | WorkOrderClosed() as event:
                rows[event.request_id] = (None, envelope.position)
            case _:
                continue
    if rows:
        arrays = (list(rows), [department for department, _ in rows.values()], [position for _, position in rows.values()])
        await connection.exec_driver_sql(_UPSERT, arrays)


VIEW = View(name=NAME, tables=("order_holders",), ddl=_DDL, sources=("routing",), apply=_apply)


async def holds(engine: AsyncEngine, request_id: UUID, department: str) -> bool:
    """Say whether this department holds the order of the request now."""
    statement = text("select 1 from order_holders where request_id = :request_id and department = :department")
    async with engine.connect() as connection:
        return (await connection.execute(statement, {"request_id": request_id, "department": department})).first() is not None
