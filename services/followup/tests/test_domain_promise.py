"""A promised call back (A18, A85, A153): each rule as a sentence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from followup.domain.promise import (
    AttemptPromise,
    KeepPromise,
    MakePromise,
    PassDue,
    ReleasePromise,
    WarnOfPromise,
    decider,
    on_timer,
    timers,
)
from followup.domain.reactions import on_callback_promised, on_caller_reached, on_work_order_transferred
from followup.domain.refusals import PromiseOverError, QuietHoursError, TooEarlyError, UnknownPromiseError
from hotline_events.catalogue.followup import (
    AttemptOutcome,
    PromiseAttempted,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    PromiseReleased,
    PromiseWarned,
)
from hotline_events.catalogue.intake.call import CallbackPromised
from hotline_events.catalogue.routing import WorkOrderCallerContacted, WorkOrderTransferred
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack

RULES = load_pack("default")
PROMISE, CALL, CALLER = (UUID(int=n) for n in range(1, 4))
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DUE = NOON + 2 * HOUR
NIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
MAKE = MakePromise(
    promise_id=PROMISE,
    call_id=CALL,
    caller_id=CALLER,
    reason="needs_other_department",
    due_at=DUE,
    promised_by="taker-1",
    rules=RULES,
    now=NOON,
)
MADE = PromiseMade(
    promise_id=PROMISE,
    call_id=CALL,
    caller_id=CALLER,
    reason="needs_other_department",
    warn_at=DUE - 15 * MINUTE,
    due_at=DUE,
    promised_by="taker-1",
    rule_version="default/1",
    occurred_at=NOON,
)
WARNED = PromiseWarned(promise_id=PROMISE, due_at=DUE, occurred_at=MADE.warn_at)
BROKEN = PromiseBroken(promise_id=PROMISE, attempts=0, occurred_at=DUE)


def attempt(now: datetime = NOON + HOUR) -> AttemptPromise:
    return AttemptPromise(outcome=AttemptOutcome.BUSY, attempted_by="taker-1", rules=RULES, now=now)


def attempted(number: int, at: datetime = NOON + HOUR) -> PromiseAttempted:
    return PromiseAttempted(
        promise_id=PROMISE, attempt=number, outcome=AttemptOutcome.BUSY, attempted_by="taker-1", occurred_at=at
    )


def keep(now: datetime = NOON + HOUR) -> KeepPromise:
    return KeepPromise(kept_by="taker-1", rules=RULES, now=now)


def kept(at: datetime = NOON + HOUR, *, late: bool = False) -> PromiseKept:
    return PromiseKept(promise_id=PROMISE, late=late, kept_by="taker-1", occurred_at=at)


def test_a_promise_made_on_the_telephone_is_watched_over() -> None:
    """A18, A153."""
    event = CallbackPromised(
        promise_id=PROMISE,
        call_id=CALL,
        caller_id=CALLER,
        reason="needs_other_department",
        due_at=DUE,
        promised_by="taker-1",
        occurred_at=NOON,
    )
    assert on_callback_promised(event, RULES) == MAKE
    given(decider).when(MAKE).then(MADE)
    given(decider, MADE).when(MAKE).then_nothing()
    assert [(clock.due_at, on_timer(clock).command) for clock in timers(MADE)] == [
        (MADE.warn_at, WarnOfPromise(now=MADE.warn_at)),
        (DUE, PassDue(now=DUE)),
    ]


def test_a_promise_shorter_than_the_warning_is_warned_of_at_once() -> None:
    soon = replace(MAKE, due_at=NOON + MINUTE)
    (made,) = given(decider).when(soon).events
    assert (made.warn_at, made.due_at) == (NOON, NOON + MINUTE)


def test_the_desk_is_warned_once_and_not_of_a_promise_that_was_kept() -> None:
    """A18."""
    given(decider, MADE).when(WarnOfPromise(now=MADE.warn_at)).then(WARNED)
    given(decider, MADE, WARNED).when(WarnOfPromise(now=MADE.warn_at)).then_nothing()
    given(decider, MADE).when(WarnOfPromise(now=NOON)).then_nothing()
    given(decider, MADE, kept()).when(WarnOfPromise(now=MADE.warn_at)).then_nothing()


def test_attempts_are_counted_until_the_caller_is_reached() -> None:
    """A18: as often as it takes; nothing but a call that reached the caller keeps the promise."""
    given(decider, MADE).when(attempt()).then(attempted(1))
    given(decider, MADE, attempted(1)).when(attempt()).then_nothing()
    later = NOON + HOUR + MINUTE
    given(decider, MADE, attempted(1)).when(attempt(later)).then(attempted(2, later))
    given(decider, MADE, attempted(1)).when(keep()).then(kept())
    given(decider, MADE, kept()).when(keep(later)).then_nothing()
    given(decider, MADE, kept()).when(attempt(later)).then_rejected(PromiseOverError)


def test_what_was_not_promised_is_neither_attempted_nor_kept() -> None:
    for command in (attempt(), keep(), PassDue(now=DUE), WarnOfPromise(now=DUE)):
        given(decider).when(command).then_rejected(UnknownPromiseError)
    given(decider, MADE).when(keep(NOON - MINUTE)).then_rejected(TooEarlyError)


def test_a_promise_is_broken_at_its_time_whatever_was_processed_first() -> None:
    """A18."""
    given(decider, MADE).when(PassDue(now=DUE)).then(BROKEN)
    given(decider, MADE, attempted(1)).when(PassDue(now=DUE)).then(replace(BROKEN, attempts=1))
    given(decider, MADE, BROKEN).when(PassDue(now=DUE)).then_nothing()
    given(decider, MADE).when(PassDue(now=DUE - MINUTE)).then_nothing()
    given(decider, MADE, kept(DUE)).when(PassDue(now=DUE)).then_nothing()
    given(decider, MADE, kept(DUE + MINUTE, late=True)).when(PassDue(now=DUE)).then(BROKEN)


def test_a_broken_promise_is_kept_late_rather_than_never() -> None:
    """A18."""
    given(decider, MADE, BROKEN).when(keep(DUE + MINUTE)).then(kept(DUE + MINUTE, late=True))


def test_a_report_that_came_late_of_a_call_in_time_is_no_late_call() -> None:
    given(decider, MADE, BROKEN).when(keep(DUE)).then(kept(DUE))


def test_quiet_hours_bind_usual_calls_back_and_neither_emergencies_nor_what_the_caller_chose() -> None:
    """A85, A101."""
    given(decider, MADE).when(keep(NIGHT)).then_rejected(QuietHoursError)
    given(decider, MADE).when(attempt(NIGHT)).then_rejected(QuietHoursError)
    at_once = replace(MADE, immediate=True)
    given(decider, at_once).when(keep(NIGHT)).then(kept(NIGHT, late=True))
    chosen = replace(MADE, due_at=NIGHT + MINUTE)
    given(decider, chosen).when(keep(NIGHT)).then(kept(NIGHT))


def test_whoever_reaches_the_caller_first_keeps_the_promise_of_a_relayed_matter() -> None:
    """A85: the department, or the hotline with the result; of a matter that owes no call nothing is said."""
    reached = WorkOrderCallerContacted(
        work_order_id=UUID(int=8),
        request_id=UUID(int=9),
        department="water",
        contacted_by="handler-3",
        occurred_at=NOON + HOUR,
    )
    note = on_caller_reached(reached)
    expected = PromiseKept(promise_id=PROMISE, late=False, kept_by="handler-3", occurred_at=NOON + HOUR)
    given(decider, MADE).when(note).then(expected)
    given(decider, MADE, expected).when(note).then_nothing()
    given(decider, MADE).when(replace(note, now=NOON - MINUTE)).then_nothing()
    given(decider).when(note).then_nothing()


def test_a_call_back_is_no_longer_owed_once_its_matter_is_withdrawn() -> None:
    """A67, A85: answered at first contact, the relayed matter breaks no promise and waits on no list."""
    release = ReleasePromise(now=NOON + HOUR)
    released = PromiseReleased(promise_id=PROMISE, occurred_at=NOON + HOUR)
    given(decider, MADE).when(release).then(released)
    given(decider, MADE, released).when(release).then_nothing()
    given(decider, MADE, kept()).when(release).then_nothing()
    given(decider).when(release).then_nothing()
    given(decider, MADE, released).when(WarnOfPromise(now=MADE.warn_at)).then_nothing()
    given(decider, MADE, released).when(PassDue(now=DUE)).then_nothing()
    late = replace(released, occurred_at=DUE + MINUTE)
    given(decider, MADE, late).when(PassDue(now=DUE)).then(BROKEN)
    for command in (attempt(), keep()):
        given(decider, MADE, released).when(command).then_rejected(PromiseOverError)


@pytest.mark.parametrize(("answer_class", "owed"), [("immediate", True), ("same_day", False), (None, False)])
def test_a_matter_that_is_relayed_at_once_is_called_back_within_the_time_of_its_class(
    answer_class: str | None, *, owed: bool
) -> None:
    """A85: 即时转告、即时回电."""
    relayed = WorkOrderTransferred(
        work_order_id=UUID(int=8),
        request_id=UUID(int=9),
        department="water",
        hop=1,
        round=1,
        sign_due_at=NIGHT,
        contact_due_at=NIGHT,
        resolve_due_at=NIGHT,
        answer_class=answer_class,
        transferred_by="dispatcher-1",
        rule_version="default/1",
        occurred_at=NIGHT,
    )
    command = on_work_order_transferred(relayed, RULES)
    assert (command is not None) == owed
    if command is not None:
        assert (command.due_at, command.immediate) == (NIGHT + 2 * HOUR, True)
        again = on_work_order_transferred(replace(relayed, hop=2), RULES)
        assert again is not None
        assert again.promise_id == command.promise_id, "sent on to another department, it is the same promise"
