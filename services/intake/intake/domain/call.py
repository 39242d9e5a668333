"""A call: received, answered or abandoned, held and resumed, ended, wrapped up (A01, A03, A12, A17, A35, A45, A46).

Late entry after an outage is normal (A21), so every command says when it happened; within a call time never runs backwards.
Durations that the exchange does not report follow from those times.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    AbandonStage,
    CallAbandoned,
    CallAnswered,
    CallEnded,
    CallEvent,
    CallHeld,
    CallReceived,
    CallResumed,
    CallWrappedUp,
    EndedBy,
)
from hotline_events.decider import Decider
from intake.domain.refusals import (
    CallAbandonedError,
    CallAlreadyAnsweredError,
    CallNotAnsweredError,
    CallNotEndedError,
    CallNotHeldError,
    CallNotReceivedError,
    CallOverError,
    DurationTooLongError,
    TimeRunsBackwardsError,
)

LONGEST = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveCall:
    call_id: UUID
    line: str
    caller_id: UUID | None
    emergency: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCall:
    call_id: UUID
    agent_id: str
    wait_ms: int | None
    ring_count: int | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonCall:
    call_id: UUID
    stage: AbandonStage
    wait_ms: int | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCall:
    call_id: UUID
    reason: str
    estimated_ms: int | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeCall:
    call_id: UUID
    held_ms: int | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCall:
    call_id: UUID
    ended_by: EndedBy
    talk_ms: int | None
    hold_ms: int | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpCall:
    call_id: UUID
    outcome: str
    wrap_up_ms: int | None
    now: datetime


CallCommand: TypeAlias = ReceiveCall | AnswerCall | AbandonCall | HoldCall | ResumeCall | EndCall | WrapUpCall


class Status(StrEnum):
    """Where a call stands."""

    UNKNOWN = "unknown"
    RECEIVED = "received"
    ANSWERED = "answered"
    HELD = "held"
    ABANDONED = "abandoned"
    ENDED = "ended"
    WRAPPED_UP = "wrapped_up"


TALKING = frozenset({Status.ANSWERED, Status.HELD})
OVER = frozenset({Status.ENDED, Status.WRAPPED_UP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a decision about a call reads. `since` is when the present status began, also the latest time known."""

    status: Status = Status.UNKNOWN
    since: datetime | None = None
    answered_at: datetime | None = None
    agent_id: str | None = None
    was_held: bool = False
    hold_ms: int = 0


def decide(call: Call, command: CallCommand) -> list[CallEvent]:
    match command:
        case ReceiveCall():
            return _receive(call, command)
        case AnswerCall():
            return _answer(call, command)
        case AbandonCall():
            return _abandon(call, command)
        case HoldCall():
            return _hold(call, command)
        case ResumeCall():
            return _resume(call, command)
        case EndCall():
            return _end(call, command)
        case WrapUpCall():
            return _wrap_up(call, command)
        case _:
            assert_never(command)


def evolve(call: Call, event: CallEvent) -> Call:
    match event:
        case CallReceived():
            return replace(call, status=Status.RECEIVED, since=event.occurred_at)
        case CallAnswered():
            at = event.occurred_at
            return replace(call, status=Status.ANSWERED, since=at, answered_at=at, agent_id=event.agent_id)
        case CallAbandoned():
            return replace(call, status=Status.ABANDONED, since=event.occurred_at)
        case CallHeld():
            return replace(call, status=Status.HELD, since=event.occurred_at, was_held=True)
        case CallResumed():
            held = call.hold_ms + event.held_ms
            return replace(call, status=Status.ANSWERED, since=event.occurred_at, hold_ms=held)
        case CallEnded():
            return replace(call, status=Status.ENDED, since=event.occurred_at)
        case CallWrappedUp():
            return replace(call, status=Status.WRAPPED_UP, since=event.occurred_at)
        case _:
            assert_never(event)


def _receive(call: Call, command: ReceiveCall) -> list[CallEvent]:
    if call.status is not Status.UNKNOWN:
        return []
    return [
        CallReceived(
            call_id=command.call_id,
            line=command.line,
            caller_id=command.caller_id,
            emergency=command.emergency,
            occurred_at=command.now,
        )
    ]


