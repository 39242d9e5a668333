"""What can be asked of a revisit."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.followup import (
    AnswerChannel,
    AttemptOutcome,
    Attitude,
    Deferral,
    Dissatisfaction,
    ExceptionGround,
)
from hotline_events.catalogue.intake import RequestType
from hotline_events.sealing import Sealed
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRevisit:
    """A department reported the matter handled at `now`: the caller is owed a revisit, if the draw does not leave it out."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    round: int
    request_type: RequestType | None = None
    first_contact: str | None = None
    accepted_at: datetime | None = None
    resolve_due_at: datetime | None = None
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeType:
    """The matter was given another kind: one that the draw had left out may have to be revisited after all (A112)."""

    to_type: RequestType
    book: RuleBook
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeDue:
    """The moment has come from which the revisit, or its next attempt, may be made."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLimit:
    """The limit has run out."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitAnswer:
    """The message that was sent at `now` is to be answered in time: until when, the calendar tells once it is there."""

    book: RuleBook
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Nobody answered the message in time."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndWithOrder:
    """The order was closed by hand: its caller is not to be asked any more."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRevisit:
    """The call is put off to `at`, because the caller asked for it or the desk cannot make it."""

    at: datetime
    because: Deferral
    planned_by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRevisit:
    """Someone called and reached nobody."""

    outcome: AttemptOutcome
    attempted_by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The demand is unreasonable or out of scope, with the evidence for it (A69)."""

    ground: ExceptionGround
    evidence: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRevisit:
    """The caller answered; what they said is in their words, None when there was no answer."""

    solved: bool | None
    satisfied: bool | None
    timely: bool | None = None
    attitude: Attitude | None = None
    on_site: bool | None = None
    appointment_kept: bool | None = None
    fee_charged: bool | None = None
    fee_shown: bool | None = None
    fee_to_standard: bool | None = None
    reason: Sealed | None = None
    reason_code: Dissatisfaction | None = None
    suggestion: Sealed | None = None
    claim: Claim | None = None
    channel: AnswerChannel = AnswerChannel.CALL
    immediate_after_service: bool = False
    opened_with: str | None = None
    closed_with: str | None = None
    revisited_by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewException:
    """A second person looks at a claim; nobody is refused without being told."""

    accept: bool
    caller_told: bool
    reviewed_by: str
    rules: RulePack
    now: datetime


RevisitCommand: TypeAlias = (
    ScheduleRevisit
    | ChangeType
    | ComeDue
    | PassLimit
    | AwaitAnswer
    | GiveUp
    | EndWithOrder
    | PlanRevisit
    | AttemptRevisit
    | RecordRevisit
    | ReviewException
)
