"""Dispatching as sentences: who gets an order and why, who gives it back, what the office decides, who follows whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from hotline_events.catalogue.intake import Channel, RequesterClass, RequestRegistered, RequestType
from hotline_events.catalogue.routing import (
    ArbitrationCause,
    Category,
    LimitKind,
    MergeReason,
    ProtocolRoute,
    ReclassificationReason,
    ReturnReason,
    Route,
    Scope,
    UnmergeReason,
    WorkOrderAccusedNamed,
    WorkOrderArbitrationDecided,
    WorkOrderArbitrationOpened,
    WorkOrderClassified,
    WorkOrderClosingWithheld,
    WorkOrderDispatchLate,
    WorkOrderFollowerJoined,
    WorkOrderHandlerAssigned,
    WorkOrderMerged,
    WorkOrderOpened,
    WorkOrderPartReported,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderSupportAsked,
    WorkOrderTransferred,
    WorkOrderTypeChanged,
    WorkOrderUnmerged,
    WorkOrderWithdrawn,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack, load_pack
from hotline_rules.sections.orders import AnswerClass, ReturnGround
from routing.domain import work_order
from routing.domain.precedent import precedent_id_of
from routing.domain.table_refusals import LeadSupportsItselfError
from routing.domain.tables import CategoryTable, ScopeTable, Tables
from routing.domain.work_order import Status, WorkOrder, refusals
from routing.domain.work_order import commands as do
from routing.domain.work_order.arbitrating import NoArbitrationError, NothingReturnedError
from routing.domain.work_order.dispatching import (
    InArbitrationError,
    ReasonMissingError,
    ReturnedBeforeError,
    SupportNotOpenError,
)
from routing.domain.work_order.likeness import UnlikeMatterError
from routing.domain.work_order.merging import (
    LeadCannotLeadError,
    LeadsOthersError,
    LeadUnknownError,
    NotMergedError,
)
from routing.domain.work_order.returning import (
    AssignmentForcedError,
    GroundNotAllowedError,
    OwnScopeError,
    ReturnTooLateError,
)

RULES, SEEDS = load_pack("default"), load_pack("seeds")
CODES = ("roads", "parks", "police", "environment", "office", "press")
CATEGORIES = CategoryTable(
    version=3,
    categories=(
        Category(code="lighting", name_zh="照明", name_en="Lighting"),
        Category(code="noise", name_zh="噪声", name_en="Noise"),
        Category(code="odd", name_zh="其他", name_en="Odd"),
        Category(code="leak", name_zh="燃气泄漏", name_en="Gas leak", answer_class="immediate"),
    ),
)
SCOPES = ScopeTable(
    version=5,
    scopes=(
        Scope(category="lighting", department="roads", support=("parks",)),
        Scope(category="noise", department="police"),
        Scope(category="noise", department="environment"),
        Scope(category="leak", department="roads"),
    ),
    fallback="office",
    protocol=(ProtocolRoute(requester_class=RequesterClass.MEDIA, department="press"),),
)
TABLES = Tables.of(CATEGORIES, SCOPES, frozenset(CODES))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(slots=True)
class Matter:
    """One order, to which things are done one after the other."""

    number: int = 1
    tables: Tables = TABLES
    rules: RulePack = RULES
    at: datetime = NOON
    order: WorkOrder = field(default_factory=WorkOrder)

    def do(self, command: Any) -> list[Any]:
        events = work_order.decide(self.order, command)
        self.order = work_order.decider.fold(events, self.order)
        return events

    def register(self, category: str | None = "lighting", **facts: Any) -> list[Any]:
        request = RequestRegistered(
            request_id=UUID(int=self.number),
            requester_id=UUID(int=100 + self.number),
            channel=Channel.PHONE,
            title=Sealed("路灯"),
            matter=Sealed("不亮"),
            category=category,
            first_contact="agent-7",
            occurred_at=self.at,
            **{"request_type": RequestType.HELP, **facts},
        )
        order_id = UUID(int=1000 + self.number)
        opening = do.OpenWorkOrder(
            work_order_id=order_id, request=request, tables=self.tables, rules=self.rules, by="desk", now=self.at
        )
        return self.do(opening)

    def classify(self, category: str, **said: Any) -> list[Any]:
        return self.do(
            do.ClassifyOrder(category=category, **said, tables=self.tables, rules=self.rules, by="desk", now=self.at)
        )

    def transfer(self, to: str, *support: str, **facts: Any) -> list[Any]:
        facts = {"takes_orders": True, **facts}
        return self.do(do.TransferOrder(department=to, support=support, rules=self.rules, by="desk", now=self.at, **facts))

    def give_back(self, by: str, reason: ReturnReason = ReturnReason.DUPLICATE, *, arbitration: bool = False) -> list[Any]:
        command = do.ReturnOrder(
            department=by,
            reason=reason,
            note=Sealed("不归我们管"),
            demands_arbitration=arbitration,
            tables=self.tables,
            rules=self.rules,
            by=f"handler@{by}",
            now=self.at,
        )
        return self.do(command)

    def decide(self, to: str, *, precedent: bool = True) -> list[Any]:
        command = do.DecideArbitration(
            department=to,
            grounds=Sealed("依据三定方案"),
            sets_precedent=precedent,
            takes_orders=True,
            rules=self.rules,
            by="oversight",
            now=self.at,
        )
        return self.do(command)

    def sign(self, by: str) -> list[Any]:
        return self.do(do.SignOrder(department=by, by=f"handler@{by}", now=self.at))

    def resolve(self, by: str) -> list[Any]:
        book = RuleBook(self.rules)
        return self.do(do.ResolveOrder(department=by, reply=Sealed("修好了"), book=book, by=f"handler@{by}", now=self.at))

    def merge(self, lead: "Matter") -> list[Any]:
        return self.do(
            do.MergeOrder(lead=lead.order, reason=MergeReason.SAME_EVENT, book=RuleBook(self.rules), by="desk", now=self.at)
        )

    def unmerge(self) -> list[Any]:
        return self.do(do.UnmergeOrder(reason=UnmergeReason.ANOTHER_PLACE, book=RuleBook(self.rules), by="desk", now=self.at))


def dispatched(**facts: Any) -> Matter:
    matter = Matter()
    matter.register(**facts)
    return matter


def only(events: Sequence[Any], kind: type) -> Any:
    (found,) = [event for event in events if isinstance(event, kind)]
    return found


# Classification and its exits.


def test_a_classifier_says_how_sure_they_are() -> None:
    """A73."""
    matter = dispatched(category=None)
    event = only(matter.classify("lighting", confidence=70), WorkOrderClassified)
    assert (event.category, event.confidence, event.classified_by, event.from_category) == ("lighting", 70, "desk", None)


def test_another_category_is_given_with_a_reason_beside_both() -> None:
    """A73: misclassification can be measured because nothing is overwritten silently."""
    matter = dispatched()
    with pytest.raises(ReasonMissingError) as refused:
        matter.classify("noise")
    assert refused.value.missing == "reason"
    event = only(matter.classify("noise", reason=ReclassificationReason.MISCLASSIFIED), WorkOrderClassified)
    assert (event.from_category, event.category, event.reason) == ("lighting", "noise", "misclassified")
    assert matter.classify("noise") == []


def test_classification_has_two_exits_a_department_or_a_direct_answer() -> None:
    """A75: what was answered needs no department, unless one has signed for it."""
    assert only(dispatched().do(do.WithdrawOrder(now=NOON)), WorkOrderWithdrawn).department == "roads"
    transferred, signed = dispatched(), dispatched()
    assert transferred.order.department == "roads"
    signed.sign("roads")
    assert signed.do(do.WithdrawOrder(now=NOON)) == []


def test_a_matter_that_no_department_fits_goes_to_the_fallback() -> None:
    """A77."""
    event = only(Matter().register("odd"), WorkOrderTransferred)
    assert (event.department, event.route, event.scope_version) == ("office", Route.FALLBACK, 5)
    closed = Matter(tables=Tables.of(CATEGORIES, SCOPES, frozenset(CODES) - {"roads"}))
    assert only(closed.register("lighting"), WorkOrderTransferred).route is Route.FALLBACK
    nobody = Matter(tables=Tables.of(CATEGORIES, SCOPES, frozenset({"police", "environment"})))
    assert [type(event).__name__ for event in nobody.register("odd")] == ["WorkOrderOpened", "WorkOrderClassified"]


def test_where_two_departments_fit_a_dispatcher_chooses() -> None:
    """A74, A77: the fallback is for what fits nobody."""
    matter = dispatched(category="noise")
    assert matter.order.status is Status.CLASSIFIED
    assert only(matter.transfer("police"), WorkOrderTransferred).route is Route.DISPATCHER


def test_the_press_goes_by_its_protocol_whatever_the_matter() -> None:
    """A78: by what intake registered, or by what the dispatcher says."""
    registered = only(Matter().register(requester_class=RequesterClass.MEDIA), WorkOrderTransferred)
    assert (registered.department, registered.route) == ("press", Route.PROTOCOL)
    matter = dispatched(category=None)
    said = only(matter.classify("noise", requester_class=RequesterClass.MEDIA), WorkOrderTransferred)
    assert (said.department, said.route) == ("press", Route.PROTOCOL)


def test_who_met_the_caller_first_owes_them_the_revisit() -> None:
    """A65, A68: whatever departments the order goes through, the resolution names the first-contact agent."""
    matter = dispatched()
    matter.give_back("roads")
    matter.transfer("police")
    matter.sign("police")
    assert only(matter.resolve("police"), WorkOrderResolved).first_contact == "agent-7"


def test_dispatch_is_prompt_and_what_was_late_is_said_once() -> None:
    """A74: by its timer while the order waits, by the transfer itself when that comes first, and by times alone."""
    late, prompt, unseen = [Matter() for _ in range(3)]
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


def test_what_is_given_back_waits_again_but_not_for_a_dispatcher_when_the_office_decides() -> None:
    """A74, W10."""
    given_back, disputed = dispatched(), dispatched()
    assert given_back.order.dispatching.dispatch_due_at is None
    assert only(given_back.give_back("roads"), WorkOrderReturned).dispatch_due_at == RULES.after(RULES.orders.dispatch, NOON)
    assert only(disputed.give_back("roads", arbitration=True), WorkOrderReturned).dispatch_due_at is None


def test_an_emergency_waits_for_a_dispatcher_no_longer_than_emergencies_may() -> None:
    """A74, A79: half the time that other matters have, in the default pack as in Bengbu's."""
    urgent, due_at = Matter(), RULES.after(RULES.service.accept_emergency, NOON)
    assert due_at < RULES.after(RULES.orders.dispatch, NOON)
    assert only(urgent.register(None, emergency=True), WorkOrderOpened).dispatch_due_at == due_at
    urgent.classify("lighting")
    assert only(urgent.give_back("roads"), WorkOrderReturned).dispatch_due_at == due_at


