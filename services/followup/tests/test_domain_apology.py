"""An apology that a department owes (A110): each rule as a sentence."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from followup.domain.apology import OrderApology, PassDue, ReportApology, ReviewApology, decider, on_timer, timers
from followup.domain.refusals import (
    ApologyNotReportedError,
    ApologyOverError,
    SecondPersonError,
    TooEarlyError,
    UnknownApologyError,
)
from hotline_events.catalogue.followup import (
    ApologyConfirmed,
    ApologyDone,
    ApologyOrdered,
    ApologyOverdue,
    ApologySentBack,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack

RULES = load_pack("default")
IDS: dict[str, Any] = {
    "apology_id": UUID(int=1),
    "revisit_id": UUID(int=2),
    "work_order_id": UUID(int=3),
    "request_id": UUID(int=4),
    "department": "roads",
}
CALLER = UUID(int=5)
BY = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)  # the end of the third working day
HOUR = timedelta(hours=1)
PROOF = Sealed("上门道歉，照片 A-17")
ORDER = OrderApology(**IDS, requester_id=CALLER, rules=RULES, now=NOON)
ORDERED = ApologyOrdered(**IDS, requester_id=CALLER, due_at=BY, rule_version="default/1", occurred_at=NOON)
OVERDUE = ApologyOverdue(**IDS, occurred_at=BY)
CONFIRMED = ApologyConfirmed(**IDS, confirmed_by="leader-1", occurred_at=NOON + 2 * HOUR)
SENT_BACK = ApologySentBack(**IDS, sent_back_by="leader-1", occurred_at=NOON + 2 * HOUR)


def report(now: datetime = NOON + HOUR, department: str = "roads") -> ReportApology:
    return ReportApology(department=department, proof=PROOF, done_by="handler-3", now=now)


def done(at: datetime = NOON + HOUR) -> ApologyDone:
    return ApologyDone(**IDS, requester_id=CALLER, proof=PROOF, done_by="handler-3", occurred_at=at)


def review(*, accept: bool, by: str = "leader-1", now: datetime = NOON + 2 * HOUR) -> ReviewApology:
    return ReviewApology(accept=accept, reviewed_by=by, now=now)


def test_an_apology_is_ordered_once_with_its_limit() -> None:
    """A110."""
    given(decider).when(ORDER).then(ORDERED)
    given(decider, ORDERED).when(ORDER).then_nothing()
    (clock,) = timers(ORDERED)
    assert clock.due_at == BY
    assert on_timer(clock).command == PassDue(now=BY)


def test_the_department_reports_with_proof() -> None:
    """A110."""
    given(decider, ORDERED).when(report()).then(done())
    given(decider, ORDERED, done()).when(report()).then_nothing()
    given(decider, ORDERED, done()).when(report(NOON + 2 * HOUR)).then_rejected(ApologyOverError)
    given(decider, ORDERED).when(report(NOON - HOUR)).then_rejected(TooEarlyError)
    given(decider, ORDERED).when(report(department="parks")).then_rejected(UnknownApologyError)
    given(decider).when(report()).then_rejected(UnknownApologyError)


def test_a_second_person_accepts_the_proof_or_sends_it_back() -> None:
    """A110."""
    given(decider, ORDERED, done()).when(review(accept=True)).then(CONFIRMED)
    given(decider, ORDERED, done()).when(review(accept=False)).then(SENT_BACK)
    given(decider, ORDERED, done(), CONFIRMED).when(review(accept=True)).then_nothing()
    given(decider, ORDERED, done(), CONFIRMED).when(review(accept=False)).then_rejected(ApologyOverError)
    given(decider, ORDERED, done(), SENT_BACK).when(review(accept=False)).then_nothing()


def test_without_a_report_there_is_nothing_to_accept_and_nobody_accepts_their_own() -> None:
    """A110."""
    outcome = given(decider, ORDERED).when(review(accept=True))
    outcome.then_rejected(ApologyNotReportedError)
    assert outcome.refusal is not None
    assert outcome.refusal.missing == "apology_done"
    given(decider, ORDERED, done(), SENT_BACK).when(review(accept=True)).then_rejected(ApologyNotReportedError)
    given(decider, ORDERED, done()).when(review(accept=True, by="handler-3")).then_rejected(SecondPersonError)
    given(decider, ORDERED, done()).when(review(accept=True, now=NOON)).then_rejected(TooEarlyError)


def test_an_apology_sent_back_is_reported_anew() -> None:
    """A110."""
    again = NOON + 3 * HOUR
    given(decider, ORDERED, done(), SENT_BACK).when(report(again)).then(done(again))
    given(decider, ORDERED, done(), SENT_BACK, done(again)).when(review(accept=True, now=again)).then(
        ApologyConfirmed(**IDS, confirmed_by="leader-1", occurred_at=again)
    )


def test_an_apology_not_made_in_time_is_overdue_whatever_was_processed_first() -> None:
    """A110."""
    given(decider, ORDERED).when(PassDue(now=BY)).then(OVERDUE)
    given(decider, ORDERED, OVERDUE).when(PassDue(now=BY)).then_nothing()
    given(decider, ORDERED).when(PassDue(now=BY - HOUR)).then_nothing()
    given(decider, ORDERED, done(BY)).when(PassDue(now=BY)).then_nothing()
    given(decider, ORDERED, done(BY + HOUR)).when(PassDue(now=BY)).then(OVERDUE)
    given(decider, ORDERED, done(), SENT_BACK).when(PassDue(now=BY)).then(OVERDUE)
