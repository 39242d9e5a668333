"""The rules of a work order, as sentences: classified by the table, transferred by scope, judged by times alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.intake import Channel, RequesterClass, RequestRegistered, RequestType
from hotline_events.catalogue.routing import (
    LimitKind,
    ReclassificationReason,
    ReturnReason,
    Route,
    Rung,
    WorkOrderCallerContacted,
    WorkOrderClassified,
    WorkOrderClosed,
    WorkOrderLimitPassed,
    WorkOrderOpened,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderSigned,
    WorkOrderTransferred,
    WorkOrderWithdrawn,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from routing.domain import work_order
from routing.domain.tables import Tables
from routing.domain.work_order import commands as do
from routing.domain.work_order import refusals

ORDER, REQUEST, REQUESTER, REVISIT = (UUID(int=n) for n in range(1, 5))
RULES = load_pack("default")
BOOK = RuleBook(RULES)
TABLES = Tables(
    category_version=3,
    categories=frozenset({"lighting", "noise", "water"}),
    scope_version=5,
    departments_of={
        ("lighting", None): ("roads",),
        ("lighting", "east"): ("east_roads",),
        ("noise", None): ("police", "environment"),
    },
    open_departments=frozenset({"roads", "east_roads", "police", "environment"}),
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIGN_DUE = RULES.due_at("sign", NOON)  # type: ignore[arg-type]  # the pack's word for the same clock
RESOLVE_DUE = RULES.due_at("resolve", NOON)  # type: ignore[arg-type]


def due(start: datetime) -> dict[str, Any]:
    kinds = ("sign", "return", "contact", "resolve")
    times = {f"{kind}_due_at": RULES.due_at(kind, start) for kind in kinds}  # type: ignore[arg-type]
    reminder = RULES.before(RULES.orders.urging.remind_before, times["resolve_due_at"])
    return {**times, "next_rung": Rung.REMINDER, "next_rung_at": reminder}


def registered(category: str | None = "lighting", area: str | None = None) -> RequestRegistered:
    return RequestRegistered(
        request_id=REQUEST,
        requester_id=REQUESTER,
        channel=Channel.PHONE,
        request_type=RequestType.HELP,
        title=Sealed("路灯"),
        matter=Sealed("不亮"),
        category=category,
        area=area,
        first_contact="agent-7",
        occurred_at=NOON,
    )


def open_order(request: RequestRegistered, tables: Tables = TABLES) -> do.OpenWorkOrder:
    return do.OpenWorkOrder(work_order_id=ORDER, request=request, tables=tables, rules=RULES, by="desk", now=NOON)


def opened(category: str | None = "lighting", area: str | None = None) -> WorkOrderOpened:
    return WorkOrderOpened(
        work_order_id=ORDER,
        request_id=REQUEST,
        requester_id=REQUESTER,
        request_type=RequestType.HELP,
        channel=Channel.PHONE,
        category=category,
        area=area,
        requester_class=RequesterClass.NATURAL_PERSON,
        first_contact="agent-7",
        registered_at=NOON,
        occurred_at=NOON,
    )


def classified(category: str = "lighting", was: str | None = None) -> WorkOrderClassified:
    return WorkOrderClassified(
        work_order_id=ORDER,
        request_id=REQUEST,
        category=category,
        table_version=3,
        from_category=was,
        reason=ReclassificationReason.NEW_FACTS if was else None,
        classified_by="desk",
        occurred_at=NOON,
    )


def transferred(department: str = "roads", *, hop: int = 1, at: datetime = NOON, **changes: Any) -> WorkOrderTransferred:
    fields = {"round": 1, "scope_version": 5 if hop == 1 else None, "transferred_by": "desk", **due(at), **changes}
    fields["route"] = Route.SCOPE if fields["scope_version"] else Route.DISPATCHER
    fields["return_due_at"] = RULES.due_at("return", at)  # type: ignore[arg-type]
    return WorkOrderTransferred(
        work_order_id=ORDER,
        request_id=REQUEST,
        department=department,
        hop=hop,
        rule_version="default/1",
        occurred_at=at,
        **fields,
    )


def signed(at: datetime = NOON + HOUR) -> WorkOrderSigned:
    return WorkOrderSigned(work_order_id=ORDER, request_id=REQUEST, department="roads", signed_by="handler", occurred_at=at)


def returned(at: datetime = NOON + HOUR) -> WorkOrderReturned:
    return WorkOrderReturned(
        work_order_id=ORDER,
        request_id=REQUEST,
        requester_id=REQUESTER,
        department="roads",
        reason=ReturnReason.NOT_ENOUGH_FACTS,
        returned_by="handler",
        occurred_at=at,
    )


def waiting(event: Any) -> Any:
    """Return an event after which the order waits for a dispatcher."""
    return replace(event, dispatch_due_at=RULES.after(RULES.orders.dispatch, event.occurred_at))


def resolved(round_: int = 1, at: datetime = NOON + DAY, due_at: datetime = RESOLVE_DUE) -> WorkOrderResolved:
    return WorkOrderResolved(
        work_order_id=ORDER,
        request_id=REQUEST,
        requester_id=REQUESTER,
        department="roads",
        round=round_,
        reply=Sealed("修好了"),
        first_contact="agent-7",
        request_type=RequestType.HELP,
        rule_version="default/1",
        accepted_at=NOON,
        resolve_due_at=due_at,
        investigated=False,
        tracked=False,
        resolved_by="handler",
        occurred_at=at,
    )


def reopened(at: datetime = NOON + 2 * DAY) -> WorkOrderReopened:
    return WorkOrderReopened(
        work_order_id=ORDER,
        request_id=REQUEST,
        department="roads",
        revisit_id=REVISIT,
        round=2,
        rule_version="default/1",
        occurred_at=at,
        **due(at),
    )


def closed(at: datetime = NOON + 2 * DAY) -> WorkOrderClosed:
    return WorkOrderClosed(
        work_order_id=ORDER, request_id=REQUEST, department="roads", revisit_id=REVISIT, round=1, occurred_at=at
    )


DISPATCHED = (opened(), classified(), transferred())
SIGNED = (*DISPATCHED, signed())
RESOLVED = (*SIGNED, resolved())


def classify(category: str, reason: ReclassificationReason | None = None) -> do.ClassifyOrder:
    return do.ClassifyOrder(category=category, reason=reason, tables=TABLES, rules=RULES, by="desk", now=NOON)


def transfer(department: str, *, takes_orders: bool = True, at: datetime = NOON) -> do.TransferOrder:
    return do.TransferOrder(department=department, takes_orders=takes_orders, rules=RULES, by="desk", now=at)


def sign(department: str = "roads", at: datetime = NOON + HOUR) -> do.SignOrder:
    return do.SignOrder(department=department, by="handler", now=at)


def contact(department: str = "roads") -> do.ContactCaller:
    return do.ContactCaller(department=department, by="handler", now=NOON + HOUR)


def give_back(department: str = "roads") -> do.ReturnOrder:
    reason, at = ReturnReason.NOT_ENOUGH_FACTS, NOON + HOUR
    return do.ReturnOrder(department=department, reason=reason, tables=TABLES, rules=RULES, by="handler", now=at)


def resolve(department: str = "roads") -> do.ResolveOrder:
    return do.ResolveOrder(department=department, reply=Sealed("修好了"), book=BOOK, by="handler", now=NOON + DAY)


def rework(round_: int = 2) -> do.ReworkOrder:
    return do.ReworkOrder(revisit_id=REVISIT, round=round_, rules=RULES, now=NOON + 2 * DAY)


def close(round_: int = 1) -> do.CloseOrder:
    return do.CloseOrder(revisit_id=REVISIT, round=round_, reached=True, book=BOOK, now=NOON + 2 * DAY)


def passing(limit: LimitKind, at: datetime, *, hop: int | None = 1, round_: int = 1) -> do.PassLimit:
    return do.PassLimit(limit=limit, hop=hop, round=round_, now=at)


def passed(limit: LimitKind, at: datetime, *, round_: int = 1) -> WorkOrderLimitPassed:
    return WorkOrderLimitPassed(
        work_order_id=ORDER, request_id=REQUEST, department="roads", limit=limit, hop=1, round=round_, occurred_at=at
    )


def given_order(*history: object) -> Any:
    return given(work_order.decider, *history)


def test_a_request_of_a_known_category_is_opened_classified_and_transferred() -> None:
    """A73, A74: the tables decide at once, and the clocks start at the registration."""
    given_order().when(open_order(registered())).then(*DISPATCHED)


def test_the_department_of_the_area_comes_before_the_one_for_everywhere() -> None:
    expected = (opened(area="east"), classified(), transferred("east_roads"))
    given_order().when(open_order(registered(area="east"))).then(*expected)
    given_order().when(open_order(registered(area="west"))).then(opened(area="west"), classified(), transferred())


@pytest.mark.parametrize("category", [None, "unheard_of"])
def test_a_request_without_a_known_category_waits_for_a_dispatcher(category: str | None) -> None:
    """A73: nothing is guessed."""
    given_order().when(open_order(registered(category))).then(waiting(opened(category)))


@pytest.mark.parametrize("category", ["noise", "water"])
def test_two_departments_or_none_wait_for_a_dispatcher(category: str) -> None:
    given_order().when(open_order(registered(category))).then(waiting(opened(category)), classified(category))


def test_a_closed_department_is_not_chosen() -> None:
    tables = replace(TABLES, open_departments=TABLES.open_departments - {"roads"})
    given_order().when(open_order(registered(), tables)).then(waiting(opened()), classified())


def test_an_order_is_opened_once() -> None:
    given_order(opened()).when(open_order(registered())).then_nothing()


def test_a_dispatcher_classifies_and_the_scope_table_transfers() -> None:
    given_order(opened(None)).when(classify("lighting")).then(classified(), transferred())
    given_order(opened(None)).when(classify("noise")).then(classified("noise"))


def test_a_later_classification_moves_nothing() -> None:
    """A73."""
    why = ReclassificationReason.NEW_FACTS
    given_order(*DISPATCHED).when(classify("noise", why)).then(classified("noise", was="lighting"))
    again = given_order(*DISPATCHED, returned(), classified("noise"))
    again.when(classify("lighting", why)).then(classified(was="noise"))


def test_only_a_category_of_the_table_classifies_and_only_what_lives() -> None:
    given_order(opened()).when(classify("unheard_of")).then_rejected(refusals.CategoryUnknownError)
    given_order(*RESOLVED).when(classify("noise")).then_rejected(refusals.OrderResolvedError)
    given_order(*RESOLVED, closed()).when(classify("noise")).then_rejected(refusals.OrderClosedError)
    given_order().when(classify("noise")).then_rejected(refusals.WorkOrderUnknownError)


def test_a_classification_that_is_already_so_is_nothing() -> None:
    given_order(*DISPATCHED).when(classify("lighting")).then_nothing()


def test_a_dispatcher_transfers_what_nobody_holds() -> None:
    """A74: each transfer is a hop, each hop has clocks of its own."""
    by_hand = transferred("police", scope_version=None)
    given_order(opened("noise"), classified("noise")).when(transfer("police")).then(by_hand)
    later = NOON + 2 * HOUR
    again = transferred("police", hop=2, at=later)
    given_order(*DISPATCHED, returned()).when(transfer("police", at=later)).then(again)
    given_order(*DISPATCHED).when(transfer("police", at=later)).then(again)


def test_a_transfer_to_the_department_that_holds_the_order_is_nothing() -> None:
    given_order(*SIGNED).when(transfer("roads")).then_nothing()


@pytest.mark.parametrize(
    ("history", "refusal"),
    [
        ((), refusals.WorkOrderUnknownError),
        ((opened(None),), refusals.OrderNotClassifiedError),
        (SIGNED, refusals.OrderSignedError),
        (RESOLVED, refusals.OrderResolvedError),
        ((*RESOLVED, closed()), refusals.OrderClosedError),
    ],
)
def test_a_transfer_needs_an_order_that_may_be_moved(history: Sequence[object], refusal: type[refusals.RefusalError]) -> None:
    given_order(*history).when(transfer("police")).then_rejected(refusal)


def test_nothing_is_transferred_to_a_department_that_takes_no_orders() -> None:
    given_order(*DISPATCHED, returned()).when(transfer("gone", takes_orders=False)).then_rejected(
        refusals.DepartmentNotOpenError
    )


def test_a_clock_that_would_end_in_an_unknown_year_is_refused() -> None:
    late = transfer("police", at=datetime(2031, 1, 1, tzinfo=NOON.tzinfo))
    given_order(*DISPATCHED, returned()).when(late).then_rejected(refusals.CalendarUnknownError)


def test_a_department_signs_once() -> None:
    """W1."""
    given_order(*DISPATCHED).when(sign()).then(signed())
    given_order(*SIGNED).when(sign(at=NOON + 2 * HOUR)).then_nothing()


def test_an_act_earlier_than_the_dispatch_is_refused() -> None:
    """A89: a few minutes of two machines' clocks are let pass."""
    given_order(*DISPATCHED).when(sign(at=NOON - HOUR)).then_rejected(refusals.BeforeDispatchError)
    at = NOON - timedelta(minutes=1)
    given_order(*DISPATCHED).when(sign(at=at)).then(signed(at))


