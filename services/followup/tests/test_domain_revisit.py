"""The rules of revisits (A69, A100-A114): each as a sentence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest

from followup.domain.reactions import on_work_order_resolved
from followup.domain.refusals import (
    PlannedBackwardsError,
    PlannedInQuietHoursError,
    PlannedTooLateError,
    QuietHoursError,
    ReasonMissingError,
    RevisitBeforeResolutionError,
    RevisitNotDueError,
    RevisitOverError,
    UnknownRevisitError,
)
from followup.domain.revisit import (
    ANSWER_BY,
    AWAIT,
    COME_DUE,
    LIMIT,
    AttemptRevisit,
    AwaitAnswer,
    ComeDue,
    EndWithOrder,
    GiveUp,
    PassLimit,
    PlanRevisit,
    RecordRevisit,
    ScheduleRevisit,
    decider,
    timers,
)
from followup.domain.revisit.planning import call_by
from hotline_events.catalogue.followup import (
    AnswerChannel,
    AttemptOutcome,
    ClosedAs,
    Deferral,
    Dissatisfaction,
    RevisitAnswerAwaited,
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
from hotline_events.catalogue.routing import WorkOrderResolved
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.book import RuleBook
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.pack import load_pack
from hotline_rules.sections.revisits import RevisitStart

RULES = load_pack("default")
SHANGHAI = ZoneInfo("Asia/Shanghai")
REVISIT, ORDER, REQUEST, CALLER = (UUID(int=n) for n in range(1, 5))
MATTER: dict[str, Any] = {"revisit_id": REVISIT, "work_order_id": ORDER, "request_id": REQUEST, "department": "roads"}
PERSON: dict[str, Any] = {"requester_id": CALLER}
MINUTE = timedelta(minutes=1)
DUE = NOON + 60 * MINUTE
DEADLINE = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)  # Thursday 24:00 in Shanghai


def shanghai(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=SHANGHAI).astimezone(UTC)  # type: ignore[misc, arg-type]  # year, month, day, hour …


def schedule(now: datetime = NOON, turn: int = 1) -> ScheduleRevisit:
    return ScheduleRevisit(**MATTER, **PERSON, round=turn, rules=RULES, now=now)


def scheduled(turn: int = 1, at: datetime = NOON, due_at: datetime = DUE, deadline_at: datetime = DEADLINE) -> RevisitScheduled:
    return RevisitScheduled(
        **MATTER,
        **PERSON,
        round=turn,
        due_at=due_at,
        deadline_at=deadline_at,
        call_by=call_by(RULES, deadline_at),
        rule_version="default/1",
        occurred_at=at,
    )


def came_due(at: datetime = DUE) -> RevisitCameDue:
    return RevisitCameDue(**MATTER, occurred_at=at)


def attempt(now: datetime, outcome: AttemptOutcome = AttemptOutcome.NO_ANSWER) -> AttemptRevisit:
    return AttemptRevisit(outcome=outcome, attempted_by="agent-7", rules=RULES, now=now)


def attempted(number: int, at: datetime, next_at: datetime | None) -> RevisitAttempted:
    return RevisitAttempted(
        **MATTER,
        attempt=number,
        outcome=AttemptOutcome.NO_ANSWER,
        next_at=next_at,
        attempted_by="agent-7",
        occurred_at=at,
    )


def record(
    now: datetime = DUE,
    *,
    solved: bool | None = True,
    satisfied: bool | None = True,
    why: Sealed | None = None,
    at_once: bool = False,
) -> RecordRevisit:
    return RecordRevisit(
        solved=solved,
        satisfied=satisfied,
        revisited_by="agent-7",
        rules=RULES,
        now=now,
        reason=why,
        immediate_after_service=at_once,
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
    return ReworkOrdered(**MATTER, round=turn, fee_free=turn >= 2, rule_version="default/1", occurred_at=at)


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


def plan(at: datetime, now: datetime = NOON) -> PlanRevisit:
    return PlanRevisit(at=at, because=Deferral.CALLER_ASKED, planned_by="agent-7", rules=RULES, now=now)


def limit_passed() -> RevisitLimitPassed:
    return RevisitLimitPassed(**MATTER, occurred_at=DEADLINE)


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


def test_an_attempt_starts_the_clock_of_the_next_one_and_the_last_starts_none() -> None:
    (clock,) = timers(attempted(1, DUE, DUE + 240 * MINUTE))
    assert (clock.kind, clock.due_at) == (COME_DUE, DUE + 240 * MINUTE)
    assert clock.timer_id not in {timer.timer_id for timer in timers(scheduled())}
    assert not timers(attempted(3, DUE, None))


def test_a_revisit_comes_due() -> None:
    given(decider, scheduled()).when(ComeDue(now=DUE)).then(came_due())


def test_a_revisit_that_came_due_does_not_come_due_again() -> None:
    given(decider, scheduled(), came_due()).when(ComeDue(now=DUE)).then_nothing()


def test_a_revisit_made_before_its_moment_never_comes_due() -> None:
    given(decider, scheduled(), revisited(NOON), closed(at=NOON)).when(ComeDue(now=DUE)).then_nothing()


def test_the_clock_of_a_moment_that_was_put_off_means_nothing() -> None:
    put_off = attempted(1, DUE, DUE + 240 * MINUTE)
    given(decider, scheduled(), put_off).when(ComeDue(now=DUE)).then_nothing()


def test_a_revisit_comes_due_again_for_its_next_attempt() -> None:
    again = DUE + 240 * MINUTE
    given(decider, scheduled(), came_due(), attempted(1, DUE, again)).when(ComeDue(now=again)).then(came_due(again))


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


def test_an_attempt_that_reached_nobody_is_counted_and_the_next_one_put_off() -> None:
    given(decider, scheduled(), came_due()).when(attempt(DUE)).then(attempted(1, DUE, shanghai(2026, 3, 3, 8)))


def test_the_next_attempt_is_put_off_over_the_night() -> None:
    """A101."""
    evening = shanghai(2026, 3, 2, 20)
    given(decider, scheduled()).when(attempt(evening)).then(attempted(1, evening, shanghai(2026, 3, 3, 8)))


SECOND, THIRD = DUE + 240 * MINUTE, shanghai(2026, 3, 3, 8)
ANSWERABLE = shanghai(2026, 3, 11)  # the end of the fifth working day after the message
TRIED_TWICE = (scheduled(), attempted(1, DUE, SECOND), attempted(2, SECOND, THIRD))
MESSAGED = (*TRIED_TWICE, attempted(3, THIRD, None), message_sent(THIRD, ANSWERABLE))


def test_after_the_last_attempt_a_message_asks_the_caller() -> None:
    """A100: the pack says after how many attempts, and which script the message is."""
    given(decider, *TRIED_TWICE).when(attempt(THIRD)).then(attempted(3, THIRD, None), message_sent(THIRD, ANSWERABLE))
    (clock,) = timers(message_sent(THIRD, ANSWERABLE))
    assert (clock.kind, clock.due_at) == (ANSWER_BY, ANSWERABLE)


def test_who_answers_neither_calls_nor_the_message_is_unreachable() -> None:
    """A69, A100: an outcome of its own, and a documented exception to the caller's word."""
    given(decider, *MESSAGED).when(GiveUp(now=ANSWERABLE)).then(closed(ClosedAs.UNREACHABLE, ANSWERABLE))
    given(decider, *MESSAGED).when(GiveUp(now=ANSWERABLE - MINUTE)).then_nothing()
    ended = (*MESSAGED, closed(ClosedAs.UNREACHABLE, ANSWERABLE))
    given(decider, *ended).when(GiveUp(now=ANSWERABLE)).then_nothing()
    given(decider, *ended).when(record(ANSWERABLE - MINUTE)).then_rejected(RevisitOverError)


