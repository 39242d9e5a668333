"""How an order begins and ends: opened, reopened for rework, withdrawn (A67, A108). How it closes is `closing`."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import RequestRegistered
from hotline_events.catalogue.routing import (
    ReturnReason,
    WorkOrderEvent,
    WorkOrderOpened,
    WorkOrderReopened,
    WorkOrderTransferred,
    WorkOrderWithdrawn,
)
from hotline_rules.pack import RulePack
from routing.domain.emergency.commands import is_emergency
from routing.domain.tables import Tables
from routing.domain.work_order import dispatching, refusals
from routing.domain.work_order.clocks import due_times
from routing.domain.work_order.returning import taken_away
from routing.domain.work_order.standing import UNTAKEN, Status
from routing.domain.work_order.state import WorkOrder, evolve
from routing.domain.work_order.stints import answer_class_of, support_asked
from routing.domain.work_order.supervised import opened_by_rework
from routing.domain.work_order.waiting import dispatch_due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWorkOrder:
    """A request was registered. The tables and the rules are those in force when it is decided."""

    work_order_id: UUID
    request: RequestRegistered
    tables: Tables
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReworkOrder:
    """Followup ordered rework: `round` is the round that begins; it costs the caller nothing if `fee_free` (A109).

    Whether the department that had the order still takes orders is handed in.
    """

    revisit_id: UUID
    round: int
    fee_free: bool = False
    department_open: bool = True
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOrder:
    """The request was answered at first contact."""

    now: datetime


LifecycleCommand: TypeAlias = OpenWorkOrder | ReworkOrder | WithdrawOrder


def decide(order: WorkOrder, command: LifecycleCommand) -> list[WorkOrderEvent]:
    match command:
        case OpenWorkOrder():
            return _open(order, command)
        case ReworkOrder():
            return _rework(order, command)
        case WithdrawOrder():
            return _withdraw(order, command)
        case _:
            assert_never(command)


def _open(order: WorkOrder, command: OpenWorkOrder) -> list[WorkOrderEvent]:
    if order.status is not Status.NEW:
        return []
    request, tables = command.request, command.tables
    opened = WorkOrderOpened(
        work_order_id=command.work_order_id,
        request_id=request.request_id,
        requester_id=request.requester_id,
        request_type=request.request_type,
        channel=request.channel,
        category=request.category,
        area=request.area,
        confidentiality=request.confidentiality,
        accused_department=request.accused_department,
        requester_class=request.requester_class,
        first_contact=request.first_contact,
        emergency=is_emergency(request),
        registered_at=request.occurred_at,
        occurred_at=command.now,
    )
    if request.category is None or request.category not in tables.categories:
        return [replace(opened, dispatch_due_at=dispatch_due_at(command.rules, command.now, emergency=opened.emergency))]
    classify = dispatching.ClassifyOrder(
        category=request.category, tables=tables, rules=command.rules, by=command.by, now=command.now
    )
    rest = dispatching.decide(evolve(order, opened), classify)
    if not any(isinstance(event, WorkOrderTransferred) for event in rest):
        opened = replace(opened, dispatch_due_at=dispatch_due_at(command.rules, command.now, emergency=opened.emergency))
    return [opened, *rest]


def _rework(order: WorkOrder, command: ReworkOrder) -> list[WorkOrderEvent]:
    """Begin the round with the department that had the order; a dispatcher sends it on where that one may or can not (A144)."""
    stint = order.stint
    if stint is not None and stint.round >= command.round:
        return []
    ended = {Status.RESOLVED, Status.CLOSED} if order.handling.reworkable else {Status.RESOLVED}
    if order.status is Status.CLOSED and not order.handling.reworkable:
        raise refusals.OrderClosedError
    if stint is None or order.status not in ended or stint.round + 1 != command.round:
        raise refusals.OrderNotResolvedError
    answered = answer_class_of(order, command.rules, order.dispatching.answer_class)
    reopened = WorkOrderReopened(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        department=stint.department,
        revisit_id=command.revisit_id,
        round=command.round,
        **due_times(command.rules, order, command.now, answered),
        fee_free=command.fee_free,
        rule_version=command.rules.number,
        occurred_at=command.now,
    )
    if order.accuses(stint.department):
        return [reopened, taken_away(order, stint.department, command.rules, command.now)]
    if not command.department_open:
        reason = ReturnReason.DEPARTMENT_CLOSED
        return [reopened, taken_away(order, stint.department, command.rules, command.now, reason)]
    support = tuple(code for code in sorted(order.dispatching.supports) if not order.accuses(code))
    asked = support_asked(order, stint.department, support, hop=stint.hop, round_=command.round, now=command.now)
    return [reopened, *asked, *opened_by_rework(evolve(order, reopened), command.rules, command.now)]


def _withdraw(order: WorkOrder, command: WithdrawOrder) -> list[WorkOrderEvent]:
    """End an order nobody has signed for; out of a department's hands nothing is taken. No order was opened: nothing to end."""
    if order.status not in UNTAKEN:
        return []
    return [
        WorkOrderWithdrawn(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=order.department,
            followers=tuple(sorted(order.dispatching.followers)),
            lead_id=order.dispatching.lead_id,
            occurred_at=command.now,
        )
    ]