def _answer(call: Call, command: AnswerCall) -> list[CallEvent]:
    if call.status is not Status.RECEIVED:
        _refuse_unless_talking(call)
        if call.agent_id == command.agent_id:
            return []
        raise CallAlreadyAnsweredError
    wait_ms = _since(call, command.now, command.wait_ms)
    return [
        CallAnswered(
            call_id=command.call_id,
            agent_id=command.agent_id,
            wait_ms=wait_ms,
            ring_count=command.ring_count,
            occurred_at=command.now,
        )
    ]


def _abandon(call: Call, command: AbandonCall) -> list[CallEvent]:
    if call.status is Status.ABANDONED:
        return []
    if call.status is not Status.RECEIVED:
        _refuse_unless_talking(call)
        raise CallAlreadyAnsweredError
    wait_ms = _since(call, command.now, command.wait_ms)
    return [CallAbandoned(call_id=command.call_id, stage=command.stage, wait_ms=wait_ms, occurred_at=command.now)]


def _hold(call: Call, command: HoldCall) -> list[CallEvent]:
    _refuse_unless_talking(call)
    if call.status is Status.HELD:
        return []
    _since(call, command.now, 0)
    return [
        CallHeld(call_id=command.call_id, reason=command.reason, estimated_ms=command.estimated_ms, occurred_at=command.now)
    ]


def _resume(call: Call, command: ResumeCall) -> list[CallEvent]:
    _refuse_unless_talking(call)
    if not call.was_held:
        raise CallNotHeldError
    if call.status is Status.ANSWERED:
        return []
    held_ms = _since(call, command.now, command.held_ms)
    return [CallResumed(call_id=command.call_id, held_ms=held_ms, occurred_at=command.now)]


def _end(call: Call, command: EndCall) -> list[CallEvent]:
    if call.status in OVER:
        return []
    _refuse_unless_talking(call)
    latest = _since(call, command.now, None)
    held = call.hold_ms + (latest if call.status is Status.HELD else 0)
    hold_ms = held if command.hold_ms is None else command.hold_ms
    talk_ms = command.talk_ms
    if talk_ms is None:
        talk_ms = max(0, _between(call.answered_at or command.now, command.now) - hold_ms)
    return [
        CallEnded(
            call_id=command.call_id,
            ended_by=command.ended_by,
            talk_ms=talk_ms,
            hold_ms=hold_ms,
            occurred_at=command.now,
        )
    ]


def _wrap_up(call: Call, command: WrapUpCall) -> list[CallEvent]:
    if call.status is Status.WRAPPED_UP:
        return []
    if call.status is not Status.ENDED:
        _refuse_unless_talking(call)
        raise CallNotEndedError
    wrap_up_ms = _since(call, command.now, command.wrap_up_ms)
    return [CallWrappedUp(call_id=command.call_id, outcome=command.outcome, wrap_up_ms=wrap_up_ms, occurred_at=command.now)]


def _refuse_unless_talking(call: Call) -> None:
    """Refuse, with the reason, what needs someone who talks to the caller."""
    if call.status is Status.UNKNOWN:
        raise CallNotReceivedError
    if call.status is Status.RECEIVED:
        raise CallNotAnsweredError
    if call.status is Status.ABANDONED:
        raise CallAbandonedError
    if call.status in OVER:
        raise CallOverError


def _since(call: Call, now: datetime, reported_ms: int | None) -> int:
    """Return the milliseconds since the present status began, as reported or as the times say."""
    since = call.since or now
    if now < since:
        raise TimeRunsBackwardsError
    return _between(since, now) if reported_ms is None else reported_ms


def _between(start: datetime, end: datetime) -> int:
    if end - start > LONGEST:
        raise DurationTooLongError
    return (end - start) // timedelta(milliseconds=1)


decider: Decider[CallCommand, Call, CallEvent] = Decider("call", decide, evolve, Call())
