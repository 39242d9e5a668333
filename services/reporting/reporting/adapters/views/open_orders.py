"""Open orders with their clocks: dispatched and not yet reported handled, or waiting for a dispatcher.

Most urgent first: by the next due time among the acts still awaited; orders in nobody's hands come last.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

IN_NO_HANDS = datetime(9999, 12, 31, tzinfo=UTC)
"""Sorts orders without a running clock behind all others."""

_OPEN = text("""
select * from (
    select o.request_id, o.work_order_id, o.category, coalesce(o.registered_at, o.opened_registered_at) as registered_at,
           d.version, d.hop, d.round, d.dispatched_at, d.rule_version, d.return_reason,
           case when d.returned_at is null then d.department end as department,
           d.returned_at, d.sign_due_at, d.contact_due_at, d.resolve_due_at, d.signed_at, d.contacted_at,
           case when d.version is null or d.returned_at is not null then cast(:never as timestamptz)
                else least(case when d.signed_at is null then d.sign_due_at end,
                           case when d.contacted_at is null then d.contact_due_at end,
                           d.resolve_due_at) end as next_due_at
    from orders o
    left join dispatches d on d.work_order_id = o.work_order_id and d.superseded_at is null
    where o.work_order_id is not null and o.closed_at is null and d.resolved_at is null
) as open
where (cast(:department as text) is null or department = :department)
  and (cast(:after_due as timestamptz) is null or (next_due_at, work_order_id) > (:after_due, cast(:after_id as uuid)))
order by next_due_at, work_order_id
limit :limit
""")


async def open_orders(
    connection: AsyncConnection, *, department: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Any]:
    """Return the next open orders, all or those in one department's hands."""
    after_due, after_id = after or (None, None)
    parameters = {
        "never": IN_NO_HANDS,
        "department": department,
        "after_due": after_due,
        "after_id": after_id,
        "limit": limit,
    }
    return (await connection.execute(_OPEN, parameters)).all()
