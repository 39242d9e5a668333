"""The three clocks of an order: sign, contact, resolve. They start at dispatch, under the rule pack in force then (A89)."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias, TypedDict
from uuid import uuid5

from hotline_events.catalogue.intake import RequestType
from hotline_events.catalogue.routing import (
    LimitKind,
    WorkOrderEvent,
    WorkOrderLimitPassed,
    WorkOrderReopened,
    WorkOrderTransferred,
)
from hotline_events.decider import Timer
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.deadlines import LimitKind as PackLimit
from hotline_rules.pack import RequestType as PackType
from hotline_rules.pack import RulePack
from routing.domain.work_order import refusals
from routing.domain.work_order.state import WorkOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLimit:
    """A clock came to its due time, which is `now`. `hop` is None for the clocks that a rework started."""

    limit: LimitKind
    hop: int | None
    round: int
    now: datetime


ClockCommand: TypeAlias = PassLimit


class DueTimes(TypedDict):
    """The due times of a transfer or of a rework."""

    sign_due_at: datetime
    contact_due_at: datetime
    resolve_due_at: datetime


def due_times(rules: RulePack, request_type: RequestType, start: datetime) -> DueTimes:
    due = partial(rules.due_at, start=start, request_type=PackType(request_type))
    try:
        return DueTimes(
            sign_due_at=due(PackLimit.SIGN), contact_due_at=due(PackLimit.CONTACT), resolve_due_at=due(PackLimit.RESOLVE)
        )
    except UnknownCalendarYearError as unknown:
        raise refusals.CalendarUnknownError from unknown


def timers(event: WorkOrderEvent) -> list[Timer]:
    """Start the three clocks of a transfer or of a rework."""
    match event:
        case WorkOrderTransferred():
            return _clocks(event, event.hop)
        case WorkOrderReopened():
            return _clocks(event, None)
        case _:
            return []


def _clocks(event: WorkOrderTransferred | WorkOrderReopened, hop: int | None) -> list[Timer]:
    due = {
        LimitKind.SIGN: event.sign_due_at,
        LimitKind.CONTACT: event.contact_due_at,
        LimitKind.RESOLVE: event.resolve_due_at,
    }
    rule = {
        "hop": hop,
        "round": event.round,
        "started_at": event.occurred_at.isoformat(),
        "rule_version": event.rule_version,
    }
    return [
        Timer(
            timer_id=uuid5(event.work_order_id, f"{limit}:{hop or 'rework'}:{event.round}"),
            kind=limit.value,
            due_at=due_at,
            stream=f"work_order-{event.work_order_id}",
            rule=rule,
        )
        for limit, due_at in due.items()
    ]


def pass_limit_of(timer: Timer) -> PassLimit:
    """Turn a due clock into its command."""
    return PassLimit(limit=LimitKind(timer.kind), hop=timer.rule["hop"], round=timer.rule["round"], now=timer.due_at)


def decide(order: WorkOrder, command: ClockCommand) -> list[WorkOrderEvent]:
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
