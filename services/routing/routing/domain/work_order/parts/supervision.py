"""What supervision reads: the case that is open, or was last."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline_events.catalogue.routing import (
    SupervisionGround,
    WorkOrderClosed,
    WorkOrderEvent,
    WorkOrderMerged,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderSupervisionAnswered,
    WorkOrderSupervisionClosed,
    WorkOrderSupervisionOpened,
    WorkOrderSupervisionOverdue,
    WorkOrderSupervisionSentBack,
    WorkOrderTransferred,
    WorkOrderWithdrawn,
)
from hotline_events.replacing import replace

_BY_ITSELF = frozenset({SupervisionGround.URGED, SupervisionGround.DISSATISFIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """One case. The department's result answers it; it lapses when the order leaves the department's hands, or is reworked."""

    supervision_id: UUID
    ground: SupervisionGround
    department: str
    due_at: datetime
    answered_at: datetime | None = None
    answered_by: str | None = None
    ended_at: datetime | None = None
    overdue: bool = False
    closed: bool = False

    @property
    def open(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervising:
    """`owed` is a case that people opened and that lapsed unclosed: whoever has the order next answers for it."""

    last: Supervision | None = None
    owed: Supervision | None = None

    @property
    def current(self) -> Supervision | None:
        return self.last if self.last is not None and self.last.open else None


def evolve_supervising(part: Supervising, event: WorkOrderEvent) -> Supervising:
    if isinstance(event, WorkOrderSupervisionOpened):
        case = Supervision(
            supervision_id=event.supervision_id, ground=event.ground, department=event.department, due_at=event.due_at
        )
        return replace(part, last=case, owed=None)
    last = part.last
    if last is None:
        return part
    if isinstance(event, WorkOrderResolved):
        part = replace(part, owed=None)
    case = _after(last, event)
    lapsed = last.open and not case.open and not case.closed and case.ground not in _BY_ITSELF
    return replace(part, last=case, owed=case if lapsed else part.owed)


def _after(case: Supervision, event: WorkOrderEvent) -> Supervision:
    match event:
        case WorkOrderSupervisionOverdue():
            return replace(case, overdue=True)
        case WorkOrderSupervisionAnswered():
            return replace(case, answered_at=event.occurred_at, answered_by=event.answered_by)
        case WorkOrderSupervisionSentBack():
            return replace(case, answered_at=None, answered_by=None)
        case WorkOrderSupervisionClosed():
            return replace(case, ended_at=event.occurred_at, closed=True)
        case WorkOrderResolved() if case.open and case.answered_at is None:
            return replace(case, answered_at=event.occurred_at, answered_by=event.resolved_by)
        case WorkOrderReturned() | WorkOrderTransferred() | WorkOrderMerged() | WorkOrderReopened() if case.open:
            return replace(case, ended_at=event.occurred_at)
        case WorkOrderWithdrawn() | WorkOrderClosed() if case.open:
            return replace(case, ended_at=event.occurred_at)
        case _:
            return case
