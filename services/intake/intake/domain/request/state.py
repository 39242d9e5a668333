"""What decisions about a request read, and how events change it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    Channel,
    Confidentiality,
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
from hotline_events.replacing import replace
from hotline_rules.sections.recording import Element

REPLY = "reply"
AT_REGISTRATION = (
    "title", "matter", "place", "accused", "happened_at", "inquiry_type", "category", "area", "accused_department",
)  # fmt: skip
WRITTEN = (Element.PLACE, Element.ACCUSED, Element.HAPPENED_AT, Element.INQUIRY_TYPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A matter as its decisions see it, and the call its whole story is correlated with. It holds no text.

    `told_at` is the version of the event that says what stands in each field: what is corrected is read there and nowhere else.
    """

    requester_id: UUID | None = None
    registered_at: datetime | None = None
    call_id: UUID | None = None
    request_type: RequestType = RequestType.INQUIRY
    channel: Channel = Channel.PHONE
    requester_class: RequesterClass = RequesterClass.NATURAL_PERSON
    first_contact: str = ""
    co_owners: frozenset[str] = frozenset()
    rule_version: str | None = None
    confidentiality: Confidentiality = Confidentiality.ORDINARY
    accused_department: str | None = None
    version: int = 0
    told_at: Mapping[str, int] = field(default_factory=dict)
    elements: frozenset[str] = frozenset()
    answered: bool = False
    ground: str | None = None
    searched: bool = False
    deferral: tuple[str, bool] | None = None
    deadline_told: datetime | None = None
    completed_at: datetime | None = None


def evolve(request: Request, event: RequestEvent) -> Request:
    known, version = _evolved(request, event), request.version + 1
    return replace(known, version=version, told_at={**request.told_at, **dict.fromkeys(_told(event), version)})


def _told(event: RequestEvent) -> Iterable[str]:
    """Return the fields in which something stands because of an event."""
    match event:
        case RequestRegistered():
            return AT_REGISTRATION
        case RequestAnsweredDirectly():
            return (REPLY,)
        case RequestCorrected():
            return (event.field,)
        case _:
            return ()


def _evolved(request: Request, event: RequestEvent) -> Request:  # noqa: C901 - one case an event
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
        confidentiality=event.confidentiality,
        accused_department=event.accused_department,
        elements=frozenset(name for name in WRITTEN if getattr(event, name) is not None),
    )


def _corrected(request: Request, event: RequestCorrected) -> Request:
    if event.field == "accused_department":
        return replace(request, accused_department=event.became_value)
    return replace(request, elements=request.elements | {event.field}) if event.field in WRITTEN else request


def _with(request: Request, element: Element) -> Request:
    return replace(request, elements=request.elements | {element})