def test_a_department_contacts_the_caller_once_a_stint() -> None:
    """A98, W2."""
    contacted = WorkOrderCallerContacted(
        work_order_id=ORDER, request_id=REQUEST, department="roads", contacted_by="handler", occurred_at=NOON + HOUR
    )
    given_order(*DISPATCHED).when(contact()).then(contacted)
    given_order(*DISPATCHED, contacted).when(contact()).then_nothing()
    given_order(*RESOLVED).when(contact()).then_rejected(refusals.OrderResolvedError)


def test_a_department_returns_what_it_holds_with_a_reason() -> None:
    """W10."""
    given_order(*DISPATCHED).when(give_back()).then(waiting(returned()))
    given_order(*SIGNED).when(give_back()).then(waiting(returned()))
    given_order(*DISPATCHED, returned()).when(give_back()).then_rejected(refusals.OrderNotHeldError)


def test_a_department_resolves_what_it_signed_for() -> None:
    """A95: the reply is sealed with the requester's key."""
    given_order(*SIGNED).when(resolve()).then(resolved())
    given_order(*DISPATCHED).when(resolve()).then_rejected(refusals.OrderNotSignedError)
    given_order(*RESOLVED).when(resolve()).then_rejected(refusals.OrderResolvedError)


@pytest.mark.parametrize("act", [sign("police"), contact("police"), give_back("police"), resolve("police")])
@pytest.mark.parametrize("history", [(), (opened(),), DISPATCHED, SIGNED, RESOLVED])
def test_another_departments_order_is_refused_like_a_missing_one(act: do.DepartmentAct, history: Sequence[object]) -> None:
    given_order(*history).when(act).then_rejected(refusals.WorkOrderUnknownError)