# How soon a matter is answered.


@pytest.mark.parametrize("answer_class", list(AnswerClass))
def test_the_class_that_a_dispatcher_gives_sets_when_the_answer_is_due(answer_class: AnswerClass) -> None:
    """A85, A86, A87, A88: at once, the same day, two days, a week; no other step may take longer than the answer."""
    matter = dispatched(category=None)
    event = only(matter.classify("lighting", answer_class=answer_class), WorkOrderTransferred)
    assert event.answer_class == answer_class
    assert event.resolve_due_at == RULES.answer_by(answer_class, NOON)
    assert max(event.sign_due_at, event.contact_due_at, event.return_due_at) <= event.resolve_due_at


def test_without_a_dispatchers_word_the_category_table_and_then_the_pack_say_how_soon() -> None:
    """A85, A86: the source documents want government matters answered at once and inquiries the same day."""
    assert only(Matter().register("leak"), WorkOrderTransferred).answer_class == "immediate"
    assert only(Matter().register("lighting"), WorkOrderTransferred).answer_class is None
    inquiry = Matter(rules=SEEDS).register(request_type=RequestType.INQUIRY)
    assert only(inquiry, WorkOrderTransferred).resolve_due_at == SEEDS.answer_by(AnswerClass.SAME_DAY, NOON)
    leader = Matter(rules=SEEDS).register(request_type=RequestType.INQUIRY, requester_class=RequesterClass.SUPERIOR_LEADER)
    assert only(leader, WorkOrderTransferred).answer_class == "immediate"


