"""Supervision (督办): opened by the nth urge or by the supervisors, answered by the department, closed on review (A90, A91)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, TypeAlias, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.routing import (
    SupervisionGround,
    WorkOrderEvent,
    WorkOrderSupervisionAnswered,
    WorkOrderSupervisionClosed,
    WorkOrderSupervisionOpened,
    WorkOrderSupervisionOverdue,
    WorkOrderSupervisionSentBack,
)
from hotline_events.decider import RefusalError, Timer
from hotline_events.sealing import Sealed
from hotline_rules.book import RuleBook
from routing.domain.work_order.guards import in_hands, own_stint
from routing.domain.work_order.parts.supervision import Supervision
from routing.domain.work_order.parts.urging import climbed
from routing.domain.work_order.rungs import NO_RUNG, known_calendar, next_rung
from routing.domain.work_order.standing import HELD
from routing.domain.work_order.state import WorkOrder
from routing.domain.work_order.supervised import opened_now

DEADLINE = "supervision"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSupervision:
    """A leader's instruction, a hot issue: oversight wants an answer. `due_at` is the pack's when nothing is said."""

    supervision_id: UUID
    ground: SupervisionGround
    instruction: Sealed | None
    due_at: datetime | None
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSupervision:
    department: str
    supervision_id: UUID
    answer: Sealed
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBackSupervision:
    supervision_id: UUID
    reason: Sealed
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSupervision:
    supervision_id: UUID
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassSupervision:
    """The supervision's own deadline came; `now` is that deadline."""

    supervision_id: UUID
    now: datetime


SupervisionCommand: TypeAlias = OpenSupervision | AnswerSupervision | SendBackSupervision | CloseSupervision | PassSupervision


class SupervisionUnknownError(RefusalError):
    """There is no such supervision of this order, or it is over."""

    code: ClassVar[str] = "supervision_unknown"
    rule: ClassVar[str | None] = "A91"
    field: ClassVar[str | None] = "path.supervision_id"


class SupervisionOpenError(RefusalError):
    """The order is supervised already; one case at a time."""

    code: ClassVar[str] = "supervision_open"
    rule: ClassVar[str | None] = "A91"


class SupervisionDueError(RefusalError):
    """A deadline lies after the moment at which it is set."""

    code: ClassVar[str] = "supervision_due"
    rule: ClassVar[str | None] = "A91"
    field: ClassVar[str | None] = "body.due_at"
    status: ClassVar[int] = 422


class SupervisionNotAnsweredError(RefusalError):
    """A supervision is closed on the department's answer (A91)."""

    code: ClassVar[str] = "supervision_not_answered"
    rule: ClassVar[str | None] = "A91"
    missing = "supervision_answer"


def decide(order: WorkOrder, command: SupervisionCommand) -> list[WorkOrderEvent]:
    match command:
        case OpenSupervision():
            return _open(order, command)
        case AnswerSupervision():
            return _answer(order, command)
        case SendBackSupervision():
            return _send_back(order, command)
        case CloseSupervision():
            return _close(order, command)
        case PassSupervision():
            return _pass(order, command)
        case _:
            assert_never(command)


def _open(order: WorkOrder, command: OpenSupervision) -> list[WorkOrderEvent]:
    last = order.supervising.last
    if last is not None and last.supervision_id == command.supervision_id:
        return []
    in_hands(order, command.now)
    if order.supervising.current is not None:
        raise SupervisionOpenError
    if command.due_at is not None and command.due_at <= command.now:
        raise SupervisionDueError
    ladder = order.urging.ladder
    assert ladder is not None  # noqa: S101 - whatever is in hands has one
    rules = command.book.of(ladder.rule_version)
    with known_calendar():
        opened = opened_now(order, ladder, rules, command.now, supervision_id=command.supervision_id, by=command.by)
    due_at = command.due_at or opened.due_at
    return [replace(opened, ground=command.ground, instruction=command.instruction, due_at=due_at)]


def _answer(order: WorkOrder, command: AnswerSupervision) -> list[WorkOrderEvent]:
    own_stint(order, command.department)
    case = _open_case(order, command.supervision_id)
    if case.answered_at is not None:
        return []
    return [
        WorkOrderSupervisionAnswered(
            **_ids(order, case, command.now),
            requester_id=order.requester_id,
            answer=command.answer,
            answered_by=command.by,
        )
    ]


def _send_back(order: WorkOrder, command: SendBackSupervision) -> list[WorkOrderEvent]:
    case = _open_case(order, command.supervision_id)
    if case.answered_at is None:
        raise SupervisionNotAnsweredError
    return [
        WorkOrderSupervisionSentBack(
            **_ids(order, case, command.now),
            requester_id=order.requester_id,
            reason=command.reason,
            sent_back_by=command.by,
        )
    ]


def _close(order: WorkOrder, command: CloseSupervision) -> list[WorkOrderEvent]:
    """Accept the answer; an order that is still in hands is urged again from here on."""
    last, ladder = order.supervising.last, order.urging.ladder
    if last is not None and last.supervision_id == command.supervision_id and last.closed:
        return []
    case = _open_case(order, command.supervision_id)
    if case.answered_at is None:
        raise SupervisionNotAnsweredError
    assert ladder is not None  # noqa: S101 - whatever is supervised has one
    closed = WorkOrderSupervisionClosed(
        **_ids(order, case, command.now),
        hop=ladder.hop,
        round=ladder.round,
        rule_version=ladder.rule_version,
        closed_by=command.by,
    )
    with known_calendar():
        left = next_rung(command.book.of(ladder.rule_version), climbed(ladder, closed)) if order.status in HELD else NO_RUNG
    return [replace(closed, **left)]


def _pass(order: WorkOrder, command: PassSupervision) -> list[WorkOrderEvent]:
    """Judge the deadline by times alone: an answer, or the case's end, no later than it is in time."""
    case = order.supervising.last
    if case is None or case.supervision_id != command.supervision_id or case.overdue:
        return []
    ends = [moment for moment in (case.answered_at, case.ended_at) if moment is not None]
    if ends and min(ends) <= command.now:
        return []
    return [WorkOrderSupervisionOverdue(**_ids(order, case, command.now))]


def _open_case(order: WorkOrder, supervision_id: UUID) -> Supervision:
    case = order.supervising.current
    if case is None or case.supervision_id != supervision_id:
        raise SupervisionUnknownError
    return case


def _ids(order: WorkOrder, case: Supervision, now: datetime) -> dict[str, Any]:
    return {
        "work_order_id": order.work_order_id,
        "request_id": order.request_id,
        "supervision_id": case.supervision_id,
        "department": case.department,
        "occurred_at": now,
    }


def deadline_timer(event: WorkOrderSupervisionOpened) -> Timer:
    rule = {"supervision_id": str(event.supervision_id), "rule_version": event.rule_version}
    return Timer(
        timer_id=uuid5(event.work_order_id, f"supervision:{event.supervision_id}"),
        kind=DEADLINE,
        due_at=event.due_at,
        stream=f"work_order-{event.work_order_id}",
        rule=rule,
    )


def pass_supervision_of(timer: Timer) -> PassSupervision:
    """Turn a supervision's deadline into its command."""
    return PassSupervision(supervision_id=UUID(timer.rule["supervision_id"]), now=timer.due_at)
