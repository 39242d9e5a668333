"""What several concerns check before they decide."""

from datetime import datetime, timedelta

from routing.domain.work_order import refusals
from routing.domain.work_order.standing import HELD, Status, Stint
from routing.domain.work_order.state import WorkOrder

SKEW = timedelta(minutes=5)


def refuse_ended(order: WorkOrder) -> None:
    """Refuse what can no longer happen to an order that is resolved, closed, withdrawn or merged."""
    if order.status in {Status.CLOSED, Status.WITHDRAWN}:
        raise refusals.OrderClosedError
    if order.status is Status.RESOLVED:
        raise refusals.OrderResolvedError
    if order.status is Status.MERGED:
        raise refusals.OrderMergedError


def refuse_backwards(order: WorkOrder, now: datetime) -> None:
    """Refuse to move an order at a time before its last step: clocks never run backwards."""
    stint = order.stint
    last = order.accepted_at if stint is None else stint.ended_at or stint.started_at
    if last is not None and now < last - SKEW:
        raise refusals.BeforeLastStepError


def refuse_before_result(order: WorkOrder, now: datetime) -> None:
    """Refuse what is done about a result before the result."""
    stint = order.stint
    if stint is not None and stint.resolved_at is not None and now < stint.resolved_at:
        raise refusals.BeforeResultError


def own_stint(order: WorkOrder, department: str) -> Stint:
    """Return the stint of the department that has the order, or had it last; for any other one, and for one that the matter
    accuses, there is no such order.
    """
    stint = order.stint
    if order.accused_department == department:
        raise refusals.WorkOrderUnknownError
    if department in order.dispatching.supports:
        raise refusals.SupportsOnlyError
    if stint is None or stint.department != department:
        raise refusals.WorkOrderUnknownError
    return stint


def in_hands(order: WorkOrder, now: datetime) -> Stint:
    """Return the stint of whichever department has the order just now."""
    if order.stint is None:
        raise refusals.OrderNotHeldError
    return held(order, order.stint.department, now)


def held(order: WorkOrder, department: str, now: datetime) -> Stint:
    """Return the stint in which a department acts."""
    stint = own_stint(order, department)
    refuse_ended(order)
    if order.status not in HELD:
        raise refusals.OrderNotHeldError
    if now < stint.started_at - SKEW:
        raise refusals.BeforeDispatchError
    return stint
