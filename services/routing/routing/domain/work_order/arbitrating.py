"""Arbitration: departments do not agree whose an order is, and the office assigns it for good (W10)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never

from hotline_events.catalogue.routing import (
    ArbitrationCause,
    Route,
    WorkOrderArbitrationDecided,
    WorkOrderArbitrationOpened,
    WorkOrderEvent,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_rules.pack import RulePack
from routing.domain.tables import Chosen
from routing.domain.work_order import refusals
from routing.domain.work_order.guards import refuse_ended
from routing.domain.work_order.standing import Status
from routing.domain.work_order.state import WorkOrder
from routing.domain.work_order.stints import transferred


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenArbitration:
    """A dispatcher holds that a department which gave the order back is the right one after all."""

    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideArbitration:
    """The office assigns the order; `sets_precedent` lets the next like case go there by itself."""

    department: str
    grounds: Sealed
    sets_precedent: bool
    takes_orders: bool
    rules: RulePack
    by: str
    now: datetime


ArbitratingCommand: TypeAlias = OpenArbitration | DecideArbitration


class NothingReturnedError(RefusalError):
    """There is nothing to arbitrate: no department gave the order back (W10)."""

    code: ClassVar[str] = "order_not_returned"
    rule: ClassVar[str | None] = "W10"
    missing = "return"


class NoArbitrationError(RefusalError):
    """No arbitration of this order is open (W10)."""

    code: ClassVar[str] = "no_arbitration"
    rule: ClassVar[str | None] = "W10"
    missing = "arbitration"


def decide(order: WorkOrder, command: ArbitratingCommand) -> list[WorkOrderEvent]:
    refuse_ended(order)
    match command:
        case OpenArbitration():
            return _open(order, command)
        case DecideArbitration():
            return _decide(order, command)
        case _:
            assert_never(command)


def _open(order: WorkOrder, command: OpenArbitration) -> list[WorkOrderEvent]:
    part = order.dispatching
    if part.in_arbitration:
        return []
    if order.status is not Status.RETURNED or order.department is None:
        raise NothingReturnedError
    return [
        WorkOrderArbitrationOpened(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=order.department,
            arbitration=part.arbitrations + 1,
            returns=part.returns,
            cause=ArbitrationCause.DISPATCHER,
            opened_by=command.by,
            occurred_at=command.now,
        )
    ]


def _decide(order: WorkOrder, command: DecideArbitration) -> list[WorkOrderEvent]:
    part = order.dispatching
    if not part.in_arbitration and part.forced and order.department == command.department:
        return []
    if not part.in_arbitration or order.category is None:
        raise NoArbitrationError
    if order.accuses(command.department):
        raise refusals.AccusedDepartmentError
    if not command.takes_orders:
        raise refusals.DepartmentNotOpenError
    decided = WorkOrderArbitrationDecided(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        requester_id=order.requester_id,
        department=command.department,
        arbitration=part.arbitrations,
        category=order.category,
        area=order.area,
        grounds=command.grounds,
        sets_precedent=command.sets_precedent,
        decided_by=command.by,
        occurred_at=command.now,
    )
    chosen = Chosen(department=command.department, route=Route.ARBITRATION)
    return [decided, *transferred(order, chosen, command, answer_class=part.answer_class)]
