"""What supervision reads: the case that is open, or was last."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from hotline_events.catalogue.routing import (
    WorkOrderClosed,
    WorkOrderEvent,
    WorkOrderMerged,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """One case. The department's result answers it; it lapses when the order leaves the department's hands."""

    supervision_id: UUID
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
    last: Supervision | None = None

    @property
    def current(self) -> Supervision | None:
        return self.last if self.last is not None and self.last.open else None


def evolve_supervising(part: Supervising, event: WorkOrderEvent) -> Supervising:
    if isinstance(event, WorkOrderSupervisionOpened):
        case = Supervision(supervision_id=event.supervision_id, department=event.department, due_at=event.due_at)
        return replace(part, last=case)
    if part.last is None:
        return part
    return replace(part, last=_after(part.last, event))


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
        case WorkOrderReturned() | WorkOrderTransferred() | WorkOrderMerged() | WorkOrderWithdrawn() | WorkOrderClosed() if (
            case.open
        ):
            return replace(case, ended_at=event.occurred_at)
        case _:
            return case
