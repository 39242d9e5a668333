"""`routing.orders@1`: where every order stands, beside what was said about it, and what each department was told.

Texts stay in their boxes; they are unsealed when somebody reads. Each table follows one source only, and they meet at query
time: routing may apply an order's events before or after the request's own.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.intake import PersonErased, RequestAnsweredDirectly, RequestCorrected, RequestRegistered
from hotline_events.catalogue.routing import WorkOrderOpened
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import as_json
from hotline_events.sealing import box_of
from routing.adapters.views.aging import age, apart
from routing.adapters.views.order_rows import OrderRow, after

_DDL = """
create table if not exists orders (
    work_order_id uuid primary key, version integer not null, opened_position bigint not null,
    request_id uuid not null, requester_id uuid not null, request_type text not null, channel text not null,
    area text, asked_category text, category text, status text not null, department text, hop integer not null,
    round integer not null, registered_at timestamptz not null, opened_at timestamptz not null,
    transferred_at timestamptz, sign_due_at timestamptz, contact_due_at timestamptz, resolve_due_at timestamptz,
    rule_version text, signed_at timestamptz, contacted_at timestamptz, returned_at timestamptz, return_reason text,
    return_note text, resolved_at timestamptz, reply text, closed_at timestamptz, limits_passed text[] not null);
alter table orders add column if not exists supports text[] not null default '{}';
alter table orders add column if not exists fee_free boolean not null default false;
create index if not exists orders_by_supports on orders using gin (supports);
create index if not exists orders_by_position on orders (opened_position);
create index if not exists orders_by_department on orders (department, status, resolve_due_at);
create index if not exists orders_by_request on orders (request_id);
create table if not exists order_matters (
    request_id uuid primary key, requester_id uuid not null, title text, matter text, place text, answered_at timestamptz);
create index if not exists order_matters_by_requester on order_matters (requester_id);
create table if not exists erased_requesters (person_id uuid primary key);
create table if not exists queue_events (
    position bigint primary key, department text not null, name text not null, work_order_id uuid not null,
    request_id uuid not null, version integer not null, occurred_at timestamptz not null);
create index if not exists queue_events_by_department on queue_events (department, position)
"""


_CORRECTABLE = ("title", "matter", "place")
_NAMES = [field.name for field in fields(OrderRow)]
_COLUMNS = ", ".join(_NAMES)
_UPDATES = ", ".join(f"{name} = excluded.{name}" for name in _NAMES)
_SELECT = text(f"select {_COLUMNS} from orders where work_order_id = any(:ids)")
_UPSERT = text(
    f"insert into orders ({_COLUMNS}) select {_COLUMNS} "
    f"from json_populate_recordset(cast(null as orders), cast(:rows as json)) "
    f"on conflict (work_order_id) do update set {_UPDATES}"
)
_TELL = text(
    "insert into queue_events select * from json_populate_recordset(cast(null as queue_events), cast(:rows as json)) "
    "on conflict do nothing"
)
_REGISTER = text(
    "insert into order_matters select * from json_populate_recordset(cast(null as order_matters), cast(:rows as json)) "
    "on conflict do nothing"
)
_ANSWER = text(
    "update order_matters set answered_at = a.answered_at "
    "from json_populate_recordset(cast(null as order_matters), cast(:rows as json)) a "
    "where a.request_id = order_matters.request_id"
)
_CORRECT = text(
    "update order_matters m set title = coalesce(c.title, m.title), matter = coalesce(c.matter, m.matter), "
    "place = coalesce(c.place, m.place) "
    "from json_populate_recordset(cast(null as order_matters), cast(:rows as json)) c where c.request_id = m.request_id"
)
_ERASE = (
    text("insert into erased_requesters select unnest(cast(:people as uuid[])) on conflict do nothing"),
    text("update order_matters set title = null, matter = null, place = null where requester_id = any(:people)"),
)


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    if envelopes[0].name.startswith("routing."):
        await _apply_orders(connection, [one for one in envelopes if one.name.startswith("routing.work_order.")])
    else:
        await _apply_matters(connection, [one.event for one in envelopes])


async def _apply_orders(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    if not envelopes:
        return
    changing, aged = apart(envelopes)
    await age(connection, "orders", aged)
    await _change_orders(connection, changing)
    told = [_told(one) for one in envelopes if getattr(one.event, "department", None) is not None]
    if told:
        await connection.execute(_TELL, {"rows": as_json(told)})


async def _change_orders(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    if not envelopes:
        return
    known = {one.event.work_order_id for one in envelopes if not isinstance(one.event, WorkOrderOpened)}
    rows = {}
    if known:
        found = await connection.execute(_SELECT, {"ids": list(known)})
        rows = {row["work_order_id"]: _row(row) for row in found.mappings()}
    for envelope in envelopes:
        order_id = envelope.event.work_order_id
        rows[order_id] = after(rows.get(order_id), envelope)
    columns = [{name: getattr(row, name) for name in _NAMES} for row in rows.values()]
    await connection.execute(_UPSERT, {"rows": as_json(columns)})


async def _apply_matters(connection: AsyncConnection, events: Sequence[Any]) -> None:
    registered = [_matter(event) for event in events if isinstance(event, RequestRegistered)]
    answered = [
        {"request_id": event.request_id, "answered_at": event.occurred_at}
        for event in events
        if isinstance(event, RequestAnsweredDirectly)
    ]
    erased = [event.person_id for event in events if isinstance(event, PersonErased)]
    if registered:
        await connection.execute(_REGISTER, {"rows": as_json(registered)})
    if corrected := _corrected(events):
        await connection.execute(_CORRECT, {"rows": as_json(corrected)})
    if answered:
        await connection.execute(_ANSWER, {"rows": as_json(answered)})
    for statement in _ERASE if erased else ():
        await connection.execute(statement, {"people": erased})


def _corrected(events: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the last box of each corrected text, one row a request: whoever handles the order reads what holds now (A43)."""
    rows: dict[UUID, dict[str, Any]] = {}
    for event in events:
        if isinstance(event, RequestCorrected) and event.field in _CORRECTABLE and event.became is not None:
            rows.setdefault(event.request_id, {"request_id": event.request_id})[event.field] = event.became.box
    return list(rows.values())


def _row(columns: Any) -> OrderRow:  # noqa: ANN401 - a database row
    lists = {name: tuple(columns[name]) for name in ("limits_passed", "supports")}
    return OrderRow(**{**columns, **lists})


def _told(envelope: Envelope) -> dict[str, Any]:
    event = envelope.event
    return {
        "position": envelope.position,
        "department": event.department,
        "name": envelope.name,
        "work_order_id": event.work_order_id,
        "request_id": event.request_id,
        "version": envelope.version,
        "occurred_at": event.occurred_at,
    }


def _matter(event: RequestRegistered) -> dict[str, Any]:
    return {
        "request_id": event.request_id,
        "requester_id": event.requester_id,
        "title": box_of(event.title),
        "matter": box_of(event.matter),
        "place": box_of(event.place),
    }


ORDERS = View(
    name="routing.orders@1",
    tables=("orders", "order_matters", "erased_requesters", "queue_events"),
    ddl=_DDL,
    sources=("routing", "intake"),
    apply=_apply,
)
