"""Lines, units, extensions and missed calls: given, when, then."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
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
    FallbackLineActivated,
    FaultNoticePublished,
    ForwardingCleared,
    ForwardingSet,
    HandsetShared,
    LineFaultReported,
    LineKind,
    LineLeftUnattended,
    LinePublished,
    LineRestored,
    MessagePassedOn,
    MessageReason,
    MessageTaken,
    MissedCallRecorded,
    OpenDays,
    OpeningSpan,
    OutOfHoursTold,
    PutThrough,
    RouteScheduled,
    RouteSpan,
    RouteTarget,
    UnitHoursPublished,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack
from intake.domain import extension, line, line_refusals, missed_call, unit
from intake.domain.line.outages import ActivateFallback, PublishFaultNotice, ReportFault, RestoreLine
from intake.domain.line.publishing import (
    ClearForwarding,
    LeaveUnattended,
    PublishLine,
    ScheduleRoute,
    SetForwarding,
    tile_the_day,
)
from intake.domain.line.state import Facts, facts_of
from intake.domain.opening import Opening, office_hours, opening_at
from intake.domain.refusals import TimeRunsBackwardsError
from intake.domain.routes import Situation, taker_at

RULES = load_pack("default")
LATER, EVENING, NIGHT = (NOON + timedelta(hours=hours) for hours in (1, 7, 12))  # 13:00, 19:00 and 24:00 in Shanghai
MORNING = NOON + timedelta(hours=19)  # 07:00 on Tuesday
FAULT, CALL, HOLDER, MESSAGE = (UUID(int=number) for number in range(1, 5))


def published(name: str = "12345", kind: LineKind = LineKind.HOTLINE, **facts: Any) -> LinePublished:
    known: dict[str, Any] = {"round_the_clock": kind is not LineKind.OFFICE, "greeting": "greeting", **facts}
    return LinePublished(
        line=name,
        kind=kind,
        name_zh="市民热线",
        name_en="Hotline",
        published_by="admin",
        rule_version="default/1",
        occurred_at=NOON,
        **known,
    )


OFFICE = published("office", LineKind.OFFICE)
DUTY = published("duty", LineKind.DUTY)


def publish(event: LinePublished, *others: str, **changes: Any) -> PublishLine:
    facts = replace(facts_of(event), **changes)
    return PublishLine(line=event.line, facts=facts, at_handset=others, by="admin", rules=RULES, now=NOON)


def forward(name: str, starts_at: datetime, ends_at: datetime, to_line: str = "12345") -> SetForwarding:
    return SetForwarding(line=name, to_line=to_line, starts_at=starts_at, ends_at=ends_at, by="admin", rules=RULES, now=NOON)


def test_a_line_is_published_with_its_greeting_and_again_only_when_it_changed() -> None:
    """A08: every line is answered with a script of its own."""
    given(line.decider).when(publish(published())).then(published())
    given(line.decider, published()).when(publish(published())).then_nothing()
    given(line.decider, published()).when(publish(published(), greeting="transfer")).then(published(greeting="transfer"))
    given(line.decider).when(publish(published(), greeting="nonsense")).then_rejected(line_refusals.UnknownGreetingError)


def test_a_handset_behind_two_lines_raises_the_alarm() -> None:
    """A61: one call makes both lines engaged."""
    shared = published(handset="desk-1")
    alarm = HandsetShared(line="12345", handset="desk-1", other_lines=("duty",), occurred_at=NOON)
    given(line.decider).when(publish(shared, "duty")).then(shared, alarm)
    given(line.decider).when(publish(shared)).then(shared)


def test_an_office_line_is_forwarded_outside_working_time_only() -> None:
    """A04."""
    forwarding = ForwardingSet(
        line="office",
        to_line="12345",
        starts_at=EVENING,
        ends_at=MORNING,
        set_by="admin",
        rule_version="default/1",
        occurred_at=NOON,
    )
    office = given(line.decider, OFFICE)
    office.when(forward("office", EVENING, MORNING)).then(forwarding)
    given(line.decider, OFFICE, forwarding).when(forward("office", EVENING, MORNING)).then_nothing()
    office.when(forward("office", LATER, EVENING)).then_rejected(line_refusals.OfficeLineForwardedError)
    office.when(forward("office", EVENING, MORNING + timedelta(hours=2))).then_rejected(line_refusals.OfficeLineForwardedError)
    office.when(forward("office", MORNING, EVENING)).then_rejected(line_refusals.EndsBeforeItStartsError)
    office.when(forward("office", EVENING, MORNING, "office")).then_rejected(line_refusals.ForwardedToItselfError)
    office.when(forward("office", EVENING, EVENING + timedelta(days=40))).then_rejected(line_refusals.ForwardedTooLongError)
    given(line.decider).when(forward("office", EVENING, MORNING)).then_rejected(line_refusals.LineNotPublishedError)


def test_a_weekend_is_no_working_time_and_a_make_up_workday_is() -> None:
    """A04: 14 February 2026 is a Saturday on which offices work, 7 February is one on which they do not."""
    free, make_up = datetime.fromisoformat("2026-02-07T09:00+08:00"), datetime.fromisoformat("2026-02-14T09:00+08:00")
    office = given(line.decider, OFFICE)
    assert office.when(forward("office", free, free + timedelta(hours=3))).refusal is None
    office.when(forward("office", make_up, make_up + timedelta(hours=3))).then_rejected(line_refusals.OfficeLineForwardedError)


@pytest.mark.parametrize("event", [DUTY, published(), published("office", LineKind.OFFICE, round_the_clock=True)])
def test_a_duty_line_is_never_forwarded(event: LinePublished) -> None:
    """A05: not even at night."""
    command = forward(event.line, EVENING, MORNING, "other")
    given(line.decider, event).when(command).then_rejected(line_refusals.DutyLineForwardedError)


def test_an_office_line_that_becomes_a_duty_line_is_forwarded_no_more() -> None:
    """A05: nor one that is answered around the clock from now on."""
    forwarding = given(line.decider, OFFICE).when(forward("office", EVENING, MORNING)).events[0]
    for changed in (publish(OFFICE, kind=LineKind.DUTY), publish(OFFICE, round_the_clock=True)):
        events = given(line.decider, OFFICE, forwarding).when(changed).events
        assert [type(event) for event in events] == [LinePublished, ForwardingCleared]
        assert line.decider.fold([OFFICE, forwarding, *events]).forwarding is None
        assert len(given(line.decider, OFFICE).when(changed).events) == 1


def test_a_forwarding_is_cleared_once() -> None:
    """A04."""
    forwarding = given(line.decider, OFFICE).when(forward("office", EVENING, MORNING)).events[0]
    clear = ClearForwarding(line="office", by="admin", now=LATER)
    cleared = ForwardingCleared(line="office", cleared_by="admin", occurred_at=LATER)
    given(line.decider, OFFICE, forwarding).when(clear).then(cleared)
    given(line.decider, OFFICE, forwarding, cleared).when(clear).then_nothing()
    given(line.decider).when(clear).then_rejected(line_refusals.LineNotPublishedError)


def test_an_office_line_left_unattended_in_working_time_raises_the_alarm() -> None:
    """A04: nobody is left ringing in working time."""

    def leave(waited_ms: int, now: datetime) -> LeaveUnattended:
        return LeaveUnattended(line="office", call_id=CALL, waited_ms=waited_ms, rules=RULES, now=now)

    alarm = LineLeftUnattended(line="office", call_id=CALL, waited_ms=30_000, rule_version="default/1", occurred_at=LATER)
    given(line.decider, OFFICE).when(leave(30_000, LATER)).then(alarm)
    given(line.decider, OFFICE, alarm).when(leave(30_000, LATER)).then_nothing()
    given(line.decider, OFFICE).when(leave(29_999, LATER)).then_nothing()
    given(line.decider, OFFICE).when(leave(30_000, EVENING)).then_nothing()
    given(line.decider, published()).when(leave(30_000, LATER)).then_nothing()


DAY_AND_NIGHT = (
    RouteSpan(start="08:30", end="17:30", target=RouteTarget.OFFICE),
    RouteSpan(start="17:30", end="08:30", target=RouteTarget.DUTY_ROOM),
)


def schedule(effective_at: datetime, spans: tuple[RouteSpan, ...] = DAY_AND_NIGHT, now: datetime = NOON) -> ScheduleRoute:
    return ScheduleRoute(
        line="duty",
        spans=spans,
        effective_at=effective_at,
        notice_zh="自即日起调整值班电话接听时间。",
        notice_en="The duty line's hours change.",
        by="admin",
        rules=RULES,
        now=now,
    )


def scheduled(effective_at: datetime) -> RouteScheduled:
    (event,) = given(line.decider, DUTY).when(schedule(effective_at)).events
    assert isinstance(event, RouteScheduled)
    return event


def test_a_route_by_the_time_of_day_has_an_effective_date_and_a_public_notice() -> None:
    """A60."""
    event = scheduled(MORNING)
    assert (event.effective_at, event.overflow_seconds, event.rule_version) == (MORNING, 30, "default/1")
    assert (event.notice_zh, event.notice_en) == ("自即日起调整值班电话接听时间。", "The duty line's hours change.")
    given(line.decider, DUTY, event).when(schedule(MORNING)).then_nothing()
    given(line.decider, DUTY).when(schedule(NOON - timedelta(seconds=1))).then_rejected(line_refusals.RouteInThePastError)
    given(line.decider, DUTY, event).when(schedule(EVENING)).then_rejected(line_refusals.RouteInThePastError)
    given(line.decider, DUTY).when(schedule(MORNING, DAY_AND_NIGHT[:1])).then_rejected(line_refusals.RouteSpansError)
    given(line.decider).when(schedule(MORNING)).then_rejected(line_refusals.LineNotPublishedError)


@drawn(st.lists(st.sampled_from(["00:00", "06:00", "08:30", "17:30", "22:00"]), min_size=0, max_size=8))
def test_spans_tile_the_day_exactly_when_every_minute_belongs_to_one(clocks: list[str]) -> None:
    """A60: compared with counting the spans of every minute."""
    spans = [RouteSpan(start=a, end=b, target=RouteTarget.OFFICE) for a, b in zip(clocks[::2], clocks[1::2], strict=False)]

    def minute(clock: str) -> int:
        return int(clock[:2]) * 60 + int(clock[3:])

    owned = [0] * 1440
    for span in spans:
        length = (minute(span.end) - minute(span.start)) % 1440 or 1440
        for step in range(length):
            owned[(minute(span.start) + step) % 1440] += 1
    assert tile_the_day(tuple(spans)) == (set(owned) == {1})


def situation(**changes: Any) -> Situation:
    known: dict[str, Any] = {
        "kind": LineKind.DUTY,
        "round_the_clock": True,
        "spans": DAY_AND_NIGHT,
        "forwarded_to": None,
        "out_of_order": False,
        "fallback_agent": None,
        "officers": ("officer",),
        "chiefs": ("chief",),
        "opening": Opening(is_open=True),
    }
    return Situation(**known | changes)


def test_the_time_of_day_says_who_takes_a_call_and_the_chief_when_the_room_does_not_answer() -> None:
    """A60: 08:30 to 17:30 the office, then the duty room with the duty chief behind it."""
    day, night = (taker_at(situation(), moment, RULES) for moment in (NOON, EVENING))
    assert (day.target, day.staff, day.overflow_to) == ("office", ("officer",), ())
    assert (night.target, night.staff, night.overflow_to) == ("duty_room", ("officer",), ("chief",))
    to_chief = (RouteSpan(start="00:00", end="00:00", target=RouteTarget.DUTY_CHIEF),)
    assert taker_at(situation(spans=to_chief), NIGHT, RULES).staff == ("chief",)


def test_a_closed_office_says_when_it_opens() -> None:
    """A62."""
    closed = Opening(is_open=False, opens_at=MORNING)
    taker = taker_at(situation(spans=(), kind=LineKind.OFFICE, round_the_clock=False, opening=closed), EVENING, RULES)
    assert (taker.target, taker.script, taker.opens_at) == ("nobody", "out_of_hours", MORNING)


def test_in_an_outage_the_fallback_takes_the_calls_and_a_forwarding_sends_them_on() -> None:
    """A21, A04."""
    assert taker_at(situation(out_of_order=True, fallback_agent="agent-9"), NOON, RULES).staff == ("agent-9",)
    assert taker_at(situation(out_of_order=True), NOON, RULES).target == "nobody"
    assert taker_at(situation(forwarded_to="12345"), NOON, RULES).line == "12345"


REPORTED = LineFaultReported(
    line="duty", fault_id=FAULT, fault="no_dial_tone", told="telecom", reported_by="agent-7", occurred_at=NOON
)
FALLBACK = FallbackLineActivated(
    line="duty", fault_id=FAULT, agent_id="agent-9", holder_id=HOLDER, activated_by="leader", occurred_at=LATER
)
RESTORED = LineRestored(line="duty", fault_id=FAULT, outage_ms=25_200_000, restored_by="leader", occurred_at=EVENING)


def report(now: datetime, fault_id: UUID = FAULT) -> ReportFault:
    return ReportFault(line="duty", fault_id=fault_id, fault="no_dial_tone", told="telecom", by="agent-7", now=now)


def notice(now: datetime) -> PublishFaultNotice:
    return PublishFaultNotice(line="duty", fault_id=FAULT, notice_zh="故障", notice_en="Fault", by="leader", now=now)


def fallback(now: datetime) -> ActivateFallback:
    return ActivateFallback(line="duty", fault_id=FAULT, agent_id="agent-9", holder_id=HOLDER, by="leader", now=now)


def restore(now: datetime) -> RestoreLine:
    return RestoreLine(line="duty", fault_id=FAULT, by="leader", now=now)


def test_an_outage_is_the_time_between_its_events() -> None:
    """A20: reported, told to the public, restored."""
    told = FaultNoticePublished(
        line="duty", fault_id=FAULT, notice_zh="故障", notice_en="Fault", published_by="leader", occurred_at=LATER
    )
    given(line.decider, DUTY).when(report(NOON)).then(REPORTED)
    given(line.decider, DUTY, REPORTED).when(report(NOON)).then_nothing()
    given(line.decider, DUTY, REPORTED).when(notice(LATER)).then(told)
    given(line.decider, DUTY, REPORTED, told).when(notice(LATER)).then_nothing()
    given(line.decider, DUTY, REPORTED, told).when(restore(EVENING)).then(RESTORED)
    given(line.decider, DUTY, REPORTED, told, RESTORED).when(restore(EVENING)).then_nothing()


def test_the_steps_of_an_outage_have_their_order() -> None:
    """A20: a notice, a fallback or a restoration needs the fault's report first."""
    for command in (notice(LATER), fallback(LATER), restore(LATER)):
        then = given(line.decider, DUTY).when(command)
        then.then_rejected(line_refusals.FaultNotReportedError)
        assert then.refusal is not None
        assert then.refusal.missing == "line_fault_reported"
        given(line.decider, DUTY, REPORTED).when(replace(command, now=NOON - timedelta(1))).then_rejected(
            TimeRunsBackwardsError
        )
    again = report(LATER, MESSAGE)
    given(line.decider, DUTY, REPORTED).when(again).then_rejected(line_refusals.LineAlreadyFaultyError)
    given(line.decider).when(report(NOON)).then_rejected(line_refusals.LineNotPublishedError)
    given(line.decider, DUTY, REPORTED, RESTORED).when(again).then_rejected(TimeRunsBackwardsError)


def test_a_fallback_telephone_is_activated_during_an_outage_and_may_be_entered_afterwards() -> None:
    """A21: what is entered late keeps the time at which it happened; the number stays in the vault."""
    given(line.decider, DUTY, REPORTED).when(fallback(LATER)).then(FALLBACK)
    given(line.decider, DUTY, REPORTED, FALLBACK).when(fallback(LATER)).then_nothing()
    given(line.decider, DUTY, REPORTED, RESTORED).when(fallback(LATER)).then(FALLBACK)
    given(line.decider, DUTY, REPORTED, RESTORED).when(fallback(NIGHT)).then_rejected(line_refusals.LineAlreadyRestoredError)


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


def test_facts_are_all_that_is_published() -> None:
    """A08."""
    assert facts_of(published(unit="tax")) == Facts(
        kind=LineKind.HOTLINE,
        name_zh="市民热线",
        name_en="Hotline",
        round_the_clock=True,
        greeting="greeting",
        handset=None,
        unit="tax",
    )
