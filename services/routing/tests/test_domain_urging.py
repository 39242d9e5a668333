"""The ladder of an order: reminded before it is due, urged from then on, shown with cards, supervised, criticised."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline_events.catalogue.routing import (
    Card,
    LimitKind,
    MergeReason,
    ReturnReason,
    Rung,
    SupervisionGround,
    UnmergeReason,
    WorkOrderTransferred,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.deadlines import LimitKind as PackLimit
from hotline_rules.pack import load_pack
from routing.domain.tables import Tables
from routing.domain.work_order import commands as do
from routing.domain.work_order import refusals
from routing.domain.work_order.parts import Ladder
from routing.domain.work_order.returning import CallerMetError
from routing.domain.work_order.rungs import next_rung
from routing.domain.work_order.supervision import (
    SupervisionDueError,
    SupervisionNotAnsweredError,
    SupervisionOpenError,
    SupervisionUnknownError,
)

RULES = load_pack("default")
URGING = RULES.orders.urging
DUE = RULES.due_at(PackLimit.RESOLVE, NOON)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AFTER = DUE + 60 * DAY
CASE, OTHER = UUID(int=71), UUID(int=72)


def told(order: Any, verb: str) -> list[Any]:
    return [event for event in order.history if type(event).__name__ == verb]


def at(order: Any, verb: str) -> list[datetime]:
    return [event.occurred_at for event in told(order, verb)]


def test_an_order_that_nobody_handles_climbs_the_whole_ladder_by_itself(life: Any) -> None:
    """A89, A90, A91: the life of a neglected order, from dispatch to the mark of criticism."""
    order = life()
    order.ask(do.SignOrder)
    order.ask(do.ContactCaller)
    before = RULES.before(URGING.remind_before, DUE)
    assert order.wait_until(before - HOUR) == []
    assert order.wait_until(before) == ["reminded", "card_shown"]
    assert order.wait_until(DUE) == ["limit_passed", "urged"]
    again = RULES.after(URGING.urge_every, DUE)
    assert order.wait_until(again - HOUR) == []
    assert sorted(order.wait_until(again)) == ["card_shown", "supervision_opened", "urged"]
    assert [event.card for event in told(order, "WorkOrderCardShown")] == [Card.YELLOW, Card.RED]
    assert [event.number for event in told(order, "WorkOrderUrged")] == [1, 2]
    opened = told(order, "WorkOrderSupervisionOpened")[0]
    assert (opened.ground, opened.due_at) == (SupervisionGround.URGED, RULES.after(URGING.supervision, again))
    assert sorted(order.wait_until(LONG_AFTER)) == ["criticism_marked", "supervision_overdue"]
    assert at(order, "WorkOrderSupervisionOverdue") == [opened.due_at]
    assert at(order, "WorkOrderCriticismMarked") == [RULES.after(URGING.criticise_after, DUE)]
    assert not order.timers


@pytest.mark.parametrize("limit", ["sign", "return", "contact", "resolve"])
def test_each_of_the_four_clocks_passes_its_limit_when_nothing_happens(life: Any, limit: str) -> None:
    """A89: all four start at dispatch."""
    order = life()
    order.wait_until(LONG_AFTER)
    passed = {event.limit: event.occurred_at for event in told(order, "WorkOrderLimitPassed")}
    assert passed[LimitKind(limit)] == RULES.due_at(PackLimit(limit), NOON)


def test_who_has_met_the_caller_keeps_the_order_and_the_return_clock_says_nothing(life: Any) -> None:
    """A89."""
    order = life()
    order.ask(do.SignOrder)
    order.ask(do.ContactCaller)
    order.wait_until(RULES.due_at(PackLimit.RETURN, NOON))
    assert told(order, "WorkOrderLimitPassed") == []


def test_who_has_met_the_caller_gives_the_order_back_no_more_whatever_time_they_name(life: Any) -> None:
    """A66, A98: a return is judged by what has happened. Whose the matter is after all, the office may be asked."""
    order = life()
    order.now += HOUR
    order.ask(do.SignOrder)
    order.now += HOUR
    order.ask(do.ContactCaller)
    with pytest.raises(CallerMetError) as refused:
        order.decide(leave(order))
    assert refused.value.missing == "arbitration"
    for before in (NOON, NOON + HOUR + HOUR / 2):
        for demand in (False, True):
            with pytest.raises(refusals.BeforeLastStepError):
                order.decide(replace(leave(order), now=before, demands_arbitration=demand))
    asked = order.decide(replace(leave(order), demands_arbitration=True))
    assert [type(event).__name__ for event in asked] == ["WorkOrderReturned", "WorkOrderArbitrationOpened"]


@pytest.mark.parametrize("end", ["resolved", "returned", "withdrawn"])
def test_an_order_that_left_the_departments_hands_is_urged_no_more(life: Any, end: str) -> None:
    """A90: everything stops by itself."""
    order = life()
    if end == "withdrawn":
        order.decide(do.WithdrawOrder(now=NOON + HOUR))
    else:
        order.ask(do.SignOrder)
        order.now += HOUR
        if end == "returned":
            order.decide(leave(order))
        else:
            order.ask(do.ResolveOrder, reply=Sealed("修好了"))
    before = len(order.history)
    order.wait_until(LONG_AFTER)
    assert not any(event for event in order.history[before:] if hasattr(event, "next_rung"))
    assert not order.timers


def leave(order: Any) -> do.ReturnOrder:
    reason = ReturnReason.NEEDS_OTHERS
    return do.ReturnOrder(department="roads", reason=reason, tables=Tables(), rules=order.rules, by="handler", now=order.now)


def test_a_rung_is_judged_by_times_and_not_by_when_it_is_looked_at(life: Any) -> None:
    """A90: a result that is entered late was still there in time; one that came too late does not undo the urge."""
    for resolved_at, urges in ((DUE - HOUR, 0), (DUE + HOUR, 1)):
        order = life()
        order.ask(do.SignOrder)
        order.ask(do.ResolveOrder, reply=Sealed("修好了"), now=resolved_at)
        order.wait_until(LONG_AFTER)
        assert len(told(order, "WorkOrderUrged")) == urges


def test_one_ladder_timer_waits_at_a_time(life: Any) -> None:
    """A90: many open orders are about as many open timers."""
    order = life()
    rungs = set(Rung)
    for day in range(40):
        assert sum(timer.kind in rungs for timer in order.timers.values()) <= 1
        order.wait_until(NOON + day * DAY)


def test_a_short_limit_is_reminded_of_at_its_start_and_shows_yellow_when_it_is_due(life: Any) -> None:
    """A89."""
    transferred = told(life(), "WorkOrderTransferred")[0]
    assert isinstance(transferred, WorkOrderTransferred)
    short = Ladder(hop=1, round=1, started_at=NOON, due_at=NOON + 2 * HOUR, rule_version="default/1")
    assert next_rung(RULES, short) == {"next_rung": Rung.REMINDER, "next_rung_at": NOON}
    reminded = Ladder(hop=1, round=1, started_at=NOON, due_at=NOON + 2 * HOUR, rule_version="default/1", reminded=True)
    assert next_rung(RULES, reminded) == {"next_rung": Rung.YELLOW_CARD, "next_rung_at": NOON + 2 * HOUR}


def test_a_red_card_in_a_year_that_is_not_known_yet_stands_in_nobodys_way() -> None:
    """A89: the reminder comes first; nothing but the red card left, it waits for the calendar."""
    due_at = datetime(2026, 12, 31, 16, tzinfo=UTC)  # the last midnight of the last year that is known
    ladder = Ladder(hop=1, round=1, started_at=due_at - timedelta(days=7), due_at=due_at, rule_version="default/1")
    assert next_rung(RULES, ladder)["next_rung"] is Rung.REMINDER
    last = replace(ladder, reminded=True, yellow=True, urges_since=RULES.orders.urging.supervise_at_urge)
    with pytest.raises(UnknownCalendarYearError, match="2027"):
        next_rung(RULES, last)


def test_a_caller_who_calls_again_has_the_department_urged_and_the_nth_time_supervised(life: Any) -> None:
    """A90: urging by hand counts, and does not move the ladder's own times."""
    order = life()
    assert order.ask(do.UrgeOrder, by="agent-7", reason=Sealed("又打来了")) == ["urged"]
    first = told(order, "WorkOrderUrged")[0]
    assert (first.by_hand, first.number, first.next_rung) == (True, 1, Rung.REMINDER)
    assert order.ask(do.UrgeOrder, by="agent-7") == ["urged", "supervision_opened"]
    assert order.ask(do.UrgeOrder, by="agent-7") == ["urged"]
    order.wait_until(DUE + HOUR)
    assert len(told(order, "WorkOrderUrged")) == 3


