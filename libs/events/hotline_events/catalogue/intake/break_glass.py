"""Reading an identity at once that nobody has approved yet: to be ratified in three days, else it is flagged (A130, A144)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


@event("intake.break_glass.opened")
class BreakGlassOpened:
    """Someone took the right to read facts of a requester; a second person has until `ratify_by` to agree."""

    break_glass_id: UUID
    person_id: UUID
    request_id: UUID
    fields: tuple[str, ...]
    reason: str
    opened_by: str
    opened_for: str | None = None
    ratify_by: datetime
    rule_version: str
    occurred_at: datetime


@event("intake.break_glass.ratified")
class BreakGlassRatified:
    """A second person agreed that the reading was needed."""

    break_glass_id: UUID
    ratified_by: str
    occurred_at: datetime


@event("intake.break_glass.rejected")
class BreakGlassRejected:
    """A second person found the reading unfounded: the right has ended and the reading is flagged."""

    break_glass_id: UUID
    rejected_by: str
    occurred_at: datetime


@event("intake.break_glass.lapsed")
class BreakGlassLapsed:
    """Nobody ratified it in time: the right has ended and the reading counts as unfounded (A130)."""

    break_glass_id: UUID
    occurred_at: datetime


BreakGlassEvent: TypeAlias = BreakGlassOpened | BreakGlassRatified | BreakGlassRejected | BreakGlassLapsed
