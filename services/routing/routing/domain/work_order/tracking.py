"""What the hotline does while a department handles: ask it how the matter goes, tell the caller the result (A28, A95, A98)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never

from hotline_events.catalogue.routing import (
    WorkOrderCallerInformed,
    WorkOrderDepartmentContacted,
    WorkOrderEvent,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_rules.book import RuleBook
from routing.domain.work_order import refusals
from routing.domain.work_order.guards import refuse_before_result
from routing.domain.work_order.standing import Status
from routing.domain.work_order.state import WorkOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordContact:
    """Whom the hotline talked to, and when; the department that has the order when no other one is named."""

    contacted_department: str | None
    contact: Sealed
    said: Sealed | None
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InformCaller:
    said: Sealed | None
    book: RuleBook
    by: str
    now: datetime


TrackingCommand: TypeAlias = RecordContact | InformCaller


class ContactWithoutDepartmentError(RefusalError):
    """The order is with no department yet: the one that was contacted has to be named (A28, A98)."""

    code: ClassVar[str] = "contact_without_department"
    rule: ClassVar[str | None] = "A98"
    field: ClassVar[str | None] = "body.department"
    status: ClassVar[int] = 422


def decide(order: WorkOrder, command: TrackingCommand) -> list[WorkOrderEvent]:
    if order.status in {Status.CLOSED, Status.WITHDRAWN}:
        raise refusals.OrderClosedError
    match command:
        case RecordContact():
            return _record(order, command)
        case InformCaller():
            return _inform(order, command)
        case _:
            assert_never(command)


def _record(order: WorkOrder, command: RecordContact) -> list[WorkOrderEvent]:
    contacted = command.contacted_department or order.department
    if contacted is None:
        raise ContactWithoutDepartmentError
    return [
        WorkOrderDepartmentContacted(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            requester_id=order.requester_id,
            department=order.department,
            contacted_department=contacted,
            contact=command.contact,
            said=command.said,
            contacted_by=command.by,
            occurred_at=command.now,
        )
    ]


def _inform(order: WorkOrder, command: InformCaller) -> list[WorkOrderEvent]:
    stint = order.stint
    if order.status is not Status.RESOLVED or stint is None or stint.resolved_at is None:
        raise refusals.OrderNotResolvedError
    if order.handling.informed:
        return []
    refuse_before_result(order, command.now)
    return [
        WorkOrderCallerInformed(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            requester_id=order.requester_id,
            department=stint.department,
            round=stint.round,
            said=command.said,
            resolved_at=stint.resolved_at,
            waited_seconds=int((command.now - stint.resolved_at).total_seconds()),
            informed_by=command.by,
            occurred_at=command.now,
        )
    ]
