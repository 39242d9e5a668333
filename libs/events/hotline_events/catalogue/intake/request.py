"""A registered matter, from any channel (A25-A44, A65-A67)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.intake.kinds import (
    Channel,
    Confidentiality,
    CorrectionReason,
    RequesterClass,
    RequestType,
)
from hotline_events.registry import event
from hotline_events.sealing import Sealed


@event("intake.request.registered", sealed_by="requester_id")
class RequestRegistered:
    """A matter was registered with the base record elements (A25, A26, A37, A65).

    The requester's name, gender, telephone, address and organisation are in the vault; what was said is sealed.
    `category` and `area` are what the call taker chose, if anything; routing classifies. One that was answered at first contact
    (`answered_directly`) needs no department: no work order is opened for it (A67). Of a complaint or report, the accused and
    when it happened are fields of their own (A29); `accused_department` never sees who complained (A144). `read_back` says that
    what was written was read back and confirmed (A33); what is written while somebody speaks, until when it is complete (A35).
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
    inquiry_type: str | None = None
    read_back: bool = False
    complete_by: datetime | None = None
    rule_version: str | None = None
    first_contact: str
    occurred_at: datetime


@event("intake.request.answered_directly", sealed_by="requester_id")
class RequestAnsweredDirectly:
    """The matter was answered at first contact and needs no department (A67, T11), from an article at a version (A42)."""

    request_id: UUID
    requester_id: UUID
    reply: Sealed
    answered_by: str
    article_code: str | None = None
    article_version: int | None = None
    occurred_at: datetime


@event("intake.request.corrected", sealed_by="requester_id")
class RequestCorrected:
    """A field was corrected (A43): both values, why, and who signs for it. Said texts are sealed, codes stand in `*_value`.

    When the reply was wrong, the caller was told so with an apology (A44).
    """

    request_id: UUID
    requester_id: UUID
    field: str
    was: Sealed | None = None
    became: Sealed | None = None
    was_value: str | None = None
    became_value: str | None = None
    reason: CorrectionReason
    note: Sealed | None = None
    apologised: bool = False
    signed_by: str
    occurred_at: datetime


@event("intake.request.type_changed", sealed_by="requester_id")
class RequestTypeChanged:
    """The matter was given another kind: never silently, and with both kinds in sight (A30, A43)."""

    request_id: UUID
    requester_id: UUID
    from_type: RequestType
    to_type: RequestType
    reason: CorrectionReason
    note: Sealed | None = None
    changed_by: str
    occurred_at: datetime


@event("intake.request.co_owner_added")
class RequestCoOwnerAdded:
    """Somebody stands by the first contact, who stays responsible for life (A65)."""

    request_id: UUID
    co_owner: str
    reason: str
    added_by: str
    occurred_at: datetime


@event("intake.request.not_accepted")
class RequestNotAccepted:
    """The matter cannot be taken on, for a ground of the rules, and the caller was told its basis (A66)."""

    request_id: UUID
    ground: str
    basis: str
    basis_told: bool
    rule_version: str
    decided_by: str
    occurred_at: datetime


@event("intake.request.searched", sealed_by="requester_id")
class RequestSearched:
    """Somebody looked the matter up before saying that it cannot be helped (A154)."""

    request_id: UUID
    requester_id: UUID
    source: str
    found: bool
    sought: Sealed | None = None
    searched_by: str
    occurred_at: datetime


@event("intake.request.deferral_explained", sealed_by="requester_id")
class RequestDeferralExplained:
    """The caller was told why the matter has to wait, and whether they understood (A70)."""

    request_id: UUID
    requester_id: UUID
    reason: str
    explanation: Sealed
    understood: bool
    explained_by: str
    occurred_at: datetime


@event("intake.request.process_explained")
class RequestProcessExplained:
    """The caller was told the matter's number, the process and the deadline, which is the one of the rules (A71, A157)."""

    request_id: UUID
    deadline: datetime
    rule_version: str
    explained_by: str
    occurred_at: datetime


@event("intake.request.department_contacted", sealed_by="requester_id")
class RequestDepartmentContacted:
    """A department was spoken to about the matter: when, and whom (A28)."""

    request_id: UUID
    requester_id: UUID
    spoken_to_department: str
    contact: Sealed
    result: Sealed | None = None
    contacted_by: str
    occurred_at: datetime


@event("intake.request.record_completed")
class RequestRecordCompleted:
    """The record holds every element that its kind asks for (A25-A29, A34)."""

    request_id: UUID
    elements: tuple[str, ...]
    rule_version: str
    completed_by: str
    occurred_at: datetime


RequestEvent: TypeAlias = (
    RequestRegistered
    | RequestAnsweredDirectly
    | RequestCorrected
    | RequestTypeChanged
    | RequestCoOwnerAdded
    | RequestNotAccepted
    | RequestSearched
    | RequestDeferralExplained
    | RequestProcessExplained
    | RequestDepartmentContacted
    | RequestRecordCompleted
)
