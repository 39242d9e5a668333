"""What later decisions on a revisit read, and the clocks that its events start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.followup import (
    AttemptOutcome,
    ClosedAs,
    ExceptionAccepted,
    ExceptionClaimed,
    ExceptionRejected,
    FreeServiceCharged,
    RevisitAnswerAwaited,
    RevisitAttempted,
    RevisitCameDue,
    RevisitClosed,
    RevisitDeferred,
    Revisited,
    RevisitEvent,
    RevisitLimitPassed,
    RevisitMessageSent,
    RevisitNotSampled,
    RevisitScheduled,
    ReworkOrdered,
)
from hotline_events.decider import Timer
from hotline_events.replacing import replace

AGGREGATE = "revisit"
COME_DUE = "revisit.come_due"
LIMIT = "revisit.limit"
AWAIT = "revisit.await_answer"
ANSWER_BY = "revisit.answer_by"


class Matter(TypedDict):
    """What every event of a revisit says: which revisit of which matter, handled by whom."""

    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """What later decisions read: what was scheduled or left out, how far the attempts are, and how it ended.

    `next_at` is None when nobody is to be called any more; `messaged_at` stands while the message waits for an answer, and
    `answer_by` too, once it is known; `asked_at` is when the desk had done its part, `over` that nothing more can come.
    """

    scheduled: RevisitScheduled | None = None
    left_out: RevisitNotSampled | None = None
    due: bool = False
    next_at: datetime | None = None
    attempts: int = 0
    last_attempt: tuple[AttemptOutcome, datetime] | None = None
    wrong_number: bool = False
    messaged_at: datetime | None = None
    answer_by: datetime | None = None
    answer: Revisited | None = None
    claim: ExceptionClaimed | None = None
    review: ExceptionAccepted | ExceptionRejected | None = None
    asked_at: datetime | None = None
    over: bool = False
    limit_passed: bool = False

    @property
    def rule_version(self) -> str | None:
        """Return the number of the pack under which the revisit began."""
        return self.scheduled.rule_version if self.scheduled else None


def matter_of(owed: RevisitScheduled | RevisitNotSampled) -> Matter:
    """Return the ids that every event of this revisit repeats."""
    return Matter(
        revisit_id=owed.revisit_id,
        work_order_id=owed.work_order_id,
        request_id=owed.request_id,
        department=owed.department,
    )


def evolve(revisit: Revisit, event: RevisitEvent) -> Revisit:  # noqa: C901, PLR0912 - one case an event
    """Remember what later decisions read."""
    match event:
        case RevisitScheduled():
            return Revisit(scheduled=event, left_out=revisit.left_out, next_at=event.due_at)
        case RevisitNotSampled():
            return replace(revisit, left_out=event)
        case RevisitClosed(closed_as=ClosedAs.NOT_SAMPLED):
            return revisit
        case RevisitDeferred():
            return replace(revisit, due=False, next_at=event.to_at)
        case RevisitCameDue():
            return replace(revisit, due=True)
        case RevisitAttempted():
            return _attempted(revisit, event)
        case RevisitMessageSent():
            at = event.occurred_at
            return replace(revisit, messaged_at=at, answer_by=event.answer_by, asked_at=at)
        case RevisitAnswerAwaited():
            return replace(revisit, answer_by=event.answer_by)
        case Revisited():
            return replace(_asked(revisit, event.occurred_at), answer=event)
        case ExceptionClaimed():
            return replace(revisit, claim=event)
        case ExceptionAccepted() | ExceptionRejected():
            return replace(revisit, claim=None, review=event)
        case ReworkOrdered() | RevisitClosed():
            return replace(_asked(revisit, event.occurred_at), over=True)
        case RevisitLimitPassed():
            return replace(revisit, limit_passed=True)
        case FreeServiceCharged():
            return revisit
        case _:
            assert_never(event)


def _asked(revisit: Revisit, now: datetime) -> Revisit:
    asked_at = revisit.asked_at or now
    return replace(revisit, due=False, next_at=None, messaged_at=None, answer_by=None, asked_at=asked_at)


def _attempted(revisit: Revisit, event: RevisitAttempted) -> Revisit:
    return replace(
        revisit,
        due=False,
        next_at=event.next_at,
        attempts=event.attempt,
        last_attempt=(event.outcome, event.occurred_at),
        wrong_number=revisit.wrong_number or event.outcome is AttemptOutcome.WRONG_NUMBER,
    )


def timers(event: RevisitEvent) -> Sequence[Timer]:
    """Start the clocks of an event: when the revisit or its next attempt may be made, and when its limits run out."""
    match event:
        case RevisitScheduled():
            return (_timer(event, COME_DUE, event.due_at, "due:0"), _timer(event, LIMIT, event.deadline_at, "limit"))
        case RevisitAttempted(next_at=datetime() as next_at):
            return (_timer(event, COME_DUE, next_at, f"due:{event.attempt}"),)
        case RevisitDeferred(deferred_by=str()):
            return (_timer(event, COME_DUE, event.to_at, f"deferred:{event.to_at.isoformat()}"),)
        case RevisitMessageSent(answer_by=None):
            return (_timer(event, AWAIT, event.occurred_at, "await"),)
        case RevisitMessageSent(answer_by=datetime() as answer_by) | RevisitAnswerAwaited(answer_by=answer_by):
            return (_timer(event, ANSWER_BY, answer_by, "answer"),)
        case _:
            return ()


def _timer(
    event: RevisitScheduled | RevisitAttempted | RevisitDeferred | RevisitMessageSent | RevisitAnswerAwaited,
    kind: str,
    due_at: datetime,
    name: str,
) -> Timer:
    return Timer(
        timer_id=uuid5(event.revisit_id, name),
        kind=kind,
        due_at=due_at,
        stream=f"{AGGREGATE}-{event.revisit_id}",
        rule={"revisit_id": str(event.revisit_id), "since": event.occurred_at.isoformat()},
    )
