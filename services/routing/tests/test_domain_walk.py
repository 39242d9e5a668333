"""Whatever is asked of an order in whatever sequence, what always holds of its clocks, its ladder and its closing holds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline_events.catalogue.routing import (
    ClosingException,
    ReturnReason,
    ReviewResult,
    SupervisionGround,
    UnresolvableReason,
    WorkOrderClosed,
    WorkOrderExtensionGranted,
    WorkOrderReopened,
    WorkOrderResolved,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_rules.pack import load_pack
from routing.domain.work_order import Status
from routing.domain.work_order import commands as do
from routing.domain.work_order.standing import HELD

RULES = load_pack("default")
TEXT = Sealed("原文")
ONE = UUID(int=61)


def case_of(order: Any) -> UUID:
    case = order.order.supervising.last
    return case.supervision_id if case is not None else ONE


def extension_of(order: Any) -> UUID:
    waiting = order.order.extending.waiting
    return waiting.extension_id if waiting is not None else UUID(int=len(order.history) + 1000)


ACTS: dict[str, Callable[[Any], Any]] = {
    "wait": lambda order: order.wait_until(order.now + timedelta(days=2)),
    "wait long": lambda order: order.wait_until(order.now + timedelta(days=9)),
    "sign": lambda order: order.ask(do.SignOrder),
    "contact": lambda order: order.ask(do.ContactCaller),
    "investigate": lambda order: order.ask(do.ReportInvestigation, finding=TEXT, evidence=(ONE,)),
    "resolve": lambda order: order.ask(do.ResolveOrder, reply=TEXT),
    "return": lambda order: order.ask(do.ReturnOrder, reason=ReturnReason.NOT_OURS),
    "transfer": lambda order: order.transfer("parks" if order.department == "roads" else "roads"),
    "urge": lambda order: order.ask(do.UrgeOrder, by="agent-7"),
    "supervise": lambda order: order.ask(
        do.OpenSupervision,
        supervision_id=UUID(int=len(order.history) + 2000),
        ground=SupervisionGround.HOT_ISSUE,
        instruction=None,
        due_at=None,
    ),
    "answer": lambda order: order.ask(do.AnswerSupervision, supervision_id=case_of(order), answer=TEXT),
    "accept": lambda order: order.ask(do.CloseSupervision, supervision_id=case_of(order), by="oversight"),
    "ask for time": lambda order: order.ask(
        do.RequestExtension, extension_id=extension_of(order), reason=TEXT, until=order.now + timedelta(days=12)
    ),
    "explain": lambda order: order.ask(do.ExplainDeferral, extension_id=extension_of(order), understood=True),
    "grant": lambda order: order.ask(do.GrantExtension, extension_id=extension_of(order), until=None, by="dispatcher"),
    "deny": lambda order: order.ask(do.DenyExtension, extension_id=extension_of(order), reason=TEXT, by="dispatcher"),
    "track": lambda order: order.ask(do.RecordContact, contacted_department=None, contact=TEXT, said=None, by="agent-7"),
    "inform": lambda order: order.ask(do.InformCaller, said=None, by="agent-7"),
    "send back": lambda order: order.ask(do.ReviewReply, result=ReviewResult.SENT_BACK, reason=TEXT, by="leader"),
    "correct": lambda order: order.ask(do.CorrectReply, reply=TEXT),
    "file": lambda order: order.ask(do.FileUnresolvable, reason=UnresolvableReason.NO_POLICY, finding=TEXT, evidence=(ONE,)),
    "agree": lambda order: order.ask(do.ReviewUnresolvable, agreed=True, reply=TEXT, note=None, by="leader"),
    "end": lambda order: order.ask(do.CloseOrder, revisit_id=ONE, round=order.order.stint.round, reached=True),
    "rework": lambda order: order.ask(do.ReworkOrder, revisit_id=ONE, round=order.order.stint.round + 1, rules=RULES),
    "except": lambda order: order.ask(do.CloseByHand, exception=ClosingException.CALLER_WITHDREW, note=TEXT, by="leader"),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(("help", "complaint")), acts=st.lists(st.sampled_from(sorted(ACTS)), max_size=25))
def test_whatever_is_asked_in_whatever_sequence_what_always_holds_holds(life: Any, kind: str, acts: list[str]) -> None:
    """A69, A89, A90, A91, A92, A93."""
    order = life(kind)
    for act in acts:
        before = order.order
        try:
            ACTS[act](order)
        except RefusalError:
            assert order.order == before
        holds(order, kind)


def holds(order: Any, kind: str) -> None:
    now = order.order
    ladder = now.urging.ladder
    if now.status in HELD and ladder.next_rung is not None:
        waiting = [timer for timer in order.timers.values() if timer.kind == ladder.next_rung]
        assert any(timer.due_at == ladder.next_rung_at for timer in waiting)
    for event in order.history:
        if isinstance(event, WorkOrderExtensionGranted):
            assert event.due_before < event.resolve_due_at
    if kind == "complaint":
        told: set[str] = set()
        for event in order.history:
            if isinstance(event, WorkOrderReopened):
                told = set()
            if isinstance(event, WorkOrderResolved):
                assert {"WorkOrderInvestigationReported", "WorkOrderUnresolvableFiled"} & told
            if isinstance(event, WorkOrderClosed):
                assert "WorkOrderDepartmentContacted" in told
            told.add(type(event).__name__)
    assert now.supervising.current is None or now.status not in {Status.RETURNED, Status.CLOSED}
    assert sum(isinstance(event, WorkOrderClosed) for event in order.history) <= now.stint.round
