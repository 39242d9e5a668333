"""The number that a caller rings from, told by the caller's id in the vault (A15)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


class RestrictionReason(StrEnum):
    """Why calls of a number are marked."""

    REPEATED_HARASSMENT = "repeated_harassment"
    THREATS = "threats"
    INSULTS = "insults"
    AUTOMATIC_DIALLING = "automatic_dialling"


class LiftReason(StrEnum):
    """Why a restriction is over."""

    EXPIRED = "expired"
    MISTAKEN = "mistaken"
    APPEALED = "appealed"


@event("intake.number.harassment_counted")
class NumberHarassmentCounted:
    """One more call of the number was harassment: `count` within the pack's window (A15)."""

    number_id: UUID
    call_id: UUID
    count: int
    frequent: bool
    rule_version: str | None = None
    occurred_at: datetime


@event("intake.number.restricted")
class NumberRestricted:
    """A supervisor restricted the number until `until`: its calls are still received, and marked (A15)."""

    number_id: UUID
    reason: RestrictionReason
    until: datetime
    restricted_by: str
    occurred_at: datetime


@event("intake.number.restriction_lifted")
class NumberRestrictionLifted:
    """The restriction is over (A15)."""

    number_id: UUID
    reason: LiftReason
    lifted_by: str | None = None
    occurred_at: datetime


NumberEvent: TypeAlias = NumberHarassmentCounted | NumberRestricted | NumberRestrictionLifted