def test_rework_opens_the_same_order_for_the_same_department_in_a_new_round() -> None:
    """A108, W9: the round is counted and new clocks run."""
    given_order(*RESOLVED).when(rework()).then(reopened())
    given_order(*RESOLVED, reopened()).when(rework()).then_nothing()
    later = replace(resolve(), now=NOON + 3 * DAY)
    given_order(*RESOLVED, reopened(), signed()).when(later).then(resolved(2, NOON + 3 * DAY, reopened().resolve_due_at))


def test_rework_follows_a_resolution_of_the_round_before() -> None:
    given_order(*SIGNED).when(rework()).then_rejected(refusals.OrderNotResolvedError)
    given_order(*RESOLVED).when(rework(3)).then_rejected(refusals.OrderNotResolvedError)
    given_order(*RESOLVED, closed()).when(rework()).then_rejected(refusals.OrderClosedError)


def test_the_revisit_closes_a_resolved_order_once() -> None:
    """A96."""
    given_order(*RESOLVED).when(close()).then(closed())
    given_order(*RESOLVED, closed()).when(close()).then_nothing()
    given_order(*SIGNED).when(close()).then_rejected(refusals.OrderNotResolvedError)
    given_order(*RESOLVED).when(close(2)).then_rejected(refusals.OrderNotResolvedError)


