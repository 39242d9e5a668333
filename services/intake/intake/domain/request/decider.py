"""The decider of a request: every concern's commands in one union."""

from typing import TypeAlias, assert_never

from hotline_events.catalogue.intake import RequestEvent
from hotline_events.decider import Decider
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
from intake.domain.request.recording import CompleteRecord
from intake.domain.request.registering import AnswerRequest, RegisteringCommand, RegisterRequest
from intake.domain.request.state import Request, evolve

RequestCommand: TypeAlias = RegisteringCommand | CompleteRecord | CorrectingCommand | HelpingCommand


def decide(request: Request, command: RequestCommand) -> list[RequestEvent]:
    match command:
        case RegisterRequest() | AnswerRequest():
            return registering.decide(request, command)
        case CompleteRecord():
            return recording.decide(request, command)
        case CorrectRequest() | ChangeType():
            return correcting.decide(request, command)
        case AddCoOwner() | DeclineRequest() | RecordSearch() | ExplainDeferral() | ExplainProcess() | ContactDepartment():
            return helping.decide(request, command)
        case _:
            assert_never(command)


decider: Decider[RequestCommand, Request, RequestEvent] = Decider("request", decide, evolve, Request())
