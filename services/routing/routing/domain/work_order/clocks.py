"""The four clocks of an order: sign, return, contact, resolve. They start at dispatch, under the pack then in force (A89)."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias, TypedDict
from uuid import uuid5

from hotline_events.catalogue.routing import (
    LimitKind,
    Rung,
    WorkOrderEvent,
    WorkOrderExtensionGranted,
    WorkOrderLimitPassed,
    WorkOrderReopened,
    WorkOrderTransferred,
    WorkOrderUnmerged,
)
from hotline_events.decider import Timer
from hotline_rules.deadlines import LimitKind as PackLimit
from hotline_rules.pack import RequestType as PackType
from hotline_rules.pack import RulePack
from hotline_rules.sections.orders import AnswerClass
from hotline_rules.sections.service import Channel as PackChannel
from routing.domain.work_order.parts import Ladder
from routing.domain.work_order.rungs import known_calendar, next_rung
from routing.domain.work_order.standing import Stint
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
    return_due_at: datetime
    contact_due_at: datetime
    resolve_due_at: datetime
    next_rung: Rung | None
    next_rung_at: datetime | None


def due_times(rules: RulePack, order: WorkOrder, start: datetime, answered: AnswerClass | None = None) -> DueTimes:
    """Tell when each clock runs out, and the first rung of the ladder on the resolve clock.

    No step is due later than the answer, whose class goes before the pack's limit (A85-A88).
    """
    due = partial(
        rules.due_at, start=start, request_type=PackType(order.request_type), channel=PackChannel(order.channel.value)
    )
    with known_calendar():
        resolve_due_at = due(PackLimit.RESOLVE) if answered is None else rules.answer_by(answered, start)
        ladder = Ladder(hop=0, round=0, started_at=start, due_at=resolve_due_at, rule_version=rules.number)
        return DueTimes(
            sign_due_at=min(due(PackLimit.SIGN), resolve_due_at),
            return_due_at=min(due(PackLimit.RETURN), resolve_due_at),
            contact_due_at=min(due(PackLimit.CONTACT), resolve_due_at),
            resolve_due_at=resolve_due_at,
            **next_rung(rules, ladder),
        )


def timers(event: WorkOrderEvent) -> list[Timer]:
    """Start the clocks of a transfer or of a rework, and the clock that an extension sets anew."""
    match event:
        case WorkOrderTransferred():
            return _begun(event, event.hop)
        case WorkOrderReopened():
            return _begun(event, None)
        case WorkOrderExtensionGranted():
            return [_extended(event)]
        case WorkOrderUnmerged():
            return _clocks_again(event)
        case _:
            return []


def _begun(event: WorkOrderTransferred | WorkOrderReopened, hop: int | None) -> list[Timer]:
    rule = {
        "hop": hop,
        "round": event.round,
        "started_at": event.occurred_at.isoformat(),
        "rule_version": event.rule_version,
    }
    return _clocks(event, f"{hop or 'rework'}:{event.round}", rule)


def _clocks(
    event: WorkOrderTransferred | WorkOrderReopened | WorkOrderUnmerged, stint: str, rule: dict[str, Any]
) -> list[Timer]:
    """Return the clocks of a stint, one for each limit that has a due time; `stint` tells their ids from those of others."""
    due = {
        LimitKind.SIGN: event.sign_due_at,
        LimitKind.RETURN: event.return_due_at,
        LimitKind.CONTACT: event.contact_due_at,
        LimitKind.RESOLVE: event.resolve_due_at,
    }
    return [
        Timer(
            timer_id=uuid5(event.work_order_id, f"{limit}:{stint}"),
            kind=limit.value,
            due_at=due_at,
            stream=f"work_order-{event.work_order_id}",
            rule=rule,
        )
        for limit, due_at in due.items()
        if due_at is not None
    ]


def _extended(event: WorkOrderExtensionGranted) -> Timer:
    rule = {
        "hop": event.hop,
        "round": event.round,
        "started_at": event.due_before.isoformat(),
        "rule_version": event.rule_version,
    }
    return Timer(
        timer_id=uuid5(event.work_order_id, f"{LimitKind.RESOLVE}:{event.extension_id}"),
        kind=LimitKind.RESOLVE.value,
        due_at=event.resolve_due_at,
        stream=f"work_order-{event.work_order_id}",
        rule=rule,
    )


def _clocks_again(event: WorkOrderUnmerged) -> list[Timer]:
    """Start the clocks of an order that was merged with the due times they had: those that fired meanwhile were held back."""
    rule = {"hop": event.hop, "round": event.round, "rule_version": event.rule_version}
    return _clocks(event, f"{event.hop}:{event.round}:{event.occurred_at.isoformat()}", rule)


def pass_limit_of(timer: Timer) -> PassLimit:
    """Turn a due clock into its command."""
    return PassLimit(limit=LimitKind(timer.kind), hop=timer.rule["hop"], round=timer.rule["round"], now=timer.due_at)


def decide(order: WorkOrder, command: ClockCommand) -> list[WorkOrderEvent]:
    """Judge a clock by times alone: in time is an act, or the end of the stint, no later than the due time (A89, A90)."""
    stint = order.stint_of(command.hop, command.round)
    if stint is None or command.limit in stint.passed or _is_superseded(order, stint, command):
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


def _is_superseded(order: WorkOrder, stint: Stint, command: PassLimit) -> bool:
    """Say whether an extension has set this clock anew."""
    ladder = order.urging.of(stint.hop, stint.round)
    return command.limit is LimitKind.RESOLVE and ladder is not None and ladder.due_at != command.now
