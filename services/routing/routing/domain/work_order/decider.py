"""The rules of a work order, each concern's in its own module; here they meet (A68-A96, A108).

Clocks start at dispatch, never at sign-off, and a reaction's clock is the moment of the event it reacts to.
"""

from typing import assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.routing import LimitKind, WorkOrderEvent, WorkOrderSupervisionOpened
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from hotline_rules.book import RuleBook
from routing.domain.work_order import (
    arbitrating,
    beside,
    clocks,
    closing,
    cohandling,
    dispatching,
    extending,
    following,
    handling,
    lifecycle,
    merging,
    refusals,
    returning,
    reviewing,
    supervision,
    tracking,
    urging,
    waiting,
)
from routing.domain.work_order.commands import WorkOrderCommand
from routing.domain.work_order.standing import Status
from routing.domain.work_order.state import WorkOrder, evolve

_OF_NO_ORDER = (
    lifecycle.OpenWorkOrder,
    lifecycle.WithdrawOrder,
    dispatching.ChangeRequestType,
    dispatching.NameAccused,
    beside.NoteEmergency,
)
_COMPLETING = (
    handling.ReportInvestigation,
    tracking.RecordContact,
    tracking.InformCaller,
    reviewing.ReviewReply,
    reviewing.CorrectReply,
    dispatching.ChangeRequestType,
)
_LIMITS = frozenset(LimitKind)


def work_order_id_of(request_id: UUID) -> UUID:
    """Return the id of a request's order: one registration, one order, however often delivered."""
    return uuid5(request_id, "work_order")


def decide(order: WorkOrder, command: WorkOrderCommand) -> list[WorkOrderEvent]:
    """Decide, and close an order whose closing waited for what was decided."""
    events = _decide(order, command)
    if isinstance(command, _COMPLETING):
        events = closing.complete(order, events, command.book)
    return beside.told(order, events)


def _decide(order: WorkOrder, command: WorkOrderCommand) -> list[WorkOrderEvent]:  # noqa: C901, PLR0912 - one case a concern
    if order.status is Status.NEW and not isinstance(command, _OF_NO_ORDER):
        raise refusals.WorkOrderUnknownError
    if isinstance(command, lifecycle.LifecycleCommand):
        return lifecycle.decide(order, command)
    if isinstance(command, dispatching.DispatchingCommand):
        return dispatching.decide(order, command)
    if isinstance(command, returning.ReturningCommand):
        return returning.decide(order, command)
    if isinstance(command, arbitrating.ArbitratingCommand):
        return arbitrating.decide(order, command)
    if isinstance(command, cohandling.CohandlingCommand):
        return cohandling.decide(order, command)
    if isinstance(command, merging.MergingCommand):
        return merging.decide(order, command)
    if isinstance(command, following.FollowingCommand):
        return following.decide(order, command)
    if isinstance(command, handling.HandlingCommand):
        return handling.decide(order, command)
    if isinstance(command, clocks.ClockCommand):
        return clocks.decide(order, command)
    if isinstance(command, waiting.WaitingCommand):
        return waiting.decide(order, command)
    if isinstance(command, urging.UrgingCommand):
        return urging.decide(order, command)
    if isinstance(command, supervision.SupervisionCommand):
        return supervision.decide(order, command)
    if isinstance(command, extending.ExtendingCommand):
        return extending.decide(order, command)
    if isinstance(command, tracking.TrackingCommand):
        return tracking.decide(order, command)
    if isinstance(command, reviewing.ReviewingCommand):
        return reviewing.decide(order, command)
    if isinstance(command, closing.ClosingCommand):
        return closing.decide(order, command)
    if isinstance(command, beside.BesideCommand):
        return beside.decide(order, command)
    assert_never(command)


def timers(event: WorkOrderEvent) -> list[Timer]:
    """Start an order's clocks, the one timer of its ladder, a wait for a dispatcher, and a supervision's deadline."""
    started = clocks.timers(event) + waiting.timers(event)
    if isinstance(event, WorkOrderSupervisionOpened):
        return [supervision.deadline_timer(event)]
    if getattr(event, "next_rung", None) is not None:
        started += urging.rung_timer(event)
    return started


decider: Decider[WorkOrderCommand, WorkOrder, WorkOrderEvent] = Decider("work_order", decide, evolve, WorkOrder(), timers)


def on_timer(book: RuleBook, timer: Timer) -> Reaction:
    """Say what a due timer of an order asks of it, under the pack that its stint began with."""
    return Reaction(decider=decider, aggregate_id=UUID(timer.stream.partition("-")[2]), command=_command_of(timer, book))


def _command_of(timer: Timer, book: RuleBook) -> WorkOrderCommand:
    if timer.kind in _LIMITS:
        return clocks.pass_limit_of(timer)
    if timer.kind == waiting.DISPATCH:
        return waiting.pass_dispatch_of(timer)
    if timer.kind == supervision.DEADLINE:
        return supervision.pass_supervision_of(timer)
    return urging.climb_of(timer, book)
