"""Supervisions and extensions, each a row: opened and asked, answered and decided, or lapsed with the department's stint."""

from uuid import UUID

from hotline_events.catalogue import routing
from hotline_events.envelope import Envelope
from hotline_events.rows import Row
from hotline_events.sealing import box_of
from routing.adapters.views.keyed import Key, KeyedTable

SUPERVISIONS = KeyedTable(
    "supervisions",
    ("work_order_id", "supervision_id"),
    {
        "supervision_id": "uuid not null",
        "request_id": "uuid not null",
        "department": "text not null",
        "status": "text not null",
        "ground": "text not null",
        "instruction": "text",
        "due_at": "timestamptz not null",
        "opened_at": "timestamptz not null",
        "opened_by": "text not null",
        "answered_at": "timestamptz",
        "answer": "text",
        "overdue_at": "timestamptz",
        "ended_at": "timestamptz",
    },
)
EXTENSIONS = KeyedTable(
    "extensions",
    ("work_order_id", "extension_id"),
    {
        "extension_id": "uuid not null",
        "request_id": "uuid not null",
        "department": "text not null",
        "status": "text not null",
        "reason": "text",
        "due_before": "timestamptz not null",
        "asked_until": "timestamptz not null",
        "requested_at": "timestamptz not null",
        "requested_by": "text not null",
        "explained_at": "timestamptz",
        "understood": "boolean",
        "decided_at": "timestamptz",
        "decided_by": "text",
        "granted_until": "timestamptz",
        "denial": "text",
    },
)
_ENDS = (
    routing.WorkOrderReturned,
    routing.WorkOrderTransferred,
    routing.WorkOrderReopened,
    routing.WorkOrderMerged,
    routing.WorkOrderWithdrawn,
    routing.WorkOrderClosed,
)
CONCERN_SUPERVISIONS = (
    routing.WorkOrderSupervisionOpened,
    routing.WorkOrderSupervisionAnswered,
    routing.WorkOrderSupervisionSentBack,
    routing.WorkOrderSupervisionOverdue,
    routing.WorkOrderSupervisionClosed,
    routing.WorkOrderResolved,
    *_ENDS,
)
CONCERN_EXTENSIONS = (
    routing.WorkOrderExtensionRequested,
    routing.WorkOrderDeferralExplained,
    routing.WorkOrderExtensionGranted,
    routing.WorkOrderExtensionDenied,
    routing.WorkOrderResolved,
    *_ENDS,
)


def change_supervision(rows: dict[Key, Row], envelope: Envelope) -> set[Key]:
    event = envelope.event
    if isinstance(event, routing.WorkOrderSupervisionOpened):
        instruction = {"instruction": _instruction(rows, event)}
        return _begun(rows, envelope, event.supervision_id, {**_opened(event), **instruction})
    if isinstance(event, routing.WorkOrderResolved):
        return _each(rows, envelope, {"open"}, {"status": "answered", "answered_at": event.occurred_at})
    if isinstance(event, _ENDS):
        return _each(rows, envelope, {"open", "answered"}, {"status": "lapsed", "ended_at": event.occurred_at})
    match event:
        case routing.WorkOrderSupervisionAnswered():
            answer = {"status": "answered", "answered_at": event.occurred_at, "answer": box_of(event.answer)}
            return _changed(rows, envelope, event.supervision_id, answer)
        case routing.WorkOrderSupervisionSentBack():
            return _changed(rows, envelope, event.supervision_id, {"status": "open", "answered_at": None})
        case routing.WorkOrderSupervisionOverdue():
            return _changed(rows, envelope, event.supervision_id, {"overdue_at": event.occurred_at})
        case routing.WorkOrderSupervisionClosed():
            return _changed(rows, envelope, event.supervision_id, {"status": "closed", "ended_at": event.occurred_at})
        case _:
            return set()


def _opened(event: routing.WorkOrderSupervisionOpened) -> Row:
    return {
        "supervision_id": event.supervision_id,
        "request_id": event.request_id,
        "department": event.department,
        "status": "open",
        "ground": event.ground,
        "due_at": event.due_at,
        "opened_at": event.occurred_at,
        "opened_by": event.opened_by,
    }


def _instruction(rows: dict[Key, Row], event: routing.WorkOrderSupervisionOpened) -> str | None:
    """Return the words of the supervisor; those of the case that this one continues still hold."""
    if event.continues is None:
        return box_of(event.instruction)
    said: str | None = rows.get((event.work_order_id, event.continues), {}).get("instruction")
    return said


def change_extension(rows: dict[Key, Row], envelope: Envelope) -> set[Key]:
    event = envelope.event
    if isinstance(event, (*_ENDS, routing.WorkOrderResolved)):
        return _each(rows, envelope, {"waiting"}, {"status": "lapsed", "decided_at": event.occurred_at})
    match event:
        case routing.WorkOrderExtensionRequested():
            return _begun(rows, envelope, event.extension_id, _requested(event))
        case routing.WorkOrderDeferralExplained():
            told = {"explained_at": event.occurred_at, "understood": event.understood}
            return _changed(rows, envelope, event.extension_id, told)
        case routing.WorkOrderExtensionGranted():
            granted = {"status": "granted", "granted_until": event.resolve_due_at}
            decided = {"decided_at": event.occurred_at, "decided_by": event.granted_by}
            return _changed(rows, envelope, event.extension_id, {**granted, **decided})
        case routing.WorkOrderExtensionDenied():
            decided = {"decided_at": event.occurred_at, "decided_by": event.denied_by}
            return _changed(rows, envelope, event.extension_id, {"status": "denied", "denial": box_of(event.reason), **decided})
        case _:
            return set()


def _requested(event: routing.WorkOrderExtensionRequested) -> Row:
    return {
        "extension_id": event.extension_id,
        "request_id": event.request_id,
        "department": event.department,
        "status": "waiting",
        "reason": box_of(event.reason),
        "due_before": event.resolve_due_at,
        "asked_until": event.asked_until,
        "requested_at": event.occurred_at,
        "requested_by": event.requested_by,
    }


def _begun(rows: dict[Key, Row], envelope: Envelope, case: UUID, row: Row) -> set[Key]:
    key = (envelope.event.work_order_id, case)
    if key in rows and envelope.version <= rows[key]["version"]:
        return set()
    rows[key] = {"work_order_id": key[0], "version": envelope.version, **row}
    return {key}


def _changed(rows: dict[Key, Row], envelope: Envelope, case: UUID, change: Row) -> set[Key]:
    key = (envelope.event.work_order_id, case)
    row = rows.get(key)
    if row is None or envelope.version <= row["version"]:
        return set()
    rows[key] = {**row, **change, "version": envelope.version}
    return {key}


def _each(rows: dict[Key, Row], envelope: Envelope, standing: set[str], change: Row) -> set[Key]:
    order = envelope.event.work_order_id
    keys = [key for key, row in rows.items() if key[0] == order and row["status"] in standing]
    return {key for one in keys for key in _changed(rows, envelope, one[1], change)}
