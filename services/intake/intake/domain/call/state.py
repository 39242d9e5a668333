"""What a decision about a call reads, and how each event changes it."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    AbandonStage,
    CallAbandoned,
    CallAnswered,
    CallbackPromised,
    CallConductEvent,
    CallEnded,
    CallEvent,
    CallFiguresCorrected,
    CallHeld,
    CallReceived,
    CallResumed,
    CallScriptSpoken,
    CallStepEvent,
    CallTranscriptHeard,
    CallTransferPrepared,
    CallWrappedUp,
    EndedBy,
)
from hotline_events.replacing import replace
from intake.domain.call import conduct, steps
from intake.domain.call.conduct import Conduct
from intake.domain.call.standing import Status
from intake.domain.call.steps import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured, as it was told last. `answered_by` and the rest are corrected when the exchange reports late."""

    received_at: datetime | None = None
    answered_at: datetime | None = None
    wait_ms: int | None = None
    ring_count: int | None = None
    ring_ms: int | None = None
    ended_at: datetime | None = None
    ended_by: EndedBy | None = None
    talk_ms: int | None = None
    hold_ms: int | None = None
    abandoned_at: datetime | None = None
    stage: AbandonStage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as it stands. `since` is when the present status began, also the latest time known.

    `number_id` is whom the number belongs to, `caller_id` who the caller turned out to be (A15, A23). `attended` says that a
    person at the desk told of anything in it: the answer, a word, a step, the record. Only such a call is judged by what nobody
    told of; of one that machines alone told of, such as a log, nobody knows what was said. `settle_at` is when that is looked
    for; `heard_late` says that a transcript came after the record was complete.
    """

    status: Status = Status.UNKNOWN
    since: datetime | None = None
    agent_id: str | None = None
    caller_id: UUID | None = None
    number_id: UUID | None = None
    rule_version: str | None = None
    attended: bool = False
    settle_at: datetime | None = None
    heard_late: bool = False
    was_held: bool = False
    hold_ms: int = 0
    figures: Figures = Figures()
    conduct: Conduct = conduct.NOTHING
    steps: Steps = steps.NONE

    @property
    def answered_at(self) -> datetime | None:
        """Return when somebody joined the caller."""
        return self.figures.answered_at


_CORRECTED = tuple(field.name for field in fields(Figures) if field.name != "ring_ms")


def evolve(call: Call, event: CallEvent) -> Call:
    if isinstance(event, CallConductEvent):
        known = replace(call, attended=call.attended or conduct.tells_of_a_person(event))
        if isinstance(event, CallTranscriptHeard):
            known = replace(known, heard_late=call.heard_late or call.status is Status.WRAPPED_UP)
        if isinstance(event, CallScriptSpoken) and event.script == steps.HOLD_RESUME:
            known = replace(known, steps=steps.apologised(call.steps))
        return replace(known, conduct=conduct.evolve(call.conduct, event), caller_id=conduct.caller_of(event) or call.caller_id)
    if isinstance(event, CallStepEvent):
        told = steps.tells_of_a_person(event)
        known = replace(call, attended=call.attended or told, steps=steps.evolve(call.steps, event))
        return replace(known, conduct=conduct.passing(call.conduct)) if isinstance(event, CallTransferPrepared) else known
    return _evolve_lifecycle(call, event)


def _evolve_lifecycle(
    call: Call,
    event: CallReceived
    | CallAnswered
    | CallAbandoned
    | CallHeld
    | CallResumed
    | CallEnded
    | CallWrappedUp
    | CallbackPromised
    | CallFiguresCorrected,
) -> Call:
    at = event.occurred_at
    match event:
        case CallReceived():
            figures = replace(call.figures, received_at=at)
            known = replace(call, status=Status.RECEIVED, since=at, figures=figures, conduct=conduct.received(event))
            return replace(known, caller_id=event.caller_id, number_id=event.caller_id, rule_version=event.rule_version)
        case CallAnswered():
            figures = replace(call.figures, answered_at=at, wait_ms=event.wait_ms)
            figures = replace(figures, ring_count=event.ring_count, ring_ms=event.ring_ms, abandoned_at=None, stage=None)
            known = replace(call, status=Status.ANSWERED, since=at, agent_id=event.agent_id, figures=figures)
            known = replace(known, attended=call.attended or event.told_by is not None)
            return replace(known, conduct=conduct.answered(call.conduct, event), steps=steps.quiet(call.steps))
        case CallAbandoned():
            figures = replace(call.figures, abandoned_at=at, wait_ms=event.wait_ms, stage=event.stage)
            return replace(call, status=Status.ABANDONED, since=at, figures=figures, steps=steps.quiet(call.steps))
        case CallHeld():
            known = replace(call, status=Status.HELD, since=at, was_held=True, steps=steps.held(call.steps, event))
            return replace(known, attended=call.attended or event.held_by is not None)
        case CallResumed():
            known = replace(call, status=Status.ANSWERED, since=at, hold_ms=call.hold_ms + event.held_ms)
            known = replace(known, attended=call.attended or event.resumed_by is not None)
            return replace(known, steps=steps.resumed(call.steps, event))
        case CallEnded():
            figures = replace(call.figures, ended_at=at, ended_by=event.ended_by, talk_ms=event.talk_ms, hold_ms=event.hold_ms)
            ended = steps.ended(steps.quiet(call.steps), at)
            known = replace(call, status=Status.ENDED, since=at, figures=figures, steps=ended)
            return replace(known, settle_at=event.settle_at, conduct=conduct.excused(call.conduct, event.exception))
        case CallWrappedUp():
            wrapped = replace(call, status=Status.WRAPPED_UP, since=at)
            return replace(wrapped, attended=call.attended or event.wrapped_by is not None)
        case CallbackPromised():
            return replace(call, conduct=conduct.promised(call.conduct, event))
        case CallFiguresCorrected():
            return _correct(call, event)
        case _:
            assert_never(event)


def _correct(call: Call, event: CallFiguresCorrected) -> Call:
    """Take over what a late report changed; the moments of a status that still holds move with it."""
    told = {name: value for name in _CORRECTED if (value := getattr(event, name)) is not None}
    figures = replace(call.figures, **told)
    moved = {
        Status.RECEIVED: figures.received_at,
        Status.ENDED: figures.ended_at,
        Status.ABANDONED: figures.abandoned_at,
    }.get(call.status)
    if call.status is Status.ANSWERED and not call.was_held:
        moved = figures.answered_at
    return replace(
        call,
        figures=figures,
        conduct=call.conduct if event.late is None else replace(call.conduct, late=event.late),
        since=moved or call.since,
        agent_id=event.agent_id or call.agent_id,
        caller_id=call.caller_id or event.caller_id,
        number_id=call.number_id or event.number_id or event.caller_id,
    )
