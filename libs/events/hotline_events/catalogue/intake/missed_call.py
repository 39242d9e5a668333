"""A call on a duty line that nobody answered: the caller is called back (A05)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


class CallBackOutcome(StrEnum):
    """What came of calling back. Only the first and the last end the task."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    ENGAGED = "engaged"
    NUMBER_WITHHELD = "number_withheld"


@event("intake.missed_call.recorded")
class MissedCallRecorded:
    """A caller left a duty line unanswered; they are to be called back until `due_at` (A05)."""

    call_id: UUID
    line: str
    caller_id: UUID | None = None
    waited_ms: int
    due_at: datetime
    rule_version: str
    occurred_at: datetime


@event("intake.missed_call.call_back_attempted")
class CallBackAttempted:
    """Somebody called back and did not reach the caller (A05)."""

    call_id: UUID
    outcome: CallBackOutcome
    attempt: int
    attempted_by: str
    occurred_at: datetime


@event("intake.missed_call.called_back")
class CalledBack:
    """The caller was called back, or left no number to call (A05)."""

    call_id: UUID
    outcome: CallBackOutcome
    attempts: int
    called_by: str
    occurred_at: datetime


@event("intake.missed_call.call_back_overdue")
class CallBackOverdue:
    """The time to call back passed and nobody had (A05)."""

    call_id: UUID
    line: str
    attempts: int
    occurred_at: datetime


MissedCallEvent: TypeAlias = MissedCallRecorded | CallBackAttempted | CalledBack | CallBackOverdue
