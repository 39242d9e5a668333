"""A suggestion on its way to the department (A107): each rule as a sentence."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from followup.domain.refusals import TooEarlyError, UnknownSuggestionError
from followup.domain.suggestion import (
    AcknowledgeSuggestion,
    ForwardSuggestion,
    PassAcknowledgement,
    decider,
    on_timer,
    timers,
)
from hotline_events.catalogue.followup import SuggestionAcknowledged, SuggestionForwarded, SuggestionOverdue
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack

RULES = load_pack("default")
IDS: dict[str, Any] = {
    "suggestion_id": UUID(int=1),
    "revisit_id": UUID(int=2),
    "work_order_id": UUID(int=3),
    "request_id": UUID(int=4),
    "department": "roads",
}
CALLER = UUID(int=5)
BY = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)  # the end of the fifth working day
HOUR = timedelta(hours=1)
FORWARD = ForwardSuggestion(**IDS, requester_id=CALLER, rules=RULES, now=NOON)
FORWARDED = SuggestionForwarded(**IDS, requester_id=CALLER, acknowledge_by=BY, rule_version="default/1", occurred_at=NOON)
OVERDUE = SuggestionOverdue(**IDS, occurred_at=BY)


def acknowledge(now: datetime = NOON + HOUR, department: str = "roads", reply: Sealed | None = None) -> AcknowledgeSuggestion:
    return AcknowledgeSuggestion(department=department, reply=reply, acknowledged_by="handler-3", now=now)


def acknowledged(at: datetime = NOON + HOUR, reply: Sealed | None = None) -> SuggestionAcknowledged:
    return SuggestionAcknowledged(**IDS, requester_id=CALLER, reply=reply, acknowledged_by="handler-3", occurred_at=at)


def test_a_suggestion_is_forwarded_once_with_the_department_s_limit() -> None:
    """A107."""
    given(decider).when(FORWARD).then(FORWARDED)
    given(decider, FORWARDED).when(FORWARD).then_nothing()
    (clock,) = timers(FORWARDED)
    assert clock.due_at == BY
    assert on_timer(clock).command == PassAcknowledgement(now=BY)


def test_the_department_takes_note_and_may_say_what_it_will_do() -> None:
    """A107."""
    reply = Sealed("已列入计划")
    given(decider, FORWARDED).when(acknowledge(reply=reply)).then(acknowledged(reply=reply))
    given(decider, FORWARDED, acknowledged()).when(acknowledge(NOON + 2 * HOUR)).then_nothing()


def test_another_department_finds_no_suggestion_and_nobody_takes_note_too_early() -> None:
    """A107, A144."""
    given(decider, FORWARDED).when(acknowledge(department="parks")).then_rejected(UnknownSuggestionError)
    given(decider, FORWARDED, acknowledged()).when(acknowledge(department="parks")).then_rejected(UnknownSuggestionError)
    given(decider).when(acknowledge()).then_rejected(UnknownSuggestionError)
    given(decider, FORWARDED).when(acknowledge(NOON - HOUR)).then_rejected(TooEarlyError)


def test_a_suggestion_nobody_took_note_of_is_overdue_whatever_was_processed_first() -> None:
    """A107."""
    given(decider, FORWARDED).when(PassAcknowledgement(now=BY)).then(OVERDUE)
    given(decider, FORWARDED, OVERDUE).when(PassAcknowledgement(now=BY)).then_nothing()
    given(decider, FORWARDED).when(PassAcknowledgement(now=BY - HOUR)).then_nothing()
    given(decider, FORWARDED, acknowledged(BY)).when(PassAcknowledgement(now=BY)).then_nothing()
    given(decider, FORWARDED, acknowledged(BY + HOUR)).when(PassAcknowledgement(now=BY)).then(OVERDUE)
    given(decider, FORWARDED, OVERDUE).when(acknowledge(BY + HOUR)).then(acknowledged(BY + HOUR))
