"""The row of an order, and what each of its events makes of it: where it stands, with whom, until when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline_events.catalogue.routing import (
    LimitKind,
    WorkOrderAccusedNamed,
    WorkOrderCallerContacted,
    WorkOrderClassified,
    WorkOrderClosed,
    WorkOrderExtensionGranted,
    WorkOrderFollowerJoined,
    WorkOrderLimitPassed,
    WorkOrderMerged,
    WorkOrderOpened,
    WorkOrderReopened,
    WorkOrderReplyCorrected,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderSigned,
    WorkOrderTransferred,
    WorkOrderTypeChanged,
    WorkOrderUnmerged,
    WorkOrderWithdrawn,
)
from hotline_events.envelope import Envelope
from hotline_events.replacing import replace
from hotline_events.sealing import box_of
from routing.domain.work_order import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One row of `orders`; fields of a stint are those of the present or last department."""

    work_order_id: UUID
    version: int
    opened_position: int
    request_id: UUID
    requester_id: UUID
    request_type: str
    channel: str
    area: str | None
    asked_category: str | None
    category: str | None = None
    status: str = Status.OPENED.value
    department: str | None = None
    hop: int = 0
    round: int = 0
    registered_at: datetime
    opened_at: datetime
    transferred_at: datetime | None = None
    sign_due_at: datetime | None = None
    contact_due_at: datetime | None = None
    resolve_due_at: datetime | None = None
    rule_version: str | None = None
    signed_at: datetime | None = None
    contacted_at: datetime | None = None
    returned_at: datetime | None = None
    return_reason: str | None = None
    return_note: str | None = None
    resolved_at: datetime | None = None
    reply: str | None = None
    closed_at: datetime | None = None
    limits_passed: tuple[str, ...] = ()
    supports: tuple[str, ...] = ()
    fee_free: bool = False


def after(row: OrderRow | None, envelope: Envelope) -> OrderRow:  # noqa: C901, PLR0912 - one case an event
    """Return an order's row after one more of its events."""
    event = envelope.event
    if row is None:
        return _opened(event, envelope)
    if envelope.version <= row.version:
        return row
    row = replace(row, version=envelope.version)
    match event:
        case WorkOrderClassified():
            status = Status.CLASSIFIED.value if row.status == Status.OPENED else row.status
            return replace(row, category=event.category, status=status)
        case WorkOrderTransferred():
            return replace(_in_hands(row, event, hop=event.hop), reply=None, supports=event.support_departments)
        case WorkOrderTypeChanged():
            return replace(row, request_type=event.to_type.value)
        case WorkOrderAccusedNamed() | WorkOrderFollowerJoined():
            return replace(row, supports=tuple(code for code in row.supports if code != event.accused_department))
        case WorkOrderMerged():
            return replace(row, status=Status.MERGED.value)
        case WorkOrderUnmerged():
            return replace(row, status=event.standing)
        case WorkOrderReopened():
            return replace(_in_hands(row, event, hop=row.hop), closed_at=None, fee_free=event.fee_free)
        case WorkOrderSigned():
            return replace(row, signed_at=event.occurred_at, status=Status.SIGNED.value)
        case WorkOrderCallerContacted():
            return replace(row, contacted_at=event.occurred_at)
        case WorkOrderReturned():
            return replace(
                row,
                returned_at=event.occurred_at,
                return_reason=event.reason.value,
                return_note=box_of(event.note),
                supports=(),
                status=Status.RETURNED.value,
            )
        case WorkOrderResolved():
            row = replace(row, resolved_at=event.occurred_at, reply=box_of(event.reply), status=Status.RESOLVED.value)
            return row if event.merged_into is None else replace(row, department=event.department, round=event.round)
        case WorkOrderClosed():
            return replace(row, closed_at=event.occurred_at, status=Status.CLOSED.value)
        case WorkOrderWithdrawn():
            return replace(row, closed_at=event.occurred_at, status=Status.WITHDRAWN.value)
        case WorkOrderReplyCorrected():
            return replace(row, reply=box_of(event.reply))
        case WorkOrderExtensionGranted():
            limits = tuple(limit for limit in row.limits_passed if limit != LimitKind.RESOLVE)
            return replace(row, resolve_due_at=event.resolve_due_at, limits_passed=limits)
        case WorkOrderLimitPassed() if (event.hop, event.round) == (row.hop, row.round):
            return replace(row, limits_passed=(*row.limits_passed, event.limit.value))
        case _:
            return row


def _opened(event: WorkOrderOpened, envelope: Envelope) -> OrderRow:
    return OrderRow(
        work_order_id=event.work_order_id,
        version=envelope.version,
        opened_position=envelope.position,
        request_id=event.request_id,
        requester_id=event.requester_id,
        request_type=event.request_type.value,
        channel=event.channel.value,
        area=event.area,
        asked_category=event.category,
        registered_at=event.registered_at,
        opened_at=event.occurred_at,
    )


def _in_hands(row: OrderRow, event: WorkOrderTransferred | WorkOrderReopened, *, hop: int) -> OrderRow:
    return replace(
        row,
        status=Status.TRANSFERRED.value,
        department=event.department,
        hop=hop,
        round=event.round,
        transferred_at=event.occurred_at,
        sign_due_at=event.sign_due_at,
        contact_due_at=event.contact_due_at,
        resolve_due_at=event.resolve_due_at,
        rule_version=event.rule_version,
        signed_at=None,
        contacted_at=None,
        resolved_at=None,
        limits_passed=(),
    )
