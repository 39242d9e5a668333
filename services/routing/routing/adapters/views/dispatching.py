"""`routing.dispatching@1`: which orders wait for a dispatcher or the office, who gave what back, who helps, what is precedent.

Notes and reports stay in their boxes; they are unsealed when somebody reads.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.routing import (
    PrecedentRevoked,
    PrecedentSet,
    WorkOrderAccusedNamed,
    WorkOrderArbitrationDecided,
    WorkOrderArbitrationOpened,
    WorkOrderClassified,
    WorkOrderClosed,
    WorkOrderDispatchLate,
    WorkOrderFollowerJoined,
    WorkOrderHandlerAssigned,
    WorkOrderMerged,
    WorkOrderOpened,
    WorkOrderPartReported,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderTransferred,
    WorkOrderUnmerged,
    WorkOrderWithdrawn,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import Row, put, touched
from hotline_events.sealing import box_of
from hotline_events.store import Store
from routing.adapters.views.aging import age, apart
from routing.domain.work_order import Status

_DDL = """
create table if not exists dispatches (
    work_order_id uuid primary key, version integer not null, request_id uuid not null, requester_id uuid not null,
    category text, area text, confidence integer, reclassified integer not null, answer_class text, waiting text,
    waiting_since timestamptz, dispatch_due_at timestamptz, dispatched_late integer not null, department text, route text,
    precedent_id uuid, supports text[] not null, handler text, hop integer not null, returns integer not null,
    arbitrations integer not null, lead_id uuid, merge_reason text, merged_by text, merged_at timestamptz, grounds text,
    decided_by text, decided_at timestamptz);
create index if not exists dispatches_waiting on dispatches (waiting_since, work_order_id) where waiting is not null;
create index if not exists dispatches_by_lead on dispatches (lead_id) where lead_id is not null;
create table if not exists order_returns (
    position bigint primary key, work_order_id uuid not null, department text not null, reason text not null, note text,
    returned_by text not null, returned_at timestamptz not null);
create index if not exists order_returns_by_order on order_returns (work_order_id, position);
create table if not exists order_parts (
    position bigint primary key, work_order_id uuid not null, request_id uuid not null, department text not null,
    round integer not null, report text, reported_by text not null, reported_at timestamptz not null);
create index if not exists order_parts_by_order on order_parts (work_order_id, position);
create table if not exists precedents (
    precedent_id uuid primary key, version integer not null, category text not null, area text, department text not null,
    work_order_id uuid, decided_by text, decided_at timestamptz, revoked_by text, revoked_at timestamptz,
    revocation_reason text)
