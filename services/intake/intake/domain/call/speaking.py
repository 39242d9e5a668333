"""What is said in a call: scripts, the late apology, the caller's name; silent, misdialled and harassing calls (A02, A08-A15).

What was said may be told until the call is wrapped up: in the call the hands are busy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    CallCallerIdentified,
    CallerTitle,
    CallEvent,
    CallHarassmentFlagged,
    CallLateAnswerApologised,
    CallMisdialHandled,
    CallScriptSpoken,
    CallSilenceHandled,
    LateReason,
    ScriptSource,
)
from hotline_rules.sections.calls import CallRules, Script
from intake.domain.call import hearing, refusals
from intake.domain.call.conduct import SILENT_PATH
from intake.domain.call.guards import refuse_unknown, refuse_unless_answered
from intake.domain.call.hearing import HearTranscript
from intake.domain.call.state import Call
from intake.domain.call.steps import HOLD_RESUME

LATE_APOLOGY = "late_apology"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakScript:
    """`scripts` are the pack's; what it has not, cannot have been said."""

    call_id: UUID
    script: str
    agent_number: bool
    source: ScriptSource
    scripts: Mapping[str, Script]
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApologiseLate:
    call_id: UUID
    reason: LateReason
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyCaller:
    call_id: UUID
    caller_id: UUID
    withheld: bool
    title: CallerTitle | None
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HandleSilence:
    call_id: UUID
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HandleMisdial:
    call_id: UUID
    rules: CallRules
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagHarassment:
    call_id: UUID
    by: str
    now: datetime


SpeakingCommand: TypeAlias = (
    SpeakScript | HearTranscript | ApologiseLate | IdentifyCaller | HandleSilence | HandleMisdial | FlagHarassment
)


def decide(call: Call, command: SpeakingCommand) -> list[CallEvent]:
    if isinstance(command, IdentifyCaller):
        return _identify(call, command)
    if isinstance(command, HearTranscript):
        return hearing.decide(call, command)
    refuse_unless_answered(call)
    match command:
        case SpeakScript():
            return _speak(call, command)
        case ApologiseLate():
            return _apologise(call, command)
        case HandleSilence():
            return _silence(call, command)
        case HandleMisdial():
            return _misdial(call, command)
        case FlagHarassment():
            return _harassment(call, command)
        case _:
            assert_never(command)


def _speak(call: Call, command: SpeakScript) -> list[CallEvent]:
    if command.script not in command.scripts:
        raise refusals.UnknownScriptError
    said = command.script in call.conduct.spoken and (call.conduct.numbered or not command.agent_number)
    steps = call.steps
    again = command.script == HOLD_RESUME and (steps.owed_apologies or (steps.on_hold and not steps.sorry))
    if said and not again:
        return []
    return [
        CallScriptSpoken(
            call_id=command.call_id,
            script=command.script,
            agent_number=command.agent_number,
            source=command.source,
            spoken_by=command.by,
            occurred_at=command.now,
        )
    ]


def _apologise(call: Call, command: ApologiseLate) -> list[CallEvent]:
    if call.conduct.apologised:
        return []
    if not call.conduct.late:
        raise refusals.NotLateError
    return [
        CallLateAnswerApologised(
            call_id=command.call_id, reason=command.reason, apologised_by=command.by, occurred_at=command.now
        )
    ]


def _identify(call: Call, command: IdentifyCaller) -> list[CallEvent]:
    """Keep who calls. A number that the exchange told may turn out to be somebody's who is known; then that one it is."""
    refuse_unknown(call)
    if call.conduct.identified:
        if call.caller_id == command.caller_id:
            return []
        raise refusals.CallerAlreadyKnownError
    return [
        CallCallerIdentified(
            call_id=command.call_id,
            caller_id=command.caller_id,
            number_id=call.number_id,
            withheld=command.withheld,
            title=command.title,
            identified_by=command.by,
            occurred_at=command.now,
        )
    ]


def _silence(call: Call, command: HandleSilence) -> list[CallEvent]:
    if call.conduct.silent:
        return []
    _demand(call, *SILENT_PATH)
    return [CallSilenceHandled(call_id=command.call_id, handled_by=command.by, occurred_at=command.now)]


def _misdial(call: Call, command: HandleMisdial) -> list[CallEvent]:
    if call.conduct.misdial_until is not None:
        return []
    _demand(call, "misdial")
    start = call.figures.answered_at or command.now
    return [
        CallMisdialHandled(
            call_id=command.call_id,
            no_sooner_than=start + timedelta(seconds=command.rules.quick_hang_up_seconds),
            handled_by=command.by,
            occurred_at=command.now,
        )
    ]


def _harassment(call: Call, command: FlagHarassment) -> list[CallEvent]:
    if call.conduct.harassing:
        return []
    _demand(call, "harassment")
    return [
        CallHarassmentFlagged(
            call_id=command.call_id,
            caller_id=call.caller_id,
            number_id=call.number_id,
            flagged_by=command.by,
            occurred_at=command.now,
        )
    ]


def _demand(call: Call, *scripts: str) -> None:
    """Refuse the outcome until its words were said; which is missing is told in the order in which the script has them."""
    for script in scripts:
        if script not in call.conduct.spoken:
            raise refusals.ScriptMissingError(script)
