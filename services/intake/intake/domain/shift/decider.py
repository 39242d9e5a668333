"""A shift's one decide: each command goes to the module of its concern; and the timers around a shift's start."""

from typing import TypeAlias, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.intake import PostsChanged, ShiftEvent, ShiftOpened, SwapApproved
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from intake.domain.shift import absences, attendance, handover, posts
from intake.domain.shift.absences import AbsenceCommand, CheckAttendance, ExcuseAbsence, RecordGap, ReportAbsence
from intake.domain.shift.attendance import (
    AttendanceCommand,
    BeginBreak,
    CheckIn,
    EndBreak,
    NotifyChief,
)
from intake.domain.shift.handover import (
    AcceptHandover,
    CheckInventory,
    EndShift,
    HandoverCommand,
    OfferHandover,
    ReadLog,
    RefuseHandover,
)
from intake.domain.shift.posts import ApproveSwap, AskSwap, ChangePosts, DenySwap, OpenShift, PostsCommand
from intake.domain.shift.state import Shift, evolve

ShiftCommand: TypeAlias = PostsCommand | AttendanceCommand | AbsenceCommand | HandoverCommand
_CHIEF_NOTICE = "chief_notice"
_ATTENDANCE = "attendance"


def decide(shift: Shift, command: ShiftCommand) -> list[ShiftEvent]:
    match command:
        case OpenShift() | ChangePosts() | AskSwap() | ApproveSwap() | DenySwap():
            return posts.decide(shift, command)
        case CheckIn() | BeginBreak() | EndBreak() | NotifyChief():
            return attendance.decide(shift, command)
        case ReportAbsence() | CheckAttendance() | RecordGap() | ExcuseAbsence():
            return absences.decide(shift, command)
        case ReadLog() | CheckInventory() | OfferHandover() | AcceptHandover() | RefuseHandover() | EndShift():
            return handover.decide(shift, command)
        case _:
            assert_never(command)


def timers(event: ShiftEvent) -> list[Timer]:
    """Watch the start of a shift, and of each post that somebody gets while the roster runs."""
    match event:
        case ShiftOpened():
            chief = _timer(event, _CHIEF_NOTICE, "")
            return [chief, _timer(event, _ATTENDANCE, "")]
        case PostsChanged(added=str(staff_id)) | SwapApproved(to_staff=staff_id):
            return [_timer(event, _ATTENDANCE, f":{staff_id}:{event.occurred_at.isoformat()}")]
        case _:
            return []


def _timer(event: ShiftOpened | PostsChanged | SwapApproved, kind: str, of: str) -> Timer:
    due_at = event.chief_notice_at if isinstance(event, ShiftOpened) and kind == _CHIEF_NOTICE else event.absent_from
    return Timer(timer_id=uuid5(event.shift_id, f"{kind}{of}"), kind=kind, due_at=due_at, stream=f"shift-{event.shift_id}")


def on_timer(timer: Timer) -> Reaction:
    """Turn a due timer into its command; its due time is the command's time."""
    shift_id = UUID(timer.stream.partition("-")[2])
    command: ShiftCommand
    command = NotifyChief(now=timer.due_at) if timer.kind == _CHIEF_NOTICE else CheckAttendance(now=timer.due_at)
    return Reaction(decider=decider, aggregate_id=shift_id, command=command)


decider: Decider[ShiftCommand, Shift, ShiftEvent] = Decider("shift", decide, evolve, Shift(), timers)
