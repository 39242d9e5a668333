"""Who is not at their post, and whether anybody is: absences and gaps (A06, A138, A139).

Absence (somebody on the roster is not there), gap (a line of 24 hours has nobody) and substitution (somebody stands in without
an approved swap) are three faults and never one for another. While a shift is rostered before this one its people stay until
they are relieved, so a missing relief is an absence, and a gap only when they are not there either. The shifts of the line
before and after this one are handed in as `Beside`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import AbsenceDetected, AbsenceWithdrawn, GapDetected, ShiftEvent
from intake.domain.duty_refusals import AtPostBesideError, NotRosteredError, ShiftOverError
from intake.domain.shift.guards import opened
from intake.domain.shift.state import Plan, Post, Presence, Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What the shifts before and after this one say at a moment: that somebody is at their post there, and who answers."""

    at_post: bool = False
    answered: bool = False


NOBODY_BESIDE = Beside()


def beside(shifts: Iterable[Shift], staff_id: str, now: datetime) -> Beside:
    """Tell whether a person is at their post in one of these shifts, and whether somebody else answers the line there."""
    known = list(shifts)
    there = [presence for one in known if (presence := one.at_post(staff_id)) is not None and presence.since <= now]
    return Beside(at_post=bool(there), answered=any(one.answering_at(now, besides=staff_id) for one in known))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAbsence:
    """Somebody looked and found a person away from their post."""

    shift_id: UUID
    staff_id: str
    by: str
    beside: Beside = NOBODY_BESIDE
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAttendance:
    """The time has come at which whoever is not there is absent; `now` is that time."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordGap:
    """Nobody of the shift before is there at `now` either; nobody has been since `began_at`."""

    began_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcuseAbsence:
    """Somebody who did not check in was still at their post in the shift before, unrelieved."""

    staff_id: str
    now: datetime


AbsenceCommand: TypeAlias = ReportAbsence | CheckAttendance | RecordGap | ExcuseAbsence


def decide(shift: Shift, command: AbsenceCommand) -> list[ShiftEvent]:
    match command:
        case ReportAbsence():
            return _report_absence(shift, command)
        case CheckAttendance():
            return _check_attendance(shift, command)
        case RecordGap():
            return _record_gap(shift, command)
        case ExcuseAbsence():
            return _excuse(shift, command)
        case _:
            assert_never(command)


def _report_absence(shift: Shift, command: ReportAbsence) -> list[ShiftEvent]:
    """Record whoever was to be there and is not; a stand-in was never on the roster, and who was relieved may go."""
    plan, post = opened(shift), shift.posts.get(command.staff_id)
    if post is None:
        raise NotRosteredError(missing="roster_published")
    presence = shift.people.get(command.staff_id)
    if presence is not None and presence.left_at is None:
        away = _is_missed(shift, plan, post, presence, command)
    else:
        away = _never_came(shift, plan, post, presence, command)
    if not away:
        return []
    tier = post.tier if presence is None else presence.tier
    found = _absence(plan, command.staff_id, tier, command.now, command.by)
    answered = shift.answering_at(command.now, besides=command.staff_id) or command.beside.answered
    known = presence is None and shift.gap_at is not None
    gap = plan.round_the_clock and tier == plan.answering_tier and not answered and not known
    return [found, _gap(plan, command.now, command.now)] if gap else [found]


def _is_missed(shift: Shift, plan: Plan, post: Post, presence: Presence, command: ReportAbsence) -> bool:
    """Say whether somebody who checked in had to be there: until the relief has signed, or whoever took the post over came."""
    if presence.on_break_since is not None or command.now < presence.since:
        return False
    handover = shift.handovers.get(command.staff_id)
    if handover is not None and handover.accepted:
        return False
    if command.now >= plan.ends_at and not plan.round_the_clock:
        return False
    return not post.over_at(command.now) or not _is_taken_over(shift, post, command.now)


def _is_taken_over(shift: Shift, post: Post, now: datetime) -> bool:
    """Say whether somebody whom a swap or a change put on in this place is there; where nobody was, nobody is waited for."""
    successors = [name for name, other in shift.posts.items() if (other.tier, other.since) == (post.tier, post.until)]
    there = [shift.people[name] for name in successors if name in shift.people]
    return not successors or any(one.since <= now and (one.left_at is None or one.left_at > now) for one in there)


def _never_came(shift: Shift, plan: Plan, post: Post, presence: Presence | None, command: ReportAbsence) -> bool:
    """Say whether somebody who is not checked in had to be; who is at their post in the shift beside is reported there."""
    if command.now >= plan.ends_at:
        raise ShiftOverError
    if presence is not None or command.staff_id in shift.absent:
        return False
    if command.now < post.absent_from or not post.holds_at(command.now):
        return False
    if command.beside.at_post:
        raise AtPostBesideError
    return True


def _check_attendance(shift: Shift, command: CheckAttendance) -> list[ShiftEvent]:
    """Detect who was not there at a time, whenever that is found out; a later check-in does not undo it."""
    if shift.plan is None:
        return []
    found: list[ShiftEvent] = [
        _absence(shift.plan, staff_id, post.tier, command.now, None)
        for staff_id, post in shift.posts.items()
        if post.absent_from <= command.now
        and post.holds_at(command.now)
        and staff_id not in shift.absent
        and (staff_id not in shift.people or shift.people[staff_id].since > command.now)
    ]
    plan = shift.plan
    watched = plan.round_the_clock and plan.follows is None and shift.gap_at is None and command.now >= plan.absent_from
    if watched and not shift.answering_at(command.now):
        found.append(_gap(plan, plan.starts_at, command.now))
    return found


def _record_gap(shift: Shift, command: RecordGap) -> list[ShiftEvent]:
    plan = opened(shift)
    if not plan.round_the_clock or shift.gap_at is not None or shift.answering_at(command.now):
        return []
    return [_gap(plan, command.began_at, command.now)]


def _excuse(shift: Shift, command: ExcuseAbsence) -> list[ShiftEvent]:
    plan = opened(shift)
    if shift.absent.get(command.staff_id) != command.now:
        return []
    return [AbsenceWithdrawn(shift_id=plan.shift_id, line=plan.line, staff_id=command.staff_id, occurred_at=command.now)]


def _absence(plan: Plan, staff_id: str, tier: str, at: datetime, found_by: str | None) -> AbsenceDetected:
    return AbsenceDetected(
        shift_id=plan.shift_id, line=plan.line, staff_id=staff_id, tier=tier, found_by=found_by, occurred_at=at
    )


def _gap(plan: Plan, began_at: datetime, at: datetime) -> GapDetected:
    return GapDetected(shift_id=plan.shift_id, line=plan.line, began_at=began_at, occurred_at=at)
