"""What a transcript shows of a call: scripts that were spoken, the order of the silent script, rude words (A08-A14).

Recordings are written down after the call, so a transcript may come when its record is complete: one, and the call is judged
again by it. What it proves was no violation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from uuid import UUID

from hotline_events.catalogue.intake import (
    CallEvent,
    CallRuleViolated,
    CallScriptSpoken,
    CallTranscriptHeard,
    ScriptSource,
)
from intake.domain.call import ending, refusals
from intake.domain.call.conduct import BANNED_PHRASE, SILENT_PATH
from intake.domain.call.guards import refuse_unless_answered
from intake.domain.call.standing import OVER, Status
from intake.domain.call.state import Call, evolve


@dataclass(frozen=True, slots=True, kw_only=True)
class HearTranscript:
    """`found` are the scripts that the transcript holds, and whether the agent's number was said in each.

    `order` are the lines of the silent script as they follow each other in it. `rude` says that it holds what is never said to
    somebody who dialled another number.
    """

    call_id: UUID
    found: Mapping[str, bool]
    order: Sequence[str] = ()
    rude: bool = False
    by: str
    told_at: datetime | None = None
    now: datetime


def decide(call: Call, command: HearTranscript) -> list[CallEvent]:
    """Note what the transcript proves and nobody had told yet; words that are never said are a fault at once (A14)."""
    if call.status is not Status.WRAPPED_UP:
        refuse_unless_answered(call)
    heard = CallTranscriptHeard(
        call_id=command.call_id,
        scripts=tuple(sorted(command.found)),
        agent_number=any(command.found.values()),
        rude=command.rude,
        silent_missing=_missing(command.order),
        told_by=command.by,
        occurred_at=command.now,
    )
    before = call.conduct.heard
    if before is not None and replace(before, told_by=heard.told_by, occurred_at=heard.occurred_at) == heard:
        return []
    if call.heard_late:
        raise refusals.TranscriptHeardError
    events = [heard, *_spoken(call, command), *_rude(call, command)]
    return [*events, *_judged_again(reduce(evolve, events, call), command)]


def _judged_again(call: Call, command: HearTranscript) -> list[CallEvent]:
    """Judge a call that is over by what was said: what was not left out after all, and what was once that is looked for."""
    if call.status not in OVER:
        return []
    refuted = ending.unfounded(call, command.call_id, command.now, ending.BY_WORDS)
    looked_for = ending.is_looked_for(call, max(command.now, command.told_at or command.now))
    return [*refuted, *ending.left_out(call, command.call_id, command.now)] if looked_for else refuted


def _missing(order: Sequence[str]) -> str | None:
    """Return the first line of the silent script that was not said after the one before it (A13)."""
    place = 0
    for script in order:
        if script == SILENT_PATH[place]:
            place += 1
        if place == len(SILENT_PATH):
            return None
    return SILENT_PATH[place]


def _spoken(call: Call, command: HearTranscript) -> list[CallEvent]:
    return [
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


def _rude(call: Call, command: HearTranscript) -> list[CallEvent]:
    if not command.rude or BANNED_PHRASE in call.conduct.violated:
        return []
    rule, step = BANNED_PHRASE
    return [CallRuleViolated(call_id=command.call_id, rule=rule, step=step, agent_id=call.agent_id, occurred_at=command.now)]
