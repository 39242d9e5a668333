"""The decider of a request: every concern's commands, and the timer of an incomplete record."""

from collections.abc import Sequence
from typing import TypeAlias, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.intake import RequestEvent, RequestRegistered
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from intake.domain.request import correcting, helping, recording, registering
from intake.domain.request.correcting import ChangeType, CorrectingCommand, CorrectRequest
from intake.domain.request.helping import (
    AddCoOwner,
    ContactDepartment,
    DeclineRequest,
    ExplainDeferral,
    ExplainProcess,
    HelpingCommand,
    RecordSearch,
)
from intake.domain.request.recording import CompleteRecord, NoteRecordLeft, RecordingCommand
from intake.domain.request.registering import AnswerRequest, RegisteringCommand, RegisterRequest
from intake.domain.request.state import Request, evolve

RequestCommand: TypeAlias = RegisteringCommand | RecordingCommand | CorrectingCommand | HelpingCommand


def decide(request: Request, command: RequestCommand) -> list[RequestEvent]:
    match command:
        case RegisterRequest() | AnswerRequest():
            return registering.decide(request, command)
        case CompleteRecord() | NoteRecordLeft():
            return recording.decide(request, command)
        case CorrectRequest() | ChangeType():
            return correcting.decide(request, command)
        case AddCoOwner() | DeclineRequest() | RecordSearch() | ExplainDeferral() | ExplainProcess() | ContactDepartment():
            return helping.decide(request, command)
        case _:
            assert_never(command)


def timers(event: RequestEvent) -> Sequence[Timer]:
    """Watch over a record that was begun while somebody spoke (A35)."""
    if not isinstance(event, RequestRegistered) or event.complete_by is None:
        return ()
    stream = f"request-{event.request_id}"
    timer_id = uuid5(event.request_id, "complete")
    rule = {"request_id": str(event.request_id), "rule_version": event.rule_version}
    return (Timer(timer_id=timer_id, kind="complete", due_at=event.complete_by, stream=stream, rule=rule),)


def on_timer(timer: Timer) -> Reaction:
    """Say what a due timer asks of its request."""
    request_id = UUID(timer.rule["request_id"])
    return Reaction(decider=decider, aggregate_id=request_id, command=NoteRecordLeft(request_id=request_id, now=timer.due_at))


decider: Decider[RequestCommand, Request, RequestEvent] = Decider("request", decide, evolve, Request(), timers)
