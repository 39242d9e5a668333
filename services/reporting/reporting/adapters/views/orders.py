"""`reporting.orders`: one row a request with its order, and one row each time an order came to a department's queue.

A dispatch (a transfer, or a reopening for rework) is known by the version of the order's stream that started it, and an act
(signed, contacted, returned, resolved) belongs to the last dispatch before it. So hop and round need no counter, and nothing
here depends on how batches are cut. `registered_at` to `answered_directly_at` come from intake, all else from routing.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue import intake, routing
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from reporting.adapters.views.facts import Facts, FactTable

_ORDERS = FactTable(
    name="orders",
    key={"request_id": "uuid"},
    columns={
        "registered_at": "timestamptz",
        "channel": "text",
        "request_type": "text",
        "answered_directly_at": "timestamptz",
        "work_order_id": "uuid",
        "opened_at": "timestamptz",
        "opened_registered_at": "timestamptz",
        "category": "text",
        "category_version": "int",
        "closed_at": "timestamptz",
    },
    merges={
        "category": (
            "case when coalesce(excluded.category_version, 0) >= coalesce(orders.category_version, 0)"
            " then coalesce(excluded.category, orders.category) else orders.category end"
        ),
        "category_version": "greatest(orders.category_version, excluded.category_version)",
    },
)
_DISPATCHES = FactTable(
    name="dispatches",
    key={"work_order_id": "uuid", "version": "int"},
    columns={
        "request_id": "uuid",
        "department": "text",
        "hop": "int",
        "round": "int",
        "rework": "boolean",
        "dispatched_at": "timestamptz",
        "sign_due_at": "timestamptz",
        "contact_due_at": "timestamptz",
        "resolve_due_at": "timestamptz",
        "rule_version": "text",
        "signed_at": "timestamptz",
        "contacted_at": "timestamptz",
        "returned_at": "timestamptz",
        "return_reason": "text",
        "resolved_at": "timestamptz",
        "superseded_at": "timestamptz",
    },
)
_DEPARTMENTS = FactTable(
    name="departments",
    key={"department": "text"},
    columns={"name_zh": "text", "name_en": "text", "name_version": "int", "closed_at": "timestamptz"},
    merges={
        **{
            name: f"case when coalesce(excluded.name_version, 0) >= coalesce(departments.name_version, 0)"
            f" then coalesce(excluded.{name}, departments.{name}) else departments.{name} end"
            for name in ("name_zh", "name_en")
        },
        "name_version": "greatest(departments.name_version, excluded.name_version)",
    },
)
_KNOWN = "select work_order_id, version, hop from dispatches where work_order_id = any($1::uuid[]) order by version"
_INDEXES = """
create index if not exists orders_accepted on orders (coalesce(registered_at, opened_registered_at));
create unique index if not exists orders_work_order on orders (work_order_id);
create index if not exists orders_open on orders (work_order_id) where closed_at is null;
create index if not exists dispatches_dispatched on dispatches (dispatched_at);
create index if not exists dispatches_due on dispatches (resolve_due_at);
create index if not exists dispatches_resolved on dispatches (resolved_at) where resolved_at is not null;
create index if not exists dispatches_open on dispatches (department) where resolved_at is null and superseded_at is null
"""


@dataclass(slots=True)
class _Batch:
    """What a batch says, and the dispatches known before it and through it, as (version, hop), oldest first."""

    orders: Facts = field(default_factory=Facts)
    dispatches: Facts = field(default_factory=Facts)
    departments: Facts = field(default_factory=Facts)
    known: dict[UUID, list[tuple[int, int]]] = field(default_factory=dict)

    def dispatch(self, event: routing.WorkOrderTransferred | routing.WorkOrderReopened, version: int) -> None:
        """Note that the order came to a department's queue; the dispatch before, if any, is over."""
        known = self.known.setdefault(event.work_order_id, [])
        place = bisect_left(known, (version, 0))
        transferred = isinstance(event, routing.WorkOrderTransferred)
        hop = event.hop if isinstance(event, routing.WorkOrderTransferred) else known[place - 1][1]
        if place == len(known) or known[place][0] != version:
            known.insert(place, (version, hop))
        if place:
            self.dispatches.first(event.work_order_id, known[place - 1][0], superseded_at=event.occurred_at)
        self.dispatches.first(
            event.work_order_id,
            version,
            request_id=event.request_id,
            department=event.department,
            hop=hop,
            round=event.round,
            rework=not transferred,
            dispatched_at=event.occurred_at,
            sign_due_at=event.sign_due_at,
            contact_due_at=event.contact_due_at,
            resolve_due_at=event.resolve_due_at,
            rule_version=event.rule_version,
        )

    def act(self, work_order_id: UUID, version: int, **facts: Any) -> None:  # noqa: ANN401 - values of any column
        """Note an act on the dispatch it belongs to. An act without one is a broken history: the view stops."""
        known = self.known.get(work_order_id, [])
        place = bisect_left(known, (version, 0))
        if place == 0:
            message = f"work order {work_order_id} has no dispatch before version {version}"
            raise LookupError(message)
        self.dispatches.first(work_order_id, known[place - 1][0], **facts)


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    batch = _Batch()
    touched = {envelope.event.work_order_id for envelope in envelopes if hasattr(envelope.event, "work_order_id")}
    if touched:
        for row in await connection.exec_driver_sql(_KNOWN, (list(touched),)):
            batch.known.setdefault(row.work_order_id, []).append((row.version, row.hop))
    for envelope in envelopes:
        _note_order(batch, envelope.event, envelope.version)
    await _ORDERS.write(connection, batch.orders)
    await _DISPATCHES.write(connection, batch.dispatches)
    await _DEPARTMENTS.write(connection, batch.departments)


