"""Lines: given, when, then."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from hotline_events.catalogue.intake import (
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
    RouteScheduled,
    RouteSpan,
    RouteTarget,
)
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack
from intake.domain import line, line_refusals
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
from intake.domain.opening import Opening
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
