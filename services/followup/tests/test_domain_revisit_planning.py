"""When a revisit is owed, comes due, is put off, and passes its limit (A100, A101): each as a sentence."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid5

import pytest

from followup.domain.reactions import on_work_order_resolved
from followup.domain.refusals import (
    PlannedBackwardsError,
    PlannedInQuietHoursError,
    PlannedTooLateError,
    RevisitOverError,
    UnknownRevisitError,
)
from followup.domain.revisit import (
    COME_DUE,
    LIMIT,
    ComeDue,
    PassLimit,
    PlanRevisit,
    ScheduleRevisit,
    decider,
    timers,
)
from hotline_events.catalogue.followup import (
    ClosedAs,
    Deferral,
)
from hotline_events.catalogue.routing import WorkOrderResolved
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_events.testing_revisits import (
    CALLER,
    DEADLINE,
    DUE,
    MATTER,
    MINUTE,
    ORDER,
    PERSON,
    REQUEST,
    THIRD,
    attempted,
    came_due,
    closed,
    deferred,
    limit_passed,
    revisited,
    scheduled,
    shanghai,
)
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.pack import load_pack
from hotline_rules.sections.revisits import RevisitStart

RULES = load_pack("default")


def schedule(now: datetime = NOON, turn: int = 1) -> ScheduleRevisit:
    return ScheduleRevisit(**MATTER, **PERSON, round=turn, rules=RULES, now=now)


def plan(at: datetime, now: datetime = NOON) -> PlanRevisit:
    return PlanRevisit(at=at, because=Deferral.CALLER_ASKED, planned_by="agent-7", rules=RULES, now=now)


def test_a_resolution_is_owed_a_revisit_within_three_working_days() -> None:
    """A100: Monday's resolution, Thursday's end; not before the pack's hour has passed."""
    given(decider).when(schedule()).then(scheduled())


def test_a_resolution_in_the_evening_is_revisited_in_the_morning() -> None:
    """A101: an hour after 21:30 is quiet, so the revisit is put off to 08:00, and everyone can see that it was."""
    evening, morning = shanghai(2026, 3, 2, 21, 30), shanghai(2026, 3, 3, 8)
    expected = scheduled(at=evening, due_at=morning)
    given(decider).when(schedule(evening)).then(expected, deferred(evening + 60 * MINUTE, morning, evening))


def test_a_make_up_workday_counts_and_a_festival_does_not() -> None:
    """A100: Saturday 14 February 2026 makes up for the festival of 15 to 23 February; the third day is the 25th."""
    friday = shanghai(2026, 2, 13, 12)
    expected = scheduled(at=friday, due_at=friday + 60 * MINUTE, deadline_at=shanghai(2026, 2, 26))
    given(decider).when(schedule(friday)).then(expected)


@pytest.mark.parametrize(
    ("reported", "due", "call_by"),
    [
        ((9, 30, 21, 30), (10, 1, 8), (10, 10, 20)),  # an hour later it is night; 8, 9 and 10 October, a make-up Saturday
        ((10, 8, 8, 30), (10, 8, 9, 30), (10, 12, 20)),
        ((10, 9, 21, 0), (10, 10, 8), (10, 13, 20)),  # an hour later it is 22:00, which is quiet
        ((10, 9, 20, 59), (10, 9, 21, 59), (10, 13, 20)),
        ((12, 28, 12, 0), (12, 28, 13), (12, 31, 20)),
    ],
)
def test_the_three_working_days_around_the_national_day_and_at_the_end_of_the_year(
    reported: tuple[int, ...], due: tuple[int, ...], call_by: tuple[int, ...]
) -> None:
    """A100, A101."""
    owed = given(decider).when(schedule(shanghai(2026, *reported))).events[0]
    assert (owed.due_at, owed.call_by) == (shanghai(2026, *due), shanghai(2026, *call_by))
    for unknown in (shanghai(2026, 12, 29, 10), shanghai(2027, 1, 1, 10)):
        with pytest.raises(UnknownCalendarYearError):
            given(decider).when(schedule(unknown))


def test_a_deadline_in_a_year_without_a_calendar_is_not_guessed() -> None:
    with pytest.raises(UnknownCalendarYearError):
        given(decider).when(schedule(shanghai(2026, 12, 31, 12)))


def test_a_revisit_that_is_scheduled_is_not_scheduled_again() -> None:
    given(decider, scheduled()).when(schedule(NOON + MINUTE)).then_nothing()


def test_each_resolution_has_a_revisit_of_its_own_at_the_time_it_was_reported() -> None:
    resolved = WorkOrderResolved(
        work_order_id=ORDER,
        request_id=REQUEST,
        requester_id=CALLER,
        department="roads",
        round=2,
        reply=Sealed("已修复"),
        resolved_by="handler-3",
        occurred_at=NOON,
    )
    expected = replace(schedule(turn=2), revisit_id=uuid5(ORDER, "revisit:2"))
    assert on_work_order_resolved(resolved, RULES) == expected
    assert on_work_order_resolved(replace(resolved, round=1), RULES).revisit_id != expected.revisit_id


def test_a_scheduled_revisit_has_a_clock_for_its_moment_and_one_for_its_limit() -> None:
    clocks = {timer.kind: timer.due_at for timer in timers(scheduled())}
    assert clocks == {COME_DUE: DUE, LIMIT: DEADLINE}
    assert timers(scheduled()) == timers(scheduled())


def test_a_revisit_comes_due() -> None:
    given(decider, scheduled()).when(ComeDue(now=DUE)).then(came_due())


