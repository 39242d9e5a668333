"""What happened in one revisit, for tests: of a matter of Monday noon that is answered by Thursday night."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hotline_events.catalogue.followup import (
    AttemptOutcome,
    ClosedAs,
    Deferral,
    Dissatisfaction,
    RevisitAttempted,
    RevisitCameDue,
    RevisitClosed,
    RevisitDeferred,
    Revisited,
    RevisitLimitPassed,
    RevisitMessageSent,
    RevisitScheduled,
    ReworkOrdered,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON

SHANGHAI = ZoneInfo("Asia/Shanghai")
REVISIT, ORDER, REQUEST, CALLER = (UUID(int=n) for n in range(1, 5))
MATTER: dict[str, Any] = {"revisit_id": REVISIT, "work_order_id": ORDER, "request_id": REQUEST, "department": "roads"}
PERSON: dict[str, Any] = {"requester_id": CALLER}
MINUTE = timedelta(minutes=1)
DUE = NOON + 60 * MINUTE
DEADLINE = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)  # Thursday 24:00 in Shanghai


def shanghai(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=SHANGHAI).astimezone(UTC)  # type: ignore[misc, arg-type]  # year, month, day, hour …


def scheduled(turn: int = 1, at: datetime = NOON, due_at: datetime = DUE, deadline_at: datetime = DEADLINE) -> RevisitScheduled:
    return RevisitScheduled(
        **MATTER,
        **PERSON,
        round=turn,
        due_at=due_at,
        deadline_at=deadline_at,
        call_by=deadline_at - timedelta(hours=4),
        rule_version="default/1",
        occurred_at=at,
    )


def came_due(at: datetime = DUE) -> RevisitCameDue:
    return RevisitCameDue(**MATTER, occurred_at=at)


def attempted(number: int, at: datetime, next_at: datetime | None) -> RevisitAttempted:
    return RevisitAttempted(
        **MATTER,
        attempt=number,
        outcome=AttemptOutcome.NO_ANSWER,
        next_at=next_at,
        attempted_by="agent-7",
        occurred_at=at,
    )


def revisited(
    at: datetime = DUE,
    *,
    turn: int = 1,
    solved: bool | None = True,
    satisfied: bool | None = True,
    why: Sealed | None = None,
    at_once: bool = False,
) -> Revisited:
    return Revisited(
        **MATTER,
        **PERSON,
        round=turn,
        solved=solved,
        satisfied=satisfied,
        revisited_by="agent-7",
        occurred_at=at,
        reason=why,
        reason_code=Dissatisfaction.OTHER if why else None,
        immediate_after_service=at_once,
        rule_version="default/1",
    )


def closed(closed_as: ClosedAs = ClosedAs.SOLVED, at: datetime = DUE, turn: int = 1) -> RevisitClosed:
    return RevisitClosed(**MATTER, round=turn, closed_as=closed_as, occurred_at=at)


def rework(turn: int, at: datetime = DUE) -> ReworkOrdered:
    return ReworkOrdered(**MATTER, round=turn, fee_free=turn > 1, rule_version="default/1", occurred_at=at)


def message_sent(at: datetime, answer_by: datetime | None) -> RevisitMessageSent:
    return RevisitMessageSent(**MATTER, **PERSON, script="revisit_message", answer_by=answer_by, occurred_at=at)


def deferred(
    from_at: datetime,
    to_at: datetime,
    at: datetime = NOON,
    *,
    because: Deferral = Deferral.QUIET_HOURS,
    by: str | None = None,
) -> RevisitDeferred:
    return RevisitDeferred(**MATTER, from_at=from_at, to_at=to_at, because=because, deferred_by=by, occurred_at=at)


def limit_passed() -> RevisitLimitPassed:
    return RevisitLimitPassed(**MATTER, occurred_at=DEADLINE)


SECOND, THIRD = DUE + 240 * MINUTE, shanghai(2026, 3, 3, 8)
ANSWERABLE = shanghai(2026, 3, 11)  # the end of the fifth working day after the message
TRIED_TWICE = (scheduled(), attempted(1, DUE, SECOND), attempted(2, SECOND, THIRD))
MESSAGED = (*TRIED_TWICE, attempted(3, THIRD, None), message_sent(THIRD, ANSWERABLE))