def test_a_clock_that_runs_out_is_told_once_at_its_due_time() -> None:
    """A89, A90."""
    given_order(*DISPATCHED).when(passing(LimitKind.SIGN, SIGN_DUE)).then(passed(LimitKind.SIGN, SIGN_DUE))
    history = (*DISPATCHED, passed(LimitKind.SIGN, SIGN_DUE))
    given_order(*history).when(passing(LimitKind.SIGN, SIGN_DUE)).then_nothing()
    given_order(*SIGNED).when(passing(LimitKind.RESOLVE, RESOLVE_DUE)).then(passed(LimitKind.RESOLVE, RESOLVE_DUE))


def test_an_act_in_time_stops_its_clock_however_late_the_timer_is_processed() -> None:
    given_order(*SIGNED).when(passing(LimitKind.SIGN, SIGN_DUE)).then_nothing()
    given_order(*DISPATCHED, signed(SIGN_DUE)).when(passing(LimitKind.SIGN, SIGN_DUE)).then_nothing()
    given_order(*RESOLVED, closed()).when(passing(LimitKind.RESOLVE, RESOLVE_DUE)).then_nothing()


def test_an_act_after_the_due_time_does_not_hide_that_it_was_late() -> None:
    """The timer is processed after the late act, and the limit was passed all the same."""
    late = signed(SIGN_DUE + HOUR)
    given_order(*DISPATCHED, late).when(passing(LimitKind.SIGN, SIGN_DUE)).then(passed(LimitKind.SIGN, SIGN_DUE))


