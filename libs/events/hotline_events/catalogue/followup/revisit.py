"""Revisits, and the rework they order (A100-A112, W3, W4, W13, W14)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event
from hotline_events.sealing import Sealed


class AttemptOutcome(StrEnum):
    """Why an attempt to revisit reached nobody."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"
    REFUSED = "refused"


class ClosedAs(StrEnum):
    """How the matter ended for followup; unanswered: the caller was reached and said nothing about the result."""

    SOLVED = "solved"
    UNANSWERED = "unanswered"
    UNREACHABLE = "unreachable"
    ROUNDS_EXHAUSTED = "rounds_exhausted"


@event("followup.revisit.scheduled")
class RevisitScheduled:
    """A resolution is owed a revisit: not before `due_at`, not later than `deadline_at` (A100, A101)."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    due_at: datetime
    deadline_at: datetime
    rule_version: str
    occurred_at: datetime


@event("followup.revisit.came_due")
class RevisitCameDue:
    """The revisit may be made from now on; it stands on the revisit desk's list."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    occurred_at: datetime


@event("followup.revisit.attempted")
class RevisitAttempted:
    """An attempt reached nobody; the next one is due at `next_at`, None when there is none."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    attempt: int
    outcome: AttemptOutcome
    next_at: datetime | None = None
    attempted_by: str
    occurred_at: datetime


@event("followup.revisit.revisited", sealed_by="requester_id")
class Revisited:
    """The caller was asked. Solved and satisfied are the caller's words, None when not answered (A105, A106, W3, W4)."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    solved: bool | None = None
    satisfied: bool | None = None
    reason: Sealed | None = None
    immediate_after_service: bool = False
    revisited_by: str
    occurred_at: datetime


@event("followup.revisit.rework_ordered")
class ReworkOrdered:
    """Not solved: the order goes back to its department for round `round` (A108)."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    round: int
    occurred_at: datetime


@event("followup.revisit.closed")
class RevisitClosed:
    """Nothing more is owed for this resolution."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    round: int
    closed_as: ClosedAs
    occurred_at: datetime


@event("followup.revisit.limit_passed")
class RevisitLimitPassed:
    """The revisit was not made within its limit; `occurred_at` is the deadline itself (A100, W13)."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    occurred_at: datetime


RevisitEvent: TypeAlias = (
    RevisitScheduled | RevisitCameDue | RevisitAttempted | Revisited | ReworkOrdered | RevisitClosed | RevisitLimitPassed
)
