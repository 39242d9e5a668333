"""How long an order waits for a dispatcher: dispatch is prompt, and what was late is on record (A74).

The wait begins when an order is opened without a department, given back, or goes its own way again without one. It is judged by
times alone: by its timer while it still waits, by the transfer itself when that comes first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from uuid import uuid5

from hotline_events.catalogue.routing import (
    WorkOrderDispatchLate,
    WorkOrderEvent,
    WorkOrderOpened,
    WorkOrderReturned,
    WorkOrderUnmerged,
)
from hotline_events.decider import Timer
from hotline_rules.pack import RulePack
from routing.domain.work_order.rungs import known_calendar
from routing.domain.work_order.standing import Status
from routing.domain.work_order.state import WorkOrder

DISPATCH: Final = "dispatch"
WAITING = frozenset({Status.OPENED, Status.CLASSIFIED, Status.RETURNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PassDispatch:
    """The time for dispatching came to its end, which is `now`."""

    now: datetime


WaitingCommand: TypeAlias = PassDispatch


def dispatch_due_at(rules: RulePack, since: datetime, *, emergency: bool) -> datetime:
    """Tell from when a dispatch is late. An emergency is taken up sooner (A74, A79)."""
    with known_calendar():
        due_at = rules.after(rules.orders.dispatch, since)
        return min(due_at, rules.after(rules.service.accept_emergency, since)) if emergency else due_at


def timers(event: WorkOrderEvent) -> list[Timer]:
    """Start the one clock of a wait."""
    if not isinstance(event, WorkOrderOpened | WorkOrderReturned | WorkOrderUnmerged) or event.dispatch_due_at is None:
        return []
    due_at, order_id = event.dispatch_due_at, event.work_order_id
    identity = uuid5(order_id, f"{DISPATCH}:{event.occurred_at.isoformat()}")
    return [Timer(timer_id=identity, kind=DISPATCH, due_at=due_at, stream=f"work_order-{order_id}")]


def pass_dispatch_of(timer: Timer) -> PassDispatch:
    return PassDispatch(now=timer.due_at)


def decide(order: WorkOrder, command: WaitingCommand) -> list[WorkOrderEvent]:
    if order.status not in WAITING or order.dispatching.dispatch_due_at != command.now:
        return []
    return [_late(order, command.now)]


def late_before(order: WorkOrder, now: datetime) -> list[WorkOrderEvent]:
    """Say that a dispatch made now is late, unless its timer has said so."""
    due_at = order.dispatching.dispatch_due_at
    return [_late(order, due_at)] if due_at is not None and due_at < now else []


def _late(order: WorkOrder, due_at: datetime) -> WorkOrderDispatchLate:
    return WorkOrderDispatchLate(work_order_id=order.work_order_id, request_id=order.request_id, occurred_at=due_at)