def test_a_return_stops_the_clocks_of_its_hop_and_of_no_other() -> None:
    second = transferred(hop=2, at=NOON + 2 * HOUR)
    history = (*DISPATCHED, returned(), second)
    given_order(*history).when(passing(LimitKind.SIGN, SIGN_DUE)).then_nothing()
    told = replace(passed(LimitKind.SIGN, second.sign_due_at), hop=2)
    given_order(*history).when(passing(LimitKind.SIGN, second.sign_due_at, hop=2)).then(told)
    too_late = (*DISPATCHED, returned(SIGN_DUE + HOUR))
    given_order(*too_late).when(passing(LimitKind.SIGN, SIGN_DUE)).then(passed(LimitKind.SIGN, SIGN_DUE))


def test_each_round_has_clocks_of_its_own() -> None:
    again = reopened()
    history = (*RESOLVED, again)
    given_order(*history).when(passing(LimitKind.RESOLVE, RESOLVE_DUE)).then_nothing()
    told = passed(LimitKind.SIGN, again.sign_due_at, round_=2)
    given_order(*history).when(passing(LimitKind.SIGN, again.sign_due_at, hop=None, round_=2)).then(told)


def test_a_transfer_and_a_rework_start_four_clocks_and_a_ladder_with_ids_of_their_own() -> None:
    """A89."""
    events = (transferred(), transferred(hop=2), reopened(), transferred(hop=3, round=2))
    timers = [timer for event in events for timer in work_order.decider.timers(event)]
    assert [timer.kind for timer in timers[:5]] == ["sign", "return", "contact", "resolve", "reminder"]
    assert timers[0].due_at == SIGN_DUE
    assert len({timer.timer_id for timer in timers}) == 20
    assert not work_order.decider.timers(signed())


def withdrawn(department: str | None) -> WorkOrderWithdrawn:
    return WorkOrderWithdrawn(work_order_id=ORDER, request_id=REQUEST, department=department, occurred_at=NOON + HOUR)


def test_an_order_nobody_signed_for_is_withdrawn_when_its_request_is_answered() -> None:
    """A67: what was answered at first contact needs no department."""
    withdraw = do.WithdrawOrder(now=NOON + HOUR)
    given(work_order.decider, opened(None)).when(withdraw).then(withdrawn(None))
    given(work_order.decider, opened(), classified(), transferred()).when(withdraw).then(withdrawn("roads"))


def test_an_order_that_was_signed_for_or_never_opened_is_not_withdrawn() -> None:
    withdraw = do.WithdrawOrder(now=NOON + HOUR)
    given(work_order.decider).when(withdraw).then_nothing()
    given(work_order.decider, opened(), classified(), transferred(), signed()).when(withdraw).then_nothing()


def test_a_withdrawn_order_takes_no_more_acts_and_its_clocks_have_stopped() -> None:
    history = (opened(), classified(), transferred(), withdrawn("roads"))
    given(work_order.decider, *history).when(do.WithdrawOrder(now=NOON + DAY)).then_nothing()
    sign = do.SignOrder(department="roads", by="handler", now=NOON + DAY)
    given(work_order.decider, *history).when(sign).then_rejected(refusals.OrderClosedError)
    limit = do.PassLimit(limit=LimitKind.SIGN, hop=1, round=1, now=SIGN_DUE)
    given(work_order.decider, *history).when(limit).then_nothing()
