"""Matters that go up level by level, sensitive periods, and a superior's instructions."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from hotline_events.catalogue.routing.escalation import EscalationAnswered, EscalationClimbed, EscalationRaised, Flag
from hotline_events.catalogue.routing.instruction import (
    InstructionAcknowledged,
    InstructionAcknowledgementMissed,
    InstructionRelayed,
    InstructionReported,
)
from hotline_events.catalogue.routing.sensitive_period import SensitivePeriodClosed, SensitivePeriodOpened
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from routing.domain import escalation, instruction, sensitive_periods
from routing.domain.escalation import (
    AnswerEscalation,
    BeforeEscalationError,
    ComeDue,
    EscalationAnsweredError,
    EscalationUnknownError,
    NotThisLevelError,
    PassOn,
    RaiseMatter,
    TopLevelError,
)
from routing.domain.instruction import (
    AcknowledgeInstruction,
    BeforeInstructionError,
    InstructionDepartmentError,
    InstructionUnknownError,
    MissAcknowledgement,
    RelayInstruction,
    ReportInstruction,
)
from routing.domain.sensitive_periods import ClosePeriod, OpenPeriod, PeriodEmptyError, PeriodTakenError, PeriodUnknownError
from routing.domain.work_order.refusals import AccusedDepartmentError

RULES = load_pack("default")
LEVELS = RULES.orders.escalation.levels
ID, ORDER = UUID(int=1), UUID(int=2)
HOUR = timedelta(hours=1)

RAISE = RaiseMatter(
    escalation_id=ID,
    work_order_id=ORDER,
    department="roads",
    flag=Flag.HOT,
    sensitive_until=None,
    rules=RULES,
    by="leader-1",
    now=NOON,
)
RAISED = EscalationRaised(
    escalation_id=ID,
    work_order_id=ORDER,
    department="roads",
    flag=Flag.HOT,
    level=LEVELS[0],
    due_at=NOON + 4 * HOUR,
    raised_by="leader-1",
    rule_version=RULES.number,
    occurred_at=NOON,
    may_answer=("shift_leader",),
)
ANSWERED = EscalationAnswered(
    escalation_id=ID,
    work_order_id=ORDER,
    department="roads",
    level=LEVELS[0],
    answered_by="leader-2",
    took_ms=3_600_000,
    occurred_at=NOON + HOUR,
)


def climbed(number: int, at: timedelta, by: str | None = None, *, hours: int | None = 4) -> EscalationClimbed:
    return EscalationClimbed(
        escalation_id=ID,
        work_order_id=ORDER,
        department="roads",
        from_level=LEVELS[number - 1],
        level=LEVELS[number],
        due_at=None if hours is None else NOON + at + hours * HOUR,
        passed_on_by=by,
        rule_version=RULES.number,
        occurred_at=NOON + at,
        may_answer=RULES.orders.escalation.answered_by[LEVELS[number]],
    )


def test_a_hot_matter_is_reported_to_the_first_level_once() -> None:
    """A82."""
    given(escalation.decider).when(RAISE).then(RAISED)
    given(escalation.decider, RAISED).when(RAISE).then_nothing()


def test_in_a_sensitive_period_every_level_has_less_time() -> None:
    """A83."""
    until = NOON + 90 * timedelta(minutes=1)
    raised = replace(RAISED, due_at=NOON + HOUR, sensitive_until=until)
    given(escalation.decider).when(replace(RAISE, sensitive_until=until)).then(raised)
    given(escalation.decider, raised).when(ComeDue(level=LEVELS[0], rules=RULES, now=NOON + HOUR)).then(
        climbed(1, HOUR, hours=1)
    )
    given(escalation.decider, raised, climbed(1, HOUR, hours=1)).when(
        ComeDue(level=LEVELS[1], rules=RULES, now=NOON + 2 * HOUR)
    ).then(climbed(2, 2 * HOUR))


def test_a_level_that_keeps_a_matter_too_long_loses_it_to_the_next_and_the_last_one_keeps_it() -> None:
    """A82: level by level, each with its time on record."""
    history: list[object] = [RAISED]
    for number in range(1, len(LEVELS)):
        last = number == len(LEVELS) - 1
        due = ComeDue(level=LEVELS[number - 1], rules=RULES, now=NOON + number * 4 * HOUR)
        up = climbed(number, number * 4 * HOUR, hours=None if last else 4)
        given(escalation.decider, *history).when(due).then(up)
        history.append(up)
        given(escalation.decider, *history).when(due).then_nothing()
    assert escalation.decider.timers(history[-1]) == ()
    again = PassOn(department=None, role="oversight_officer", rules=RULES, by="leader-2", now=NOON + 99 * HOUR)
    given(escalation.decider, *history).when(again).then_rejected(TopLevelError)


def test_a_level_may_pass_a_matter_on_before_its_time_is_over() -> None:
    """A82."""
    up = PassOn(department=None, role="shift_leader", rules=RULES, by="leader-2", now=NOON + HOUR)
    given(escalation.decider, RAISED).when(up).then(climbed(1, HOUR, by="leader-2"))
    given(escalation.decider, RAISED, ANSWERED).when(up).then_rejected(EscalationAnsweredError)


def test_a_level_takes_a_matter_on_and_it_climbs_no_further() -> None:
    """A82."""
    answer = AnswerEscalation(department="roads", role="shift_leader", by="leader-2", now=NOON + HOUR)
    given(escalation.decider, RAISED).when(answer).then(ANSWERED)
    given(escalation.decider, RAISED, ANSWERED).when(answer).then_nothing()
    due = ComeDue(level=LEVELS[0], rules=RULES, now=NOON + 4 * HOUR)
    given(escalation.decider, RAISED, ANSWERED).when(due).then_nothing()
    given(escalation.decider, RAISED).when(replace(answer, department="parks")).then_rejected(EscalationUnknownError)
    given(escalation.decider, RAISED).when(replace(answer, now=NOON - HOUR)).then_rejected(BeforeEscalationError)
    given(escalation.decider).when(answer).then_rejected(EscalationUnknownError)


def test_a_level_is_acted_for_by_those_whom_the_pack_names_and_the_refusal_says_who_is_needed() -> None:
    """A82: a head neither takes on nor passes on what lies with the shift leader, nor the other way round."""
    head = AnswerEscalation(department="roads", role="department_head", by="head", now=NOON + 2 * HOUR)
    leader = replace(head, department=None, role="shift_leader", by="leader-2")
    on = PassOn(department="roads", role="department_head", rules=RULES, by="head", now=NOON + 2 * HOUR)
    at_first, at_second = (RAISED,), (RAISED, climbed(1, HOUR, by="leader-2"))
    for history, act, level, needed in (
        (at_first, head, "shift_leader", "shift_leader"),
        (at_first, on, "shift_leader", "shift_leader"),
        (at_second, leader, "department_head", "department_head"),
        ((*at_second, climbed(2, HOUR, by="head")), head, "duty_chief", "oversight_officer"),
    ):
        outcome = given(escalation.decider, *history).when(act)
        outcome.then_rejected(NotThisLevelError)
        assert outcome.refusal is not None
        assert (str(outcome.refusal), outcome.refusal.missing) == (level, needed)
    (answered,) = given(escalation.decider, *at_second).when(head).events
    assert (answered.level, answered.answered_by) == ("department_head", "head")


def test_who_took_a_matter_on_in_time_did_so_however_late_it_is_recorded() -> None:
    """A82: the matter has gone up meanwhile, and goes no further; passed on in time, it is where it was passed on to."""
    gone = (RAISED, climbed(1, 4 * HOUR))
    answer = AnswerEscalation(department="roads", role="shift_leader", by="leader-2", now=NOON + HOUR)
    given(escalation.decider, *gone).when(answer).then(ANSWERED)
    due = ComeDue(level=LEVELS[1], rules=RULES, now=NOON + 8 * HOUR)
    given(escalation.decider, *gone, ANSWERED).when(due).then_nothing()
    head = replace(answer, role="department_head", by="head")
    given(escalation.decider, *gone).when(head).then_rejected(NotThisLevelError)
    given(escalation.decider, *gone).when(replace(answer, now=NOON - HOUR)).then_rejected(BeforeEscalationError)
    on = PassOn(department=None, role="shift_leader", rules=RULES, by="leader-2", now=NOON + HOUR)
    given(escalation.decider, *gone).when(on).then_rejected(BeforeEscalationError)


def test_a_matter_that_went_up_before_levels_were_bound_is_answered_as_it_was_then() -> None:
    """A82, A152: its event names nobody, and so does a pack that was written before it could."""
    before = replace(RAISED, may_answer=())
    head = AnswerEscalation(department="roads", role="department_head", by="head", now=NOON + 2 * HOUR)
    (answered,) = given(escalation.decider, before).when(head).events
    assert answered.level == "shift_leader"
    unbound = replace(RULES.orders, escalation=replace(RULES.orders.escalation, answered_by={}))
    raised = given(escalation.decider).when(replace(RAISE, rules=replace(RULES, orders=unbound))).events
    assert raised == [before]


def test_an_escalation_follows_its_order_until_somebody_takes_it_on() -> None:
    """A82."""
    hand_over = escalation.HandOver(department="parks", now=NOON + HOUR)
    (handed,) = given(escalation.decider, RAISED).when(hand_over).events
    assert (handed.department, handed.from_department) == ("parks", "roads")
    given(escalation.decider, RAISED, handed).when(hand_over).then_nothing()
    given(escalation.decider, RAISED, ANSWERED).when(hand_over).then_nothing()
    end = escalation.EndWithOrder(now=NOON + 2 * HOUR)
    (closed,) = given(escalation.decider, RAISED, handed).when(end).events
    assert (closed.escalation_id, closed.department) == (ID, "parks")
    given(escalation.decider, RAISED, closed).when(end).then_nothing()
    given(escalation.decider, RAISED, ANSWERED).when(end).then_nothing()
    answer = escalation.AnswerEscalation(department="roads", role="shift_leader", by="leader-2", now=NOON + 3 * HOUR)
    given(escalation.decider, RAISED, closed).when(answer).then_rejected(escalation.EscalationClosedError)


def test_the_timer_of_a_level_is_decided_under_the_pack_it_was_raised_under() -> None:
    """A82, A152."""
    (timer,) = escalation.decider.timers(RAISED)
    command = escalation.on_timer(RuleBook(load_pack("san_francisco")), timer).command
    assert (command.level, command.rules.number, command.now) == (LEVELS[0], RULES.number, NOON + 4 * HOUR)


PERIOD = OpenPeriod(
    period_id=ID, names=("防汛期", "Flood season"), starts_at=NOON, ends_at=NOON + 48 * HOUR, by="oversight-1", now=NOON
)
OPENED = SensitivePeriodOpened(
    period_id=ID,
    name_zh="防汛期",
    name_en="Flood season",
    starts_at=NOON,
    ends_at=NOON + 48 * HOUR,
    opened_by="oversight-1",
    occurred_at=NOON,
)


def test_a_sensitive_period_is_in_force_from_its_start_until_its_end() -> None:
    """A83."""
    given(sensitive_periods.decider).when(PERIOD).then(OPENED)
    given(sensitive_periods.decider, OPENED).when(PERIOD).then_nothing()
    periods = sensitive_periods.decider.fold([OPENED])
    assert periods.until(NOON - HOUR) is None
    assert periods.until(NOON) == NOON + 48 * HOUR
    assert periods.until(NOON + 48 * HOUR) is None


def test_a_sensitive_period_ends_early_or_is_refused_when_it_makes_no_sense() -> None:
    """A83."""
    close = ClosePeriod(period_id=ID, by="oversight-1", now=NOON + HOUR)
    closed = SensitivePeriodClosed(period_id=ID, closed_by="oversight-1", occurred_at=NOON + HOUR)
    given(sensitive_periods.decider, OPENED).when(close).then(closed)
    given(sensitive_periods.decider, OPENED, closed).when(close).then_nothing()
    assert sensitive_periods.decider.fold([OPENED, closed]).until(NOON + 2 * HOUR) is None
    given(sensitive_periods.decider).when(close).then_rejected(PeriodUnknownError)
    given(sensitive_periods.decider).when(replace(PERIOD, ends_at=NOON)).then_rejected(PeriodEmptyError)
    given(sensitive_periods.decider, OPENED).when(replace(PERIOD, ends_at=NOON + HOUR)).then_rejected(PeriodTakenError)


WORDS = Sealed("今晚之前把积水点查一遍。")
REPORT = ReportInstruction(
    instruction_id=ID,
    superior_id=UUID(int=9),
    words=WORDS,
    work_order_id=None,
    reported_to="leader-1",
    rules=RULES,
    by="agent-7",
    now=NOON,
)
REPORTED = InstructionReported(
    instruction_id=ID,
    superior_id=UUID(int=9),
    words=WORDS,
    reported_to="leader-1",
    reported_by="agent-7",
    rule_version=RULES.number,
    occurred_at=NOON,
)
RELAYED = InstructionRelayed(
    instruction_id=ID, department="roads", acknowledge_by=NOON + 3 * HOUR, relayed_by="leader-1", occurred_at=NOON + HOUR
)
HAVE = InstructionAcknowledged(
    instruction_id=ID, department="roads", acknowledged_by="head", took_ms=3_600_000, occurred_at=NOON + 2 * HOUR
)


def test_a_superiors_call_is_reported_to_the_own_head_and_relayed() -> None:
    """A64."""
    given(instruction.decider).when(REPORT).then(REPORTED)
    given(instruction.decider, REPORTED).when(REPORT).then_nothing()
    relay = RelayInstruction(department="roads", takes_orders=True, rules=RULES, by="leader-1", now=NOON + HOUR)
    given(instruction.decider, REPORTED).when(relay).then(RELAYED)
    given(instruction.decider, REPORTED, RELAYED).when(relay).then_nothing()
    given(instruction.decider).when(relay).then_rejected(InstructionUnknownError)
    given(instruction.decider, REPORTED).when(replace(relay, takes_orders=False)).then_rejected(InstructionDepartmentError)
    given(instruction.decider, REPORTED).when(replace(relay, now=NOON - HOUR)).then_rejected(BeforeInstructionError)


def test_an_instruction_about_a_matter_is_not_relayed_to_the_department_it_accuses() -> None:
    """A144."""
    relay = RelayInstruction(department="roads", takes_orders=True, accused=True, rules=RULES, by="leader-1", now=NOON + HOUR)
    given(instruction.decider, REPORTED).when(relay).then_rejected(AccusedDepartmentError)


def test_a_department_says_that_it_has_the_instruction_or_its_silence_is_on_record() -> None:
    """A64."""
    have = AcknowledgeInstruction(department="roads", by="head", now=NOON + 2 * HOUR)
    given(instruction.decider, REPORTED, RELAYED).when(have).then(HAVE)
    given(instruction.decider, REPORTED, RELAYED, HAVE).when(have).then_nothing()
    given(instruction.decider, REPORTED, RELAYED).when(replace(have, department="parks")).then_rejected(InstructionUnknownError)
    given(instruction.decider, REPORTED, RELAYED).when(replace(have, now=NOON)).then_rejected(BeforeInstructionError)
    (timer,) = instruction.decider.timers(RELAYED)
    over = instruction.on_timer(timer).command
    assert over == MissAcknowledgement(department="roads", now=NOON + 3 * HOUR)
    silent = InstructionAcknowledgementMissed(instruction_id=ID, department="roads", occurred_at=NOON + 3 * HOUR)
    given(instruction.decider, REPORTED, RELAYED).when(over).then(silent)
    given(instruction.decider, REPORTED, RELAYED, HAVE).when(over).then_nothing()
    given(instruction.decider, REPORTED, RELAYED, silent).when(over).then_nothing()


@pytest.mark.parametrize("flag", list(Flag))
def test_every_flag_goes_up_the_same_way(flag: Flag) -> None:
    """A82."""
    given(escalation.decider).when(replace(RAISE, flag=flag)).then(replace(RAISED, flag=flag))
