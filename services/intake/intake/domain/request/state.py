"""What decisions about a request read, and how events change it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    Channel,
    RequestAnsweredDirectly,
    RequestCoOwnerAdded,
    RequestCorrected,
    RequestDeferralExplained,
    RequestDepartmentContacted,
    RequesterClass,
    RequestEvent,
    RequestNotAccepted,
    RequestProcessExplained,
    RequestRecordCompleted,
    RequestRegistered,
    RequestSearched,
    RequestType,
    RequestTypeChanged,
)
from hotline_rules.sections.recording import Element

WRITTEN = (Element.PLACE, Element.ACCUSED, Element.HAPPENED_AT, Element.INQUIRY_TYPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A matter as its decisions see it, and the call its whole story is correlated with. It holds no text."""

    requester_id: UUID | None = None
    registered_at: datetime | None = None
    call_id: UUID | None = None
    request_type: RequestType = RequestType.INQUIRY
    channel: Channel = Channel.PHONE
    requester_class: RequesterClass = RequesterClass.NATURAL_PERSON
    first_contact: str = ""
    co_owners: frozenset[str] = frozenset()
    rule_version: str | None = None
    elements: frozenset[str] = frozenset()
    answered: bool = False
    ground: str | None = None
    searched: bool = False
    deferral: tuple[str, bool] | None = None
    deadline_told: datetime | None = None
    completed_at: datetime | None = None


def evolve(request: Request, event: RequestEvent) -> Request:  # noqa: C901 - one case an event
    match event:
        case RequestRegistered():
            return _registered(event)
        case RequestAnsweredDirectly():
            return replace(_with(request, Element.HANDLING), answered=True)
        case RequestCorrected():
            return _corrected(request, event)
        case RequestTypeChanged():
            return replace(request, request_type=event.to_type, completed_at=None)
        case RequestCoOwnerAdded():
            return replace(request, co_owners=request.co_owners | {event.co_owner})
        case RequestNotAccepted():
            return replace(_with(request, Element.HANDLING), ground=event.ground)
        case RequestSearched():
            return replace(request, searched=True)
        case RequestDeferralExplained():
            return replace(request, deferral=(event.reason, event.understood))
        case RequestProcessExplained():
            return replace(_with(request, Element.HANDLING), deadline_told=event.deadline)
        case RequestDepartmentContacted():
            return _with(request, Element.DEPARTMENT_CONTACT)
        case RequestRecordCompleted():
            return replace(request, completed_at=event.occurred_at)
        case _:
            assert_never(event)


def _registered(event: RequestRegistered) -> Request:
    return Request(
        requester_id=event.requester_id,
        registered_at=event.occurred_at,
        call_id=event.call_id,
        request_type=event.request_type,
        channel=event.channel,
        requester_class=event.requester_class,
        first_contact=event.first_contact,
        rule_version=event.rule_version,
        elements=frozenset(name for name in WRITTEN if getattr(event, name) is not None),
    )


def _corrected(request: Request, event: RequestCorrected) -> Request:
    return replace(request, elements=request.elements | {event.field}) if event.field in WRITTEN else request


def _with(request: Request, element: Element) -> Request:
    return replace(request, elements=request.elements | {element})