def _note_order(batch: _Batch, event: object, version: int) -> None:
    match event:
        case intake.RequestRegistered():
            batch.orders.first(
                event.request_id,
                registered_at=event.occurred_at,
                channel=event.channel.value,
                request_type=event.request_type.value,
            )
        case intake.RequestAnsweredDirectly():
            batch.orders.first(event.request_id, answered_directly_at=event.occurred_at)
        case routing.WorkOrderOpened():
            batch.orders.first(
                event.request_id,
                work_order_id=event.work_order_id,
                opened_at=event.occurred_at,
                opened_registered_at=event.registered_at,
            )
            batch.orders.latest(event.request_id, category=event.category, category_version=version)
        case routing.WorkOrderClassified():
            batch.orders.latest(event.request_id, category=event.category, category_version=version)
        case routing.WorkOrderTransferred() | routing.WorkOrderReopened():
            batch.dispatch(event, version)
        case routing.WorkOrderClosed():
            batch.orders.first(event.request_id, closed_at=event.occurred_at)
        case routing.WorkOrderWithdrawn():
            batch.orders.first(event.request_id, closed_at=event.occurred_at)
            if event.department is not None:
                batch.act(event.work_order_id, version, superseded_at=event.occurred_at)
        case _:
            _note_act(batch, event, version)


def _note_act(batch: _Batch, event: object, version: int) -> None:
    match event:
        case routing.WorkOrderSigned():
            batch.act(event.work_order_id, version, signed_at=event.occurred_at)
        case routing.WorkOrderCallerContacted():
            batch.act(event.work_order_id, version, contacted_at=event.occurred_at)
        case routing.WorkOrderReturned() if not event.reason.is_a_departments:
            batch.act(event.work_order_id, version, superseded_at=event.occurred_at)
        case routing.WorkOrderReturned():
            batch.act(event.work_order_id, version, returned_at=event.occurred_at, return_reason=event.reason.value)
        case routing.WorkOrderResolved():
            batch.act(event.work_order_id, version, resolved_at=event.occurred_at)
        case routing.DepartmentRegistered() | routing.DepartmentRenamed():
            batch.departments.latest(event.department, name_zh=event.name_zh, name_en=event.name_en, name_version=version)
        case routing.DepartmentClosed():
            batch.departments.first(event.department, closed_at=event.occurred_at)
        case _:
            """Limits that passed are seen from due and done times; tables, calls and persons are no orders."""


VIEW = View(
    name="reporting.orders@1",
    tables=("orders", "dispatches", "departments"),
    ddl=f"{_ORDERS.ddl};{_DISPATCHES.ddl};{_DEPARTMENTS.ddl};{_INDEXES}",
    sources=("intake", "routing"),
    apply=_apply,
)


async def department_known(connection: AsyncConnection, department: str) -> bool:
    """Say whether there is, or was, a department of this code."""
    found = await connection.execute(text("select 1 from departments where department = :code"), {"code": department})
    return found.first() is not None


async def departments(connection: AsyncConnection, only: str | None) -> Sequence[Any]:
    """Return every department with its names, or only the one that the asker belongs to."""
    query = text(
        "select department, name_zh, name_en from departments"
        " where cast(:only as text) is null or department = :only order by department"
    )
    return (await connection.execute(query, {"only": only})).all()
