"""Returns: a department gives an order back in time and with a ground; the nth return is for the office to decide (W10)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias

from hotline_events.catalogue.routing import (
    ArbitrationCause,
    LimitKind,
    ReturnReason,
    WorkOrderArbitrationOpened,
    WorkOrderEvent,
    WorkOrderReturned,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_rules.pack import RulePack
from routing.domain.tables import Tables
from routing.domain.work_order.guards import SKEW, held
from routing.domain.work_order.refusals import BeforeLastStepError
from routing.domain.work_order.standing import Stint
from routing.domain.work_order.state import WorkOrder
from routing.domain.work_order.waiting import dispatch_due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnOrder:
    """`rules` are those that the stint began under. `demands_arbitration` asks the office to decide instead of a dispatcher."""

    department: str
    reason: ReturnReason
    note: Sealed | None = None
    demands_arbitration: bool = False
    tables: Tables
    rules: RulePack
    by: str
    now: datetime


ReturningCommand: TypeAlias = ReturnOrder


class GroundNotAllowedError(RefusalError):
    """The pack does not let an order be given back on this ground."""

    code: ClassVar[str] = "return_ground"
    rule: ClassVar[str | None] = "W10"
    field: ClassVar[str | None] = "body.reason"
    status: ClassVar[int] = 422


class ReturnTooLateError(RefusalError):
    """The time for giving the order back, which ran from its dispatch, is over, or its passing is on record (W10)."""

    code: ClassVar[str] = "return_too_late"
    rule: ClassVar[str | None] = "W10"


class OwnScopeError(RefusalError):
    """What the scope table gives to the department is its own; but for the pack's grounds it may only ask the office (A72)."""

    code: ClassVar[str] = "own_scope"
    rule: ClassVar[str | None] = "A72"
    field: ClassVar[str | None] = "body.reason"
    missing = "arbitration"


class CallerMetError(RefusalError):
    """Who has met the caller keeps the order; that it is another's after all, the office decides (A66, A98)."""

    code: ClassVar[str] = "caller_met"
    rule: ClassVar[str | None] = "A98"
    missing = "arbitration"


class AssignmentForcedError(RefusalError):
    """What arbitration assigned is not given back, nor sent on by a dispatcher (W10)."""

    code: ClassVar[str] = "assignment_forced"
    rule: ClassVar[str | None] = "W10"


def decide(order: WorkOrder, command: ReturningCommand) -> list[WorkOrderEvent]:
    """Return, and open arbitration when the department demands it or has the pack's nth return in its hands."""
    stint = held(order, command.department, command.now)
    _check(order, stint, command)
    arbitrated = _cause_of_arbitration(order, command)
    urgent = order.beside.emergency
    returned = WorkOrderReturned(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        requester_id=order.requester_id,
        department=command.department,
        reason=command.reason,
        note=command.note,
        straight_back=command.reason.value in command.rules.orders.returns.straight_back_after,
        dispatch_due_at=None if arbitrated else dispatch_due_at(command.rules, command.now, emergency=urgent),
        returned_by=command.by,
        occurred_at=command.now,
    )
    return [returned, _opened(order, command, arbitrated)] if arbitrated else [returned]


def _cause_of_arbitration(order: WorkOrder, command: ReturnOrder) -> ArbitrationCause | None:
    if command.demands_arbitration:
        return ArbitrationCause.DEPARTMENT
    if order.dispatching.returns + 1 >= command.rules.orders.returns.arbitrate_at:
        return ArbitrationCause.RETURNS
    return None


def _check(order: WorkOrder, stint: Stint, command: ReturnOrder) -> None:
    part = order.dispatching
    if part.forced:
        raise AssignmentForcedError
    if command.reason.value not in command.rules.orders.returns.grounds:
        raise GroundNotAllowedError
    is_late = part.due is not None and part.due.give_back is not None and command.now > part.due.give_back
    if is_late or LimitKind.RETURN in stint.passed:
        raise ReturnTooLateError
    if any(act is not None and command.now < act - SKEW for act in (stint.signed_at, stint.contacted_at)):
        raise BeforeLastStepError
    if stint.contacted_at is not None and not command.demands_arbitration:
        raise CallerMetError
    is_open = command.demands_arbitration or command.reason.value in command.rules.orders.returns.own_scope
    if not is_open and _is_own(order, command):
        raise OwnScopeError


def _is_own(order: WorkOrder, command: ReturnOrder) -> bool:
    """Say whether the scope table names exactly this department for the matter (A72)."""
    return order.category is not None and command.tables.department_for(order.category, order.area) == command.department


def _opened(order: WorkOrder, command: ReturnOrder, cause: ArbitrationCause) -> WorkOrderArbitrationOpened:
    return WorkOrderArbitrationOpened(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        department=command.department,
        arbitration=order.dispatching.arbitrations + 1,
        returns=order.dispatching.returns + 1,
        cause=cause,
        opened_by=command.by,
        occurred_at=command.now,
    )


def taken_away(
    order: WorkOrder, department: str, rules: RulePack, now: datetime, reason: ReturnReason = ReturnReason.ACCUSED
) -> WorkOrderReturned:
    """Give an order to a dispatcher: nobody does over, or looks into, what they are accused of (A144)."""
    return WorkOrderReturned(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        requester_id=order.requester_id,
        department=department,
        reason=reason,
        dispatch_due_at=dispatch_due_at(rules, now, emergency=order.beside.emergency),
        returned_by="service:routing",
        occurred_at=now,
    )
