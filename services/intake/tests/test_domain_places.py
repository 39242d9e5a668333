"""Missed calls, opening hours, and who is put through at an extension: given, when, then."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from hotline_events.catalogue.intake import (
    CallBackAttempted,
    CallBackOutcome,
    CallBackOverdue,
    CalledBack,
    DoNotDisturbCleared,
    DoNotDisturbSet,
    MessagePassedOn,
    MessageReason,
    MessageTaken,
    MissedCallRecorded,
    OpenDays,
    OpeningSpan,
    OutOfHoursTold,
    PutThrough,
    UnitHoursPublished,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack
from intake.domain import extension, line_refusals, missed_call, unit
from intake.domain.opening import office_hours, opening_at
from intake.domain.refusals import TimeRunsBackwardsError

RULES = load_pack("default")
LATER, EVENING, NIGHT = (NOON + timedelta(hours=hours) for hours in (1, 7, 12))  # 13:00, 19:00 and 24:00 in Shanghai
MORNING = NOON + timedelta(hours=19)  # 07:00 on Tuesday
CALL, HOLDER, MESSAGE = (UUID(int=number) for number in range(1, 4))


MISSED = MissedCallRecorded(
    call_id=CALL,
    line="duty",
    caller_id=HOLDER,
    waited_ms=4000,
    due_at=NOON + timedelta(minutes=15),
    rule_version="default/1",
    occurred_at=NOON,
)


def call_back(outcome: CallBackOutcome, minutes: int) -> missed_call.RecordCallBack:
    now = NOON + timedelta(minutes=minutes)
    return missed_call.RecordCallBack(call_id=CALL, outcome=outcome, by="agent-7", now=now)


def test_a_missed_call_of_a_duty_line_is_called_back_until_the_caller_is_reached() -> None:
    """A05."""
    record = missed_call.RecordMissedCall(call_id=CALL, line="duty", caller_id=HOLDER, waited_ms=4000, rules=RULES, now=NOON)
    given(missed_call.decider).when(record).then(MISSED)
    given(missed_call.decider, MISSED).when(record).then_nothing()
    (tried,) = given(missed_call.decider, MISSED).when(call_back(CallBackOutcome.NO_ANSWER, 5)).events
    assert isinstance(tried, CallBackAttempted)
    assert tried.attempt == 1
    (reached,) = given(missed_call.decider, MISSED, tried).when(call_back(CallBackOutcome.REACHED, 10)).events
    assert isinstance(reached, CalledBack)
    assert reached.attempts == 2
    given(missed_call.decider, MISSED, reached).when(call_back(CallBackOutcome.REACHED, 11)).then_nothing()
    given(missed_call.decider).when(call_back(CallBackOutcome.REACHED, 1)).then_rejected(line_refusals.MissedCallUnknownError)
    given(missed_call.decider, MISSED).when(call_back(CallBackOutcome.REACHED, -1)).then_rejected(TimeRunsBackwardsError)


def test_only_who_withheld_their_number_is_not_called_back() -> None:
    """A05: the task of a caller whose number is known ends when the caller is reached."""
    withheld = call_back(CallBackOutcome.NUMBER_WITHHELD, 5)
    given(missed_call.decider, MISSED).when(withheld).then_rejected(line_refusals.NumberKnownError)
    (ended,) = given(missed_call.decider, replace(MISSED, caller_id=None)).when(withheld).events
    assert isinstance(ended, CalledBack)
    assert (ended.outcome, ended.attempts) == (CallBackOutcome.NUMBER_WITHHELD, 0)


def test_a_missed_call_that_nobody_called_back_in_time_is_overdue() -> None:
    """A05: a call back in time counts even when it is entered after the clock ran out."""
    (timer,) = missed_call.timers(MISSED)
    fired = missed_call.on_timer(timer)
    overdue = CallBackOverdue(call_id=CALL, line="duty", attempts=0, occurred_at=MISSED.due_at)
    in_time, late = (given(missed_call.decider, MISSED).when(call_back(CallBackOutcome.REACHED, n)).events for n in (15, 16))
    given(missed_call.decider, MISSED).when(fired.command).then(overdue)
    given(missed_call.decider, MISSED, overdue).when(fired.command).then_nothing()
    given(missed_call.decider, MISSED, *in_time).when(fired.command).then_nothing()
    given(missed_call.decider, MISSED, *late).when(fired.command).then(replace(overdue, attempts=1))


HOURS = (
    OpeningSpan(days=OpenDays.WORKING_DAYS, start="09:00", end="12:00"),
    OpeningSpan(days=OpenDays.WORKING_DAYS, start="13:30", end="17:00"),
)
UNIT = UnitHoursPublished(
    unit="tax",
    name_zh="税务局",
    name_en="Tax",
    hours=HOURS,
    published_by="admin",
    rule_version="default/1",
    occurred_at=NOON,
)


def test_a_caller_out_of_hours_is_told_when_the_unit_opens() -> None:
    """A62: at noon on a Monday it opens at half past one."""
    hours = unit.PublishHours(unit="tax", name_zh="税务局", name_en="Tax", hours=HOURS, by="admin", rules=RULES, now=NOON)
    tell = unit.TellOutOfHours(unit="tax", call_id=CALL, by="agent-7", rules=RULES, now=NOON)
    told = OutOfHoursTold(unit="tax", call_id=CALL, opens_at=NOON + timedelta(minutes=90), told_by="agent-7", occurred_at=NOON)
    given(unit.decider).when(hours).then(UNIT)
    given(unit.decider, UNIT).when(hours).then_nothing()
    given(unit.decider, UNIT).when(tell).then(told)
    given(unit.decider, UNIT, told).when(tell).then_nothing()
    given(unit.decider, UNIT).when(replace(tell, now=NOON + timedelta(hours=2))).then_rejected(line_refusals.UnitOpenError)
    given(unit.decider).when(tell).then_rejected(line_refusals.UnitUnknownError)
    backwards = replace(hours, hours=(OpeningSpan(days=OpenDays.EVERY_DAY, start="12:00", end="09:00"),))
    given(unit.decider).when(backwards).then_rejected(line_refusals.OpeningSpansError)


SPANS = st.lists(
    st.tuples(st.sampled_from(OpenDays), st.integers(0, 47), st.integers(1, 24)).map(
        lambda drawn_span: OpeningSpan(
            days=drawn_span[0],
            start=f"{drawn_span[1] // 2:02}:{drawn_span[1] % 2 * 30:02}",
            end=f"{min(drawn_span[1] + drawn_span[2], 48) // 2:02}:{min(drawn_span[1] + drawn_span[2], 48) % 2 * 30:02}",
        )
    ),
    min_size=1,
    max_size=3,
)


@drawn(SPANS, st.integers(0, 2000))
def test_opening_hours_agree_with_walking_through_every_half_hour(spans: list[OpeningSpan], half_hours: int) -> None:
    """A62: from January on, over the Spring Festival and its make-up workdays."""
    moment = datetime.fromisoformat("2026-01-20T00:00+08:00") + timedelta(minutes=30 * half_hours)

    def is_open(at: datetime) -> bool:
        works = RULES.calendar.is_working_day(at.date())
        kinds = {OpenDays.EVERY_DAY, OpenDays.WORKING_DAYS if works else OpenDays.DAYS_OFF}
        clock = f"{at:%H:%M}"
        return any(span.days in kinds and span.start <= clock < span.end for span in spans)

    found = opening_at(spans, moment, RULES)
    assert found.is_open == is_open(moment)
    steps = (moment + timedelta(minutes=30 * step) for step in range(1, 48 * 30))
    changes = next((at for at in steps if is_open(at) != found.is_open), None)
    if changes is not None:
        assert (found.closes_at if found.is_open else found.opens_at) == changes


def test_a_year_without_a_calendar_is_refused_by_name() -> None:
    """A62: nobody is told an invented opening time."""
    with pytest.raises(line_refusals.CalendarUnknownError):
        opening_at(office_hours(RULES), datetime.fromisoformat("2031-03-02T08:00+08:00"), RULES)


QUIET = DoNotDisturbSet(extension="2001", ends_at=NIGHT, set_by="agent-7", occurred_at=NOON)


def put_through(now: datetime, *, matches: bool = True, importance: str | None = None) -> extension.PutCallThrough:
    return extension.PutCallThrough(
        extension="2001", call_id=CALL, matches=matches, importance=importance, by="agent-7", rules=RULES, now=now
    )


def through(now: datetime, importance: str | None = None) -> PutThrough:
    return PutThrough(
        extension="2001",
        call_id=CALL,
        importance=importance,
        put_through_by="agent-7",
        rule_version="default/1",
        occurred_at=now,
    )


def take(because: MessageReason, now: datetime) -> extension.TakeMessage:
    return extension.TakeMessage(
        extension="2001",
        message_id=MESSAGE,
        call_id=CALL,
        because=because,
        message=Sealed("请回电"),
        sealed_for=HOLDER,
        by="agent-7",
        rules=RULES,
        now=now,
    )


def test_at_night_a_caller_whose_particulars_do_not_match_leaves_a_message() -> None:
    """A54: from 23:00 to the end of the night, however important it is said to be."""
    elevens = NOON + timedelta(hours=11)
    for now in (elevens, NIGHT, MORNING - timedelta(seconds=1)):
        blocked = given(extension.decider).when(put_through(now, matches=False, importance="emergency"))
        blocked.then_rejected(line_refusals.NightTransferBlockedError)
        assert blocked.refusal is not None
        assert blocked.refusal.missing == "message_taken"
        given(extension.decider).when(put_through(now)).then(through(now))
    for now in (elevens - timedelta(seconds=1), MORNING):
        given(extension.decider).when(put_through(now, matches=False)).then(through(now))
    (message,) = given(extension.decider).when(take(MessageReason.NIGHT_MISMATCH, NIGHT)).events
    assert isinstance(message, MessageTaken)
    assert message.because is MessageReason.NIGHT_MISMATCH
    given(extension.decider).when(take(MessageReason.NIGHT_MISMATCH, LATER)).then_rejected(line_refusals.MessageReasonError)


def test_who_is_not_to_be_disturbed_is_put_through_to_for_a_recorded_reason_only() -> None:
    """A55."""
    quiet = given(extension.decider, QUIET)
    quiet.when(put_through(LATER)).then_rejected(line_refusals.DoNotDisturbError)
    quiet.when(put_through(LATER, importance="emergency")).then(through(LATER, "emergency"))
    quiet.when(put_through(NIGHT)).then(through(NIGHT))
    given(extension.decider, QUIET, through(LATER, "emergency")).when(put_through(LATER)).then_nothing()
    cleared = DoNotDisturbCleared(extension="2001", cleared_by="agent-7", occurred_at=LATER)
    clear = extension.ClearDoNotDisturb(extension="2001", by="agent-7", now=LATER)
    quiet.when(clear).then(cleared)
    given(extension.decider, QUIET, cleared).when(clear).then_nothing()
    given(extension.decider, QUIET, cleared).when(put_through(EVENING)).then(through(EVENING))


def test_do_not_disturb_has_an_end() -> None:
    """A55."""

    def leave_alone(ends_at: datetime) -> extension.SetDoNotDisturb:
        return extension.SetDoNotDisturb(extension="2001", ends_at=ends_at, by="agent-7", now=NOON)

    given(extension.decider).when(leave_alone(NIGHT)).then(QUIET)
    given(extension.decider, QUIET).when(leave_alone(NIGHT)).then_nothing()
    given(extension.decider).when(leave_alone(NOON)).then_rejected(line_refusals.EndsBeforeItStartsError)


def test_a_message_is_passed_on_once() -> None:
    """A55."""
    pass_on = extension.PassMessageOn(extension="2001", message_id=MESSAGE, by="agent-7", now=EVENING)
    passed_on = MessagePassedOn(extension="2001", message_id=MESSAGE, passed_on_by="agent-7", occurred_at=EVENING)
    (taken,) = given(extension.decider, QUIET).when(take(MessageReason.DO_NOT_DISTURB, LATER)).events
    given(extension.decider, QUIET, taken).when(take(MessageReason.DO_NOT_DISTURB, LATER)).then_nothing()
    given(extension.decider, QUIET, taken).when(pass_on).then(passed_on)
    given(extension.decider, QUIET, taken, passed_on).when(pass_on).then_nothing()
    given(extension.decider).when(pass_on).then_rejected(line_refusals.MessageUnknownError)
    given(extension.decider).when(take(MessageReason.DO_NOT_DISTURB, LATER)).then_rejected(line_refusals.MessageReasonError)