def test_nothing_is_urged_that_no_department_has(life: Any) -> None:
    """A90."""
    order = life()
    order.ask(do.SignOrder)
    order.ask(do.ResolveOrder, reply=Sealed("修好了"))
    with pytest.raises(refusals.OrderResolvedError):
        order.ask(do.UrgeOrder, by="agent-7")


def open_case(order: Any, case: UUID = CASE, **fields: Any) -> list[str]:
    said = {"ground": SupervisionGround.HOT_ISSUE, "instruction": Sealed("尽快"), "due_at": None, "by": "oversight"}
    verbs: list[str] = order.ask(do.OpenSupervision, supervision_id=case, **{**said, **fields})
    return verbs


def test_a_supervision_is_answered_by_the_department_and_closed_by_the_supervisor(life: Any) -> None:
    """A91: one case at a time, with a deadline and an answer of its own; the answer may be sent back."""
    order = life()
    assert open_case(order) == ["supervision_opened"]
    assert open_case(order) == []
    with pytest.raises(SupervisionOpenError):
        open_case(order, OTHER)
    with pytest.raises(SupervisionNotAnsweredError) as refused:
        order.ask(do.CloseSupervision, supervision_id=CASE)
    assert refused.value.missing == "supervision_answer"
    with pytest.raises(refusals.WorkOrderUnknownError):
        order.ask(do.AnswerSupervision, supervision_id=CASE, answer=Sealed("在修"), department="parks")
    assert order.ask(do.AnswerSupervision, supervision_id=CASE, answer=Sealed("在修")) == ["supervision_answered"]
    assert order.ask(do.AnswerSupervision, supervision_id=CASE, answer=Sealed("在修")) == []
    assert order.ask(do.SendBackSupervision, supervision_id=CASE, reason=Sealed("何时")) == ["supervision_sent_back"]
    assert order.ask(do.AnswerSupervision, supervision_id=CASE, answer=Sealed("周五")) == ["supervision_answered"]
    assert order.ask(do.CloseSupervision, supervision_id=CASE, by="oversight") == ["supervision_closed"]
    assert order.ask(do.CloseSupervision, supervision_id=CASE, by="oversight") == []
    with pytest.raises(SupervisionUnknownError):
        order.ask(do.SendBackSupervision, supervision_id=CASE, reason=Sealed("何时"))