def test_who_answers_the_message_in_time_is_heard_at_any_hour() -> None:
    """A100, A101: it is we who may not call at night."""
    night = shanghai(2026, 3, 4, 23)
    no = replace(record(night, solved=False, satisfied=None), channel=AnswerChannel.CALLER_CALLED)
    said = replace(revisited(night, solved=False, satisfied=None), channel=AnswerChannel.CALLER_CALLED)
    given(decider, *MESSAGED).when(no).then(said, rework(2, night))
    given(decider, *MESSAGED, said, rework(2, night)).when(GiveUp(now=ANSWERABLE)).then_nothing()
    given(decider, *MESSAGED).when(replace(no, now=ANSWERABLE + MINUTE)).then_rejected(RevisitOverError)


def test_what_was_tried_at_the_end_of_a_year_is_recorded_though_nobody_knows_the_next_ones_working_days() -> None:
    """A100: until when the message may be answered waits for the calendar, and is counted from the message."""
    at = shanghai(2026, 12, 28, 13)
    owed = given(decider).when(schedule(at - 60 * MINUTE)).events
    tried = (*owed, attempted(1, at - 2 * MINUTE, at), attempted(2, at - MINUTE, at))
    given(decider, *tried).when(attempt(at)).then(attempted(3, at, None), message_sent(at, None))
    (clock,) = timers(message_sent(at, None))
    assert (clock.kind, clock.due_at) == (AWAIT, at)
    ask = AwaitAnswer(book=RuleBook(RULES), now=at)
    with pytest.raises(UnknownCalendarYearError):
        given(decider, *tried, message_sent(at, None)).when(ask)


