"""Returns: a department gives an order back, with a ground (W10)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never

from hotline_events.catalogue.routing import ReturnReason, WorkOrderEvent, WorkOrderReturned
from hotline_events.sealing import Sealed
from routing.domain.work_order.guards import held
from routing.domain.work_order.state import WorkOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnOrder:
    department: str
    reason: ReturnReason
    note: Sealed | None = None
    by: str
    now: datetime


ReturningCommand: TypeAlias = ReturnOrder


def decide(order: WorkOrder, command: ReturningCommand) -> list[WorkOrderEvent]:
    match command:
        case ReturnOrder():
            return _return(order, command)
        case _:
            assert_never(command)


def _return(order: WorkOrder, command: ReturnOrder) -> list[WorkOrderEvent]:
    held(order, command.department, command.now)
    return [
        WorkOrderReturned(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            requester_id=order.requester_id,
            department=command.department,
            reason=command.reason,
            note=command.note,
            returned_by=command.by,
            occurred_at=command.now,
        )
    ]
