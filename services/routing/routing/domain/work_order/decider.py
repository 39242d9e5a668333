"""The rules of a work order, each concern's in its own module; here they meet (A68-A96, A108).

Clocks start at dispatch, never at sign-off, and a reaction's clock is the moment of the event it reacts to.
"""

from typing import assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.routing import WorkOrderEvent
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from routing.domain.work_order import clocks, dispatching, handling, lifecycle, refusals, returning
from routing.domain.work_order.commands import WorkOrderCommand
from routing.domain.work_order.standing import Status
from routing.domain.work_order.state import WorkOrder, evolve

_OF_NO_ORDER = (lifecycle.OpenWorkOrder, lifecycle.WithdrawOrder)


def work_order_id_of(request_id: UUID) -> UUID:
    """Return the id of a request's order: one registration, one order, however often delivered."""
    return uuid5(request_id, "work_order")


def decide(order: WorkOrder, command: WorkOrderCommand) -> list[WorkOrderEvent]:
    if order.status is Status.NEW and not isinstance(command, _OF_NO_ORDER):
        raise refusals.WorkOrderUnknownError
    if isinstance(command, lifecycle.LifecycleCommand):
        return lifecycle.decide(order, command)
    if isinstance(command, dispatching.DispatchingCommand):
        return dispatching.decide(order, command)
    if isinstance(command, returning.ReturningCommand):
        return returning.decide(order, command)
    if isinstance(command, handling.HandlingCommand):
        return handling.decide(order, command)
    if isinstance(command, clocks.ClockCommand):
        return clocks.decide(order, command)
    assert_never(command)


decider: Decider[WorkOrderCommand, WorkOrder, WorkOrderEvent] = Decider(
    "work_order", decide, evolve, WorkOrder(), clocks.timers
)


def on_timer(timer: Timer) -> Reaction:
    """Say what a due timer of an order asks of it."""
    command = clocks.pass_limit_of(timer)
    return Reaction(decider=decider, aggregate_id=UUID(timer.stream.partition("-")[2]), command=command)
