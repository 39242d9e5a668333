"""Dispatching as sentences: who gets an order and why, how soon it is answered, who helps and who answers for it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.intake import RequesterClass, RequestType
from hotline_events.catalogue.routing import (
    ReclassificationReason,
    Route,
    WorkOrderClassified,
    WorkOrderDispatchLate,
    WorkOrderHandlerAssigned,
    WorkOrderOpened,
    WorkOrderPartReported,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderSupportAsked,
    WorkOrderTransferred,
    WorkOrderTypeChanged,
    WorkOrderWithdrawn,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, only
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from hotline_rules.sections.orders import AnswerClass
from routing.domain import work_order
from routing.domain.table_refusals import LeadSupportsItselfError
from routing.domain.work_order import Status, refusals
from routing.domain.work_order import commands as do
from routing.domain.work_order.dispatching import (
    ReasonMissingError,
    SupportNotOpenError,
)

RULES, SEEDS = load_pack("default"), load_pack("seeds")
CODES = ("roads", "parks", "police", "environment", "office", "press")
DAY = timedelta(days=1)


def test_a_classifier_says_how_sure_they_are(dispatched: Any) -> None:
    """A73."""
    matter = dispatched(category=None)
    event = only(matter.classify("lighting", confidence=70), WorkOrderClassified)
    assert (event.category, event.confidence, event.classified_by, event.from_category) == ("lighting", 70, "desk", None)


def test_another_category_is_given_with_a_reason_beside_both(dispatched: Any) -> None:
    """A73: misclassification can be measured because nothing is overwritten silently."""
    matter = dispatched()
    with pytest.raises(ReasonMissingError) as refused:
        matter.classify("noise")
    assert refused.value.missing == "reason"
    event = only(matter.classify("noise", reason=ReclassificationReason.MISCLASSIFIED), WorkOrderClassified)
    assert (event.from_category, event.category, event.reason) == ("lighting", "noise", "misclassified")
    assert matter.classify("noise") == []


def test_classification_has_two_exits_a_department_or_a_direct_answer(dispatched: Any) -> None:
    """A75: what was answered needs no department, unless one has signed for it."""
    assert only(dispatched().do(do.WithdrawOrder(now=NOON)), WorkOrderWithdrawn).department == "roads"
    transferred, signed = dispatched(), dispatched()
    assert transferred.order.department == "roads"
    signed.sign("roads")
    assert signed.do(do.WithdrawOrder(now=NOON)) == []


def test_a_matter_that_no_department_fits_goes_to_the_fallback(new_matter: Any) -> None:
    """A77."""
    event = only(new_matter().register("odd"), WorkOrderTransferred)
    assert (event.department, event.route, event.scope_version) == ("office", Route.FALLBACK, 5)
    closed = new_matter(tables=replace(new_matter().tables, open_departments=frozenset(CODES) - {"roads"}))
    assert only(closed.register("lighting"), WorkOrderTransferred).route is Route.FALLBACK
    nobody = new_matter(tables=replace(new_matter().tables, open_departments=frozenset({"police", "environment"})))
    assert [type(event).__name__ for event in nobody.register("odd")] == ["WorkOrderOpened", "WorkOrderClassified"]


def test_where_two_departments_fit_a_dispatcher_chooses(dispatched: Any) -> None:
    """A74, A77: the fallback is for what fits nobody."""
    matter = dispatched(category="noise")
    assert matter.order.status is Status.CLASSIFIED
    assert only(matter.transfer("police"), WorkOrderTransferred).route is Route.DISPATCHER


def test_the_press_goes_by_its_protocol_whatever_the_matter(new_matter: Any, dispatched: Any) -> None:
    """A78: by what intake registered, or by what the dispatcher says."""
    registered = only(new_matter().register(requester_class=RequesterClass.MEDIA), WorkOrderTransferred)
    assert (registered.department, registered.route) == ("press", Route.PROTOCOL)
    matter = dispatched(category=None)
    said = only(matter.classify("noise", requester_class=RequesterClass.MEDIA), WorkOrderTransferred)
    assert (said.department, said.route) == ("press", Route.PROTOCOL)


def test_who_met_the_caller_first_owes_them_the_revisit(dispatched: Any) -> None:
    """A65, A68: whatever departments the order goes through, the resolution names the first-contact agent."""
    matter = dispatched()
    matter.give_back("roads")
    matter.transfer("police")
    matter.sign("police")
    assert only(matter.resolve("police"), WorkOrderResolved).first_contact == "agent-7"


def test_dispatch_is_prompt_and_what_was_late_is_said_once(new_matter: Any) -> None:
    """A74: by its timer while the order waits, by the transfer itself when that comes first, and by times alone."""
    late, prompt, unseen = [new_matter() for _ in range(3)]
    for matter in (late, prompt, unseen):
        (opened,) = matter.register(None)
    due_at = opened.dispatch_due_at
    assert due_at == RULES.after(RULES.orders.dispatch, NOON)
    assert [timer.due_at for timer in work_order.decider.timers(opened)] == [due_at]
    assert only(late.do(do.PassDispatch(now=due_at)), WorkOrderDispatchLate).occurred_at == due_at
    prompt.classify("lighting")
    assert prompt.do(do.PassDispatch(now=due_at)) == []
    late.at = unseen.at = due_at + timedelta(seconds=1)
    assert [type(one).__name__ for one in unseen.classify("lighting")][1] == "WorkOrderDispatchLate"
    assert not any(isinstance(one, WorkOrderDispatchLate) for one in late.classify("lighting"))
    assert unseen.do(do.PassDispatch(now=due_at)) == []


def test_what_is_given_back_waits_again_but_not_for_a_dispatcher_when_the_office_decides(dispatched: Any) -> None:
    """A74, W10."""
    given_back, disputed = dispatched(), dispatched()
    assert given_back.order.dispatching.dispatch_due_at is None
    assert only(given_back.give_back("roads"), WorkOrderReturned).dispatch_due_at == RULES.after(RULES.orders.dispatch, NOON)
    assert only(disputed.give_back("roads", arbitration=True), WorkOrderReturned).dispatch_due_at is None


def test_an_emergency_waits_for_a_dispatcher_no_longer_than_emergencies_may(new_matter: Any) -> None:
    """A74, A79: half the time that other matters have, in the default pack as in Bengbu's."""
    urgent, due_at = new_matter(), RULES.after(RULES.service.accept_emergency, NOON)
    assert due_at < RULES.after(RULES.orders.dispatch, NOON)
    assert only(urgent.register(None, emergency=True), WorkOrderOpened).dispatch_due_at == due_at
    urgent.classify("lighting")
    assert only(urgent.give_back("roads"), WorkOrderReturned).dispatch_due_at == due_at


