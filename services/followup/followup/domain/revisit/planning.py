"""When a revisit is made, and of whom (A100, A101, A112): schedule, come due, put off, pass the limit."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import assert_never
from uuid import UUID

from followup.domain.refusals import (
    PlannedBackwardsError,
    PlannedInQuietHoursError,
    PlannedTooLateError,
    RevisitOverError,
)
from followup.domain.revisit.commands import ChangeType, ComeDue, PassLimit, PlanRevisit, ScheduleRevisit
from followup.domain.revisit.ending import close
from followup.domain.revisit.state import Revisit, matter_of
from hotline_events.catalogue.followup import (
    ClosedAs,
    Deferral,
    RevisitCameDue,
    RevisitDeferred,
    RevisitEvent,
    RevisitLimitPassed,
    RevisitNotSampled,
    RevisitScheduled,
)
from hotline_events.catalogue.intake import RequestType
from hotline_rules.deadlines import LimitKind
from hotline_rules.pack import RulePack
from hotline_rules.sections.revisits import RevisitStart

WHOLE = 1000
_ANY = "any"
_ALWAYS = frozenset({None, RequestType.COMPLAINT})


def schedule(command: ScheduleRevisit) -> list[RevisitEvent]:
    """Owe the caller a revisit, put off over the night where its moment is quiet; or document that the draw left it out."""
    permille = sampled_permille(command)
    if not is_drawn(command.rules.revisit.sampling_seed, command.work_order_id, permille):
        return _leave_out(command, permille)
    return _owe(command, None)


def change_type(revisit: Revisit, command: ChangeType) -> list[RevisitEvent]:
    """Draw anew, by the same seed, a matter that the draw left out as another kind: it is owed its revisit from now on."""
    left_out = revisit.left_out
    if left_out is None or revisit.scheduled or revisit.over:
        return []
    again = ScheduleRevisit(
        revisit_id=left_out.revisit_id,
        work_order_id=left_out.work_order_id,
        request_id=left_out.request_id,
        requester_id=left_out.requester_id,
        department=left_out.department,
        round=left_out.round,
        request_type=command.to_type,
        first_contact=left_out.first_contact,
        rules=command.book.of(left_out.rule_version),
        now=max(command.now, left_out.occurred_at),
    )
    drawn = is_drawn(again.rules.revisit.sampling_seed, again.work_order_id, sampled_permille(again))
    return _owe(again, left_out.occurred_at) if drawn else []


def _owe(command: ScheduleRevisit, resolved_at: datetime | None) -> list[RevisitEvent]:
    rules = command.rules
    planned_at = rules.after(rules.revisit.earliest_delay, command.now)
    due_at = rules.revisit_at(command.now)
    deadline_at = max(rules.due_at(LimitKind.REVISIT, _start_of(command)), due_at)
    owed = RevisitScheduled(
        revisit_id=command.revisit_id,
        work_order_id=command.work_order_id,
        request_id=command.request_id,
        requester_id=command.requester_id,
        department=command.department,
        round=command.round,
        due_at=due_at,
        deadline_at=deadline_at,
        call_by=max(call_by(rules, deadline_at), due_at),
        first_contact=command.first_contact,
        resolved_at=resolved_at,
        rule_version=rules.number,
        occurred_at=command.now,
    )
    if due_at == planned_at:
        return [owed]
    deferred = RevisitDeferred(
        **matter_of(owed), from_at=planned_at, to_at=due_at, because=Deferral.QUIET_HOURS, occurred_at=command.now
    )
    return [owed, deferred]


def _start_of(command: ScheduleRevisit) -> datetime:
    """Tell from when the limit counts: the result, the acceptance of the matter, or the end of the handling's own limit."""
    match command.rules.revisit.starts:
        case RevisitStart.RESULT:
            return command.now
        case RevisitStart.ACCEPTANCE:
            return command.accepted_at or command.now
        case RevisitStart.LIMIT:
            return max(command.resolve_due_at or command.now, command.now)
        case _:
            assert_never(command.rules.revisit.starts)


def sampled_permille(command: ScheduleRevisit) -> int:
    """Tell how many of a thousand such matters are revisited: every complaint and every rework, whatever the pack says."""
    if command.request_type in _ALWAYS or command.round > 1:
        return WHOLE
    sampled = command.rules.revisit.sampled_permille
    return sampled.get(str(command.request_type), sampled.get(_ANY, WHOLE))


def is_drawn(seed: str, work_order_id: UUID, permille: int) -> bool:
    """Draw by the pack's seed: anyone can repeat the draw, nobody can steer it."""
    drawn = int.from_bytes(sha256(f"{seed}:{work_order_id}".encode()).digest()[:8])
    return drawn % WHOLE < permille


def call_by(rules: RulePack, deadline_at: datetime) -> datetime:
    """Tell until when a revisit with this deadline is planned: the last day's `schedule_by`, or earlier if that is quiet."""
    last = (deadline_at - timedelta(microseconds=1)).astimezone(rules.timezone)
    by = datetime.combine(last.date(), rules.revisit.schedule_by, rules.timezone).astimezone(UTC)
    return rules.quiet_hours.window_closes(min(by, deadline_at))


def come_due(revisit: Revisit, owed: RevisitScheduled, command: ComeDue) -> list[RevisitEvent]:
    """Put the revisit on the desk's list."""
    if revisit.due or revisit.next_at is None or command.now < revisit.next_at:
        return []
    return [RevisitCameDue(**matter_of(owed), occurred_at=revisit.next_at)]


def pass_limit(revisit: Revisit, owed: RevisitScheduled, command: PassLimit) -> list[RevisitEvent]:
    """Compare times, not the order of processing: a revisit recorded first but made too late has passed the limit too."""
    in_time = revisit.asked_at is not None and revisit.asked_at <= owed.deadline_at
    if in_time or revisit.limit_passed or command.now < owed.deadline_at:
        return []
    return [RevisitLimitPassed(**matter_of(owed), occurred_at=owed.deadline_at)]


def plan(revisit: Revisit, owed: RevisitScheduled, command: PlanRevisit) -> list[RevisitEvent]:
    """Put the next call off; not into the night, not past the last day's hour, and never to an earlier moment."""
    if revisit.next_at is None:
        raise RevisitOverError
    if command.at == revisit.next_at:
        return []
    if command.at < max(revisit.next_at, command.now):
        raise PlannedBackwardsError
    if command.rules.quiet_hours.contains(command.at):
        raise PlannedInQuietHoursError
    last = owed.call_by or call_by(command.rules, owed.deadline_at)
    if revisit.next_at <= last < command.at:
        raise PlannedTooLateError
    return [
        RevisitDeferred(
            **matter_of(owed),
            from_at=revisit.next_at,
            to_at=command.at,
            because=command.because,
            deferred_by=command.planned_by,
            occurred_at=command.now,
        )
    ]


def _leave_out(command: ScheduleRevisit, permille: int) -> list[RevisitEvent]:
    left_out = RevisitNotSampled(
        revisit_id=command.revisit_id,
        work_order_id=command.work_order_id,
        request_id=command.request_id,
        requester_id=command.requester_id,
        department=command.department,
        round=command.round,
        sampled_permille=permille,
        first_contact=command.first_contact,
        rule_version=command.rules.number,
        occurred_at=command.now,
    )
    return [left_out, close(left_out, ClosedAs.NOT_SAMPLED, command.now)]