def test_a_class_that_was_given_stays_when_the_matter_gets_another_category() -> None:
    """A73, A85: what the table said of the old category goes with it."""
    why = ReclassificationReason.MISCLASSIFIED
    given, by_table = dispatched(category=None), dispatched(category="leak")
    given.classify("lighting", answer_class=AnswerClass.IMMEDIATE)
    assert only(given.classify("noise", reason=why), WorkOrderClassified).answer_class == "immediate"
    assert only(given.classify("leak", reason=why, answer_class=AnswerClass.WEEK), WorkOrderClassified).answer_class == "week"
    assert only(given.classify("lighting", reason=why), WorkOrderClassified).answer_class == "week"
    assert only(by_table.classify("lighting", reason=why), WorkOrderClassified).answer_class is None


def test_the_class_stays_with_the_matter_on_its_next_hop_and_in_rework() -> None:
    """A85."""
    matter = dispatched(category="leak")
    matter.give_back("roads")
    assert only(matter.transfer("police"), WorkOrderTransferred).resolve_due_at == RULES.answer_by(AnswerClass.IMMEDIATE, NOON)
    matter.sign("police")
    matter.resolve("police")
    rework = only(matter.do(do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=NOON + DAY)), WorkOrderReopened)
    assert rework.resolve_due_at == RULES.answer_by(AnswerClass.IMMEDIATE, NOON + DAY)


def test_the_orders_clocks_follow_the_kind_that_intake_gives_the_request() -> None:
    """A30."""
    matter = dispatched()
    event = only(
        matter.do(do.ChangeRequestType(to_type=RequestType.INQUIRY, book=RuleBook(RULES), now=NOON)), WorkOrderTypeChanged
    )
    assert (event.from_type, event.to_type) == (RequestType.HELP, RequestType.INQUIRY)
    assert matter.do(do.ChangeRequestType(to_type=RequestType.INQUIRY, book=RuleBook(RULES), now=NOON)) == []
    assert Matter().do(do.ChangeRequestType(to_type=RequestType.INQUIRY, book=RuleBook(RULES), now=NOON)) == []


# Who helps, and who answers for it.


