"""Reminding, urging and cards: by themselves rung after rung, and by hand when the caller calls again (A89, A90)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, assert_never
from uuid import uuid5

from hotline_events.catalogue.routing import (
    Card,
    Rung,
    WorkOrderCardShown,
    WorkOrderCriticismMarked,
    WorkOrderEvent,
    WorkOrderReminded,
    WorkOrderUrged,
    WorkOrderUrgingEvent,
)
from hotline_events.decider import Timer
from hotline_events.replacing import replace
from hotline_events.sealing import Sealed
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack
from routing.domain.work_order.guards import in_hands
from routing.domain.work_order.parts import Ladder
from routing.domain.work_order.parts.urging import climbed
from routing.domain.work_order.rungs import known_calendar, next_rung
from routing.domain.work_order.standing import Stint
from routing.domain.work_order.state import WorkOrder
from routing.domain.work_order.supervised import opened_by_urge

BY_ITSELF = "service:routing"


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgeOrder:
    """The caller called again, or a dispatcher wants to know."""

    reason: Sealed | None
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimbRung:
    """The ladder's timer came due; `now` is its due time. `hop` is None for the ladder that a rework set up."""

    rung: Rung
    hop: int | None
    round: int
    rules: RulePack
    now: datetime


UrgingCommand: TypeAlias = UrgeOrder | ClimbRung


def climb_of(timer: Timer, book: RuleBook) -> ClimbRung:
    """Turn a due rung into its command, under the pack that its stint began with."""
    rule = timer.rule
    return ClimbRung(
        rung=Rung(timer.kind), hop=rule["hop"], round=rule["round"], rules=book.of(rule["rule_version"]), now=timer.due_at
    )


def decide(order: WorkOrder, command: UrgingCommand) -> list[WorkOrderEvent]:
    match command:
        case UrgeOrder():
            return _urge(order, command)
        case ClimbRung():
            return _climb(order, command)
        case _:
            assert_never(command)


def _urge(order: WorkOrder, command: UrgeOrder) -> list[WorkOrderEvent]:
    in_hands(order, command.now)
    ladder = order.urging.ladder
    assert ladder is not None  # noqa: S101 - whatever is in hands has one
    rules = command.book.of(ladder.rule_version)
    urged = _urged(order, ladder, by=command.by, now=command.now, reason=command.reason)
    with known_calendar():
        after = climbed(ladder, urged)
        urged = replace(urged, **next_rung(rules, after))
        return [urged, *opened_by_urge(order, after, rules, command.now)]


def _climb(order: WorkOrder, command: ClimbRung) -> list[WorkOrderEvent]:
    """Climb every rung that is due: judged by times alone, and by nothing once the ladder was set anew."""
    ladder = order.urging.of(command.hop, command.round)
    stint = order.stint_of(command.hop, command.round)
    if ladder is None or stint is None or (ladder.next_rung, ladder.next_rung_at) != (command.rung, command.now):
        return []
    over_at = _over_at(stint)
    if over_at is not None and over_at <= command.now:
        return []
    rung: Rung | None = command.rung
    events: list[Any] = []
    while rung is not None:
        event = _event_of(order, ladder, rung, command.now)
        ladder = climbed(ladder, event)
        events.append(event)
        coming = next_rung(command.rules, ladder, over_at=over_at)
        at, rung = coming["next_rung_at"], coming["next_rung"]
        if at is None or at > command.now:
            events[-1] = replace(event, **coming)
            break
    if not any(isinstance(event, WorkOrderUrged) for event in events):
        return events
    return [*events, *opened_by_urge(order, ladder, command.rules, command.now)]


def _over_at(stint: Stint) -> datetime | None:
    return min((moment for moment in (stint.resolved_at, stint.ended_at) if moment is not None), default=None)


def _event_of(order: WorkOrder, ladder: Ladder, rung: Rung, now: datetime) -> WorkOrderUrgingEvent:
    ids = _ids(order, ladder, now)
    match rung:
        case Rung.REMINDER:
            return WorkOrderReminded(**ids, resolve_due_at=ladder.due_at)
        case Rung.YELLOW_CARD:
            return WorkOrderCardShown(**ids, card=Card.YELLOW)
        case Rung.RED_CARD:
            return WorkOrderCardShown(**ids, card=Card.RED)
        case Rung.CRITICISM:
            return WorkOrderCriticismMarked(**ids, first_urged_at=ladder.first_urged_at or now)
        case Rung.URGE:
            return _urged(order, ladder, by=BY_ITSELF, now=now)
        case _:
            assert_never(rung)


def _urged(order: WorkOrder, ladder: Ladder, *, by: str, now: datetime, reason: Sealed | None = None) -> WorkOrderUrged:
    return WorkOrderUrged(
        **_ids(order, ladder, now),
        requester_id=order.requester_id,
        number=ladder.urges + 1,
        by_hand=by != BY_ITSELF,
        reason=reason,
        urged_by=by,
    )


def _ids(order: WorkOrder, ladder: Ladder, now: datetime) -> dict[str, Any]:
    stint = order.stint_of(ladder.hop, ladder.round)
    return {
        "work_order_id": order.work_order_id,
        "request_id": order.request_id,
        "department": stint.department if stint else order.department,
        "hop": ladder.hop,
        "round": ladder.round,
        "rule_version": ladder.rule_version,
        "occurred_at": now,
    }


def rung_timer(event: Any) -> list[Timer]:  # noqa: ANN401 - whatever names a next rung
    """Return the ladder's one timer, as the event that sets it wants it; the same wish twice is one timer."""
    rung, at, order_id = event.next_rung, event.next_rung_at, event.work_order_id
    hop = getattr(event, "hop", None)
    if rung is None or at is None:
        return []
    identity = uuid5(order_id, f"{rung}:{hop or 'rework'}:{event.round}:{at.isoformat()}")
    rule = {"hop": hop, "round": event.round, "rule_version": event.rule_version}
    return [Timer(timer_id=identity, kind=rung.value, due_at=at, stream=f"work_order-{order_id}", rule=rule)]
