"""Who comes first, long talks, promises, menu: what is noted beside a call's life (A16-A18, A22, A48, A61, A63, A119)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    CallbackPromised,
    CallBusyOverflowDetected,
    CallDistressTagged,
    CallEvent,
    CallLineKeptOpen,
    CallMenuOptionChosen,
    CallPrioritised,
    CallPriority,
    CallTalkActionReached,
    CallTalkNoticeReached,
    CallWaitingNotified,
    Emotion,
    WaitingGround,
)
from hotline_rules.sections.calls import CallRules
from intake.domain.call import refusals
from intake.domain.call.conduct import higher
from intake.domain.call.guards import is_open, refuse_unknown, refuse_unless_answered, refuse_unless_talking
from intake.domain.call.standing import TALKING, Status
from intake.domain.call.state import Call
from intake.domain.refusals import CallAbandonedError, CallAlreadyAnsweredError, CallOverError


@dataclass(frozen=True, slots=True, kw_only=True)
class PrioritiseCall:
    call_id: UUID
    priority: CallPriority
    reason: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TagDistress:
    call_id: UUID
    emotion: Emotion
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyWaiting:
    call_id: UUID
    ground: WaitingGround
    notified: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachTalkLimit:
    """The talk came to a length, at `now`; `action` tells the action point from the hint."""

    call_id: UUID
    action: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepLineOpen:
    call_id: UUID
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseCallback:
    call_id: UUID
    promise_id: UUID
    reason: str
    due_at: datetime
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseMenuOption:
    call_id: UUID
    option: str
    rules: CallRules
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectOverflow:
    call_id: UUID
    extension: str
    now: datetime


AttendingCommand: TypeAlias = (
    PrioritiseCall
    | TagDistress
    | NotifyWaiting
    | ReachTalkLimit
    | KeepLineOpen
    | PromiseCallback
    | ChooseMenuOption
    | DetectOverflow
)


def decide(call: Call, command: AttendingCommand) -> list[CallEvent]:
    match command:
        case PrioritiseCall():
            return _prioritise(call, command)
        case TagDistress():
            return _distress(call, command)
        case NotifyWaiting():
            return _notify(call, command)
        case ReachTalkLimit():
            return _reach(call, command)
        case KeepLineOpen():
            return _keep_open(call, command)
        case PromiseCallback():
            return _promise(call, command)
        case ChooseMenuOption():
            return _choose(call, command)
        case DetectOverflow():
            return _overflow(call, command)
        case _:
            assert_never(command)


def _prioritise(call: Call, command: PrioritiseCall) -> list[CallEvent]:
    """Raise the priority; one that is as high already stays as it is, and none is ever lowered."""
    _refuse_unless_open(call)
    if higher(call.conduct.priority, command.priority) is call.conduct.priority:
        return []
    return [
        CallPrioritised(
            call_id=command.call_id,
            priority=command.priority,
            reason=command.reason,
            prioritised_by=command.by,
            occurred_at=command.now,
        )
    ]


def _distress(call: Call, command: TagDistress) -> list[CallEvent]:
    _refuse_unless_open(call)
    if call.conduct.emotion is command.emotion:
        return []
    return [CallDistressTagged(call_id=command.call_id, emotion=command.emotion, tagged_by=command.by, occurred_at=command.now)]


def _notify(call: Call, command: NotifyWaiting) -> list[CallEvent]:
    _refuse_unless_open(call)
    if call.status is Status.ANSWERED:
        raise CallAlreadyAnsweredError
    if call.conduct.priority is CallPriority.ORDINARY:
        raise refusals.NotFlaggedError
    return [
        CallWaitingNotified(
            call_id=command.call_id,
            ground=command.ground,
            notified=command.notified,
            notified_by=command.by,
            occurred_at=command.now,
        )
    ]


def _reach(call: Call, command: ReachTalkLimit) -> list[CallEvent]:
    """Note that the talk is long. One that had ended by then, or that somebody else has since answered, is not."""
    ended = call.figures.ended_at
    if call.agent_id is None or (ended is not None and ended <= command.now) or not _was_talking(call):
        return []
    if call.conduct.action_due if command.action else call.conduct.noticed:
        return []
    event = CallTalkActionReached if command.action else CallTalkNoticeReached
    return [event(call_id=command.call_id, agent_id=call.agent_id, occurred_at=command.now)]


def _keep_open(call: Call, command: KeepLineOpen) -> list[CallEvent]:
    refuse_unless_talking(call)
    return [CallLineKeptOpen(call_id=command.call_id, told_by=command.by, occurred_at=command.now)]


def _promise(call: Call, command: PromiseCallback) -> list[CallEvent]:
    if command.promise_id in call.conduct.promises:
        return []
    refuse_unless_answered(call)
    if command.due_at <= command.now:
        raise refusals.PromisePastError
    return [
        CallbackPromised(
            promise_id=command.promise_id,
            call_id=command.call_id,
            caller_id=call.caller_id,
            reason=command.reason,
            due_at=command.due_at,
            promised_by=command.by,
            occurred_at=command.now,
        )
    ]


def _choose(call: Call, command: ChooseMenuOption) -> list[CallEvent]:
    refuse_unknown(call)
    if not command.rules.keep_telephone_menu:
        raise refusals.TelephoneMenuOffError
    if (command.option, command.now) in call.conduct.options:
        return []
    return [CallMenuOptionChosen(call_id=command.call_id, option=command.option, occurred_at=command.now)]


def _overflow(call: Call, command: DetectOverflow) -> list[CallEvent]:
    refuse_unknown(call)
    if command.extension in call.conduct.overflowed:
        return []
    return [CallBusyOverflowDetected(call_id=command.call_id, extension=command.extension, occurred_at=command.now)]


def _refuse_unless_open(call: Call) -> None:
    refuse_unknown(call)
    if call.status is Status.ABANDONED:
        raise CallAbandonedError
    if not is_open(call):
        raise CallOverError


def _was_talking(call: Call) -> bool:
    return call.status in TALKING or call.figures.ended_at is not None