def test_a_supervision_in_time_is_not_overdue_and_its_deadline_lies_ahead(life: Any) -> None:
    """A91."""
    order = life()
    with pytest.raises(SupervisionDueError):
        open_case(order, due_at=NOON)
    open_case(order, due_at=NOON + DAY)
    order.ask(do.AnswerSupervision, supervision_id=CASE, answer=Sealed("在修"), now=NOON + DAY)
    order.wait_until(NOON + 2 * DAY)
    assert told(order, "WorkOrderSupervisionOverdue") == []


def test_a_result_answers_a_supervision_and_a_return_ends_it(life: Any) -> None:
    """A91."""
    order = life()
    order.ask(do.SignOrder)
    open_case(order)
    order.ask(do.ResolveOrder, reply=Sealed("修好了"))
    order.wait_until(LONG_AFTER)
    assert told(order, "WorkOrderSupervisionOverdue") == []
    assert order.ask(do.CloseSupervision, supervision_id=CASE, by="oversight") == ["supervision_closed"]
    order = life()
    open_case(order)
    order.decide(leave(order))
    with pytest.raises(SupervisionUnknownError):
        order.ask(do.CloseSupervision, supervision_id=CASE, by="oversight")


def test_a_merged_order_is_neither_urged_nor_supervised_until_it_goes_its_own_way(life: Any) -> None:
    """A89, A91: its clocks stand while it follows another one."""
    lead, order = life(), life()
    lead.order_id, lead.history = UUID(int=73), []
    lead.dispatch()
    open_case(order)
    order.decide(do.MergeOrder(lead=lead.order, reason=MergeReason.SAME_EVENT, book=order.book, by="desk", now=order.now))
    assert order.wait_until(DUE + DAY) == []
    order.decide(do.UnmergeOrder(reason=UnmergeReason.ANOTHER_PLACE, book=order.book, by="desk", now=order.now))
    order.wait_until(LONG_AFTER)
    assert len(told(order, "WorkOrderUrged")) == 2
    assert [event.supervision_id for event in told(order, "WorkOrderSupervisionOverdue")] != [CASE]


def lead_of(life: Any) -> Any:
    lead = life()
    lead.order_id, lead.history = UUID(int=73), []
    return lead.dispatch()


def merge_and_unmerge(order: Any, lead: Any) -> None:
    order.decide(do.MergeOrder(lead=lead.order, reason=MergeReason.SAME_EVENT, book=order.book, by="desk", now=order.now))
    order.now += DAY
    order.ask(do.UnmergeOrder, reason=UnmergeReason.ANOTHER_PLACE, by="desk")


def rework(order: Any, round_: int = 2) -> list[str]:
    verbs: list[str] = order.ask(do.ReworkOrder, revisit_id=UUID(int=80 + round_), round=round_)
    return verbs


