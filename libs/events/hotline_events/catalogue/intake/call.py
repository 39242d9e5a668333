"""A call on a line: what happened to it, told by the exchange or by the call taker (A01-A24, A45-A48)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.intake.call_conduct import CallConductEvent
from hotline_events.catalogue.intake.call_steps import CallStepEvent
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


class HangUpException(StrEnum):
    """The only reasons for which a call taker may hang up first (A12-A15)."""

    SILENT_CALL = "silent_call"
    MISDIAL = "misdial"
    HARASSMENT = "harassment"
    LINE_FAULT = "line_fault"


@event("intake.call.received")
class CallReceived:
    """A call reached the line. `caller_id` is a person of the vault, None when the number was withheld.

    The call keeps the rule pack `rule_version`.
    """

    call_id: UUID
    line: str
    caller_id: UUID | None = None
    emergency: bool = False
    rule_version: str | None = None
    occurred_at: datetime


@event("intake.call.answered")
class CallAnswered:
    """A call taker joined the call after `wait_ms` in the queue (A01, T1-T3, T7).

    `late` says that it rang more often than the pack allows (A02). `notice_at` and `action_at` are when the talk becomes long
    (A17, A18). `told_by` is None when only a machine told of it.
    """

    call_id: UUID
    agent_id: str
    wait_ms: int
    ring_count: int | None = None
    ring_ms: int | None = None
    late: bool | None = None
    notice_at: datetime | None = None
    action_at: datetime | None = None
    told_by: str | None = None
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
    """The caller waits (A45). `held_by` is None when only the exchange told of it; the desk then says who agreed.

    The caller hears something again by `progress_by` (A47).
    """

    call_id: UUID
    reason: str
    estimated_ms: int | None = None
    consent: bool | None = None
    held_by: str | None = None
    progress_by: datetime | None = None
    occurred_at: datetime


@event("intake.call.resumed")
class CallResumed:
    """The call taker came back after `held_ms`, and apologised or not; None is not known (A46)."""

    call_id: UUID
    held_ms: int
    apologised: bool | None = None
    resumed_by: str | None = None
    occurred_at: datetime


@event("intake.call.ended")
class CallEnded:
    """The call is over. `talk_ms` excludes `hold_ms` (A12, A17, T8). What was left out is looked for at `settle_at`."""

    call_id: UUID
    ended_by: EndedBy
    talk_ms: int
    hold_ms: int
    exception: HangUpException | None = None
    settle_at: datetime | None = None
    occurred_at: datetime


@event("intake.call.wrapped_up")
class CallWrappedUp:
    """The record of the call is complete, `wrap_up_ms` after its end (A35, T8)."""

    call_id: UUID
    outcome: str
    wrap_up_ms: int
    wrapped_by: str | None = None
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


@event("intake.call.figures_corrected")
class CallFiguresCorrected:
    """A late report of the exchange changed what had been told of the call; a figure that stays is None (A21).

    `number_id` is whom the number belongs to, told only after somebody at the desk had said who calls.
    """

    call_id: UUID
    received_at: datetime | None = None
    caller_id: UUID | None = None
    number_id: UUID | None = None
    answered_at: datetime | None = None
    agent_id: str | None = None
    wait_ms: int | None = None
    ring_count: int | None = None
    late: bool | None = None
    abandoned_at: datetime | None = None
    stage: AbandonStage | None = None
    ended_at: datetime | None = None
    ended_by: EndedBy | None = None
    talk_ms: int | None = None
    hold_ms: int | None = None
    occurred_at: datetime


CallEvent: TypeAlias = (
    CallReceived
    | CallAnswered
    | CallAbandoned
    | CallHeld
    | CallResumed
    | CallEnded
    | CallWrappedUp
    | CallbackPromised
    | CallFiguresCorrected
    | CallConductEvent
    | CallStepEvent
)
