"""`routing.clocks@1`: where every dispatched order stands on its ladder, its supervisions and extensions, and its record.

Texts stay in their boxes; they are unsealed when somebody reads.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue import routing
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.registry import type_of
from hotline_events.rows import Row, as_json
from hotline_events.sealing import Sealed, box_of
from routing.adapters.views.cases import (
    CONCERN_EXTENSIONS,
    CONCERN_SUPERVISIONS,
    EXTENSIONS,
    SUPERVISIONS,
    change_extension,
    change_supervision,
)
from routing.adapters.views.keyed import Key, KeyedTable
from routing.domain.work_order.standing import HELD

LADDERS = KeyedTable(
    "order_ladders",
    ("work_order_id",),
    {
        "request_id": "uuid not null",
        "department": "text not null",
        "hop": "integer not null",
        "round": "integer not null",
        "in_hands": "boolean not null",
        "return_due_at": "timestamptz",
        "resolve_due_at": "timestamptz not null",
        "next_rung": "text",
        "next_rung_at": "timestamptz",
        "urges": "integer not null",
        "urged_at": "timestamptz",
        "card": "text",
        "criticised_at": "timestamptz",
        "missing": "text[] not null",
    },
)
_RECORD_DDL = """create table if not exists order_records (
    position bigint primary key, work_order_id uuid not null, department text, act text not null, acted_by text, outcome text,
    contacted_department text, subject text, words text, evidence uuid[] not null, occurred_at timestamptz not null);
