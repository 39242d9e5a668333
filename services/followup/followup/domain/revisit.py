"""A revisit: the caller is asked after each resolution whether the matter is solved (A100-A108)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID, uuid5

from followup.domain.refusals import (
    QuietHoursError,
    ReasonMissingError,
    RevisitBeforeResolutionError,
    RevisitNotDueError,
    RevisitOverError,
    UnknownRevisitError,
)
from hotline_events.catalogue.followup import (
    AttemptOutcome,
    ClosedAs,
    RevisitAttempted,
    RevisitCameDue,
    RevisitClosed,
    Revisited,
    RevisitEvent,
    RevisitLimitPassed,
    RevisitScheduled,
    ReworkOrdered,
)
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from hotline_events.sealing import Sealed
from hotline_rules.deadlines import LimitKind
from hotline_rules.pack import RulePack

COME_DUE = "revisit.come_due"
LIMIT = "revisit.limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRevisit:
    """A department reported the matter handled at `now`: the caller is owed a revisit."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeDue:
    """The moment has come from which the revisit, or its next attempt, may be made."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLimit:
    """The limit has run out."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRevisit:
    """Someone called and reached nobody."""

    outcome: AttemptOutcome
    attempted_by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRevisit:
    """Someone reached the caller; solved and satisfied are the caller's words, None when there was no answer."""

    solved: bool | None
    satisfied: bool | None
    reason: Sealed | None = None
    immediate_after_service: bool = False
    revisited_by: str
    rules: RulePack
    now: datetime


RevisitCommand: TypeAlias = ScheduleRevisit | ComeDue | PassLimit | AttemptRevisit | RecordRevisit


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """What later decisions read: what was scheduled, how far the attempts are, and how it ended."""

    scheduled: RevisitScheduled | None = None
    due: bool = False
    next_at: datetime | None = None
    attempts: int = 0
    last_attempt: tuple[AttemptOutcome, datetime] | None = None
    answer: tuple[bool | None, bool | None, datetime] | None = None
    ended_at: datetime | None = None
    limit_passed: bool = False


def decide(revisit: Revisit, command: RevisitCommand) -> list[RevisitEvent]:
    """Say what happens; `[]` when it is already so or there is nothing left to do."""
    if isinstance(command, ScheduleRevisit):
        return [] if revisit.scheduled else [_schedule(command)]
    if revisit.scheduled is None:
        raise UnknownRevisitError
    match command:
        case ComeDue():
            return _come_due(revisit, revisit.scheduled, command)
        case PassLimit():
            return _pass_limit(revisit, revisit.scheduled, command)
        case AttemptRevisit():
            return _attempt(revisit, revisit.scheduled, command)
        case RecordRevisit():
            return _record(revisit, revisit.scheduled, command)
        case _:
            assert_never(command)


def evolve(revisit: Revisit, event: RevisitEvent) -> Revisit:
    """Remember what later decisions read."""
    match event:
        case RevisitScheduled():
            return replace(revisit, scheduled=event, next_at=event.due_at)
        case RevisitCameDue():
            return replace(revisit, due=True)
        case RevisitAttempted():
            attempted = (event.outcome, event.occurred_at)
            return replace(revisit, due=False, next_at=event.next_at, attempts=event.attempt, last_attempt=attempted)
        case Revisited():
            answer = (event.solved, event.satisfied, event.occurred_at)
            return replace(revisit, due=False, next_at=None, answer=answer, ended_at=event.occurred_at)
        case ReworkOrdered() | RevisitClosed():
            return replace(revisit, due=False, next_at=None, ended_at=event.occurred_at)
        case RevisitLimitPassed():
            return replace(revisit, limit_passed=True)
        case _:
            assert_never(event)


def timers(event: RevisitEvent) -> Sequence[Timer]:
    """Start the clocks of an event: when the revisit or its next attempt may be made, and when the limit runs out."""
    match event:
        case RevisitScheduled():
            return (_timer(event, COME_DUE, event.due_at, "due:0"), _timer(event, LIMIT, event.deadline_at, "limit"))
        case RevisitAttempted(next_at=datetime() as next_at):
            return (_timer(event, COME_DUE, next_at, f"due:{event.attempt}"),)
        case _:
            return ()


def on_timer(timer: Timer) -> Reaction:
    """Turn a due clock into its command, at the time it was due."""
    commands: dict[str, RevisitCommand] = {COME_DUE: ComeDue(now=timer.due_at), LIMIT: PassLimit(now=timer.due_at)}
    return Reaction(decider=decider, aggregate_id=UUID(timer.rule["revisit_id"]), command=commands[timer.kind])


def _schedule(command: ScheduleRevisit) -> RevisitScheduled:
    return RevisitScheduled(
        revisit_id=command.revisit_id,
        work_order_id=command.work_order_id,
        request_id=command.request_id,
        requester_id=command.requester_id,
        department=command.department,
        round=command.round,
        due_at=command.rules.revisit_at(command.now),
        deadline_at=command.rules.due_at(LimitKind.REVISIT, command.now),
        rule_version=command.rules.number,
        occurred_at=command.now,
    )


