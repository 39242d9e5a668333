"""A promised call back and what became of it (A18, A85, A153)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.followup.revisit import AttemptOutcome
from hotline_events.registry import event


@event("followup.promise.made")
class PromiseMade:
    """Somebody was promised a call at `due_at`; the desk is warned at `warn_at`.

    It comes from a call (`call_id`), or from a matter that is relayed and answered at once (`immediate`, A85).
    """

    promise_id: UUID
    call_id: UUID | None = None
    work_order_id: UUID | None = None
    request_id: UUID | None = None
    caller_id: UUID | None = None
    reason: str
    immediate: bool = False
    warn_at: datetime
    due_at: datetime
    promised_by: str
    rule_version: str
    occurred_at: datetime


@event("followup.promise.warned")
class PromiseWarned:
    """The promised time is near and nobody has called yet."""

    promise_id: UUID
    due_at: datetime
    occurred_at: datetime


@event("followup.promise.attempted")
class PromiseAttempted:
    """Somebody called back and reached nobody; attempts are counted from 1."""

    promise_id: UUID
    attempt: int
    outcome: AttemptOutcome
    attempted_by: str
    occurred_at: datetime


@event("followup.promise.kept")
class PromiseKept:
    """The caller was called back, `late` when that was after the promised time."""

    promise_id: UUID
    late: bool
    kept_by: str
    occurred_at: datetime


@event("followup.promise.broken")
class PromiseBroken:
    """The promised time went by without a call that reached the caller; `occurred_at` is that time itself."""

    promise_id: UUID
    attempts: int
    occurred_at: datetime


@event("followup.promise.released")
class PromiseReleased:
    """The matter for which the call was promised is no more: it was answered at first contact, or not accepted."""

    promise_id: UUID
    occurred_at: datetime


PromiseEvent: TypeAlias = PromiseMade | PromiseWarned | PromiseAttempted | PromiseKept | PromiseBroken | PromiseReleased
"""Everything that can happen to a promise."""
