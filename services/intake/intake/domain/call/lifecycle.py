"""A call's life: received, answered or abandoned, held and resumed (A01, A02, A03, A45, A46).

Late entry after an outage is normal (A21), so every command says when it happened. Durations that the exchange does not
report follow from those times. `rules` is the call's pack; a command that only repeats what a machine saw may come without.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    AbandonStage,
    CallAbandoned,
    CallAnswered,
    CallEvent,
    CallHeld,
    CallHoldAgreed,
    CallReceived,
    CallResumed,
    CallScriptSpoken,
    ScriptSource,
)
from hotline_rules.sections.calls import CallRules
from intake.domain.call import refusals
from intake.domain.call.guards import after_ms, between, refuse_unless_talking, rings_in, since
from intake.domain.call.standing import Status
from intake.domain.call.state import Call
from intake.domain.call.steps import HOLD_RESUME
from intake.domain.refusals import CallAlreadyAnsweredError, CallNotHeldError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveCall:
    call_id: UUID
    line: str
    caller_id: UUID | None
    emergency: bool
    rule_version: str | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCall:
    call_id: UUID
    agent_id: str
    wait_ms: int | None
    ring_count: int | None
    ring_ms: int | None = None
    told_by: str | None = None
    rules: CallRules | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonCall:
    call_id: UUID
    stage: AbandonStage
    wait_ms: int | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCall:
    """`held_by` is None when a machine tells of it: then the desk says whether the caller was asked."""

    call_id: UUID
    reason: str
    estimated_ms: int | None
    consent: bool | None = None
    held_by: str | None = None
    rules: CallRules | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeCall:
    call_id: UUID
    held_ms: int | None
    apologised: bool | None = None
    resumed_by: str | None = None
    now: datetime


LifecycleCommand: TypeAlias = ReceiveCall | AnswerCall | AbandonCall | HoldCall | ResumeCall


def decide(call: Call, command: LifecycleCommand) -> list[CallEvent]:
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
        case _:
            assert_never(command)


def answered(command: AnswerCall, wait_ms: int, rang_ms: int | None) -> CallAnswered:
    """Say that somebody joined; rings nobody counted follow from how long it rang, lateness from the pack (A01, A02)."""
    rules, count = command.rules, command.ring_count
    if rules is not None and count is None and rang_ms is not None:
        count = rings_in(rang_ms, rules)
    return CallAnswered(
        call_id=command.call_id,
        agent_id=command.agent_id,
        wait_ms=wait_ms,
        ring_count=count,
        ring_ms=command.ring_ms,
        late=None if rules is None or count is None else count > rules.ring_limit,
        notice_at=None if rules is None else command.now + timedelta(seconds=rules.talk_notice_seconds),
        action_at=None if rules is None else command.now + timedelta(seconds=rules.talk_action_seconds),
        told_by=command.told_by,
        occurred_at=command.now,
    )


def _receive(call: Call, command: ReceiveCall) -> list[CallEvent]:
    if call.status is not Status.UNKNOWN:
        return []
    return [
        CallReceived(
            call_id=command.call_id,
            line=command.line,
            caller_id=command.caller_id,
            emergency=command.emergency,
            rule_version=command.rule_version,
            occurred_at=command.now,
        )
    ]


def _answer(call: Call, command: AnswerCall) -> list[CallEvent]:
    if call.status is not Status.RECEIVED:
        refuse_unless_talking(call)
        if call.agent_id == command.agent_id:
            return []
        raise CallAlreadyAnsweredError
    wait_ms = since(call, command.now, command.wait_ms)
    return [answered(command, wait_ms, _rang_ms(call, command, wait_ms))]


def _rang_ms(call: Call, command: AnswerCall, wait_ms: int) -> int | None:
    """Return how long it rang: from the first telephone of which that was told, else for as long as the caller waited.

    That is for the desk, where a telephone rings until it is answered. What a log tells of a wait was spent in a queue, and
    nobody knows how often it then rang.
    """
    if command.ring_ms is not None:
        return command.ring_ms
    rang = [at for _, at in call.steps.ringing | call.steps.released if at <= command.now]
    if rang:
        return between(min(rang), command.now)
    return wait_ms if command.told_by is not None else None


def _abandon(call: Call, command: AbandonCall) -> list[CallEvent]:
    if call.status is Status.ABANDONED:
        return []
    if call.status is not Status.RECEIVED:
        refuse_unless_talking(call)
        raise CallAlreadyAnsweredError
    wait_ms = since(call, command.now, command.wait_ms)
    return [CallAbandoned(call_id=command.call_id, stage=command.stage, wait_ms=wait_ms, occurred_at=command.now)]


def _hold(call: Call, command: HoldCall) -> list[CallEvent]:
    """Hold the caller, who is asked first. One who said no does not wait; one whom nobody asked is a fault, and kept."""
    refuse_unless_talking(call)
    if command.consent is False:
        raise refusals.HoldNotAgreedError("consent")
    if command.consent and command.estimated_ms is None:
        raise refusals.HoldNotAgreedError("estimate")
    if call.status is Status.HELD:
        return _agreed_late(call, command)
    since(call, command.now, 0)
    return [
        CallHeld(
            call_id=command.call_id,
            reason=command.reason,
            estimated_ms=command.estimated_ms,
            consent=command.consent,
            held_by=command.held_by,
            progress_by=next_word_by(command.now, command.rules),
            occurred_at=command.now,
        )
    ]


def next_word_by(now: datetime, rules: CallRules | None) -> datetime | None:
    """Return by when a waiting caller hears something again (A47)."""
    return None if rules is None else after_ms(now, 1000 * rules.progress_seconds)


def _agreed_late(call: Call, command: HoldCall) -> list[CallEvent]:
    """The exchange was faster than the call taker's screen: keep what only the call taker knows."""
    if command.held_by is None or not command.consent or command.estimated_ms is None or call.steps.agreed:
        return []
    return [
        CallHoldAgreed(
            call_id=command.call_id,
            estimated_ms=command.estimated_ms,
            agreed_with=command.held_by,
            progress_by=next_word_by(command.now, command.rules),
            occurred_at=command.now,
        )
    ]


def _resume(call: Call, command: ResumeCall) -> list[CallEvent]:
    refuse_unless_talking(call)
    if not call.was_held:
        raise CallNotHeldError
    if call.status is Status.ANSWERED:
        return _apologised_late(call, command)
    held_ms = since(call, command.now, command.held_ms)
    return [
        CallResumed(
            call_id=command.call_id,
            held_ms=held_ms,
            apologised=command.apologised,
            resumed_by=command.resumed_by,
            occurred_at=command.now,
        )
    ]


def _apologised_late(call: Call, command: ResumeCall) -> list[CallEvent]:
    """The exchange was faster than the call taker's screen: keep the apology."""
    if not command.apologised or command.resumed_by is None or not call.steps.resumed_by_machine:
        return []
    return [
        CallScriptSpoken(
            call_id=command.call_id,
            script=HOLD_RESUME,
            source=ScriptSource.DECLARED,
            spoken_by=command.resumed_by,
            occurred_at=command.now,
        )
    ]