def _come_due(revisit: Revisit, owed: RevisitScheduled, command: ComeDue) -> list[RevisitEvent]:
    if revisit.due or revisit.next_at is None or command.now < revisit.next_at:
        return []
    return [
        RevisitCameDue(
            revisit_id=owed.revisit_id,
            work_order_id=owed.work_order_id,
            request_id=owed.request_id,
            department=owed.department,
            occurred_at=revisit.next_at,
        )
    ]


def _pass_limit(revisit: Revisit, owed: RevisitScheduled, command: PassLimit) -> list[RevisitEvent]:
    """Compare times, not the order of processing: a revisit recorded first but made too late has passed the limit too."""
    in_time = revisit.ended_at is not None and revisit.ended_at <= owed.deadline_at
    if in_time or revisit.limit_passed or command.now < owed.deadline_at:
        return []
    return [
        RevisitLimitPassed(
            revisit_id=owed.revisit_id,
            work_order_id=owed.work_order_id,
            request_id=owed.request_id,
            department=owed.department,
            occurred_at=owed.deadline_at,
        )
    ]


def _attempt(revisit: Revisit, owed: RevisitScheduled, command: AttemptRevisit) -> list[RevisitEvent]:
    if revisit.last_attempt == (command.outcome, command.now):
        return []
    if revisit.next_at is None:
        raise RevisitOverError
    if command.rules.quiet_hours.contains(command.now):
        raise QuietHoursError
    if command.now < revisit.next_at:
        raise RevisitNotDueError
    rules = command.rules
    attempt = revisit.attempts + 1
    last = attempt >= rules.revisit.attempts
    attempted = RevisitAttempted(
        revisit_id=owed.revisit_id,
        work_order_id=owed.work_order_id,
        request_id=owed.request_id,
        department=owed.department,
        attempt=attempt,
        outcome=command.outcome,
        next_at=None if last else rules.next_half_day(command.now),
        attempted_by=command.attempted_by,
        occurred_at=command.now,
    )
    return [attempted, _close(owed, ClosedAs.UNREACHABLE, command.now)] if last else [attempted]


def _record(revisit: Revisit, owed: RevisitScheduled, command: RecordRevisit) -> list[RevisitEvent]:
    if revisit.answer == (command.solved, command.satisfied, command.now):
        return []
    if revisit.next_at is None:
        raise RevisitOverError
    if command.now < owed.occurred_at:
        raise RevisitBeforeResolutionError
    if command.satisfied is False and command.reason is None:
        raise ReasonMissingError
    if command.rules.quiet_hours.contains(command.now) and not command.immediate_after_service:
        raise QuietHoursError
    revisited = Revisited(
        revisit_id=owed.revisit_id,
        work_order_id=owed.work_order_id,
        request_id=owed.request_id,
        requester_id=owed.requester_id,
        department=owed.department,
        round=owed.round,
        solved=command.solved,
        satisfied=command.satisfied,
        reason=command.reason,
        immediate_after_service=command.immediate_after_service,
        revisited_by=command.revisited_by,
        occurred_at=command.now,
    )
    return [revisited, _outcome(owed, command)]


def _outcome(owed: RevisitScheduled, command: RecordRevisit) -> RevisitEvent:
    """Only a clear no sends the order back, and only as often as the pack allows; no answer leaves nothing to order."""
    if command.solved is None:
        return _close(owed, ClosedAs.UNANSWERED, command.now)
    if command.solved:
        return _close(owed, ClosedAs.SOLVED, command.now)
    if owed.round > command.rules.redress.rework_rounds:
        return _close(owed, ClosedAs.ROUNDS_EXHAUSTED, command.now)
    return ReworkOrdered(
        revisit_id=owed.revisit_id,
        work_order_id=owed.work_order_id,
        request_id=owed.request_id,
        department=owed.department,
        round=owed.round + 1,
        occurred_at=command.now,
    )


def _close(owed: RevisitScheduled, closed_as: ClosedAs, now: datetime) -> RevisitClosed:
    return RevisitClosed(
        revisit_id=owed.revisit_id,
        work_order_id=owed.work_order_id,
        request_id=owed.request_id,
        department=owed.department,
        round=owed.round,
        closed_as=closed_as,
        occurred_at=now,
    )


def _timer(event: RevisitScheduled | RevisitAttempted, kind: str, due_at: datetime, name: str) -> Timer:
    return Timer(
        timer_id=uuid5(event.revisit_id, name),
        kind=kind,
        due_at=due_at,
        stream=decider.stream(event.revisit_id),
        rule={"revisit_id": str(event.revisit_id), "since": event.occurred_at.isoformat()},
    )


decider: Decider[RevisitCommand, Revisit, RevisitEvent] = Decider("revisit", decide, evolve, Revisit(), timers)
