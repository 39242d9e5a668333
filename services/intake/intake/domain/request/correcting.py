"""Corrections and re-typings: events with a reason, both values and a signature; nothing is overwritten (A30, A43, A44)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    CorrectionReason,
    RequestAnsweredDirectly,
    RequestCorrected,
    RequestEvent,
    RequestType,
    RequestTypeChanged,
)
from hotline_events.sealing import Sealed
from intake.domain.request.refusals import ApologyMissingError, NothingToCorrectError
from intake.domain.request.registering import require_registered
from intake.domain.request.state import Request


class CorrectableField(StrEnum):
    """What may be written anew. Who was the first contact is not among them (A65)."""

    TITLE = "title"
    MATTER = "matter"
    PLACE = "place"
    ACCUSED = "accused"
    REPLY = "reply"
    HAPPENED_AT = "happened_at"
    INQUIRY_TYPE = "inquiry_type"
    CATEGORY = "category"
    AREA = "area"
    ACCUSED_DEPARTMENT = "accused_department"


SAID = frozenset(
    {
        CorrectableField.TITLE,
        CorrectableField.MATTER,
        CorrectableField.PLACE,
        CorrectableField.ACCUSED,
        CorrectableField.REPLY,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectRequest:
    """`was` is what stands there now; a said text is sealed when it is stored, a code is not."""

    request_id: UUID
    field: CorrectableField
    was: str | None
    became: str
    reason: CorrectionReason
    note: Sealed | None
    apologised: bool
    signed_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeType:
    request_id: UUID
    to_type: RequestType
    reason: CorrectionReason
    note: Sealed | None
    changed_by: str
    now: datetime


CorrectingCommand: TypeAlias = CorrectRequest | ChangeType


def decide(request: Request, command: CorrectingCommand) -> list[RequestEvent]:
    match command:
        case CorrectRequest():
            return _correct(request, command)
        case ChangeType():
            return _change_type(request, command)
        case _:
            assert_never(command)


def value_in(field: CorrectableField, event: RequestEvent) -> Sealed | str | None:
    """Return what an event says of a field that stands in it: a box for what was said, a word for a code."""
    match event:
        case RequestCorrected():
            return event.became or event.became_value
        case RequestAnsweredDirectly():
            return event.reply
        case _:
            value: Sealed | str | datetime | None = getattr(event, field.value)
            return value.isoformat() if isinstance(value, datetime) else value


def _correct(request: Request, command: CorrectRequest) -> list[RequestEvent]:
    requester_id, _ = require_registered(request)
    if command.field is CorrectableField.REPLY:
        _require_reply(request, command)
    if command.became == command.was:
        return []
    said = command.field in SAID
    return [
        RequestCorrected(
            request_id=command.request_id,
            requester_id=requester_id,
            field=command.field.value,
            was=Sealed(command.was) if said and command.was is not None else None,
            became=Sealed(command.became) if said else None,
            was_value=None if said else command.was,
            became_value=None if said else command.became,
            reason=command.reason,
            note=command.note,
            apologised=command.apologised,
            signed_by=command.signed_by,
            occurred_at=command.now,
        )
    ]


def _require_reply(request: Request, command: CorrectRequest) -> None:
    if not request.answered:
        raise NothingToCorrectError
    if command.reason is CorrectionReason.WRONG_REPLY and not command.apologised:
        raise ApologyMissingError


def _change_type(request: Request, command: ChangeType) -> list[RequestEvent]:
    requester_id, _ = require_registered(request)
    if command.to_type is request.request_type:
        return []
    return [
        RequestTypeChanged(
            request_id=command.request_id,
            requester_id=requester_id,
            from_type=request.request_type,
            to_type=command.to_type,
            reason=command.reason,
            note=command.note,
            changed_by=command.changed_by,
            occurred_at=command.now,
        )
    ]
