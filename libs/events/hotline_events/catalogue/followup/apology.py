"""An apology owed to a caller who was treated badly: ordered, made with proof, confirmed by a second person (A110)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event
from hotline_events.sealing import Sealed


@event("followup.apology.ordered")
class ApologyOrdered:
    """The caller said that the handlers behaved badly: the department goes and apologises by `due_at`."""

    apology_id: UUID
    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    due_at: datetime
    rule_version: str
    occurred_at: datetime


@event("followup.apology.done", sealed_by="requester_id")
class ApologyDone:
    """The department reports that it has apologised, with the proof of it."""

    apology_id: UUID
    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    proof: Sealed
    done_by: str
    occurred_at: datetime


@event("followup.apology.confirmed")
class ApologyConfirmed:
    """A second person has looked at the proof and accepts it; the apology is over."""

    apology_id: UUID
    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    confirmed_by: str
    occurred_at: datetime


@event("followup.apology.sent_back")
class ApologySentBack:
    """A second person does not accept the proof; the apology is still owed."""

    apology_id: UUID
    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    sent_back_by: str
    occurred_at: datetime


@event("followup.apology.overdue")
class ApologyOverdue:
    """No apology was made in time; `occurred_at` is the deadline itself."""

    apology_id: UUID
    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    occurred_at: datetime


ApologyEvent: TypeAlias = ApologyOrdered | ApologyDone | ApologyConfirmed | ApologySentBack | ApologyOverdue
"""Everything that can happen to an apology."""
