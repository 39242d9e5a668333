"""Who is at their post: check-ins, breaks, and the faults of being late or standing in unapproved (A136-A138, A143)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    AbsenceWithdrawn,
    BreakBegan,
    BreakEnded,
    DutyChiefNotified,
    LateArrivalRecorded,
    ShiftCheckedIn,
    ShiftEvent,
    SubstitutionDetected,
)
from hotline_rules.pack import RulePack
from intake.domain.duty_refusals import (
    BreakLeavesGapError,
    NotOnBreakError,
    NotRosteredError,
    PostTakenError,
    SecondPersonError,
    ShiftOverError,
    TooEarlyError,
)
from intake.domain.refusals import TimeRunsBackwardsError
from intake.domain.shift.guards import DUTY_CHIEF, at_post, opened
from intake.domain.shift.state import Plan, Post, Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """Arriving at `now`, told at `entered_at`; `vouched_by` is who else saw it."""

    shift_id: UUID
    staff_id: str
    stands_in_for: str | None
    rules: RulePack
    entered_at: datetime | None = None
    vouched_by: str | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginBreak:
    shift_id: UUID
    staff_id: str
    reason: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndBreak:
    shift_id: UUID
    staff_id: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyChief:
    """The shift begins soon; `now` is the time at which the duty chief is told."""

    now: datetime


AttendanceCommand: TypeAlias = CheckIn | BeginBreak | EndBreak | NotifyChief


def decide(shift: Shift, command: AttendanceCommand) -> list[ShiftEvent]:
    match command:
        case CheckIn():
            return _check_in(shift, command)
        case BeginBreak():
            return _begin_break(shift, command)
        case EndBreak():
            return _end_break(shift, command)
        case NotifyChief():
            return _notify_chief(shift, command)
        case _:
            assert_never(command)


def _check_in(shift: Shift, command: CheckIn) -> list[ShiftEvent]:
    plan = opened(shift)
    if command.vouched_by == command.staff_id:
        raise SecondPersonError
    if shift.at_post(command.staff_id) is not None:
        return _confirm(shift, plan, command)
    _check_time(shift, plan, command)
    if _against_the_record(shift, command) and command.vouched_by is None:
        return _from_now(shift, plan, command)
    post = shift.posts.get(command.staff_id)
    if post is None or post.over_at(command.now):
        return _stand_in(shift, plan, command)
    if post.since is not None and command.now < command.rules.before(command.rules.duty.check_in_earliest, post.since):
        if command.stands_in_for is not None:
            return _stand_in(shift, plan, command)
        raise TooEarlyError
    checked_in = _checked_in(plan, command, post.tier, None)
    faults = _late(plan, command, post)
    if _against_the_record(shift, command):
        faults.append(_withdrawn(plan, command))
    return [checked_in, *faults]


def _against_the_record(shift: Shift, command: CheckIn) -> bool:
    """Say whether somebody who has not come yet came before they were found absent."""
    detected_at = shift.absent.get(command.staff_id)
    return command.staff_id not in shift.people and detected_at is not None and command.now < detected_at


def _from_now(shift: Shift, plan: Plan, command: CheckIn) -> list[ShiftEvent]:
    """Nobody takes an own absence back: the arrival counts from when it is told, until a second person vouches (A137, A138)."""
    if command.entered_at is None or command.entered_at >= plan.ends_at:
        raise SecondPersonError
    came = _check_in(shift, replace(command, now=max(command.entered_at, shift.absent[command.staff_id])))
    return [replace(one, claimed_at=command.now) if isinstance(one, ShiftCheckedIn) else one for one in came]


def _confirm(shift: Shift, plan: Plan, command: CheckIn) -> list[ShiftEvent]:
    """Take the absence back of who came when they said, as a second person says."""
    detected_at, presence = shift.absent.get(command.staff_id), shift.people[command.staff_id]
    unproven = presence.claimed and command.vouched_by is not None
    if not unproven or detected_at is None or command.now >= detected_at:
        return []
    return [_withdrawn(plan, command)]


def _withdrawn(plan: Plan, command: CheckIn) -> AbsenceWithdrawn:
    return AbsenceWithdrawn(shift_id=plan.shift_id, line=plan.line, staff_id=command.staff_id, occurred_at=command.now)


def _check_time(shift: Shift, plan: Plan, command: CheckIn) -> None:
    left = shift.people.get(command.staff_id)
    if left is not None and left.left_at is not None:
        if shift.absent.get(command.staff_id) != left.left_at:
            raise ShiftOverError
        if command.now < left.left_at:
            raise TimeRunsBackwardsError
    if command.now >= plan.ends_at:
        raise ShiftOverError
    if command.now < command.rules.before(command.rules.duty.check_in_earliest, plan.starts_at):
        raise TooEarlyError


def _stand_in(shift: Shift, plan: Plan, command: CheckIn) -> list[ShiftEvent]:
    """Let a stand-in to the post, since somebody has to be there, and say that nobody approved it (A138)."""
    replaced = command.stands_in_for
    post = None if replaced is None else shift.posts.get(replaced)
    if replaced is None or post is None or not post.holds_at(command.now):
        raise NotRosteredError(missing="swap_approved")
    if shift.at_post(replaced) is not None:
        raise PostTakenError
    return [
        _checked_in(plan, command, post.tier, replaced),
        SubstitutionDetected(
            shift_id=command.shift_id,
            line=plan.line,
            staff_id=command.staff_id,
            stands_in_for=replaced,
            occurred_at=command.now,
        ),
    ]


def _checked_in(plan: Plan, command: CheckIn, tier: str, stands_in_for: str | None) -> ShiftCheckedIn:
    return ShiftCheckedIn(
        shift_id=command.shift_id,
        line=plan.line,
        staff_id=command.staff_id,
        tier=tier,
        stands_in_for=stands_in_for,
        occurred_at=command.now,
    )


def _late(plan: Plan, command: CheckIn, post: Post) -> list[ShiftEvent]:
    if command.now <= post.check_in_by:
        return []
    return [
        LateArrivalRecorded(
            shift_id=command.shift_id,
            line=plan.line,
            staff_id=command.staff_id,
            late_ms=(command.now - post.check_in_by) // timedelta(milliseconds=1),
            occurred_at=command.now,
        )
    ]


def _begin_break(shift: Shift, command: BeginBreak) -> list[ShiftEvent]:
    plan = opened(shift)
    presence = at_post(shift, command.staff_id, command.now)
    if presence.on_break_since is not None:
        return []
    answers = presence.tier == plan.answering_tier and command.staff_id in shift.posts
    if plan.round_the_clock and answers and not shift.answering_at(command.now, besides=command.staff_id):
        raise BreakLeavesGapError
    return [
        BreakBegan(
            shift_id=command.shift_id,
            line=plan.line,
            staff_id=command.staff_id,
            reason=command.reason,
            occurred_at=command.now,
        )
    ]


def _end_break(shift: Shift, command: EndBreak) -> list[ShiftEvent]:
    plan = opened(shift)
    presence = at_post(shift, command.staff_id, command.now)
    if presence.on_break_since is None:
        raise NotOnBreakError
    if command.now < presence.on_break_since:
        raise TimeRunsBackwardsError
    return [BreakEnded(shift_id=command.shift_id, line=plan.line, staff_id=command.staff_id, occurred_at=command.now)]


def _notify_chief(shift: Shift, command: NotifyChief) -> list[ShiftEvent]:
    plan = shift.plan
    if plan is None or shift.chief_notified:
        return []
    return [
        DutyChiefNotified(
            shift_id=plan.shift_id,
            line=plan.line,
            staff_id=staff_id,
            starts_at=plan.starts_at,
            occurred_at=command.now,
        )
        for staff_id, post in shift.posts.items()
        if post.tier == DUTY_CHIEF and not post.over_at(plan.starts_at)
    ]
