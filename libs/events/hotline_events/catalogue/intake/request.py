"""A registered matter, from any channel (A25-A44, A65-A67)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.intake.kinds import Channel, Confidentiality, RequesterClass, RequestType
from hotline_events.registry import event
from hotline_events.sealing import Sealed


@event("intake.request.registered", sealed_by="requester_id")
class RequestRegistered:
    """A matter was registered with the base record elements (A25, A26, A37, A65).

    The requester's name, gender, telephone, address and organisation are in the vault; what was said is sealed.
    `category` and `area` are what the call taker chose, if anything; routing classifies. One that was answered at first contact
    (`answered_directly`) needs no department: no work order is opened for it (A67). Of a complaint or report, the accused and
    when it happened are fields of their own (A29); `accused_department` never sees who complained (A144).
    """

    request_id: UUID
    requester_id: UUID
    channel: Channel
    request_type: RequestType
    title: Sealed
    matter: Sealed
    place: Sealed | None = None
    category: str | None = None
    area: str | None = None
    call_id: UUID | None = None
    source_reference: str | None = None
    answered_directly: bool = False
    requester_class: RequesterClass = RequesterClass.NATURAL_PERSON
    confidentiality: Confidentiality = Confidentiality.ORDINARY
    emergency: bool = False
    accused: Sealed | None = None
    accused_department: str | None = None
    happened_at: datetime | None = None
    first_contact: str
    occurred_at: datetime


@event("intake.request.answered_directly", sealed_by="requester_id")
class RequestAnsweredDirectly:
    """The matter was answered at first contact and needs no department (A67, T11)."""

    request_id: UUID
    requester_id: UUID
    reply: Sealed
    answered_by: str
    occurred_at: datetime


RequestEvent: TypeAlias = RequestRegistered | RequestAnsweredDirectly
