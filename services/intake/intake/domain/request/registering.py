"""Registering a matter and answering it at first contact (A25-A30, A33, A37, A42, A65, A67).

Who was the first to hear of it is written once and never again (A65). A matter is never refused because an element of its
record is missing (A66): what is missing is named, and asked for before the record is complete.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    Channel,
    Confidentiality,
    RequestAnsweredDirectly,
    RequesterClass,
    RequestEvent,
    RequestRegistered,
    RequestType,
)
from hotline_events.sealing import Sealed
from hotline_rules.pack import RulePack
from intake.domain.refusals import (
    RequestAlreadyAnsweredError,
    RequestAlreadyRegisteredError,
    RequestNotRegisteredError,
    TimeRunsBackwardsError,
)
from intake.domain.request.refusals import ReadBackMissingError, RequestNotAcceptedError
from intake.domain.request.state import Request, evolve


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRequest:
    """`by_hand` says that a person writes down what they are being told: not a machine."""

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
    requester_class: RequesterClass = RequesterClass.NATURAL_PERSON
    confidentiality: Confidentiality = Confidentiality.ORDINARY
    emergency: bool = False
    accused: Sealed | None = None
    accused_department: str | None = None
    happened_at: datetime | None = None
    inquiry_type: str | None = None
    by_hand: bool = False
    read_back: bool = False
    entered_at: datetime | None = None
    rules: RulePack
    reply: Sealed | None = None
    answered_by: str = ""
    article_code: str | None = None
    article_version: int | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRequest:
    """What was told; an article that it cites was published at that version by then (A42)."""

    request_id: UUID
    reply: Sealed
    answered_by: str
    article_code: str | None = None
    article_version: int | None = None
    now: datetime


RegisteringCommand: TypeAlias = RegisterRequest | AnswerRequest


def decide(request: Request, command: RegisteringCommand) -> list[RequestEvent]:
    match command:
        case RegisterRequest():
            return _register(request, command)
        case AnswerRequest():
            return _answer(request, command)
        case _:
            assert_never(command)


def require_registered(request: Request) -> tuple[UUID, datetime]:
    """Return whose matter it is and since when, or refuse one that nobody registered."""
    if request.requester_id is None or request.registered_at is None:
        raise RequestNotRegisteredError
    return request.requester_id, request.registered_at


def _register(request: Request, command: RegisterRequest) -> list[RequestEvent]:
    if request.requester_id is not None:
        raise RequestAlreadyRegisteredError
    spoken = command.by_hand and _channel_of(command).value in command.rules.recording.read_back
    if spoken and not command.read_back:
        raise ReadBackMissingError
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
        requester_class=command.requester_class,
        confidentiality=command.confidentiality,
        emergency=command.emergency,
        accused=command.accused,
        accused_department=command.accused_department,
        happened_at=command.happened_at,
        inquiry_type=command.inquiry_type,
        read_back=command.read_back,
        complete_by=_complete_by(command) if spoken else None,
        rule_version=command.rules.number,
        first_contact=command.first_contact,
        occurred_at=command.now,
    )
    if command.reply is None:
        return [registered]
    return [registered, *_answer(evolve(request, registered), _answer_of(command, command.reply))]


def _channel_of(command: RegisterRequest) -> Channel:
    """Return how the words came: what belongs to a call was spoken, whatever else is said of it."""
    return command.channel if command.call_id is None else Channel.PHONE


def _complete_by(command: RegisterRequest) -> datetime:
    """A record entered late, after an outage, has its time from when it was entered (A21)."""
    return command.rules.after(command.rules.recording.complete_within, command.entered_at or command.now)


def _answer_of(command: RegisterRequest, reply: Sealed) -> AnswerRequest:
    return AnswerRequest(
        request_id=command.request_id,
        reply=reply,
        answered_by=command.answered_by,
        article_code=command.article_code,
        article_version=command.article_version,
        now=command.now,
    )


def _answer(request: Request, command: AnswerRequest) -> list[RequestEvent]:
    requester_id, registered_at = require_registered(request)
    if request.answered:
        raise RequestAlreadyAnsweredError
    if request.ground is not None:
        raise RequestNotAcceptedError
    if command.now < registered_at:
        raise TimeRunsBackwardsError
    return [
        RequestAnsweredDirectly(
            request_id=command.request_id,
            requester_id=requester_id,
            reply=command.reply,
            answered_by=command.answered_by,
            article_code=command.article_code,
            article_version=command.article_version,
            occurred_at=command.now,
        )
    ]