def test_the_scope_table_names_who_helps_and_each_is_asked_in_its_own_queue() -> None:
    """A73, A75: the lead keeps the clocks."""
    events = Matter().register()
    assert only(events, WorkOrderTransferred).support_departments == ("parks",)
    asked = only(events, WorkOrderSupportAsked)
    assert (asked.department, asked.lead_department, asked.hop) == ("parks", "roads", 1)


def test_who_is_accused_does_not_help() -> None:
    """A144."""
    matter = Matter()
    events = matter.register(accused_department="parks")
    assert only(events, WorkOrderTransferred).support_departments == ()
    with pytest.raises(refusals.AccusedDepartmentError):
        matter.transfer("police", "parks")


def test_a_co_handling_unit_reports_its_part_and_does_nothing_else() -> None:
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


def test_who_helps_is_another_department_that_takes_orders() -> None:
    matter = dispatched(category="noise")
    with pytest.raises(LeadSupportsItselfError):
        matter.transfer("police", "police")
    with pytest.raises(SupportNotOpenError):
        matter.transfer("police", "gone", support_takes_orders=False)
    assert {event.department for event in matter.transfer("police", "parks", "environment")[1:]} == {"parks", "environment"}


def test_those_who_help_are_asked_again_in_rework() -> None:
    """A108."""
    matter = dispatched()
    matter.sign("roads")
    matter.resolve("roads")
    events = matter.do(do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=NOON + DAY))
    assert only(events, WorkOrderSupportAsked).round == 2


def test_one_person_answers_for_an_order_not_only_a_department() -> None:
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


# Returns and arbitration.


def test_what_the_scope_table_gives_to_a_department_it_cannot_call_not_its_own() -> None:
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


def test_a_return_cites_a_ground_that_the_pack_allows() -> None:
    """W10."""
    returns = replace(RULES.orders.returns, grounds=(ReturnGround.NOT_ENOUGH_FACTS,))
    matter = dispatched()
    matter.rules = replace(RULES, orders=replace(RULES.orders, returns=returns))
    with pytest.raises(GroundNotAllowedError):
        matter.give_back("roads", ReturnReason.DUPLICATE)
    assert len(matter.give_back("roads", ReturnReason.NOT_ENOUGH_FACTS)) == 1


def test_an_order_is_returned_within_the_packs_limit_from_dispatch() -> None:
    """W10: signing does not give more time."""
    matter = dispatched()
    matter.sign("roads")
    limit = RULES.due_at("return", NOON)  # type: ignore[arg-type]  # the pack's word for it
    matter.at = limit + timedelta(seconds=1)
    with pytest.raises(ReturnTooLateError):
        matter.give_back("roads")
    matter.at = limit
    assert len(matter.give_back("roads")) == 1


def test_once_its_lateness_is_on_record_no_backdated_return_comes_in_time() -> None:
    """W10, A89."""
    matter = dispatched()
    limit = RULES.due_at("return", NOON)  # type: ignore[arg-type]  # the pack's word for it
    assert len(matter.do(do.PassLimit(limit=LimitKind.RETURN, hop=1, round=1, now=limit))) == 1
    with pytest.raises(ReturnTooLateError):
        matter.give_back("roads")


def test_a_department_that_gave_an_order_back_gets_it_again_by_arbitration_only() -> None:
    """W12: never from A to B to A."""
    matter = dispatched()
    matter.give_back("roads")
    with pytest.raises(ReturnedBeforeError) as refused:
        matter.transfer("roads")
    assert refused.value.missing == "arbitration"
    assert only(matter.do(do.OpenArbitration(by="desk", now=NOON)), WorkOrderArbitrationOpened).cause == "dispatcher"
    assert matter.do(do.OpenArbitration(by="desk", now=NOON)) == []
    assert only(matter.decide("roads"), WorkOrderTransferred).route is Route.ARBITRATION


def test_an_unsigned_order_is_not_bounced_between_departments() -> None:
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


def test_what_arbitration_assigned_no_dispatcher_sends_on_unless_it_accuses_that_department() -> None:
    """W10, A144."""
    matter = dispatched()
    matter.give_back("roads", arbitration=True)
    matter.decide("parks")
    with pytest.raises(AssignmentForcedError):
        matter.transfer("police")
    matter.do(do.NameAccused(department="parks", book=RuleBook(RULES), now=NOON))
    assert only(matter.transfer("police"), WorkOrderTransferred).hop == 3


def test_an_order_is_never_sent_on_before_its_last_step() -> None:
    """A89: clocks never run backwards, whatever time is entered late."""
    waiting = Matter(2)
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