@pytest.mark.parametrize("answer_class", list(AnswerClass))
def test_the_class_that_a_dispatcher_gives_sets_when_the_answer_is_due(answer_class: AnswerClass, dispatched: Any) -> None:
    """A85, A86, A87, A88: at once, the same day, two days, a week; no other step may take longer than the answer."""
    matter = dispatched(category=None)
    event = only(matter.classify("lighting", answer_class=answer_class), WorkOrderTransferred)
    assert event.answer_class == answer_class
    assert event.resolve_due_at == RULES.answer_by(answer_class, NOON)
    assert max(event.sign_due_at, event.contact_due_at, event.return_due_at) <= event.resolve_due_at


def test_without_a_dispatchers_word_the_category_table_and_then_the_pack_say_how_soon(new_matter: Any) -> None:
    """A85, A86: the source documents want government matters answered at once and inquiries the same day."""
    assert only(new_matter().register("leak"), WorkOrderTransferred).answer_class == "immediate"
    assert only(new_matter().register("lighting"), WorkOrderTransferred).answer_class is None
    inquiry = new_matter(rules=SEEDS).register(request_type=RequestType.INQUIRY)
    assert only(inquiry, WorkOrderTransferred).resolve_due_at == SEEDS.answer_by(AnswerClass.SAME_DAY, NOON)
    leader = new_matter(rules=SEEDS).register(request_type=RequestType.INQUIRY, requester_class=RequesterClass.SUPERIOR_LEADER)
    assert only(leader, WorkOrderTransferred).answer_class == "immediate"


def test_a_class_that_was_given_stays_when_the_matter_gets_another_category(dispatched: Any) -> None:
    """A73, A85: what the table said of the old category goes with it."""
    why = ReclassificationReason.MISCLASSIFIED
    given, by_table = dispatched(category=None), dispatched(category="leak")
    given.classify("lighting", answer_class=AnswerClass.IMMEDIATE)
    assert only(given.classify("noise", reason=why), WorkOrderClassified).answer_class == "immediate"
    assert only(given.classify("leak", reason=why, answer_class=AnswerClass.WEEK), WorkOrderClassified).answer_class == "week"
    assert only(given.classify("lighting", reason=why), WorkOrderClassified).answer_class == "week"
    assert only(by_table.classify("lighting", reason=why), WorkOrderClassified).answer_class is None


