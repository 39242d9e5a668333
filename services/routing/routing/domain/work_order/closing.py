"""What must be on record before an order closes, and closing it (A28, A69, A93, A96).

Followup ends a matter; the order closes with it when its record is complete, and else as soon as it is. A person who closes an
order is told which step is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any, ClassVar, TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.routing import (
    ClosingException,
    ReviewResult,
    WorkOrderCallerInformed,
    WorkOrderClosed,
    WorkOrderClosingWithheld,
    WorkOrderDepartmentContacted,
    WorkOrderEvent,
    WorkOrderInvestigationReported,
    WorkOrderReplyCorrected,
    WorkOrderReplyReviewed,
    WorkOrderTypeChanged,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_rules.book import RuleBook
from hotline_rules.sections.orders import OrderStage
from routing.domain.work_order import refusals
from routing.domain.work_order.guards import refuse_before_result
from routing.domain.work_order.standing import Status, Stint
from routing.domain.work_order.state import WorkOrder, evolve


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOrder:
    """Followup owes nothing more for the resolution of `round`; `reached` says whether the caller was, `tried` whether
    anybody tried to.
    """

    revisit_id: UUID
    round: int
    reached: bool
    tried: bool = True
    book: RuleBook
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseByHand:
    """A leader closes on a documented exception: the caller will say nothing about the result."""

    exception: ClosingException | None
    note: Sealed | None
    book: RuleBook
    by: str
    now: datetime


ClosingCommand: TypeAlias = CloseOrder | CloseByHand
_CHANGES_MISSING = (
    WorkOrderInvestigationReported,
    WorkOrderDepartmentContacted,
    WorkOrderCallerInformed,
    WorkOrderReplyReviewed,
    WorkOrderReplyCorrected,
    WorkOrderTypeChanged,
)


class StageMissingError(RefusalError):
    """An order closes when every stage of its kind has an event (A93)."""

    code: ClassVar[str] = "stage_missing"
    rule: ClassVar[str | None] = "A93"

    def __init__(self, missing: str) -> None:
        super().__init__()
        self.missing = missing


class CallerOutcomeMissingError(RefusalError):
    """Closing needs what the caller says of the result, or an exception on record (A69)."""

    code: ClassVar[str] = "caller_outcome_missing"
    rule: ClassVar[str | None] = "A69"
    missing = "caller_outcome"


class ExceptionNoteMissingError(RefusalError):
    """An exception is documented: why, in words (A69)."""

    code: ClassVar[str] = "exception_note_missing"
    rule: ClassVar[str | None] = "A69"
    field: ClassVar[str | None] = "body.note"
    status: ClassVar[int] = 422


def decide(order: WorkOrder, command: ClosingCommand) -> list[WorkOrderEvent]:
    if order.status is Status.CLOSED:
        return []
    match command:
        case CloseOrder():
            return _close(order, command)
        case CloseByHand():
            return _close_by_hand(order, command)
        case _:
            assert_never(command)


def _close(order: WorkOrder, command: CloseOrder) -> list[WorkOrderEvent]:
    stint = _resolved_stint(order)
    if stint.round != command.round:
        raise refusals.OrderNotResolvedError
    missing = tuple(missing_to_close(order, command.book, ended=command.tried, reached=command.reached))
    if missing:
        said = (command.revisit_id, command.reached, OrderStage.FEEDBACK.value in missing)
        if said == (order.handling.withheld, order.handling.reached, order.handling.untold):
            return []
        ids = _ids(order, stint, command.now) | {"revisit_id": command.revisit_id}
        return [WorkOrderClosingWithheld(**ids, missing=missing, reached=command.reached)]
    return [_closed(order, stint, command.now, revisit_id=command.revisit_id)]


def _close_by_hand(order: WorkOrder, command: CloseByHand) -> list[WorkOrderEvent]:
    stint = _resolved_stint(order)
    excused = command.exception is not None
    if missing := next(missing_to_close(order, command.book, ended=excused, reached=excused), None):
        raise StageMissingError(missing)
    if command.exception is None:
        raise CallerOutcomeMissingError
    if command.note is None:
        raise ExceptionNoteMissingError
    refuse_before_result(order, command.now)
    documented = {"requester_id": order.requester_id, "note": command.note, "closed_by": command.by}
    return [_closed(order, stint, command.now, exception=command.exception, **documented)]


def complete(order: WorkOrder, events: list[WorkOrderEvent], book: RuleBook) -> list[WorkOrderEvent]:
    """Close an order whose closing was withheld when these events complete its record; else say what is still missing.

    What followup said of a reply does not count for the one that corrected it later: that one is told (A95, A97).
    """
    revisit_id = order.handling.withheld
    if revisit_id is None or not events:
        return events
    after = reduce(evolve, events, order)
    told = not after.handling.untold
    if after.status is not Status.RESOLVED:
        return events
    missing = tuple(missing_to_close(after, book, ended=told, reached=told and after.handling.reached))
    events = [_with_missing(event, missing) for event in events]
    if missing:
        return events
    return [*events, _closed(after, _resolved_stint(after), events[-1].occurred_at, revisit_id=revisit_id)]


def _with_missing(event: WorkOrderEvent, missing: tuple[str, ...]) -> WorkOrderEvent:
    return replace(event, still_missing=missing) if isinstance(event, _CHANGES_MISSING) else event


def missing_to_close(order: WorkOrder, book: RuleBook, *, ended: bool, reached: bool) -> Iterator[str]:
    """Name what has no event yet, in the order of the stages. What followup ended (`ended`), or an exception, is feedback
    too; but not of a matter that it never asked about.
    """
    handling, rules = order.handling, book.of(order.rule_version).orders
    stages = rules.stages_of(order.request_type)
    if OrderStage.VERIFICATION in stages and handling.investigated_at is None:
        yield OrderStage.VERIFICATION.value
    if OrderStage.TRACKING in stages and handling.tracked_at is None:
        yield OrderStage.TRACKING.value
    if handling.review is ReviewResult.SENT_BACK:
        yield "reply_corrected"
    elif rules.review_replies and handling.review is not ReviewResult.OK:
        yield "reply_reviewed"
    told = handling.informed or (reached if handling.unresolvable else ended)
    if not (told and handling.review is not ReviewResult.SENT_BACK) and (
        OrderStage.FEEDBACK in stages or handling.unresolvable
    ):
        yield OrderStage.FEEDBACK.value


def _resolved_stint(order: WorkOrder) -> Stint:
    if order.stint is None or order.status is not Status.RESOLVED:
        raise refusals.OrderNotResolvedError
    return order.stint


def _closed(order: WorkOrder, stint: Stint, now: datetime, **how: Any) -> WorkOrderClosed:  # noqa: ANN401 - fields of it
    return WorkOrderClosed(**_ids(order, stint, now), unresolvable=order.handling.unresolvable, **how)


def _ids(order: WorkOrder, stint: Stint, now: datetime) -> dict[str, Any]:
    return {
        "work_order_id": order.work_order_id,
        "request_id": order.request_id,
        "department": stint.department,
        "round": stint.round,
        "occurred_at": now,
    }