def test_a_pack_may_let_a_department_that_lacked_facts_have_the_order_again_at_once() -> None:
    """W12: it goes straight back with the facts, or never again without arbitration."""
    strict = dispatched()
    strict.give_back("roads", ReturnReason.NOT_ENOUGH_FACTS)
    with pytest.raises(ReturnedBeforeError):
        strict.transfer("roads")
    returns = replace(RULES.orders.returns, straight_back_after=(ReturnGround.NOT_ENOUGH_FACTS,))
    lenient = replace(RULES, orders=replace(RULES.orders, returns=returns))
    matter, other = Matter(rules=lenient), Matter(rules=lenient)
    matter.register()
    matter.give_back("roads", ReturnReason.NOT_ENOUGH_FACTS)
    assert only(matter.transfer("roads"), WorkOrderTransferred).hop == 2
    other.register()
    other.give_back("roads", ReturnReason.NOT_ENOUGH_FACTS)
    other.transfer("police")
    with pytest.raises(ReturnedBeforeError):
        other.transfer("roads")


def test_a_day_of_a_dispute() -> None:
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


def test_only_what_was_returned_is_arbitrated_and_only_what_is_arbitrated_is_decided() -> None:
    """W10."""
    matter = dispatched(accused_department="police")
    with pytest.raises(NothingReturnedError):
        matter.do(do.OpenArbitration(by="desk", now=NOON))
    with pytest.raises(NoArbitrationError):
        matter.decide("parks")
    matter.give_back("roads", arbitration=True)
    with pytest.raises(refusals.AccusedDepartmentError):
        matter.decide("police")


def test_the_next_like_case_goes_where_arbitration_decided_and_cites_it() -> None:
    """W10: the same category in the same area; elsewhere the scope table holds."""
    cited = precedent_id_of("lighting", None)
    tables = Tables.of(CATEGORIES, SCOPES, frozenset(CODES), {("lighting", None): (cited, "parks")})
    event = only(Matter(tables=tables).register(), WorkOrderTransferred)
    assert (event.department, event.route, event.precedent_id) == ("parks", Route.PRECEDENT, cited)
    assert only(Matter(tables=tables).register(area="east"), WorkOrderTransferred).route is Route.SCOPE
    closed = replace(tables, open_departments=tables.open_departments - {"parks"})
    assert only(Matter(tables=closed).register(), WorkOrderTransferred).department == "roads"
    accused = Matter(tables=tables)
    accused.register(accused_department="parks")
    assert accused.order.department is None


MOVES = st.sampled_from(("send on", "give back", "ask the office"))


@for_all(st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(list(ReturnReason)), MOVES), max_size=30))
def test_no_order_ever_goes_round_in_a_circle(moves: list[tuple[str, ReturnReason, str]]) -> None:
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


# Like matters merged.


def two() -> tuple[Matter, Matter]:
    lead, other = Matter(1), Matter(2)
    lead.register()
    other.register(request_type=RequestType.REPAIR)
    return lead, other


def take(follower_id: UUID, accused: str | None, category: str | None = None, *, at: datetime = NOON) -> do.TakeFollower:
    """What the lead hears of a follower."""
    book = RuleBook(RULES)
    return do.TakeFollower(follower_id=follower_id, accused_department=accused, category=category, book=book, now=at)


def join(lead: Matter, other: Matter) -> None:
    """Merge, and let the lead hear of it."""
    merged = only(other.merge(lead), WorkOrderMerged)
    lead.do(take(merged.work_order_id, merged.accused_department, merged.category))


def test_like_matters_follow_one_lead_and_are_resolved_with_it_each_for_its_own_caller() -> None:
    """D5: each caller keeps a revisit of their own, and the follower is assessed under its lead alone."""
    lead, other = two()
    join(lead, other)
    assert other.order.status is Status.MERGED
    with pytest.raises(refusals.OrderMergedError) as refused:
        other.transfer("police")
    assert refused.value.missing == "unmerge"
    lead.sign("roads")
    resolved = only(lead.resolve("roads"), WorkOrderResolved)
    assert resolved.followers == (other.order.work_order_id,)
    follow = do.FollowResolution(
        lead_id=resolved.work_order_id,
        department="roads",
        reply=Sealed("修好了"),
        book=RuleBook(RULES),
        by="handler@roads",
        now=NOON,
    )
    own = only(other.do(follow), WorkOrderResolved)
    assert (own.merged_into, own.requester_id, own.request_type) == (resolved.work_order_id, UUID(int=102), RequestType.REPAIR)
    assert other.do(follow) == []
    rework = do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=NOON + DAY)
    assert only(other.do(rework), WorkOrderReopened).department == "roads"


def test_a_follower_that_was_in_nobodys_hands_is_closed_or_reworked_like_any_other() -> None:
    """D5, A92, A108: what the lead's department found counts for both, and it is where rework goes."""
    lead, other = Matter(1), Matter(2)
    for matter in (lead, other):
        matter.register("noise", request_type=RequestType.COMPLAINT)
    join(lead, other)
    follow = do.FollowResolution(
        lead_id=lead.order.work_order_id,
        department="roads",
        reply=Sealed("修好了"),
        rule_version="default/1",
        book=RuleBook(RULES),
        by="handler@roads",
        now=NOON,
    )
    assert only(other.do(follow), WorkOrderResolved).rule_version == "default/1"
    again = replace(other)
    (closed,) = other.do(do.CloseOrder(revisit_id=UUID(int=5), round=1, reached=True, book=RuleBook(RULES), now=NOON + DAY))
    assert (type(closed).__name__, closed.department) == ("WorkOrderClosed", "roads")
    again.do(do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=NOON + DAY))
    again.at = NOON + 2 * DAY
    again.sign("roads")
    investigation = {"finding": Sealed("又坏了"), "evidence": (UUID(int=6),), "book": RuleBook(RULES)}
    again.do(do.ReportInvestigation(department="roads", **investigation, by="handler@roads", now=again.at))
    assert only(again.resolve("roads"), WorkOrderResolved).round == 2