def test_a_message_is_answered_while_its_last_day_is_not_known_and_until_it_once_it_is() -> None:
    """A100, A114."""
    undated = (*MESSAGED[:-1], message_sent(THIRD, None))
    awaited = RevisitAnswerAwaited(**MATTER, answer_by=ANSWERABLE, occurred_at=THIRD)
    ask = AwaitAnswer(book=RuleBook(RULES), now=THIRD)
    given(decider, *undated).when(ask).then(awaited)
    given(decider, *undated, awaited).when(ask).then_nothing()
    given(decider, *MESSAGED).when(ask).then_nothing()
    (clock,) = timers(awaited)
    assert (clock.kind, clock.due_at) == (ANSWER_BY, ANSWERABLE)
    given(decider, *undated, awaited).when(GiveUp(now=ANSWERABLE)).then(closed(ClosedAs.UNREACHABLE, ANSWERABLE))
    morning = shanghai(2026, 3, 20, 9)
    given(decider, *undated).when(record(morning)).then(revisited(morning), closed(ClosedAs.SOLVED, morning))
    given(decider, *undated, awaited).when(record(morning)).then_rejected(RevisitOverError)
    given(decider, *undated, revisited(morning), closed(ClosedAs.SOLVED, morning)).when(ask).then_nothing()


def test_no_message_about_a_matter_goes_to_a_number_that_is_somebody_elses() -> None:
    wrong = attempt(THIRD, AttemptOutcome.WRONG_NUMBER)
    counted = replace(attempted(3, THIRD, None), outcome=AttemptOutcome.WRONG_NUMBER)
    given(decider, *TRIED_TWICE).when(wrong).then(counted, closed(ClosedAs.UNREACHABLE, THIRD))


def test_an_unanswered_message_in_time_passes_no_limit() -> None:
    """A100, W13: the desk has done its part when the message is out."""
    given(decider, *MESSAGED).when(PassLimit(now=DEADLINE)).then_nothing()


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


def test_an_attempt_before_its_moment_does_not_count() -> None:
    given(decider, scheduled()).when(attempt(DUE - MINUTE)).then_rejected(RevisitNotDueError)
    again = attempted(1, DUE, DUE + 240 * MINUTE)
    given(decider, scheduled(), again).when(attempt(DUE + MINUTE)).then_rejected(RevisitNotDueError)


def test_nobody_is_attempted_in_quiet_hours() -> None:
    """A101."""
    given(decider, scheduled()).when(attempt(shanghai(2026, 3, 3, 7, 59))).then_rejected(QuietHoursError)


def test_an_attempt_that_is_known_is_not_counted_again() -> None:
    given(decider, scheduled(), attempted(1, DUE, DUE + 240 * MINUTE)).when(attempt(DUE)).then_nothing()


def test_a_revisit_that_is_over_is_not_attempted() -> None:
    given(decider, scheduled(), revisited(), closed()).when(attempt(DUE + MINUTE)).then_rejected(RevisitOverError)


def test_what_was_never_scheduled_is_not_attempted() -> None:
    given(decider).when(attempt(DUE)).then_rejected(UnknownRevisitError)


def test_a_solved_matter_is_closed() -> None:
    """A105."""
    given(decider, scheduled(), came_due()).when(record()).then(revisited(), closed())


def test_a_matter_that_is_not_solved_goes_back_for_another_round() -> None:
    """A108: the same order, the next round."""
    no = record(solved=False, satisfied=None)
    given(decider, scheduled()).when(no).then(revisited(solved=False, satisfied=None), rework(2))
    second = revisited(turn=2, solved=False, satisfied=None)
    given(decider, scheduled(2)).when(no).then(second, rework(3))


def test_a_matter_that_is_not_solved_after_the_last_round_is_closed_as_exhausted() -> None:
    """A108: the pack allows two reworks."""
    no = record(solved=False, satisfied=None)
    expected = revisited(turn=3, solved=False, satisfied=None)
    given(decider, scheduled(3)).when(no).then(expected, closed(ClosedAs.ROUNDS_EXHAUSTED, turn=3))


def test_a_caller_without_an_opinion_leaves_nothing_to_order() -> None:
    """A105: no answer is no no; W3 does not count it."""
    expected = revisited(solved=None, satisfied=None)
    given(decider, scheduled()).when(record(solved=None, satisfied=None)).then(expected, closed(ClosedAs.UNANSWERED))


