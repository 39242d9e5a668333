"""A visitor at the desk, who waits as a caller does (A158)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


@event("intake.visit.arrived")
class VisitorArrived:
    """Somebody came to the desk. `explain_by` is when they have to know why and how long they wait."""

    visit_id: UUID
    desk: str
    explain_by: datetime
    rule_version: str | None = None
    occurred_at: datetime


@event("intake.visit.wait_explained")
class VisitWaitExplained:
    """The visitor was told why they wait, and how long it will be (A158)."""

    visit_id: UUID
    reason: str
    estimated_ms: int
    explained_by: str
    occurred_at: datetime


@event("intake.visit.served")
class VisitorServed:
    """The visitor's turn came after `waited_ms`; `unexplained` when nobody had told them in time (A158)."""

    visit_id: UUID
    waited_ms: int
    unexplained: bool
    served_by: str
    occurred_at: datetime


VisitEvent: TypeAlias = VisitorArrived | VisitWaitExplained | VisitorServed