def test_who_merged_what_and_why_is_on_record() -> None:
    """D5."""
    lead, other = two()
    event = only(other.merge(lead), WorkOrderMerged)
    assert (event.lead_id, event.department, event.reason, event.merged_by) == (
        lead.order.work_order_id, "roads", MergeReason.SAME_EVENT, "desk",
    )  # fmt: skip
    assert other.merge(lead) == []


def test_an_unmerged_order_stands_where_it_stood_with_the_due_times_it_had() -> None:
    """D5, A89: its clocks stood still, and are started again as they were."""
    lead, other = two()
    due = other.order.dispatching.due
    assert due is not None
    join(lead, other)
    ladder = other.order.urging.ladder
    assert ladder is not None
    passing = do.PassLimit(limit=LimitKind.RESOLVE, hop=1, round=1, now=ladder.due_at)
    assert other.do(passing) == []
    event = only(other.unmerge(), WorkOrderUnmerged)
    assert (event.standing, event.department, event.resolve_due_at) == ("transferred", "roads", ladder.due_at)
    timers = {timer.kind: timer.due_at for timer in work_order.decider.timers(event)}
    assert (timers["sign"], timers["return"], timers["contact"]) == (due.sign, due.give_back, due.contact)
    assert (timers["resolve"], timers[ladder.next_rung or ""]) == (ladder.due_at, ladder.next_rung_at)
    assert len(other.do(passing)) == 1
    assert other.sign("roads") != []
    with pytest.raises(NotMergedError):
        other.unmerge()


def test_an_order_that_waited_for_a_dispatcher_waits_again_when_it_is_unmerged() -> None:
    lead, other = Matter(1), Matter(2)
    lead.register("noise")
    other.register("noise")
    join(lead, other)
    event = only(other.unmerge(), WorkOrderUnmerged)
    due_at = RULES.after(RULES.orders.dispatch, NOON)
    assert (event.standing, event.department, event.dispatch_due_at) == ("classified", None, due_at)
    assert [(timer.kind, timer.due_at) for timer in work_order.decider.timers(event)] == [("dispatch", due_at)]
    assert only(other.do(do.PassDispatch(now=due_at)), WorkOrderDispatchLate).occurred_at == due_at


def test_only_what_may_lead_is_followed_and_only_what_is_free_follows() -> None:
    lead, other = two()
    with pytest.raises(LeadUnknownError):
        other.merge(other)
    with pytest.raises(LeadUnknownError):
        other.merge(Matter(9))
    join(lead, other)
    third = Matter(3)
    third.register()
    with pytest.raises(LeadCannotLeadError):
        third.merge(other)
    with pytest.raises(LeadsOthersError):
        lead.merge(third)
    third.transfer("police")
    third.sign("police")
    with pytest.raises(refusals.OrderSignedError):
        third.merge(lead)
    accusing = Matter(4)
    accusing.register(accused_department="roads")
    with pytest.raises(refusals.AccusedDepartmentError):
        accusing.merge(lead)


def test_only_like_matters_are_merged_and_a_complaint_into_nothing_that_demands_less() -> None:
    """D5, A92, A93: one category, and every stage that the follower's kind demands; the refusal names what the lead lacks."""
    helping, complaining, noisy, nameless, twin = (Matter(number) for number in range(1, 6))
    helping.register()
    complaining.register(request_type=RequestType.COMPLAINT)
    noisy.register("noise")
    nameless.register(None)
    twin.register(None)
    for follower, lead, missing in (
        (helping, noisy, "same_category"),
        (nameless, helping, "same_category"),
        (nameless, twin, "same_category"),
        (complaining, helping, "verification"),
    ):
        with pytest.raises(UnlikeMatterError) as refused:
            follower.merge(lead)
        assert refused.value.missing == missing
    assert helping.merge(complaining) != []


