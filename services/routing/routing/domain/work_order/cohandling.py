"""Who answers for an order within its department (A76), and what a co-handling unit does: its part, and no more (A73, A75)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never

from hotline_events.catalogue.routing import WorkOrderEvent, WorkOrderHandlerAssigned, WorkOrderPartReported
from hotline_events.sealing import Sealed
from routing.domain.work_order import refusals
from routing.domain.work_order.guards import held, refuse_ended
from routing.domain.work_order.standing import HELD
from routing.domain.work_order.state import WorkOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignHandler:
    """The department names the person who answers for the order."""

    department: str
    handler: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPart:
    """A co-handling unit reports its part to the lead."""

    department: str
    report: Sealed
    by: str
    now: datetime


CohandlingCommand: TypeAlias = AssignHandler | ReportPart


def decide(order: WorkOrder, command: CohandlingCommand) -> list[WorkOrderEvent]:
    match command:
        case AssignHandler():
            return _assign(order, command)
        case ReportPart():
            return _report(order, command)
        case _:
            assert_never(command)


def _assign(order: WorkOrder, command: AssignHandler) -> list[WorkOrderEvent]:
    held(order, command.department, command.now)
    if order.dispatching.handler == command.handler:
        return []
    return [
        WorkOrderHandlerAssigned(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=command.department,
            handler=command.handler,
            assigned_by=command.by,
            occurred_at=command.now,
        )
    ]


def _report(order: WorkOrder, command: ReportPart) -> list[WorkOrderEvent]:
    """Take the part of a unit that was asked; for any other one there is no such order. It may report again."""
    stint = order.stint
    if stint is None or command.department not in order.dispatching.supports:
        raise refusals.WorkOrderUnknownError
    refuse_ended(order)
    if order.status not in HELD:
        raise refusals.OrderNotHeldError
    return [
        WorkOrderPartReported(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            requester_id=order.requester_id,
            department=command.department,
            round=stint.round,
            report=command.report,
            reported_by=command.by,
            occurred_at=command.now,
        )
    ]
