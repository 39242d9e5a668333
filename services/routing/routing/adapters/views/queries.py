"""Questions to the read models. A department's own rows are chosen inside the statement, never after it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hotline_events.errors import StoreUnavailableError
from hotline_events.projection import View
from hotline_events.sealing import KeyGoneError, label_of, unseal
from hotline_events.store import Keys, Store
from routing.adapters.views.orders import ORDERS
from routing.domain.work_order import Status

_PAUSE = 0.01
_TEXTS = ("title", "matter", "place", "return_note", "reply")
_FROM = """
  from orders o left join order_matters m on m.request_id = o.request_id
  left join erased_requesters e on e.person_id = o.requester_id
 where (cast(:bound_to as text) is null or o.department = :bound_to or o.supports @> array[cast(:bound_to as text)])"""
_COLUMNS = "o.*, m.title, m.matter, m.place, m.answered_at, e.person_id is not null as erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEvent:
    """Something that a department was told about one of its orders."""

    position: int
    name: str
    work_order_id: UUID
    request_id: UUID
    version: int
    occurred_at: datetime


async def checkpoint(store: Store, view: View = ORDERS) -> int:
    """Return how far a view is in routing's own stream."""
    return await store.applied(view.name, "routing")


async def order(store: Store, work_order_id: UUID, *, bound_to: str | None) -> Mapping[str, Any] | None:
    rows = await store.rows(f"select {_COLUMNS} {_FROM} and o.work_order_id = :id", id=work_order_id, bound_to=bound_to)
    return _shown_to(bound_to, rows[0]) if rows else None


async def order_of_request(store: Store, request_id: UUID, *, bound_to: str | None, wait: float) -> Mapping[str, Any] | None:
    """Return the order of a request, waiting a little for one that is just being opened."""
    until = time.monotonic() + wait
    while True:
        rows = await store.rows(
            f"select {_COLUMNS} {_FROM} and o.request_id = :id order by o.opened_position limit 1",
            id=request_id,
            bound_to=bound_to,
        )
        if rows or time.monotonic() >= until:
            return _shown_to(bound_to, rows[0]) if rows else None
        await asyncio.sleep(2 * _PAUSE)


async def orders(
    store: Store,
    *,
    bound_to: str | None,
    department: str | None,
    status: str | None,
    before: int | None,
    limit: int,
) -> list[Mapping[str, Any]]:
    """Return orders, the newest first."""
    rows = await store.rows(
        f"""select {_COLUMNS} {_FROM}
               and (cast(:department as text) is null or o.department = :department)
               and (cast(:status as text) is null or o.status = :status)
               and (cast(:before as bigint) is null or o.opened_position < :before)
             order by o.opened_position desc limit :most""",
        bound_to=bound_to,
        department=department,
        status=status,
        before=before,
        most=limit,
    )
    return [_shown_to(bound_to, row) for row in rows]


async def queue(store: Store, department: str, *, after: tuple[datetime, UUID] | None, limit: int) -> list[Mapping[str, Any]]:
    """Return what lies in a department's hands, the most urgent first."""
    return await _at_work(store, "o.department = :bound_to", department, after=after, limit=limit)


async def supported(
    store: Store, department: str, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Mapping[str, Any]]:
    """Return the orders in another department's hands that this one helps with, the most urgent first."""
    return await _at_work(store, "o.supports @> array[cast(:bound_to as text)]", department, after=after, limit=limit)


async def _at_work(
    store: Store, whose: str, department: str, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Mapping[str, Any]]:
    due_at, order_id = after or (None, None)
    rows = await store.rows(
        f"""select {_COLUMNS} {_FROM} and {whose} and o.status in ('transferred', 'signed')
               and (cast(:due_at as timestamptz) is null
                    or (o.resolve_due_at, o.work_order_id) > (cast(:due_at as timestamptz), cast(:order_id as uuid)))
             order by o.resolve_due_at, o.work_order_id limit :most""",
        bound_to=department,
        due_at=due_at,
        order_id=order_id,
        most=limit,
    )
    return [_shown_to(department, row) for row in rows]


async def queue_events(store: Store, department: str, after: int, *, every: float = 0.25) -> AsyncIterator[QueueEvent]:
    """Tell what a department is told, from a position on and for ever. A database that is away is waited for."""
    while True:
        rows: Sequence[Mapping[str, Any]] = ()
        with contextlib.suppress(StoreUnavailableError):
            rows = await store.rows(
                """select position, name, work_order_id, request_id, version, occurred_at from queue_events
                    where department = :department and position > :after order by position limit 200""",
                department=department,
                after=after,
            )
        for row in rows:
            event = QueueEvent(**row)
            yield event
            after = event.position
        if not rows:
            await asyncio.sleep(every)


async def with_texts(rows: Sequence[Mapping[str, Any]], keys: Keys) -> list[dict[str, Any]]:
    """Open the boxes of orders; a text whose key is gone is None, and its row says so."""
    return await opened(rows, _TEXTS, keys)


async def opened(rows: Sequence[Mapping[str, Any]], texts: Sequence[str], keys: Keys) -> list[dict[str, Any]]:
    """Open these boxes of rows with the keys there are; a row of which one does not open, or is known as erased, says so."""
    boxes = [row[name] for row in rows if not row.get("erased") for name in texts if row[name] is not None]
    people = {label_of(box).person_id for box in boxes}
    known = await keys.get_many(list(people)) if people else {}
    return [_opened(row, texts, known) for row in rows]


def _opened(row: Mapping[str, Any], texts: Sequence[str], keys: Mapping[UUID, bytes]) -> dict[str, Any]:
    shown = {"erased": False, **row}
    for name in texts:
        if shown[name] is None:
            continue
        try:
            shown[name] = None if shown["erased"] else unseal(shown[name], keys)
        except KeyGoneError:
            shown |= {name: None, "erased": True}
    return shown


def _shown_to(bound_to: str | None, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row as its reader may see it: why another department gave the order back is not for the next one."""
    if bound_to is None or row["status"] == Status.RETURNED:
        return row
    return {**row, "returned_at": None, "return_reason": None, "return_note": None}
