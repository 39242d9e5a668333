"""A request: a matter registered with the base record elements, whatever its channel, and answered directly or not.

Who was the first to hear of it is written once and never again (A65). What was said is sealed with the requester's key.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    Channel,
    RequestAnsweredDirectly,
    RequestEvent,
    RequestRegistered,
    RequestType,
)
from hotline_events.decider import Decider
from hotline_events.sealing import Sealed
from intake.domain.refusals import (
    RequestAlreadyAnsweredError,
    RequestAlreadyRegisteredError,
    RequestNotRegisteredError,
    TimeRunsBackwardsError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRequest:
    request_id: UUID
    requester_id: UUID
    channel: Channel
    request_type: RequestType
    title: Sealed
    matter: Sealed
    place: Sealed | None
    category: str | None
    area: str | None
    call_id: UUID | None
    source_reference: str | None
    first_contact: str
    reply: Sealed | None = None
    answered_by: str = ""
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRequest:
    request_id: UUID
    reply: Sealed
    answered_by: str
    now: datetime


RequestCommand: TypeAlias = RegisterRequest | AnswerRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a decision about a request reads, and the call its whole story is correlated with."""

    requester_id: UUID | None = None
    registered_at: datetime | None = None
    call_id: UUID | None = None
    answered: bool = False


def decide(request: Request, command: RequestCommand) -> list[RequestEvent]:
    match command:
        case RegisterRequest():
            return _register(request, command)
        case AnswerRequest():
            return _answer(request, command)
        case _:
            assert_never(command)


def evolve(request: Request, event: RequestEvent) -> Request:
    match event:
        case RequestRegistered():
            return replace(request, requester_id=event.requester_id, registered_at=event.occurred_at, call_id=event.call_id)
        case RequestAnsweredDirectly():
            return replace(request, answered=True)
        case _:
            assert_never(event)


def _register(request: Request, command: RegisterRequest) -> list[RequestEvent]:
    if request.requester_id is not None:
        raise RequestAlreadyRegisteredError
    registered = RequestRegistered(
        request_id=command.request_id,
        requester_id=command.requester_id,
        channel=command.channel,
        request_type=command.request_type,
        title=command.title,
        matter=command.matter,
        place=command.place,
        category=command.category,
        area=command.area,
        call_id=command.call_id,
        source_reference=command.source_reference,
        answered_directly=command.reply is not None,
        first_contact=command.first_contact,
        occurred_at=command.now,
    )
    if command.reply is None:
        return [registered]
    answer = AnswerRequest(request_id=command.request_id, reply=command.reply, answered_by=command.answered_by, now=command.now)
    return [registered, *_answer(evolve(request, registered), answer)]


def _answer(request: Request, command: AnswerRequest) -> list[RequestEvent]:
    if request.requester_id is None or request.registered_at is None:
        raise RequestNotRegisteredError
    if request.answered:
        raise RequestAlreadyAnsweredError
    if command.now < request.registered_at:
        raise TimeRunsBackwardsError
    return [
        RequestAnsweredDirectly(
            request_id=command.request_id,
            requester_id=request.requester_id,
            reply=command.reply,
            answered_by=command.answered_by,
            occurred_at=command.now,
        )
    ]


decider: Decider[RequestCommand, Request, RequestEvent] = Decider("request", decide, evolve, Request())
