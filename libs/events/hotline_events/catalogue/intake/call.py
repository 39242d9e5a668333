"""A call on a line: what happened to it, told by the exchange or by the call taker (A01-A24, A45-A48)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


class AbandonStage(StrEnum):
    """Where a caller left: only one who had reached the queue counts as offered (T1, T6)."""

    MENU = "menu"
    QUEUE = "queue"
    RINGING = "ringing"


class EndedBy(StrEnum):
    """Who ended the call (A12)."""

    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"


@event("intake.call.received")
class CallReceived:
    """A call reached the line. `caller_id` is a person of the vault, None when the number was withheld."""

    call_id: UUID
    line: str
    caller_id: UUID | None = None
    emergency: bool = False
    occurred_at: datetime


@event("intake.call.answered")
class CallAnswered:
    """A call taker joined the call after `wait_ms` in the queue (A01, T1-T3, T7)."""

    call_id: UUID
    agent_id: str
    wait_ms: int
    ring_count: int | None = None
    occurred_at: datetime


@event("intake.call.abandoned")
class CallAbandoned:
    """The caller left before anyone answered (A03, T6)."""

    call_id: UUID
    stage: AbandonStage
    wait_ms: int
    occurred_at: datetime


@event("intake.call.held")
class CallHeld:
    """The caller agreed to wait (A45)."""

    call_id: UUID
    reason: str
    estimated_ms: int | None = None
    occurred_at: datetime


@event("intake.call.resumed")
class CallResumed:
    """The call taker came back after `held_ms` (A46)."""

    call_id: UUID
    held_ms: int
    occurred_at: datetime


@event("intake.call.ended")
class CallEnded:
    """The call is over. `talk_ms` excludes `hold_ms` (A12, A17, T8)."""

    call_id: UUID
    ended_by: EndedBy
    talk_ms: int
    hold_ms: int
    occurred_at: datetime


@event("intake.call.wrapped_up")
class CallWrappedUp:
    """The record of the call is complete, `wrap_up_ms` after its end (A35, T8)."""

    call_id: UUID
    outcome: str
    wrap_up_ms: int
    occurred_at: datetime


@event("intake.call.callback_promised")
class CallbackPromised:
    """The call taker promised to call back at `due_at`; followup keeps watch over the promise (A18, A153)."""

    promise_id: UUID
    call_id: UUID
    caller_id: UUID | None = None
    reason: str
    due_at: datetime
    promised_by: str
    occurred_at: datetime


CallEvent: TypeAlias = CallReceived | CallAnswered | CallAbandoned | CallHeld | CallResumed | CallEnded | CallWrappedUp
