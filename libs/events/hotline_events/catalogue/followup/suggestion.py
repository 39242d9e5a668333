"""What a caller suggested during a revisit, forwarded to the department and acknowledged by it (A107).

The words stand in the revisit's own event, sealed with the caller's key; nothing here says who the caller is.
"""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event
from hotline_events.sealing import Sealed


@event("followup.suggestion.forwarded")
class SuggestionForwarded:
    """A suggestion lies before the department, which has to acknowledge it by `acknowledge_by`."""

    suggestion_id: UUID
    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    acknowledge_by: datetime
    rule_version: str
    occurred_at: datetime


@event("followup.suggestion.acknowledged", sealed_by="requester_id")
class SuggestionAcknowledged:
    """The department has taken note, and may say what it will do about it."""

    suggestion_id: UUID
    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    reply: Sealed | None = None
    acknowledged_by: str
    occurred_at: datetime


@event("followup.suggestion.overdue")
class SuggestionOverdue:
    """The department did not acknowledge in time; `occurred_at` is the deadline itself."""

    suggestion_id: UUID
    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    occurred_at: datetime


SuggestionEvent: TypeAlias = SuggestionForwarded | SuggestionAcknowledged | SuggestionOverdue
"""Everything that can happen to a suggestion."""
