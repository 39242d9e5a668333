"""Revisits, and the rework they order (A69, A100-A114, W3, W4, W13, W14)."""

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
    """How the matter ended for followup: by the caller's words, or by a documented exception (A69).

    Unanswered: the caller was reached and said nothing about the result. Unreachable: nobody was reached, and nobody answered
    the message. Not sampled: the pack asks a part of these matters only (A112). Exception: the demand was found unreasonable
    or out of scope by one person and a second one. Order closed: a leader closed the order on a documented exception.
    """

    SOLVED = "solved"
    UNANSWERED = "unanswered"
    UNREACHABLE = "unreachable"
    ROUNDS_EXHAUSTED = "rounds_exhausted"
    NOT_SAMPLED = "not_sampled"
    EXCEPTION = "exception"
    ORDER_CLOSED = "order_closed"


class AnswerChannel(StrEnum):
    """How the caller's answer came: by our call, by theirs, or by the survey after the service (A114)."""

    CALL = "call"
    CALLER_CALLED = "caller_called"
    SMS = "sms"
    WEB = "web"


class Attitude(StrEnum):
    """How the handlers behaved, in the caller's words (A102)."""

    GOOD = "good"
    FAIR = "fair"
    BAD = "bad"


class Dissatisfaction(StrEnum):
    """What a dissatisfied caller complains of (A106)."""

    NOT_SOLVED = "not_solved"
    TOO_SLOW = "too_slow"
    ATTITUDE = "attitude"
    APPOINTMENT = "appointment"
    FEE = "fee"
    EXPLANATION = "explanation"
    RESULT = "result"
    OTHER = "other"


class Deferral(StrEnum):
    """Why a revisit is made later than it was planned (A101)."""

    QUIET_HOURS = "quiet_hours"
    CALLER_ASKED = "caller_asked"
    DESK_BUSY = "desk_busy"


class ExceptionGround(StrEnum):
    """Why a matter may end though its caller is not content (A69)."""

    UNREASONABLE = "unreasonable"
    OUT_OF_SCOPE = "out_of_scope"
    NO_LEGAL_BASIS = "no_legal_basis"
    ALREADY_HANDLED = "already_handled"


@event("followup.revisit.scheduled")
class RevisitScheduled:
    """A resolution is owed a revisit: not before `due_at`, not later than `deadline_at` (A100, A101).

    It is planned for no later than `call_by`: quiet hours close the last day before the deadline does. `first_contact` is the
    agent who met the caller first and keeps the duty to ask (A68). `resolved_at` stands where it came to be owed only after
    the result: the draw had left the matter out, and it became a complaint (A112).
    """

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    due_at: datetime
    deadline_at: datetime
    rule_version: str
    call_by: datetime | None = None
    first_contact: str | None = None
    resolved_at: datetime | None = None
    occurred_at: datetime


@event("followup.revisit.not_sampled")
class RevisitNotSampled:
    """The draw left this matter out: `sampled_permille` of its kind are revisited, chosen by the pack's seed (A112)."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    sampled_permille: int
    rule_version: str
    first_contact: str | None = None
    occurred_at: datetime


@event("followup.revisit.deferred")
class RevisitDeferred:
    """The call is made at `to_at`, not at `from_at` (A101)."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    from_at: datetime
    to_at: datetime
    because: Deferral
    deferred_by: str | None = None
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


@event("followup.revisit.message_sent")
class RevisitMessageSent:
    """The attempts are used up; a message with this script asks the caller to answer by `answer_by` (A100).

    None while the working days of that year are not known: `answer_awaited` says it once they are.
    """

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    script: str
    answer_by: datetime | None = None
    occurred_at: datetime


@event("followup.revisit.answer_awaited")
class RevisitAnswerAwaited:
    """The office's calendar tells now until when the caller may answer the message of `occurred_at` (A100)."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    answer_by: datetime
    occurred_at: datetime


@event("followup.revisit.revisited", sealed_by="requester_id")
class Revisited:
    """The caller was asked. What is said are the caller's words, None when not answered (A102-A106, W3, W4).

    The appointment and the fee are asked of a service at the caller's place only; `fee_shown` and `fee_to_standard` only where
    a fee was charged. `opened_with` and `closed_with` name the scripts that were spoken (A113).
    """

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
    channel: AnswerChannel = AnswerChannel.CALL
    timely: bool | None = None
    attitude: Attitude | None = None
    on_site: bool | None = None
    appointment_kept: bool | None = None
    fee_charged: bool | None = None
    fee_shown: bool | None = None
    fee_to_standard: bool | None = None
    reason_code: Dissatisfaction | None = None
    suggestion: Sealed | None = None
    opened_with: str | None = None
    closed_with: str | None = None
    rule_version: str | None = None
    revisited_by: str
    occurred_at: datetime


@event("followup.revisit.rework_ordered")
class ReworkOrdered:
    """Not solved: the order goes back to its department for round `round` (A108); no fee may be taken if `fee_free` (A109)."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    round: int
    fee_free: bool = False
    rule_version: str | None = None
    occurred_at: datetime


@event("followup.revisit.free_service_charged")
class FreeServiceCharged:
    """The caller was charged in a round in which nothing may be charged: a violation (A109)."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    round: int
    occurred_at: datetime


@event("followup.revisit.exception_claimed", sealed_by="requester_id")
class ExceptionClaimed:
    """One person finds the demand unreasonable or out of scope, with evidence; a second one decides (A69)."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    ground: ExceptionGround
    evidence: Sealed
    claimed_by: str
    occurred_at: datetime


@event("followup.revisit.exception_accepted")
class ExceptionAccepted:
    """The second person agrees, and the caller was told (A69)."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    ground: ExceptionGround
    reviewed_by: str
    rule_version: str | None = None
    occurred_at: datetime


@event("followup.revisit.exception_rejected")
class ExceptionRejected:
    """The second person does not agree: what the caller said has its ordinary consequence (A69)."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str
    reviewed_by: str
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
    RevisitScheduled
    | RevisitNotSampled
    | RevisitDeferred
    | RevisitCameDue
    | RevisitAttempted
    | RevisitMessageSent
    | RevisitAnswerAwaited
    | Revisited
    | ExceptionClaimed
    | ExceptionAccepted
    | ExceptionRejected
    | FreeServiceCharged
    | ReworkOrdered
    | RevisitClosed
    | RevisitLimitPassed
)
