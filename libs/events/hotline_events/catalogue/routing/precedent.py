"""What arbitration decided once holds for the next like case, until it is revoked (W10)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


class RevocationReason(StrEnum):
    """Why a precedent holds no more."""

    SCOPE_TABLE_CHANGED = "scope_table_changed"
    LAW_CHANGED = "law_changed"
    WRONG = "wrong"


@event("routing.precedent.set")
class PrecedentSet:
    """Matters of this category in this area (none: of no area) go to this department, as arbitration of an order decided.

    A later decision for the same category and area takes its place with the next version.
    """

    precedent_id: UUID
    precedent_version: int
    category: str
    area: str | None = None
    department: str
    work_order_id: UUID
    decided_by: str
    occurred_at: datetime


@event("routing.precedent.revoked")
class PrecedentRevoked:
    """The precedent holds no more."""

    precedent_id: UUID
    precedent_version: int
    category: str
    area: str | None = None
    department: str
    reason: RevocationReason
    revoked_by: str
    occurred_at: datetime


PrecedentEvent: TypeAlias = PrecedentSet | PrecedentRevoked
