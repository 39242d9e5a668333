"""The rules of a number that harasses, and of visitors who wait."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hotline_events.catalogue import intake
from hotline_events.testing import NOON, enveloped, given
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from intake.domain import number, visit
from intake.domain.refusals import TimeRunsBackwardsError

NUMBER, VISIT = UUID(int=1), UUID(int=2)
PACK = load_pack("default")
HOUR = timedelta(hours=1)


def flagged(count: int, *, every: timedelta = HOUR) -> list[Any]:
    """Count that many harassing calls, one an interval."""
    history: list[Any] = []
    for place in range(count):
        command = number.CountHarassment(number_id=NUMBER, call_id=UUID(int=place), rules=PACK, now=NOON + place * every)
        history += given(number.decider, *history).when(command).events
    return history


def restrict(until: datetime = NOON + timedelta(days=7)) -> number.RestrictNumber:
    reason = intake.RestrictionReason.REPEATED_HARASSMENT
    return number.RestrictNumber(number_id=NUMBER, reason=reason, until=until, rules=PACK, by="leader-1", now=NOON + 5 * HOUR)


def test_harassing_calls_of_a_number_are_counted_within_the_packs_window() -> None:
    """A15: five in a day are frequent, five in a week are not."""
    assert [(one.count, one.frequent) for one in flagged(5)][-1] == (5, True)
    assert not any(one.frequent for one in flagged(5, every=timedelta(days=1)))
    again = number.CountHarassment(number_id=NUMBER, call_id=UUID(int=4), rules=PACK, now=NOON + 9 * HOUR)
    given(number.decider, *flagged(5)).when(again).then_nothing()


def test_a_flagged_call_counts_against_its_callers_number_and_one_without_a_number_against_none() -> None:
    """A15."""
    event = intake.CallHarassmentFlagged(call_id=UUID(int=9), caller_id=NUMBER, flagged_by="agent-7", occurred_at=NOON)
    envelope = enveloped(event, position=1, stream="call-9", version=3)
    (reaction,) = number.on_harassment_flagged(envelope, RuleBook(PACK))
    assert (reaction.aggregate_id, reaction.command.call_id) == (NUMBER, UUID(int=9))
    (named,) = number.on_harassment_flagged(
        replace(envelope, event=replace(event, caller_id=UUID(int=8), number_id=NUMBER)), RuleBook(PACK)
    )
    assert named.aggregate_id == NUMBER
    unknown = replace(envelope, event=replace(event, caller_id=None))
    assert number.on_harassment_flagged(unknown, RuleBook(PACK)) == ()


def test_a_supervisor_restricts_a_number_with_a_reason_and_an_end() -> None:
    """A15: for repeated harassment alone, within the pack's window until then, and no longer than the pack allows."""
    until = NOON + timedelta(days=7)
    given(number.decider, *flagged(5)).when(restrict()).then(
        intake.NumberRestricted(
            number_id=NUMBER,
            reason=intake.RestrictionReason.REPEATED_HARASSMENT,
            until=until,
            restricted_by="leader-1",
            occurred_at=NOON + 5 * HOUR,
        )
    )
    given(number.decider, *flagged(5), restricted(until)).when(restrict()).then_nothing()
    given(number.decider, *flagged(4)).when(restrict()).then_rejected(number.NotFrequentError)
    late = replace(restrict(), now=NOON + 25 * HOUR)
    given(number.decider, *flagged(5)).when(late).then_rejected(number.NotFrequentError)
    given(number.decider).when(restrict()).then_rejected(number.NumberUnknownError)
    for wrong in (NOON, NOON + timedelta(days=60)):
        given(number.decider, *flagged(5)).when(restrict(wrong)).then_rejected(number.RestrictionTooLongError)


def restricted(until: datetime) -> intake.NumberRestricted:
    reason = intake.RestrictionReason.REPEATED_HARASSMENT
    return intake.NumberRestricted(
        number_id=NUMBER, reason=reason, until=until, restricted_by="leader-1", occurred_at=NOON + 5 * HOUR
    )


def test_a_restriction_is_lifted_by_its_timer_or_by_a_supervisor() -> None:
    """A15: a timer of a restriction that was prolonged ends nothing."""
    first, second = restricted(NOON + timedelta(days=7)), restricted(NOON + timedelta(days=14))
    (timer,) = number.decider.timers(first)
    assert timer.due_at == first.until
    due = number.on_timer(timer).command
    (lifted,) = given(number.decider, *flagged(5), first).when(due).events
    assert lifted.reason is intake.LiftReason.EXPIRED
    given(number.decider, *flagged(5), first, second).when(due).then_nothing()
    given(number.decider, *flagged(5), first, lifted).when(due).then_nothing()
    lift = number.LiftRestriction(
        number_id=NUMBER, reason=intake.LiftReason.MISTAKEN, until=None, by="leader-1", now=NOON + timedelta(days=1)
    )
    assert given(number.decider, *flagged(5), second).when(lift).events[0].lifted_by == "leader-1"
    given(number.decider, *flagged(5)).when(lift).then_rejected(number.NotRestrictedError)
    given(number.decider).when(lift).then_rejected(number.NumberUnknownError)


ARRIVED = intake.VisitorArrived(
    visit_id=VISIT,
    desk="hall_1",
    explain_by=NOON + timedelta(seconds=PACK.calls.progress_seconds),
    rule_version=PACK.number,
    occurred_at=NOON,
)


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def explain(at: datetime) -> visit.ExplainWait:
    return visit.ExplainWait(visit_id=VISIT, reason="queue_before_you", estimated_ms=600_000, by="agent-7", now=at)


def served(*history: object, at: datetime) -> tuple[int, bool]:
    (event,) = given(visit.decider, *history).when(visit.ServeVisitor(visit_id=VISIT, by="agent-7", now=at)).events
    return event.waited_ms, event.unexplained


def test_a_visitor_is_told_why_and_how_long_they_wait() -> None:
    """A158: as a caller is before a hold."""
    arrive = visit.ArriveAtDesk(visit_id=VISIT, desk="hall_1", rules=PACK, now=NOON)
    given(visit.decider).when(arrive).then(ARRIVED)
    given(visit.decider, ARRIVED).when(arrive).then_nothing()
    (told,) = given(visit.decider, ARRIVED).when(explain(minutes(0.5))).events
    assert served(ARRIVED, told, at=minutes(9)) == (540_000, False)
    assert served(ARRIVED, told, at=minutes(11)) == (660_000, True)
    (late,) = given(visit.decider, ARRIVED).when(explain(minutes(2))).events
    assert served(ARRIVED, late, at=minutes(9)) == (540_000, True)
    assert served(ARRIVED, at=minutes(0.5)) == (30_000, False)


def test_a_visitor_who_is_unknown_or_served_is_told_nothing() -> None:
    """A158."""
    given(visit.decider).when(explain(NOON)).then_rejected(visit.VisitorUnknownError)
    given(visit.decider, ARRIVED).when(explain(NOON - HOUR)).then_rejected(TimeRunsBackwardsError)
    serve = visit.ServeVisitor(visit_id=VISIT, by="agent-7", now=minutes(1))
    (done,) = given(visit.decider, ARRIVED).when(serve).events
    given(visit.decider, ARRIVED, done).when(serve).then_nothing()
    given(visit.decider, ARRIVED, done).when(explain(minutes(2))).then_rejected(visit.VisitorServedError)