@pytest.mark.parametrize("changed", ["lead", "follower"])
def test_a_complaint_that_followed_what_nobody_investigated_is_investigated_before_it_closes(changed: str) -> None:
    """A92, A93: another kind given after the merge opens no hole."""
    lead, other = Matter(1), Matter(2)
    kind = RequestType.COMPLAINT if changed == "lead" else RequestType.HELP
    lead.register(request_type=kind)
    other.register(request_type=kind)
    join(lead, other)
    other_kind = RequestType.HELP if changed == "lead" else RequestType.COMPLAINT
    (lead if changed == "lead" else other).do(do.ChangeRequestType(to_type=other_kind, book=RuleBook(RULES), now=NOON))
    lead.sign("roads")
    resolved = only(lead.resolve("roads"), WorkOrderResolved)
    other.do(
        do.FollowResolution(
            lead_id=resolved.work_order_id,
            department="roads",
            reply=Sealed("修好了"),
            investigated=resolved.investigated,
            tracked=resolved.tracked,
            book=RuleBook(RULES),
            by="handler@roads",
            now=NOON,
        )
    )
    close = do.CloseOrder(revisit_id=UUID(int=5), round=1, reached=True, book=RuleBook(RULES), now=NOON + DAY)
    assert only(other.do(close), WorkOrderClosingWithheld).missing == ("verification", "tracking")


def test_a_lead_does_not_go_to_whom_its_follower_accuses() -> None:
    """A144."""
    lead, other = Matter(1), Matter(2)
    lead.register()
    other.register(accused_department="police")
    join(lead, other)
    with pytest.raises(refusals.AccusedDepartmentError):
        lead.transfer("police")


def test_a_lead_learns_whom_its_follower_turned_out_to_accuse_and_is_taken_away_from_them() -> None:
    """A144."""
    lead, other = two()
    join(lead, other)
    lead.sign("roads")
    named = only(other.do(do.NameAccused(department="roads", book=RuleBook(RULES), now=NOON)), WorkOrderAccusedNamed)
    assert named.lead_id == lead.order.work_order_id
    hears = take(named.work_order_id, named.accused_department)
    joined, returned = lead.do(hears)
    assert (joined.accused_department, returned.department, returned.reason) == ("roads", "roads", ReturnReason.ACCUSED)
    assert lead.do(hears) == []
    assert only(lead.transfer("parks"), WorkOrderTransferred).department == "parks"


def test_a_rework_is_taken_away_at_once_from_whom_a_follower_accuses() -> None:
    """A108, A144: signed or not, it waits for a dispatcher in its round; nobody has to notice."""
    lead, other = Matter(1), Matter(2)
    lead.register()
    lead.sign("roads")
    lead.resolve("roads")
    lead.at += DAY
    lead.do(do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=lead.at))
    lead.sign("roads")
    other.at = lead.at
    other.register()
    other.merge(lead)
    lead.do(take(other.order.work_order_id, None, at=lead.at))
    named = only(other.do(do.NameAccused(department="roads", book=RuleBook(RULES), now=lead.at)), WorkOrderAccusedNamed)
    hears = take(named.work_order_id, named.accused_department, at=lead.at)
    _, returned = lead.do(hears)
    assert (returned.reason, returned.dispatch_due_at) == (ReturnReason.ACCUSED, RULES.after(RULES.orders.dispatch, lead.at))
    assert (lead.order.status, lead.order.dispatching.returns) == (Status.RETURNED, 0)
    assert lead.do(hears) == []
    with pytest.raises(refusals.AccusedDepartmentError):
        lead.transfer("roads")
    sent = only(lead.transfer("parks"), WorkOrderTransferred)
    assert (sent.department, sent.round) == ("parks", 2)


def test_an_order_sent_to_whom_it_did_not_yet_know_its_follower_to_accuse_comes_back_at_once() -> None:
    """A144: merged while it lay with nobody, heard of once it lay with them; who helps and is accused helps no more."""
    lead, other, third = Matter(1), Matter(2), Matter(3)
    lead.register("noise")
    other.register("noise", accused_department="police")
    third.register("noise", accused_department="parks")
    merged = only(other.merge(lead), WorkOrderMerged)
    lead.transfer("police", "parks")
    assert [type(one) for one in lead.do(take(third.order.work_order_id, "parks"))] == [WorkOrderFollowerJoined]
    assert not lead.order.is_known_to("parks")
    _, returned = lead.do(take(merged.work_order_id, merged.accused_department))
    assert (returned.department, returned.reason) == ("police", ReturnReason.ACCUSED)


def test_what_accuses_who_had_the_lead_before_follows_it_to_a_dispatcher() -> None:
    """A144, D5: two complaints about one department, of which the first was taken away from it, are one matter."""
    lead, other = Matter(1), Matter(2)
    lead.register()
    lead.do(do.NameAccused(department="roads", book=RuleBook(RULES), now=NOON))
    other.register(accused_department="roads")
    assert only(other.merge(lead), WorkOrderMerged).lead_id == lead.order.work_order_id


