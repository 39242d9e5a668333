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
    CallRuleViolated,
    CallScriptSpoken,
    CallSilenceHandled,
    LateReason,
    ScriptSource,
)
from hotline_rules.sections.calls import CallRules, Script
from intake.domain.call import refusals
from intake.domain.call.conduct import BANNED_PHRASE
from intake.domain.call.guards import refuse_unknown, refuse_unless_answered
from intake.domain.call.state import Call
from intake.domain.call.steps import HOLD_RESUME

SILENT_PATH = ("greeting", "silent_connected", "silent_redial", "closing")
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
class HearTranscript:
    """`found` are the scripts that the transcript holds, and whether the agent's number was said in each.

    `rude` says that it holds what is never said to somebody who dialled another number.
    """

    call_id: UUID
    found: Mapping[str, bool]
    rude: bool = False
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
    refuse_unless_answered(call)
    match command:
        case SpeakScript():
            return _speak(call, command)
        case HearTranscript():
            return _hear(call, command)
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


def _hear(call: Call, command: HearTranscript) -> list[CallEvent]:
    """Note what the transcript proves and nobody had told yet; words that are never said are a fault at once (A14)."""
    heard: list[CallEvent] = [
        CallScriptSpoken(
            call_id=command.call_id,
            script=script,
            agent_number=numbered,
            source=ScriptSource.TRANSCRIPT,
            spoken_by=call.agent_id or command.by,
            occurred_at=command.now,
        )
        for script, numbered in sorted(command.found.items())
        if script not in call.conduct.spoken or (numbered and not call.conduct.numbered)
    ]
    if command.rude and BANNED_PHRASE not in call.conduct.violated:
        rule, step = BANNED_PHRASE
        heard.append(
            CallRuleViolated(call_id=command.call_id, rule=rule, step=step, agent_id=call.agent_id, occurred_at=command.now)
        )
    return heard


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
    """Refuse the outcome until its words were said, in the order in which the script has them."""
    for script in scripts:
        if script not in call.conduct.spoken:
            raise refusals.ScriptMissingError(script)
