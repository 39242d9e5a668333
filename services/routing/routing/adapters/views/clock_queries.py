"""Questions about clocks: who is urged, supervised, given more time. A department's own rows are chosen in the statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from hotline_events.store import Store

_MINE = "(cast(:bound_to as text) is null or department = :bound_to)"
_AFTER = "(cast(:at as timestamptz) is null or ({column}, {tie}) > (:at, cast(:tie as uuid)))"
After = tuple[datetime, UUID] | None


async def ladders(
    store: Store, *, bound_to: str | None, department: str | None, card: str | None, after: After, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return the orders in departments' hands, the most urgent first."""
    return await _rows(
        store,
        f"""select * from order_ladders where {_MINE} and in_hands
               and (cast(:department as text) is null or department = :department)
               and (cast(:card as text) is null or card = :card)
               and {_AFTER.format(column="resolve_due_at", tie="work_order_id")}
             order by resolve_due_at, work_order_id limit :most""",
        after,
        bound_to=bound_to,
        department=department,
        card=card,
        most=limit,
    )


async def withheld(store: Store, *, bound_to: str | None, after: After, limit: int) -> Sequence[Mapping[str, Any]]:
    """Return the orders that would be closed if nothing were missing on their record."""
    return await _rows(
        store,
        f"""select * from order_ladders where {_MINE} and missing <> '{{}}'
               and {_AFTER.format(column="resolve_due_at", tie="work_order_id")}
             order by resolve_due_at, work_order_id limit :most""",
        after,
        bound_to=bound_to,
        most=limit,
    )


async def supervisions(
    store: Store, *, bound_to: str | None, status: str | None, after: After, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return supervisions, the one that is due first in front."""
    return await _rows(
        store,
        f"""select * from supervisions where {_MINE} and (cast(:status as text) is null or status = :status)
               and {_AFTER.format(column="due_at", tie="supervision_id")}
             order by due_at, supervision_id limit :most""",
        after,
        bound_to=bound_to,
        status=status,
        most=limit,
    )


async def extensions(
    store: Store, *, bound_to: str | None, status: str | None, after: After, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return extensions in the order in which they were asked for."""
    return await _rows(
        store,
        f"""select * from extensions where {_MINE} and (cast(:status as text) is null or status = :status)
               and {_AFTER.format(column="requested_at", tie="extension_id")}
             order by requested_at, extension_id limit :most""",
        after,
        bound_to=bound_to,
        status=status,
        most=limit,
    )


async def record(store: Store, order_id: UUID, *, bound_to: str | None, after: int, limit: int) -> Sequence[Mapping[str, Any]]:
    """Return what was done about an order, the oldest first; a department sees what happened in its own hands."""
    return await store.rows(
        f"""select * from order_records where work_order_id = :order_id and {_MINE} and position > :after
             order by position limit :most""",
        order_id=order_id,
        bound_to=bound_to,
        after=after,
        most=limit,
    )


async def missing(store: Store, order_id: UUID) -> list[str]:
    """Return what an order whose matter is ended still waits for before it closes."""
    rows = await store.execute("select missing from order_ladders where work_order_id = :order_id", order_id=order_id)
    return list(rows[0][0]) if rows else []


async def _rows(store: Store, sql: str, after: After, **arguments: Any) -> Sequence[Mapping[str, Any]]:  # noqa: ANN401
    at, tie = after or (None, None)
    return await store.rows(sql, at=at, tie=tie, **arguments)
