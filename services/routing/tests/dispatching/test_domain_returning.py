"""Returns and arbitration: no order goes round in circles, and the next like case goes where the office decided."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from hotline_events.catalogue.routing import (
    ArbitrationCause,
    LimitKind,
    ReturnReason,
    Route,
    WorkOrderArbitrationDecided,
    WorkOrderArbitrationOpened,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderTransferred,
)
from hotline_events.decider import RefusalError
from hotline_events.testing import NOON, only
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from hotline_rules.sections.orders import ReturnGround
from routing.domain import work_order
from routing.domain.precedent import precedent_id_of
from routing.domain.work_order import Status, refusals
from routing.domain.work_order import commands as do
from routing.domain.work_order.arbitrating import NoArbitrationError, NothingReturnedError
from routing.domain.work_order.dispatching import (
    InArbitrationError,
    ReturnedBeforeError,
)
from routing.domain.work_order.returning import (
    AssignmentForcedError,
    GroundNotAllowedError,
    OwnScopeError,
    ReturnTooLateError,
)

RULES = load_pack("default")
CODES = ("roads", "parks", "police", "environment", "office", "press")
HOUR = timedelta(hours=1)


def test_what_the_scope_table_gives_to_a_department_it_cannot_call_not_its_own(dispatched: Any) -> None:
    """A72: it may ask the office to decide; and what a dispatcher chose for it, it may return."""
    matter = dispatched()
    for reason in (ReturnReason.NOT_OURS, ReturnReason.WRONG_AREA, ReturnReason.NEEDS_OTHERS):
        with pytest.raises(OwnScopeError) as refused:
            matter.give_back("roads", reason)
        assert refused.value.missing == "arbitration"
    for reason in (ReturnReason.NOT_ENOUGH_FACTS, ReturnReason.DUPLICATE):
        assert len(dispatched().give_back("roads", reason)) == 1
    opened = only(matter.give_back("roads", ReturnReason.NOT_OURS, arbitration=True), WorkOrderArbitrationOpened)
    assert (opened.cause, opened.department, opened.arbitration) == (ArbitrationCause.DEPARTMENT, "roads", 1)
    chosen = dispatched(category="noise")
    chosen.transfer("police")
    assert len(chosen.give_back("police", ReturnReason.NOT_OURS)) == 1


def test_a_return_cites_a_ground_that_the_pack_allows(dispatched: Any) -> None:
    """W10."""
    returns = replace(RULES.orders.returns, grounds=(ReturnGround.NOT_ENOUGH_FACTS,))
    matter = dispatched()
    matter.rules = replace(RULES, orders=replace(RULES.orders, returns=returns))
    with pytest.raises(GroundNotAllowedError):
        matter.give_back("roads", ReturnReason.DUPLICATE)
    assert len(matter.give_back("roads", ReturnReason.NOT_ENOUGH_FACTS)) == 1


def test_an_order_is_returned_within_the_packs_limit_from_dispatch(dispatched: Any) -> None:
    """W10: signing does not give more time."""
    matter = dispatched()
    matter.sign("roads")
    limit = RULES.due_at("return", NOON)  # type: ignore[arg-type]  # the pack's word for it
    matter.at = limit + timedelta(seconds=1)
    with pytest.raises(ReturnTooLateError):
        matter.give_back("roads")
    matter.at = limit
    assert len(matter.give_back("roads")) == 1


def test_once_its_lateness_is_on_record_no_backdated_return_comes_in_time(dispatched: Any) -> None:
    """W10, A89."""
    matter = dispatched()
    limit = RULES.due_at("return", NOON)  # type: ignore[arg-type]  # the pack's word for it
    assert len(matter.do(do.PassLimit(limit=LimitKind.RETURN, hop=1, round=1, now=limit))) == 1
    with pytest.raises(ReturnTooLateError):
        matter.give_back("roads")


def test_a_department_that_gave_an_order_back_gets_it_again_by_arbitration_only(dispatched: Any) -> None:
    """W12: never from A to B to A."""
    matter = dispatched()
    matter.give_back("roads")
    with pytest.raises(ReturnedBeforeError) as refused:
        matter.transfer("roads")
    assert refused.value.missing == "arbitration"
    assert only(matter.do(do.OpenArbitration(by="desk", now=NOON)), WorkOrderArbitrationOpened).cause == "dispatcher"
    assert matter.do(do.OpenArbitration(by="desk", now=NOON)) == []
    assert only(matter.decide("roads"), WorkOrderTransferred).route is Route.ARBITRATION


def test_an_unsigned_order_is_not_bounced_between_departments(dispatched: Any) -> None:
    """W12, A89: each hop starts the clocks anew; a new round is a new start."""
    matter = dispatched()
    matter.transfer("police")
    with pytest.raises(ReturnedBeforeError):
        matter.transfer("roads")
    matter.sign("police")
    matter.resolve("police")
    matter.do(do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=NOON))
    assert only(matter.transfer("roads"), WorkOrderTransferred).round == 2
    with pytest.raises(ReturnedBeforeError):
        matter.transfer("police")


def test_what_arbitration_assigned_no_dispatcher_sends_on_unless_it_accuses_that_department(dispatched: Any) -> None:
    """W10, A144."""
    matter = dispatched()
    matter.give_back("roads", arbitration=True)
    matter.decide("parks")
    with pytest.raises(AssignmentForcedError):
        matter.transfer("police")
    matter.do(do.NameAccused(department="parks", book=RuleBook(RULES), now=NOON))
    assert only(matter.transfer("police"), WorkOrderTransferred).hop == 3


def test_an_order_is_never_sent_on_before_its_last_step(new_matter: Any, dispatched: Any) -> None:
    """A89: clocks never run backwards, whatever time is entered late."""
    waiting = new_matter(2)
    waiting.register("noise")
    waiting.at = NOON - HOUR
    with pytest.raises(refusals.BeforeLastStepError):
        waiting.transfer("police")
    matter = dispatched()
    matter.at = NOON + 2 * HOUR
    matter.give_back("roads")
    matter.at = NOON + HOUR
    with pytest.raises(refusals.BeforeLastStepError):
        matter.transfer("police")
    with pytest.raises(refusals.BeforeLastStepError):
        matter.merge(waiting)


def test_a_pack_may_let_a_department_that_lacked_facts_have_the_order_again_at_once(new_matter: Any, dispatched: Any) -> None:
    """W12: it goes straight back with the facts, or never again without arbitration."""
    strict = dispatched()
    strict.give_back("roads", ReturnReason.NOT_ENOUGH_FACTS)
    with pytest.raises(ReturnedBeforeError):
        strict.transfer("roads")
    returns = replace(RULES.orders.returns, straight_back_after=(ReturnGround.NOT_ENOUGH_FACTS,))
    lenient = replace(RULES, orders=replace(RULES.orders, returns=returns))
    matter, other = new_matter(rules=lenient), new_matter(rules=lenient)
    matter.register()
    matter.give_back("roads", ReturnReason.NOT_ENOUGH_FACTS)
    assert only(matter.transfer("roads"), WorkOrderTransferred).hop == 2
    other.register()
    other.give_back("roads", ReturnReason.NOT_ENOUGH_FACTS)
    other.transfer("police")
    with pytest.raises(ReturnedBeforeError):
        other.transfer("roads")


def test_a_day_of_a_dispute(dispatched: Any) -> None:
    """W10, A72: two departments give the order back, the office decides, and what it decided is not given back."""
    matter = dispatched()
    assert [type(one).__name__ for one in matter.give_back("roads")] == ["WorkOrderReturned"]
    matter.transfer("parks")
    returned, opened = matter.give_back("parks", ReturnReason.NOT_OURS)
    assert (returned.department, opened.cause, opened.returns) == ("parks", ArbitrationCause.RETURNS, 2)
    with pytest.raises(InArbitrationError) as refused:
        matter.transfer("police")
    assert refused.value.missing == "arbitration_decision"
    decided, transferred = matter.decide("roads")
    assert isinstance(decided, WorkOrderArbitrationDecided)
    assert (decided.category, decided.area, decided.sets_precedent) == ("lighting", None, True)
    assert (transferred.department, transferred.hop, transferred.route) == ("roads", 3, Route.ARBITRATION)
    assert matter.decide("roads") == []
    with pytest.raises(AssignmentForcedError):
        matter.give_back("roads", ReturnReason.WRONG_AREA)
    with pytest.raises(AssignmentForcedError):
        matter.give_back("roads", arbitration=True)
    matter.sign("roads")
    assert only(matter.resolve("roads"), WorkOrderResolved).department == "roads"


def test_only_what_was_returned_is_arbitrated_and_only_what_is_arbitrated_is_decided(dispatched: Any) -> None:
    """W10."""
    matter = dispatched(accused_department="police")
    with pytest.raises(NothingReturnedError):
        matter.do(do.OpenArbitration(by="desk", now=NOON))
    with pytest.raises(NoArbitrationError):
        matter.decide("parks")
    matter.give_back("roads", arbitration=True)
    with pytest.raises(refusals.AccusedDepartmentError):
        matter.decide("police")


def test_the_next_like_case_goes_where_arbitration_decided_and_cites_it(new_matter: Any) -> None:
    """W10: the same category in the same area; elsewhere the scope table holds."""
    cited = precedent_id_of("lighting", None)
    tables = replace(new_matter().tables, precedents={("lighting", None): (cited, "parks")})
    event = only(new_matter(tables=tables).register(), WorkOrderTransferred)
    assert (event.department, event.route, event.precedent_id) == ("parks", Route.PRECEDENT, cited)
    assert only(new_matter(tables=tables).register(area="east"), WorkOrderTransferred).route is Route.SCOPE
    closed = replace(tables, open_departments=tables.open_departments - {"parks"})
    assert only(new_matter(tables=closed).register(), WorkOrderTransferred).department == "roads"
    accused = new_matter(tables=tables)
    accused.register(accused_department="parks")
    assert accused.order.department is None


MOVES = st.sampled_from(("send on", "give back", "ask the office"))


@for_all(moves=st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(list(ReturnReason)), MOVES), max_size=30))
def test_no_order_ever_goes_round_in_a_circle(moves: list[tuple[str, ReturnReason, str]], dispatched: Any) -> None:
    """W12: whatever is tried, a department has an order again only when the office said so."""
    matter, hops, had = dispatched(category="noise"), [], set()
    for department, reason, move in moves:
        try:
            if matter.order.dispatching.in_arbitration:
                events = matter.decide(department)
            elif matter.order.status in work_order.standing.HELD and move != "send on":
                events = matter.give_back(matter.order.department or "", reason, arbitration=move == "ask the office")
            else:
                events = matter.transfer(department)
        except RefusalError:
            continue
        for event in events:
            if isinstance(event, WorkOrderTransferred):
                assert event.department not in had or event.route is Route.ARBITRATION
                had.add(event.department)
                hops.append(event.hop)
    assert hops == list(range(1, len(hops) + 1))


def test_rework_for_a_department_that_is_closed_goes_to_a_dispatcher(dispatched: Any) -> None:
    """A77, A108: nobody waits in a queue that is gone; it is no return of that department's, and stays in its round."""
    matter = dispatched()
    matter.sign("roads")
    matter.resolve("roads")
    rework = do.ReworkOrder(revisit_id=UUID(int=5), round=2, department_open=False, rules=RULES, now=matter.at)
    reopened, returned = matter.do(rework)
    assert isinstance(reopened, WorkOrderReopened)
    assert (returned.reason, returned.department) == (ReturnReason.DEPARTMENT_CLOSED, "roads")
    assert returned.dispatch_due_at == RULES.after(RULES.orders.dispatch, matter.at)
    assert (matter.order.status, matter.order.dispatching.returns) == (Status.RETURNED, 0)
    assert matter.do(rework) == []
    assert only(matter.transfer("parks"), WorkOrderTransferred).round == 2


def test_what_a_closed_department_signed_for_or_was_assigned_a_dispatcher_sends_on(dispatched: Any) -> None:
    """A77: whoever is still there keeps what they signed for."""
    matter = dispatched()
    matter.sign("roads")
    with pytest.raises(refusals.OrderSignedError):
        matter.transfer("parks")
    with pytest.raises(refusals.OrderSignedError):
        matter.transfer("parks", closed_holder="water")
    assert only(matter.transfer("parks", closed_holder="roads"), WorkOrderTransferred).department == "parks"
    matter.give_back("parks", arbitration=True)
    matter.decide("police")
    with pytest.raises(AssignmentForcedError):
        matter.transfer("environment")
    assert only(matter.transfer("environment", closed_holder="police"), WorkOrderTransferred).department == "environment"