def test_the_class_stays_with_the_matter_on_its_next_hop_and_in_rework(dispatched: Any) -> None:
    """A85."""
    matter = dispatched(category="leak")
    matter.give_back("roads")
    assert only(matter.transfer("police"), WorkOrderTransferred).resolve_due_at == RULES.answer_by(AnswerClass.IMMEDIATE, NOON)
    matter.sign("police")
    matter.resolve("police")
    rework = only(matter.do(do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=NOON + DAY)), WorkOrderReopened)
    assert rework.resolve_due_at == RULES.answer_by(AnswerClass.IMMEDIATE, NOON + DAY)


def test_the_orders_clocks_follow_the_kind_that_intake_gives_the_request(new_matter: Any, dispatched: Any) -> None:
    """A30."""
    matter = dispatched()
    event = only(
        matter.do(do.ChangeRequestType(to_type=RequestType.INQUIRY, book=RuleBook(RULES), now=NOON)), WorkOrderTypeChanged
    )
    assert (event.from_type, event.to_type) == (RequestType.HELP, RequestType.INQUIRY)
    assert matter.do(do.ChangeRequestType(to_type=RequestType.INQUIRY, book=RuleBook(RULES), now=NOON)) == []
    assert new_matter().do(do.ChangeRequestType(to_type=RequestType.INQUIRY, book=RuleBook(RULES), now=NOON)) == []


def test_the_scope_table_names_who_helps_and_each_is_asked_in_its_own_queue(new_matter: Any) -> None:
    """A73, A75: the lead keeps the clocks."""
    events = new_matter().register()
    assert only(events, WorkOrderTransferred).support_departments == ("parks",)
    asked = only(events, WorkOrderSupportAsked)
    assert (asked.department, asked.lead_department, asked.hop) == ("parks", "roads", 1)


def test_who_is_accused_does_not_help(new_matter: Any) -> None:
    """A144."""
    matter = new_matter()
    events = matter.register(accused_department="parks")
    assert only(events, WorkOrderTransferred).support_departments == ()
    with pytest.raises(refusals.AccusedDepartmentError):
        matter.transfer("police", "parks")


def test_a_co_handling_unit_reports_its_part_and_does_nothing_else(dispatched: Any) -> None:
    """A75."""
    matter = dispatched()
    report = do.ReportPart(department="parks", report=Sealed("树枝已剪"), by="handler@parks", now=NOON)
    assert only(matter.do(report), WorkOrderPartReported).department == "parks"
    with pytest.raises(refusals.SupportsOnlyError):
        matter.sign("parks")
    with pytest.raises(refusals.WorkOrderUnknownError):
        matter.do(replace(report, department="police"))
    matter.sign("roads")
    matter.resolve("roads")
    with pytest.raises(refusals.OrderResolvedError):
        matter.do(report)


def test_who_helps_is_another_department_that_takes_orders(dispatched: Any) -> None:
    matter = dispatched(category="noise")
    with pytest.raises(LeadSupportsItselfError):
        matter.transfer("police", "police")
    with pytest.raises(SupportNotOpenError):
        matter.transfer("police", "gone", support_takes_orders=False)
    assert {event.department for event in matter.transfer("police", "parks", "environment")[1:]} == {"parks", "environment"}


def test_those_who_help_are_asked_again_in_rework(dispatched: Any) -> None:
    """A108."""
    matter = dispatched()
    matter.sign("roads")
    matter.resolve("roads")
    events = matter.do(do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=NOON + DAY))
    assert only(events, WorkOrderSupportAsked).round == 2


def test_one_person_answers_for_an_order_not_only_a_department(dispatched: Any) -> None:
    """A76."""
    matter = dispatched()
    assign = do.AssignHandler(department="roads", handler="demo-wang", by="head@roads", now=NOON)
    event = only(matter.do(assign), WorkOrderHandlerAssigned)
    assert (event.department, event.handler, event.assigned_by) == ("roads", "demo-wang", "head@roads")
    assert matter.do(assign) == []
    with pytest.raises(refusals.WorkOrderUnknownError):
        matter.do(replace(assign, department="police"))
    matter.give_back("roads")
    with pytest.raises(refusals.OrderNotHeldError):
        matter.do(assign)
