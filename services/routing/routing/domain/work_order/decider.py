"""The rules of a work order (A68-A96, A108): open, classify, transfer, sign, contact, return, resolve, rework, close.

Clocks start at dispatch, never at sign-off, and a reaction's clock is the moment of the event it reacts to.
"""

from datetime import timedelta
from typing import assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.routing import (
    WorkOrderCallerContacted,
    WorkOrderClassified,
    WorkOrderClosed,
    WorkOrderEvent,
    WorkOrderLimitPassed,
    WorkOrderOpened,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderSigned,
    WorkOrderTransferred,
    WorkOrderWithdrawn,
)
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from routing.domain.work_order import commands as do
from routing.domain.work_order.clocks import due_times, pass_limit_of, timers
from routing.domain.work_order.state import HELD, Status, Stint, WorkOrder, evolve

SKEW = timedelta(minutes=5)


_UNTAKEN = frozenset({Status.OPENED, Status.CLASSIFIED, Status.TRANSFERRED, Status.RETURNED})


def work_order_id_of(request_id: UUID) -> UUID:
    """Return the id of a request's order: one registration, one order, however often delivered."""
    return uuid5(request_id, "work_order")


def decide(order: WorkOrder, command: do.WorkOrderCommand) -> list[WorkOrderEvent]:  # noqa: C901, PLR0912 - one case a command
    if isinstance(command, do.OpenWorkOrder):
        return _open(order, command)
    if isinstance(command, do.WithdrawOrder):
        return _withdraw(order, command)
    if order.status is Status.NEW:
        raise do.WorkOrderUnknownError
    match command:
        case do.ClassifyOrder():
            return _classify(order, command)
        case do.TransferOrder():
            return _transfer(order, command)
        case do.SignOrder():
            return _sign(order, command)
        case do.ContactCaller():
            return _contact(order, command)
        case do.ReturnOrder():
            return _return(order, command)
        case do.ResolveOrder():
            return _resolve(order, command)
        case do.ReworkOrder():
            return _rework(order, command)
        case do.CloseOrder():
            return _close(order, command)
        case do.PassLimit():
            return _pass_limit(order, command)
        case _:
            assert_never(command)


def _open(order: WorkOrder, command: do.OpenWorkOrder) -> list[WorkOrderEvent]:
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
        registered_at=request.occurred_at,
        occurred_at=command.now,
    )
    if request.category is None or request.category not in tables.categories:
        return [opened]
    classify = do.ClassifyOrder(category=request.category, tables=tables, rules=command.rules, by=command.by, now=command.now)
    return [opened, *_classify(evolve(order, opened), classify)]


def _classify(order: WorkOrder, command: do.ClassifyOrder) -> list[WorkOrderEvent]:
    """Classify, and transfer a never transferred order when the scope table names exactly one open department.

    What accuses that department waits for a dispatcher (A144).
    """
    _refuse_ended(order)
    if command.category not in command.tables.categories:
        raise do.CategoryUnknownError
    if order.category == command.category:
        return []
    classified = WorkOrderClassified(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        category=command.category,
        table_version=command.tables.category_version,
        classified_by=command.by,
        occurred_at=command.now,
    )
    department = command.tables.department_for(command.category, order.area)
    if order.stints or department is None or order.accuses(department):
        return [classified]
    return [classified, _transferred(order, department, command, scope_version=command.tables.scope_version)]


def _transfer(order: WorkOrder, command: do.TransferOrder) -> list[WorkOrderEvent]:
    _refuse_ended(order)
    if order.category is None:
        raise do.OrderNotClassifiedError
    if order.status in HELD and order.department == command.department:
        return []
    if order.status is Status.SIGNED:
        raise do.OrderSignedError
    if order.accuses(command.department):
        raise do.AccusedDepartmentError
    if not command.takes_orders:
        raise do.DepartmentNotOpenError
    return [_transferred(order, command.department, command, scope_version=None)]


def _sign(order: WorkOrder, command: do.SignOrder) -> list[WorkOrderEvent]:
    if _held(order, command).signed_at is not None:
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


def _contact(order: WorkOrder, command: do.ContactCaller) -> list[WorkOrderEvent]:
    if _held(order, command).contacted_at is not None:
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


