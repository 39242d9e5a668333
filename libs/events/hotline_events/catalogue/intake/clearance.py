"""Who may read a confidential matter: its level, and the people named for it (A145)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.intake.kinds import Confidentiality
from hotline_events.registry import event


@event("intake.clearance.granted")
class ClearanceGranted:
    """The office named somebody who may read the matter, whatever its level."""

    request_id: UUID
    actor_id: str
    granted_by: str
    occurred_at: datetime


@event("intake.clearance.withdrawn")
class ClearanceWithdrawn:
    """Somebody may read the matter no more than their role does."""

    request_id: UUID
    actor_id: str
    withdrawn_by: str
    occurred_at: datetime


@event("intake.clearance.marked")
class ConfidentialityMarked:
    """The matter has another level from now on (A145)."""

    request_id: UUID
    from_level: Confidentiality
    to_level: Confidentiality
    reason: str
    marked_by: str
    occurred_at: datetime


ClearanceEvent: TypeAlias = ClearanceGranted | ClearanceWithdrawn | ConfidentialityMarked
