"""Somebody asks what the hotline knows about a matter or a person (A148)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


class DisclosureRefusal(StrEnum):
    """Why nothing was told."""

    THIRD_PARTY = "third_party"
    ACCUSED = "accused"
    IDENTITY_MISMATCH = "identity_mismatch"
    IDENTITY_UNKNOWN = "identity_unknown"
    TOO_MANY_MISMATCHES = "too_many_mismatches"


@event("intake.disclosure.made")
class DisclosureMade:
    """The requester themselves, whose identity agreed with the record, was told how the matter stands."""

    disclosure_id: UUID
    request_id: UUID
    call_id: UUID | None = None
    made_by: str
    occurred_at: datetime


@event("intake.disclosure.refused")
class DisclosureRefused:
    """Nothing was told; a mismatch with the record is on record itself."""

    disclosure_id: UUID
    request_id: UUID
    call_id: UUID | None = None
    reason: DisclosureRefusal
    refused_by: str
    occurred_at: datetime


DisclosureEvent: TypeAlias = DisclosureMade | DisclosureRefused