def _return(order: WorkOrder, command: do.ReturnOrder) -> list[WorkOrderEvent]:
    _held(order, command)
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


def _resolve(order: WorkOrder, command: do.ResolveOrder) -> list[WorkOrderEvent]:
    stint = _held(order, command)
    if stint.signed_at is None:
        raise do.OrderNotSignedError
    return [
        WorkOrderResolved(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            requester_id=order.requester_id,
            department=command.department,
            round=stint.round,
            reply=command.reply,
            resolved_by=command.by,
            occurred_at=command.now,
        )
    ]


def _rework(order: WorkOrder, command: do.ReworkOrder) -> list[WorkOrderEvent]:
    stint = order.stint
    if stint is not None and stint.round >= command.round:
        return []
    if order.status is Status.CLOSED:
        raise do.OrderClosedError
    if stint is None or order.status is not Status.RESOLVED or stint.round + 1 != command.round:
        raise do.OrderNotResolvedError
    return [
        WorkOrderReopened(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=stint.department,
            revisit_id=command.revisit_id,
            round=command.round,
            **due_times(command.rules, order.request_type, command.now),
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]


def _close(order: WorkOrder, command: do.CloseOrder) -> list[WorkOrderEvent]:
    stint = order.stint
    if order.status is Status.CLOSED:
        return []
    if stint is None or order.status is not Status.RESOLVED or stint.round != command.round:
        raise do.OrderNotResolvedError
    return [
        WorkOrderClosed(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=stint.department,
            revisit_id=command.revisit_id,
            round=command.round,
            occurred_at=command.now,
        )
    ]


def _withdraw(order: WorkOrder, command: do.WithdrawOrder) -> list[WorkOrderEvent]:
    """End an order nobody has signed for; out of a department's hands nothing is taken. No order was opened: nothing to end."""
    if order.status not in _UNTAKEN:
        return []
    return [
        WorkOrderWithdrawn(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=order.department,
            occurred_at=command.now,
        )
    ]


def _pass_limit(order: WorkOrder, command: do.PassLimit) -> list[WorkOrderEvent]:
    """Judge a clock by times alone: in time is an act, or the end of the stint, no later than the due time (A89, A90)."""
    stint = order.stint_of(command.hop, command.round)
    if stint is None or command.limit in stint.passed:
        return []
    ends = [moment for moment in (stint.act_of(command.limit), stint.ended_at) if moment is not None]
    if ends and min(ends) <= command.now:
        return []
    return [
        WorkOrderLimitPassed(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=stint.department,
            limit=command.limit,
            hop=stint.hop,
            round=stint.round,
            occurred_at=command.now,
        )
    ]


def _refuse_ended(order: WorkOrder) -> None:
    if order.status in {Status.CLOSED, Status.WITHDRAWN}:
        raise do.OrderClosedError
    if order.status is Status.RESOLVED:
        raise do.OrderResolvedError


def _held(order: WorkOrder, act: do.DepartmentAct) -> Stint:
    """Return the stint in which a department acts; an order of another department does not exist for it."""
    stint = order.stint
    if stint is None or stint.department != act.department:
        raise do.WorkOrderUnknownError
    _refuse_ended(order)
    if order.status not in HELD:
        raise do.OrderNotHeldError
    if act.now < stint.started_at - SKEW:
        raise do.BeforeDispatchError
    return stint


def _transferred(
    order: WorkOrder, department: str, command: do.ClassifyOrder | do.TransferOrder, *, scope_version: int | None
) -> WorkOrderTransferred:
    last = order.stint
    return WorkOrderTransferred(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        department=department,
        hop=last.hop + 1 if last else 1,
        round=last.round if last else 1,
        **due_times(command.rules, order.request_type, command.now),
        scope_version=scope_version,
        transferred_by=command.by,
        rule_version=command.rules.number,
        occurred_at=command.now,
    )


decider: Decider[do.WorkOrderCommand, WorkOrder, WorkOrderEvent] = Decider("work_order", decide, evolve, WorkOrder(), timers)


def on_timer(timer: Timer) -> Reaction:
    """Say what a due timer of an order asks of it."""
    return Reaction(decider=decider, aggregate_id=UUID(timer.stream.partition("-")[2]), command=pass_limit_of(timer))