def test_merged_matters_get_another_category_together_and_stay_alike() -> None:
    """A73, D5: what was one matter under the wrong name is one under the right name; every value stays in sight."""
    lead, other = two()
    join(lead, other)
    said = only(lead.classify("noise", reason=ReclassificationReason.MISCLASSIFIED), WorkOrderClassified)
    assert said.followers == (other.order.work_order_id,)
    follow = do.FollowClassification(
        lead_id=said.work_order_id,
        category="noise",
        table_version=said.table_version,
        answer_class=said.answer_class,
        reason=said.reason,
        by="desk",
        now=NOON,
    )
    same = only(other.do(follow), WorkOrderClassified)
    assert (same.from_category, same.category, same.reason, same.followers) == ("lighting", "noise", "misclassified", ())
    assert other.do(follow) == []
    assert other.order.status is Status.MERGED
    assert (
        only(lead.classify("noise", answer_class=AnswerClass.WEEK, reason="other_urgency"), WorkOrderClassified).followers == ()
    )
    other.unmerge()
    assert (other.order.category, other.order.department) == ("noise", "roads")
    assert other.do(replace(follow, category="leak")) == []


def test_what_was_merged_just_before_its_lead_got_another_category_goes_its_own_way() -> None:
    """A73, D5."""
    lead, other = two()
    merged = only(other.merge(lead), WorkOrderMerged)
    lead.classify("noise", reason=ReclassificationReason.NEW_FACTS)
    (declined,) = lead.do(take(merged.work_order_id, None, merged.category))
    assert declined.reclassified


def test_nobody_answers_for_a_matter_that_accuses_them_by_resolving_its_lead() -> None:
    """A144: it goes its own way, to a dispatcher where it was with them as well."""
    lead, other = two()
    join(lead, other)
    lead.sign("roads")
    lead.resolve("roads")
    other.do(do.NameAccused(department="roads", book=RuleBook(RULES), now=NOON))
    follow = do.FollowResolution(
        lead_id=lead.order.work_order_id,
        department="roads",
        reply=Sealed("修好了"),
        book=RuleBook(RULES),
        by="handler@roads",
        now=NOON,
    )
    alone = only(other.do(follow), WorkOrderUnmerged)
    assert (alone.reason, alone.standing, alone.department) == (UnmergeReason.LEAD_ACCUSED, "returned", None)
    assert [timer.kind for timer in work_order.decider.timers(alone)] == ["dispatch"]
    with pytest.raises(refusals.AccusedDepartmentError):
        other.transfer("roads")
    assert only(other.transfer("parks"), WorkOrderTransferred).department == "parks"


def test_rework_of_a_matter_that_accuses_the_department_goes_to_a_dispatcher() -> None:
    """A108, A144: and does not count as a return."""
    matter = dispatched()
    matter.sign("roads")
    matter.resolve("roads")
    matter.do(do.NameAccused(department="roads", book=RuleBook(RULES), now=NOON))
    matter.at += DAY
    rework = do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=matter.at)
    reopened, returned = matter.do(rework)
    assert (type(reopened), returned.reason, returned.dispatch_due_at is None) == (
        WorkOrderReopened, ReturnReason.ACCUSED, False,
    )  # fmt: skip
    assert (matter.order.status, matter.order.dispatching.returns) == (Status.RETURNED, 0)
    assert matter.do(rework) == []
    sent = only(matter.transfer("parks"), WorkOrderTransferred)
    assert (sent.department, sent.round) == ("parks", 2)


def test_a_lead_that_ended_meanwhile_declines_and_one_that_is_withdrawn_lets_go() -> None:
    lead, other = two()
    other.merge(lead)
    lead.sign("roads")
    lead.resolve("roads")
    assert [type(one).__name__ for one in lead.do(take(other.order.work_order_id, None))] == ["WorkOrderFollowerDeclined"]
    alone = do.UnmergeOrder(
        reason=UnmergeReason.LEAD_ENDED, lead_id=lead.order.work_order_id, book=RuleBook(RULES), by="routing", now=NOON
    )
    assert only(other.do(alone), WorkOrderUnmerged).reason == "lead_ended"
    assert other.do(alone) == []
    first, second = two()
    join(first, second)
    assert only(first.do(do.WithdrawOrder(now=NOON)), WorkOrderWithdrawn).followers == (second.order.work_order_id,)


def test_a_follower_whose_requester_was_erased_ends_without_a_reply() -> None:
    """A130: there is nobody left to answer, and no text can be sealed."""
    lead, other = two()
    join(lead, other)
    event = only(other.do(do.EndFollower(lead_id=lead.order.work_order_id, now=NOON)), WorkOrderWithdrawn)
    assert event.requester_erased
    assert other.do(do.EndFollower(lead_id=lead.order.work_order_id, now=NOON)) == []


def test_a_released_follower_is_not_resolved_by_its_former_lead() -> None:
    lead, other = two()
    join(lead, other)
    other.unmerge()
    release = do.ReleaseFollower(follower_id=other.order.work_order_id, now=NOON)
    assert len(lead.do(release)) == 1
    assert lead.do(release) == []
    late = do.FollowResolution(
        lead_id=lead.order.work_order_id,
        department="roads",
        reply=Sealed("修好了"),
        book=RuleBook(RULES),
        by="handler@roads",
        now=NOON,
    )
    assert other.do(late) == []