def test_who_is_dissatisfied_is_asked_why() -> None:
    """A106."""
    given(decider, scheduled()).when(record(satisfied=False)).then_rejected(ReasonMissingError)
    why = Sealed("等了两周")
    given(decider, scheduled()).when(record(satisfied=False, why=why)).then(revisited(satisfied=False, why=why), closed())


@pytest.mark.parametrize(
    ("clock", "allowed"),
    [
        pytest.param((21, 59, 59), True, id="21:59:59"),
        pytest.param((22, 0, 0), False, id="22:00"),
        pytest.param((23, 59, 59), False, id="23:59:59"),
        pytest.param((0, 0, 0), False, id="00:00"),
        pytest.param((7, 59, 59), False, id="07:59:59"),
        pytest.param((8, 0, 0), True, id="08:00"),
    ],
)
def test_nobody_is_revisited_in_quiet_hours(clock: tuple[int, int, int], *, allowed: bool) -> None:
    """A101: [22:00, 08:00) of the caller's own clock."""
    moment = shanghai(2026, 3, 3, *clock)
    outcome = given(decider, scheduled()).when(record(moment))
    if allowed:
        outcome.then(revisited(moment), closed(at=moment))
    else:
        outcome.then_rejected(QuietHoursError)


def test_the_revisit_at_the_very_end_of_the_service_is_exempt_from_quiet_hours() -> None:
    """A101: what the end is, the pack says; hours later it is a revisit like any other."""
    done, late = shanghai(2026, 3, 2, 22), shanghai(2026, 3, 2, 23)
    expected = revisited(late, at_once=True)
    given(decider, scheduled(at=done)).when(record(late, at_once=True)).then(expected, closed(at=late))
    given(decider, scheduled(at=done)).when(record(late + MINUTE, at_once=True)).then_rejected(QuietHoursError)
    given(decider, scheduled()).when(record(late, at_once=True)).then_rejected(QuietHoursError)


def test_quiet_hours_are_those_of_the_packs_own_city() -> None:
    """A101: noon in Shanghai is eight in the evening in San Francisco; an hour past 22:00 there is refused."""
    rules = load_pack("san_francisco")
    pacific = ZoneInfo("America/Los_Angeles")
    night = replace(record(datetime(2026, 3, 2, 22, 0, tzinfo=pacific)), rules=rules)
    given(decider, scheduled()).when(night).then_rejected(QuietHoursError)
    given(decider, scheduled()).when(replace(night, rules=RULES)).then(revisited(night.now), closed(at=night.now))


def test_nobody_is_asked_about_a_result_that_was_not_reported_yet() -> None:
    given(decider, scheduled()).when(record(NOON - MINUTE)).then_rejected(RevisitBeforeResolutionError)


def test_a_caller_who_was_asked_is_not_asked_again() -> None:
    given(decider, scheduled(), revisited(), closed()).when(record(DUE + MINUTE)).then_rejected(RevisitOverError)
    ordered = (scheduled(), revisited(solved=False), rework(2))
    given(decider, *ordered).when(record(DUE + MINUTE)).then_rejected(RevisitOverError)


def test_an_answer_that_is_known_is_not_recorded_again() -> None:
    given(decider, scheduled(), revisited(), closed()).when(record()).then_nothing()


def test_an_attempt_does_not_keep_a_caller_from_being_reached() -> None:
    soon = DUE + 5 * MINUTE
    history = (scheduled(), came_due(), attempted(1, DUE, DUE + 240 * MINUTE))
    given(decider, *history).when(record(soon)).then(revisited(soon), closed(at=soon))


def test_whose_order_was_closed_by_hand_is_left_alone() -> None:
    """A69: a leader documents why; nobody calls, and the matter ends in time."""
    ended = closed(ClosedAs.ORDER_CLOSED, NOON + MINUTE)
    given(decider, scheduled()).when(EndWithOrder(now=NOON + MINUTE)).then(ended)
    given(decider, *MESSAGED).when(EndWithOrder(now=NOON + MINUTE)).then(ended)
    given(decider, scheduled(), ended).when(EndWithOrder(now=NOON + MINUTE)).then_nothing()
    given(decider, scheduled(), ended).when(attempt(DUE)).then_rejected(RevisitOverError)
    given(decider, scheduled(), ended).when(PassLimit(now=DEADLINE)).then_nothing()
    given(decider, scheduled(), revisited(), closed()).when(EndWithOrder(now=DUE)).then_nothing()
    given(decider).when(EndWithOrder(now=DUE)).then_nothing()


def test_what_was_never_scheduled_is_not_revisited() -> None:
    given(decider).when(record()).then_rejected(UnknownRevisitError)
