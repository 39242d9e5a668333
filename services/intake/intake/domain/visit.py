"""A visitor at the desk, who is told why and how long they wait as a caller is (A158)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import VisitEvent, VisitorArrived, VisitorServed, VisitWaitExplained
from hotline_events.decider import Decider, RefusalError
from hotline_rules.pack import RulePack
from intake.domain.refusals import TimeRunsBackwardsError


@dataclass(frozen=True, slots=True, kw_only=True)
class ArriveAtDesk:
    visit_id: UUID
    desk: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainWait:
    visit_id: UUID
    reason: str
    estimated_ms: int
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeVisitor:
    visit_id: UUID
    by: str
    now: datetime


VisitCommand: TypeAlias = ArriveAtDesk | ExplainWait | ServeVisitor


class VisitorUnknownError(RefusalError):
    """Nobody of this id came to the desk."""

    code: ClassVar[str] = "visitor_unknown"
    status: ClassVar[int] = 404


class VisitorServedError(RefusalError):
    """The visitor does not wait any more."""

    code: ClassVar[str] = "visitor_served"
    rule: ClassVar[str | None] = "A158"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a decision reads: `told_until` is until when the visitor knows that they wait."""

    arrived_at: datetime | None = None
    told_until: datetime | None = None
    unexplained: bool = False
    served: bool = False


def decide(visit: Visit, command: VisitCommand) -> list[VisitEvent]:
    match command:
        case ArriveAtDesk():
            return _arrive(visit, command)
        case ExplainWait():
            return _explain(visit, command)
        case ServeVisitor():
            return _serve(visit, command)
        case _:
            assert_never(command)


def evolve(visit: Visit, event: VisitEvent) -> Visit:
    match event:
        case VisitorArrived():
            return replace(visit, arrived_at=event.occurred_at, told_until=event.explain_by)
        case VisitWaitExplained():
            late = visit.told_until is not None and event.occurred_at > visit.told_until
            until = event.occurred_at + timedelta(milliseconds=event.estimated_ms)
            return replace(visit, told_until=until, unexplained=visit.unexplained or late)
        case VisitorServed():
            return replace(visit, served=True)
        case _:
            assert_never(event)


def _arrive(visit: Visit, command: ArriveAtDesk) -> list[VisitEvent]:
    if visit.arrived_at is not None:
        return []
    explain_by = command.now + timedelta(seconds=command.rules.calls.progress_seconds)
    return [
        VisitorArrived(
            visit_id=command.visit_id,
            desk=command.desk,
            explain_by=explain_by,
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]


def _explain(visit: Visit, command: ExplainWait) -> list[VisitEvent]:
    """Tell why and how long; told again when it takes longer than was said."""
    _refuse_unless_waiting(visit, command.now)
    if visit.served:
        raise VisitorServedError
    return [
        VisitWaitExplained(
            visit_id=command.visit_id,
            reason=command.reason,
            estimated_ms=command.estimated_ms,
            explained_by=command.by,
            occurred_at=command.now,
        )
    ]


def _serve(visit: Visit, command: ServeVisitor) -> list[VisitEvent]:
    """Serve the visitor. Longer than they had been told, and nobody explained it: that stays on record."""
    arrived_at = _refuse_unless_waiting(visit, command.now)
    if visit.served:
        return []
    late = visit.told_until is not None and command.now > visit.told_until
    return [
        VisitorServed(
            visit_id=command.visit_id,
            waited_ms=(command.now - arrived_at) // timedelta(milliseconds=1),
            unexplained=visit.unexplained or late,
            served_by=command.by,
            occurred_at=command.now,
        )
    ]


def _refuse_unless_waiting(visit: Visit, now: datetime) -> datetime:
    if visit.arrived_at is None:
        raise VisitorUnknownError
    if now < visit.arrived_at:
        raise TimeRunsBackwardsError
    return visit.arrived_at


decider: Decider[VisitCommand, Visit, VisitEvent] = Decider("visit", decide, evolve, Visit())