"""
_NOBODY: Row = {"department": None, "route": None, "precedent_id": None, "supports": (), "handler": None}
_MERGED = ("lead_id", "merge_reason", "merged_by", "merged_at")
_DECIDED = ("grounds", "decided_by", "decided_at")
_NOT_WAITING: Row = {"waiting": None, "waiting_since": None, "dispatch_due_at": None}


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    orders = [one for one in envelopes if one.name.startswith("routing.work_order.")]
    await _apply_orders(connection, orders)
    await put(connection, "order_returns", ("position",), [_returned(one) for one in orders if _is(one, WorkOrderReturned)])
    await put(connection, "order_parts", ("position",), [_part(one) for one in orders if _is(one, WorkOrderPartReported)])
    precedents = [one.event for one in envelopes if _is(one, PrecedentSet, PrecedentRevoked)]
    ids = list({event.precedent_id for event in precedents})
    rows = {row["precedent_id"]: row for row in await touched(connection, "precedents", "precedent_id", ids)}
    for event in precedents:
        rows[event.precedent_id] = {**rows.get(event.precedent_id, {}), **_precedent(event)}
    await put(connection, "precedents", ("precedent_id",), list(rows.values()))


async def _apply_orders(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    changing, aged = apart(envelopes)
    await age(connection, "dispatches", aged)
    ids = list({one.event.work_order_id for one in changing})
    rows: dict[UUID, Row] = {row["work_order_id"]: row for row in await touched(connection, "dispatches", "work_order_id", ids)}
    for envelope in changing:
        event, row = envelope.event, rows.get(envelope.event.work_order_id)
        if isinstance(event, WorkOrderOpened):
            row = row or _opened(event)
        if row is None or envelope.version <= row["version"]:
            continue
        rows[event.work_order_id] = {**row, **_change(row, event), "version": envelope.version}
    await put(connection, "dispatches", ("work_order_id",), list(rows.values()))


def _opened(event: WorkOrderOpened) -> Row:
    return {
        **dict.fromkeys(("category", "confidence", "answer_class", *_MERGED, *_DECIDED)),
        **_NOBODY,
        "work_order_id": event.work_order_id,
        "version": 0,
        "request_id": event.request_id,
        "requester_id": event.requester_id,
        "area": event.area,
        "reclassified": 0,
        "hop": 0,
        "returns": 0,
        "arbitrations": 0,
        "dispatched_late": 0,
        **_waits("classification", event.occurred_at, event.dispatch_due_at),
    }


def _change(row: Row, event: Any) -> Row:  # noqa: ANN401, C901, PLR0912 - any event of an order, one case each
    match event:
        case WorkOrderClassified():
            waits = {"waiting": "department"} if row["waiting"] == "classification" else {}
            said = {"category": event.category, "confidence": event.confidence, "answer_class": event.answer_class}
            return {**said, **waits, "reclassified": row["reclassified"] + (event.from_category is not None)}
        case WorkOrderTransferred():
            return {**_sent(event), **_NOT_WAITING}
        case WorkOrderReturned():
            return {
                **_waits("return", event.occurred_at, event.dispatch_due_at),
                "returns": row["returns"] + event.reason.is_a_departments,
                "supports": (),
                "handler": None,
            }
        case WorkOrderAccusedNamed() | WorkOrderFollowerJoined():
            return {"supports": tuple(code for code in row["supports"] if code != event.accused_department)}
        case WorkOrderDispatchLate():
            return {"dispatched_late": row["dispatched_late"] + 1}
        case WorkOrderArbitrationOpened():
            return {**_waits("arbitration", event.occurred_at), "arbitrations": event.arbitration}
        case WorkOrderArbitrationDecided():
            decided = {"grounds": box_of(event.grounds), "decided_by": event.decided_by, "decided_at": event.occurred_at}
            return {**decided, **_NOT_WAITING}
        case WorkOrderWithdrawn() | WorkOrderClosed():
            return _NOT_WAITING
        case WorkOrderHandlerAssigned():
            return {"handler": event.handler}
        case WorkOrderReopened():
            return {"department": event.department}
        case WorkOrderMerged():
            merged = {"lead_id": event.lead_id, "merge_reason": event.reason.value, "merged_by": event.merged_by}
            return {**merged, "merged_at": event.occurred_at, **_NOT_WAITING}
        case WorkOrderUnmerged():
            return {**dict.fromkeys(_MERGED), **_waiting_again(event)}
        case WorkOrderResolved(merged_into=lead) if lead is not None:
            return {"department": event.department}
        case _:
            return {}


def _sent(event: WorkOrderTransferred) -> Row:
    return {
        "department": event.department,
        "route": event.route.value if event.route else None,
        "precedent_id": event.precedent_id,
        "supports": event.support_departments,
        "answer_class": event.answer_class,
        "handler": None,
        "hop": event.hop,
    }


def _waits(what: str, since: datetime, due_at: datetime | None = None) -> Row:
    return {"waiting": what, "waiting_since": since, "dispatch_due_at": due_at}


def _waiting_again(event: WorkOrderUnmerged) -> Row:
    """Let an order that waited when it was merged wait again, from now on."""
    waited = {Status.OPENED: "classification", Status.CLASSIFIED: "department", Status.RETURNED: "return"}
    what = waited.get(Status(event.standing))
    return _waits(what, event.occurred_at, event.dispatch_due_at) if what else _NOT_WAITING


def _returned(envelope: Envelope) -> Row:
    event: WorkOrderReturned = envelope.event
    return {
        "position": envelope.position,
        "work_order_id": event.work_order_id,
        "department": event.department,
        "reason": event.reason.value,
        "note": box_of(event.note),
        "returned_by": event.returned_by,
        "returned_at": event.occurred_at,
    }


def _part(envelope: Envelope) -> Row:
    event: WorkOrderPartReported = envelope.event
    return {
        "position": envelope.position,
        "work_order_id": event.work_order_id,
        "request_id": event.request_id,
        "department": event.department,
        "round": event.round,
        "report": box_of(event.report),
        "reported_by": event.reported_by,
        "reported_at": event.occurred_at,
    }


def _precedent(event: PrecedentSet | PrecedentRevoked) -> Row:
    if isinstance(event, PrecedentRevoked):
        revoked = {"revoked_by": event.revoked_by, "revoked_at": event.occurred_at}
        return {**revoked, "revocation_reason": event.reason.value}
    return {
        "precedent_id": event.precedent_id,
        "version": event.precedent_version,
        "category": event.category,
        "area": event.area,
        "department": event.department,
        "work_order_id": event.work_order_id,
        "decided_by": event.decided_by,
        "decided_at": event.occurred_at,
        **dict.fromkeys(("revoked_by", "revoked_at", "revocation_reason")),
    }


def _is(envelope: Envelope, *kinds: type) -> bool:
    return isinstance(envelope.event, kinds)


DISPATCHING = View(
    name="routing.dispatching@1",
    tables=("dispatches", "order_returns", "order_parts", "precedents"),
    ddl=_DDL,
    sources=("routing",),
    apply=_apply,
)


async def waiting(
    store: Store, *, what: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return what waits for a dispatcher or for the office, the longest first."""
    since, order_id = after or (None, None)
    return await store.rows(
        """select * from dispatches
            where waiting is not null and (cast(:what as text) is null or waiting = :what)
              and (cast(:since as timestamptz) is null
                   or (waiting_since, work_order_id) > (cast(:since as timestamptz), cast(:order_id as uuid)))
            order by waiting_since, work_order_id limit :most""",
        what=what,
        since=since,
        order_id=order_id,
        most=limit,
    )