create index if not exists order_records_by_order on order_records (work_order_id, position);
create index if not exists order_ladders_withheld on order_ladders (resolve_due_at, work_order_id) where missing <> '{}';
create index if not exists order_ladders_by_due on order_ladders (in_hands, resolve_due_at, work_order_id);
create index if not exists supervisions_by_due on supervisions (status, due_at, supervision_id);
create index if not exists extensions_by_asking on extensions (status, requested_at, extension_id)"""
_ENTER = text(
    "insert into order_records select * from json_populate_recordset(cast(null as order_records), cast(:rows as json)) "
    "on conflict do nothing"
)
_LEAVES = (
    routing.WorkOrderResolved,
    routing.WorkOrderReturned,
    routing.WorkOrderMerged,
    routing.WorkOrderWithdrawn,
    routing.WorkOrderClosed,
)
_CONCERNS = (
    routing.WorkOrderTransferred,
    routing.WorkOrderReopened,
    routing.WorkOrderReminded,
    routing.WorkOrderUrged,
    routing.WorkOrderCardShown,
    routing.WorkOrderCriticismMarked,
    routing.WorkOrderSupervisionClosed,
    routing.WorkOrderUnmerged,
    routing.WorkOrderExtensionGranted,
    routing.WorkOrderClosingWithheld,
    routing.WorkOrderInvestigationReported,
    routing.WorkOrderDepartmentContacted,
    routing.WorkOrderCallerInformed,
    routing.WorkOrderReplyCorrected,
    routing.WorkOrderReplyReviewed,
    routing.WorkOrderTypeChanged,
    *_LEAVES,
)
_WORDS = ("finding", "said", "reason", "reply", "note")
_RECORDED = (
    routing.WorkOrderInvestigationReported,
    routing.WorkOrderDepartmentContacted,
    routing.WorkOrderCallerInformed,
    routing.WorkOrderReplyReviewed,
    routing.WorkOrderReplyCorrected,
    routing.WorkOrderUnresolvableFiled,
    routing.WorkOrderUnresolvableReviewed,
)


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    for table, (change, concerns) in _CHANGES.items():
        told = [one for one in envelopes if isinstance(one.event, concerns)]
        if not told:
            continue
        rows = await table.load(connection, {one.event.work_order_id for one in told})
        changed: set[Key] = set()
        for envelope in told:
            changed |= change(rows, envelope)
        await table.save(connection, [rows[key] for key in changed])
    entries = [_entry(one) for one in envelopes if isinstance(one.event, _RECORDED)]
    if entries:
        await connection.execute(_ENTER, {"rows": as_json(entries)})


def _ladder(rows: dict[Key, Row], envelope: Envelope) -> set[Key]:
    event = envelope.event
    key = (event.work_order_id,)
    row = rows.get(key)
    if row is not None and envelope.version <= row["version"]:
        return set()
    change = _ladder_change(row, event)
    if change is None:
        return set()
    rows[key] = {**(row or {"work_order_id": event.work_order_id}), **change, "version": envelope.version}
    return {key}


def _ladder_change(row: Row | None, event: Any) -> Row | None:  # noqa: ANN401, C901, PLR0912 - one case an event
    if isinstance(event, routing.WorkOrderTransferred | routing.WorkOrderReopened):
        return _new_stint(row, event)
    if row is None:
        return None
    rung = {"next_rung": event.next_rung, "next_rung_at": event.next_rung_at} if hasattr(event, "next_rung") else {}
    match event:
        case routing.WorkOrderReminded():
            return rung
        case routing.WorkOrderUrged():
            return {**rung, "urges": event.number, "urged_at": event.occurred_at}
        case routing.WorkOrderCardShown():
            return {**rung, "card": event.card}
        case routing.WorkOrderCriticismMarked():
            return {**rung, "criticised_at": event.occurred_at}
        case routing.WorkOrderSupervisionClosed():
            return rung
        case routing.WorkOrderUnmerged():
            return {**rung, "in_hands": event.standing in HELD}
        case routing.WorkOrderExtensionGranted():
            return {**rung, "resolve_due_at": event.resolve_due_at, "card": None}
        case routing.WorkOrderClosingWithheld():
            return {"missing": event.missing}
        case _ if getattr(event, "still_missing", ()):
            return {"missing": event.still_missing}
        case _ if isinstance(event, _LEAVES):
            missing = [] if isinstance(event, routing.WorkOrderClosed) else row["missing"]
            return {"in_hands": False, "next_rung": None, "next_rung_at": None, "missing": missing}
        case _:
            return None


def _new_stint(row: Row | None, event: routing.WorkOrderTransferred | routing.WorkOrderReopened) -> Row:
    hop = event.hop if isinstance(event, routing.WorkOrderTransferred) else (row or {}).get("hop", 1)
    return {
        "request_id": event.request_id,
        "department": event.department,
        "hop": hop,
        "round": event.round,
        "in_hands": True,
        "return_due_at": event.return_due_at,
        "resolve_due_at": event.resolve_due_at,
        "next_rung": event.next_rung,
        "next_rung_at": event.next_rung_at,
        "urges": 0,
        "urged_at": None,
        "card": None,
        "criticised_at": None,
        "missing": [],
    }


def _entry(envelope: Envelope) -> Row:
    event = envelope.event
    said = (getattr(event, name, None) for name in _WORDS)
    outcomes = (getattr(event, name, None) for name in ("result", "agreed", "waited_seconds"))
    outcome = next((one for one in outcomes if one is not None), None)
    return {
        "position": envelope.position,
        "work_order_id": event.work_order_id,
        "department": event.department,
        "act": type_of(event).verb,
        "acted_by": envelope.actor.actor_id,
        "outcome": None if outcome is None else str(outcome).lower(),
        "contacted_department": getattr(event, "contacted_department", None),
        "subject": box_of(getattr(event, "contact", None)),
        "words": box_of(next((one for one in said if isinstance(one, Sealed)), None)),
        "evidence": getattr(event, "evidence", ()),
        "occurred_at": event.occurred_at,
    }


_Change = Callable[[dict[Key, Row], Envelope], set[Key]]
_CHANGES: Mapping[KeyedTable, tuple[_Change, tuple[type, ...]]] = MappingProxyType(
    {
        LADDERS: (_ladder, _CONCERNS),
        SUPERVISIONS: (change_supervision, CONCERN_SUPERVISIONS),
        EXTENSIONS: (change_extension, CONCERN_EXTENSIONS),
    }
)
CLOCKS = View(
    name="routing.clocks@1",
    tables=("order_ladders", "supervisions", "extensions", "order_records"),
    ddl=f"{LADDERS.ddl};\n{SUPERVISIONS.ddl};\n{EXTENSIONS.ddl};\n{_RECORD_DDL}",
    sources=("routing",),
    apply=_apply,
)