def test_rework_ends_the_supervision_that_the_round_before_answered_and_the_next_round_has_one_of_its_own(life: Any) -> None:
    """A90, A91: an old answer answers for nothing that the caller was dissatisfied with."""
    order = life()
    order.wait_until(RULES.after(URGING.urge_every, DUE))
    order.ask(do.SignOrder)
    order.ask(do.ResolveOrder, reply=Sealed("修好了"))
    case = told(order, "WorkOrderSupervisionOpened")[0].supervision_id
    rework(order)
    with pytest.raises(SupervisionUnknownError):
        order.ask(do.CloseSupervision, supervision_id=case, by="oversight")
    order.ask(do.UrgeOrder, by="agent-7")
    assert order.ask(do.UrgeOrder, by="agent-7") == ["urged", "supervision_opened"]
    order.ask(do.SignOrder)
    order.ask(do.ResolveOrder, reply=Sealed("修好了"))
    assert rework(order, 3) == ["reopened", "supervision_opened"]
    assert told(order, "WorkOrderSupervisionOpened")[-1].ground is SupervisionGround.DISSATISFIED


def test_an_order_whose_supervision_lapsed_by_a_merge_is_urged_and_supervised_anew(life: Any) -> None:
    """A90: merging and unmerging never stops the urging for good."""
    order, lead = life(), lead_of(life)
    order.wait_until(RULES.after(URGING.urge_every, DUE))
    merge_and_unmerge(order, lead)
    alone, before = order.now, len(told(order, "WorkOrderUrged"))
    order.wait_until(alone + 60 * DAY)
    assert at(order, "WorkOrderUrged")[before] == RULES.after(URGING.urge_every, alone)
    assert len(told(order, "WorkOrderSupervisionOpened")) == 2


@pytest.mark.parametrize("way", ["another department", "rework", "a merge and back"])
def test_what_a_leader_had_supervised_is_owed_by_whoever_has_the_order_next(life: Any, way: str) -> None:
    """A91: a leader's instruction does not lapse because a department gives the order back."""
    order = life()
    order.ask(do.SignOrder)
    open_case(order, ground=SupervisionGround.LEADER_INSTRUCTION, due_at=NOON + 3 * DAY)
    if way == "another department":
        order.decide(leave(order))
        order.transfer("parks")
    elif way == "rework":
        order.ask(do.ResolveOrder, reply=Sealed("修好了"))
        rework(order)
    else:
        merge_and_unmerge(order, lead_of(life))
    first, again = told(order, "WorkOrderSupervisionOpened")
    assert (again.ground, again.continues, again.due_at) == (first.ground, first.supervision_id, first.due_at)
    assert again.department == order.department
    assert order.wait_until(LONG_AFTER).count("supervision_overdue") == 1
    order.ask(do.AnswerSupervision, supervision_id=again.supervision_id, answer=Sealed("已办"))
    order.ask(do.CloseSupervision, supervision_id=again.supervision_id, by="oversight")
    merge_and_unmerge(order, lead_of(life))
    assert len([one for one in told(order, "WorkOrderSupervisionOpened") if one.continues]) == 1


def test_after_a_supervision_was_closed_an_unresolved_order_is_urged_again(life: Any) -> None:
    """A90: the supervisor's patience ends where the urging begins anew."""
    order = life()
    order.wait_until(RULES.after(URGING.urge_every, DUE) + HOUR)
    case = told(order, "WorkOrderSupervisionOpened")[0].supervision_id
    order.ask(do.AnswerSupervision, supervision_id=case, answer=Sealed("在修"))
    order.ask(do.CloseSupervision, supervision_id=case, by="oversight")
    closed_at = order.now
    order.wait_until(LONG_AFTER)
    assert at(order, "WorkOrderUrged")[2] == RULES.after(URGING.urge_every, closed_at)
    assert len(told(order, "WorkOrderSupervisionOpened")) == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.integers(1, 24 * 40), late=st.booleans())
def test_whatever_is_done_and_however_late_timers_run_nothing_follows_the_result(life: Any, hours: int, late: bool) -> None:
    """A89, A90: for any moment of the result, exactly the rungs before it are climbed."""
    order = life()
    order.ask(do.SignOrder)
    order.ask(do.ResolveOrder, reply=Sealed("修好了"), now=NOON + hours * HOUR)
    order.wait_until(LONG_AFTER if late else NOON + hours * HOUR)
    order.wait_until(LONG_AFTER)
    by_itself = [event.occurred_at for event in order.history if hasattr(event, "next_rung") and hasattr(event, "hop")]
    assert all(moment < NOON + hours * HOUR for moment in by_itself)
    free = life()
    free.wait_until(NOON + hours * HOUR - timedelta(microseconds=1))
    expected = [event.occurred_at for event in free.history if hasattr(event, "next_rung") and hasattr(event, "hop")]
    assert by_itself == expected
