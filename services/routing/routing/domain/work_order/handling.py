"""What the department that has an order does with it: sign, contact the requester, resolve (A95, A98, W1)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never

from hotline_events.catalogue.routing import (
    WorkOrderCallerContacted,
    WorkOrderEvent,
    WorkOrderResolved,
    WorkOrderSigned,
)
from hotline_events.sealing import Sealed
from routing.domain.work_order import refusals
from routing.domain.work_order.guards import held
from routing.domain.work_order.state import WorkOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOrder:
    department: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCaller:
    department: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveOrder:
    department: str
    reply: Sealed
    by: str
    now: datetime


HandlingCommand: TypeAlias = SignOrder | ContactCaller | ResolveOrder


def decide(order: WorkOrder, command: HandlingCommand) -> list[WorkOrderEvent]:
    match command:
        case SignOrder():
            return _sign(order, command)
        case ContactCaller():
            return _contact(order, command)
        case ResolveOrder():
            return _resolve(order, command)
        case _:
            assert_never(command)


def _sign(order: WorkOrder, command: SignOrder) -> list[WorkOrderEvent]:
    if held(order, command.department, command.now).signed_at is not None:
        return []
    return [
        WorkOrderSigned(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=command.department,
            signed_by=command.by,
            occurred_at=command.now,
        )
    ]


def _contact(order: WorkOrder, command: ContactCaller) -> list[WorkOrderEvent]:
    if held(order, command.department, command.now).contacted_at is not None:
        return []
    return [
        WorkOrderCallerContacted(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=command.department,
            contacted_by=command.by,
            occurred_at=command.now,
        )
    ]


def _resolve(order: WorkOrder, command: ResolveOrder) -> list[WorkOrderEvent]:
    stint = held(order, command.department, command.now)
    if stint.signed_at is None:
        raise refusals.OrderNotSignedError
    return [
        WorkOrderResolved(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            requester_id=order.requester_id,
            department=command.department,
            round=stint.round,
            reply=command.reply,
            first_contact=order.dispatching.first_contact,
            resolved_by=command.by,
            occurred_at=command.now,
        )
    ]