async def dispatch(store: Store, work_order_id: UUID) -> Mapping[str, Any] | None:
    """Return how an order found its department, its followers with it."""
    rows = await store.rows(
        """select d.*, array(select f.work_order_id from dispatches f where f.lead_id = d.work_order_id
                              order by f.work_order_id) as followers
             from dispatches d where d.work_order_id = :id""",
        id=work_order_id,
    )
    return rows[0] if rows else None


async def returns(store: Store, work_order_id: UUID) -> Sequence[Mapping[str, Any]]:
    """Return who gave the order back, when and why, the first one first."""
    return await store.rows("select * from order_returns where work_order_id = :id order by position", id=work_order_id)


async def parts(store: Store, work_order_id: UUID, *, bound_to: str | None) -> Sequence[Mapping[str, Any]]:
    """Return what co-handling departments reported: all of it to the lead, its own to each of them."""
    return await store.rows(
        """select p.* from order_parts p join dispatches d using (work_order_id)
            where work_order_id = :id
              and (cast(:bound_to as text) is null or d.department = :bound_to or p.department = :bound_to)
            order by position""",
        id=work_order_id,
        bound_to=bound_to,
    )


async def precedents(store: Store, *, after: tuple[str, UUID] | None, limit: int) -> Sequence[Mapping[str, Any]]:
    """Return the precedents by category, those that were revoked with them."""
    category, precedent_id = after or (None, None)
    return await store.rows(
        """select * from precedents
            where cast(:category as text) is null or (category, precedent_id) > (:category, cast(:precedent_id as uuid))
            order by category, precedent_id limit :most""",
        category=category,
        precedent_id=precedent_id,
        most=limit,
    )
