"""Calls that reach nobody, the message after the last one, and who is unreachable (A100, A101): each as a sentence."""

from dataclasses import replace
from datetime import datetime

import pytest

from followup.domain.refusals import (
    QuietHoursError,
    RevisitNotDueError,
    RevisitOverError,
    UnknownRevisitError,
)
from followup.domain.revisit import (
    ANSWER_BY,
    AWAIT,
    COME_DUE,
    AttemptRevisit,
    AwaitAnswer,
    ComeDue,
    GiveUp,
    PassLimit,
    RecordRevisit,
    ScheduleRevisit,
    decider,
    timers,
)
from hotline_events.catalogue.followup import (
    AnswerChannel,
    AttemptOutcome,
    ClosedAs,
    RevisitAnswerAwaited,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_events.testing_revisits import (
    ANSWERABLE,
    DEADLINE,
    DUE,
    MATTER,
    MESSAGED,
    MINUTE,
    PERSON,
    THIRD,
    TRIED_TWICE,
    attempted,
    came_due,
    closed,
    message_sent,
    revisited,
    rework,
    scheduled,
    shanghai,
)
from hotline_rules.book import RuleBook
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.pack import load_pack

RULES = load_pack("default")


def schedule(now: datetime = NOON, turn: int = 1) -> ScheduleRevisit:
    return ScheduleRevisit(**MATTER, **PERSON, round=turn, rules=RULES, now=now)


def attempt(now: datetime, outcome: AttemptOutcome = AttemptOutcome.NO_ANSWER) -> AttemptRevisit:
    return AttemptRevisit(outcome=outcome, attempted_by="agent-7", rules=RULES, now=now)


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


def test_an_attempt_starts_the_clock_of_the_next_one_and_the_last_starts_none() -> None:
    (clock,) = timers(attempted(1, DUE, DUE + 240 * MINUTE))
    assert (clock.kind, clock.due_at) == (COME_DUE, DUE + 240 * MINUTE)
    assert clock.timer_id not in {timer.timer_id for timer in timers(scheduled())}
    assert not timers(attempted(3, DUE, None))


def test_a_revisit_comes_due_again_for_its_next_attempt() -> None:
    again = DUE + 240 * MINUTE
    given(decider, scheduled(), came_due(), attempted(1, DUE, again)).when(ComeDue(now=again)).then(came_due(again))


def test_an_attempt_that_reached_nobody_is_counted_and_the_next_one_put_off() -> None:
    given(decider, scheduled(), came_due()).when(attempt(DUE)).then(attempted(1, DUE, shanghai(2026, 3, 3, 8)))


def test_the_next_attempt_is_put_off_over_the_night() -> None:
    """A101."""
    evening = shanghai(2026, 3, 2, 20)
    given(decider, scheduled()).when(attempt(evening)).then(attempted(1, evening, shanghai(2026, 3, 3, 8)))


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