def test_a_revisit_that_came_due_does_not_come_due_again() -> None:
    given(decider, scheduled(), came_due()).when(ComeDue(now=DUE)).then_nothing()


def test_a_revisit_made_before_its_moment_never_comes_due() -> None:
    given(decider, scheduled(), revisited(NOON), closed(at=NOON)).when(ComeDue(now=DUE)).then_nothing()


def test_the_clock_of_a_moment_that_was_put_off_means_nothing() -> None:
    put_off = attempted(1, DUE, DUE + 240 * MINUTE)
    given(decider, scheduled(), put_off).when(ComeDue(now=DUE)).then_nothing()


def test_what_was_never_scheduled_cannot_come_due() -> None:
    given(decider).when(ComeDue(now=DUE)).then_rejected(UnknownRevisitError)
    given(decider).when(PassLimit(now=DEADLINE)).then_rejected(UnknownRevisitError)


def test_a_revisit_not_made_within_its_limit_has_passed_it_at_the_deadline() -> None:
    """A100, W13."""
    given(decider, scheduled(), came_due()).when(PassLimit(now=DEADLINE)).then(limit_passed())


def test_a_limit_passes_once_and_not_before_its_time() -> None:
    given(decider, scheduled(), limit_passed()).when(PassLimit(now=DEADLINE)).then_nothing()
    given(decider, scheduled()).when(PassLimit(now=DEADLINE - MINUTE)).then_nothing()


def test_a_revisit_made_at_the_deadline_passes_no_limit_however_late_the_clock_is_heard() -> None:
    given(decider, scheduled(), revisited(DEADLINE), closed(at=DEADLINE)).when(PassLimit(now=DEADLINE)).then_nothing()


def test_a_revisit_made_after_the_deadline_has_passed_the_limit_even_when_it_was_recorded_first() -> None:
    late = DEADLINE + timedelta(microseconds=1)
    given(decider, scheduled(), revisited(late), closed(at=late)).when(PassLimit(now=DEADLINE)).then(limit_passed())


def test_an_unreachable_caller_given_up_in_time_passes_no_limit() -> None:
    history = (scheduled(), attempted(3, DUE, None), closed(ClosedAs.UNREACHABLE))
    given(decider, *history).when(PassLimit(now=DEADLINE)).then_nothing()


def test_a_call_is_planned_for_another_moment_and_comes_due_then() -> None:
    """A100."""
    tomorrow = shanghai(2026, 3, 3, 10)
    put_off = deferred(DUE, tomorrow, because=Deferral.CALLER_ASKED, by="agent-7")
    given(decider, scheduled()).when(plan(tomorrow)).then(put_off)
    given(decider, scheduled(), put_off).when(plan(tomorrow)).then_nothing()
    (clock,) = timers(put_off)
    assert (clock.kind, clock.due_at) == (COME_DUE, tomorrow)
    given(decider, scheduled(), put_off).when(ComeDue(now=DUE)).then_nothing()
    given(decider, scheduled(), put_off).when(ComeDue(now=tomorrow)).then(came_due(tomorrow))


def test_no_call_is_planned_for_the_night_nor_past_eight_on_the_last_evening() -> None:
    """A100, A101: quiet hours win, so the last day closes at 22:00 and is planned up to 20:00."""
    assert scheduled().call_by == shanghai(2026, 3, 5, 20)
    given(decider, scheduled()).when(plan(shanghai(2026, 3, 3, 23))).then_rejected(PlannedInQuietHoursError)
    given(decider, scheduled()).when(plan(shanghai(2026, 3, 5, 20, 1))).then_rejected(PlannedTooLateError)
    given(decider, scheduled()).when(plan(DUE - MINUTE)).then_rejected(PlannedBackwardsError)
    given(decider, scheduled(), revisited(), closed()).when(plan(THIRD)).then_rejected(RevisitOverError)
    given(decider).when(plan(THIRD)).then_rejected(UnknownRevisitError)


@pytest.mark.parametrize(
    ("starts", "deadline"),
    [
        pytest.param(RevisitStart.RESULT, (2026, 3, 6), id="from the result"),
        pytest.param(RevisitStart.ACCEPTANCE, (2026, 3, 4), id="from the acceptance"),
        pytest.param(RevisitStart.LIMIT, (2026, 3, 12), id="from the end of the handling's limit"),
    ],
)
def test_the_pack_says_from_where_the_three_working_days_count(starts: RevisitStart, deadline: tuple[int, ...]) -> None:
    """A100: Friday's acceptance, Monday's result, and a limit that ends the Friday after."""
    rules = replace(RULES, revisit=replace(RULES.revisit, starts=starts))
    friday, limit = shanghai(2026, 2, 27, 12), shanghai(2026, 3, 6, 12)
    command = replace(schedule(), rules=rules, accepted_at=friday, resolve_due_at=limit)
    (owed,) = given(decider).when(command).events
    assert owed.deadline_at == shanghai(*deadline)
    assert owed.due_at == DUE


def test_a_result_later_than_the_revisits_own_limit_is_owed_a_call_at_once() -> None:
    """A100: counted from the acceptance, the limit may be over before there is anything to ask about."""
    rules = replace(RULES, revisit=replace(RULES.revisit, starts=RevisitStart.ACCEPTANCE))
    (owed,) = given(decider).when(replace(schedule(), rules=rules, accepted_at=NOON - timedelta(days=30))).events
    assert owed.due_at == owed.deadline_at == owed.call_by == DUE
