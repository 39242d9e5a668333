"""A missed call of a duty line: a task to call back, until the caller is reached (A05).

Its id is the call's. Who left no number cannot be called back; that, too, is said and ends the task.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.intake import (
    CallBackAttempted,
    CallBackOutcome,
    CallBackOverdue,
    CalledBack,
    MissedCallEvent,
    MissedCallRecorded,
)
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from hotline_rules.pack import RulePack
from intake.domain.line_refusals import MissedCallUnknownError, NumberKnownError
from intake.domain.refusals import TimeRunsBackwardsError

ENDING = frozenset({CallBackOutcome.REACHED, CallBackOutcome.NUMBER_WITHHELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMissedCall:
    call_id: UUID
    line: str
    caller_id: UUID | None
    waited_ms: int
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCallBack:
    call_id: UUID
    outcome: CallBackOutcome
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassCallBackTime:
    """The time to call back is over; `now` is its due time."""

    call_id: UUID
    now: datetime


MissedCallCommand: TypeAlias = RecordMissedCall | RecordCallBack | PassCallBackTime


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCall:
    line: str | None = None
    missed_at: datetime | None = None
    caller_known: bool = False
    attempts: int = 0
    ended_at: datetime | None = None
    overdue: bool = False


def decide(missed: MissedCall, command: MissedCallCommand) -> list[MissedCallEvent]:
    match command:
        case RecordMissedCall():
            return _record(missed, command)
        case RecordCallBack():
            return _call_back(missed, command)
        case PassCallBackTime():
            return _pass_time(missed, command)
        case _:
            assert_never(command)


def evolve(missed: MissedCall, event: MissedCallEvent) -> MissedCall:
    match event:
        case MissedCallRecorded():
            return replace(missed, line=event.line, missed_at=event.occurred_at, caller_known=event.caller_id is not None)
        case CallBackAttempted():
            return replace(missed, attempts=event.attempt)
        case CalledBack():
            return replace(missed, attempts=event.attempts, ended_at=event.occurred_at)
        case CallBackOverdue():
            return replace(missed, overdue=True)
        case _:
            assert_never(event)


def timers(event: MissedCallEvent) -> list[Timer]:
    """Watch the time to call back."""
    if not isinstance(event, MissedCallRecorded):
        return []
    return [
        Timer(
            timer_id=uuid5(event.call_id, "call_back"),
            kind="call_back",
            due_at=event.due_at,
            stream=f"missed_call-{event.call_id}",
            rule={"rule_version": event.rule_version, "missed_at": event.occurred_at.isoformat()},
        )
    ]


def on_timer(timer: Timer) -> Reaction:
    call_id = UUID(timer.stream.partition("-")[2])
    return Reaction(decider=decider, aggregate_id=call_id, command=PassCallBackTime(call_id=call_id, now=timer.due_at))


def _record(missed: MissedCall, command: RecordMissedCall) -> list[MissedCallEvent]:
    if missed.missed_at is not None:
        return []
    return [
        MissedCallRecorded(
            call_id=command.call_id,
            line=command.line,
            caller_id=command.caller_id,
            waited_ms=command.waited_ms,
            due_at=command.rules.after(command.rules.lines.call_back, command.now),
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]


def _call_back(missed: MissedCall, command: RecordCallBack) -> list[MissedCallEvent]:
    if missed.missed_at is None:
        raise MissedCallUnknownError
    if missed.ended_at is not None:
        return []
    if command.now < missed.missed_at:
        raise TimeRunsBackwardsError
    if command.outcome is CallBackOutcome.NUMBER_WITHHELD and missed.caller_known:
        raise NumberKnownError
    if command.outcome in ENDING:
        reached = command.outcome is CallBackOutcome.REACHED
        return [
            CalledBack(
                call_id=command.call_id,
                outcome=command.outcome,
                attempts=missed.attempts + reached,
                called_by=command.by,
                occurred_at=command.now,
            )
        ]
    return [
        CallBackAttempted(
            call_id=command.call_id,
            outcome=command.outcome,
            attempt=missed.attempts + 1,
            attempted_by=command.by,
            occurred_at=command.now,
        )
    ]


def _pass_time(missed: MissedCall, command: PassCallBackTime) -> list[MissedCallEvent]:
    if missed.line is None or missed.overdue or (missed.ended_at is not None and missed.ended_at <= command.now):
        return []
    return [CallBackOverdue(call_id=command.call_id, line=missed.line, attempts=missed.attempts, occurred_at=command.now)]


decider: Decider[MissedCallCommand, MissedCall, MissedCallEvent] = Decider("missed_call", decide, evolve, MissedCall(), timers)
