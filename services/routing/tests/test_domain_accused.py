"""The department that a matter accuses is never asked to look into it, by whatever way an order is dispatched."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.intake import (
    Channel,
    Confidentiality,
    CorrectionReason,
    RequestCorrected,
    RequestRegistered,
    RequestType,
)
from hotline_events.catalogue.routing import (
    ClosingException,
    ReturnReason,
    ReviewResult,
    WorkOrderAccusedNamed,
    WorkOrderClassified,
    WorkOrderOpened,
    WorkOrderTransferred,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, enveloped, given
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from routing.adapters.subscriber import on_emergency_registered, react_with
from routing.domain import work_order
from routing.domain.tables import Tables
from routing.domain.work_order import commands as do
from routing.domain.work_order import refusals

ORDER, REQUEST, REQUESTER = (UUID(int=n) for n in range(1, 4))
RULES = load_pack("default")
TABLES = Tables(
    category_version=1,
    categories=frozenset({"conduct"}),
    scope_version=1,
    departments_of={("conduct", None): ("roads",)},
    open_departments=frozenset({"roads", "inspection"}),
)
SIGN = do.SignOrder(department="roads", by="handler-3", now=NOON)
NAMED = do.NameAccused(department="roads", book=RuleBook(RULES), now=NOON)


def complaint(accused: str | None = "roads", at: datetime = NOON) -> RequestRegistered:
    return RequestRegistered(
        request_id=REQUEST,
        requester_id=REQUESTER,
        channel=Channel.PHONE,
        request_type=RequestType.COMPLAINT,
        title=Sealed("工作人员态度恶劣"),
        matter=Sealed("窗口人员推诿。"),
        category="conduct",
        confidentiality=Confidentiality.SENSITIVE,
        accused_department=accused,
        first_contact="agent-7",
        occurred_at=at,
    )


def opening(request: RequestRegistered) -> do.OpenWorkOrder:
    return do.OpenWorkOrder(work_order_id=ORDER, request=request, tables=TABLES, rules=RULES, by="desk", now=NOON)


def history(accused: str | None = "roads") -> list[object]:
    return list(work_order.decider.decide(work_order.decider.initial, opening(complaint(accused))))


def transfer(to: str) -> do.TransferOrder:
    return do.TransferOrder(department=to, takes_orders=True, rules=RULES, by="dispatcher", now=NOON)


def test_an_order_knows_how_confidential_it_is_and_whom_it_accuses() -> None:
    """A29, A145."""
    opened = history()[0]
    assert isinstance(opened, WorkOrderOpened)
    assert (opened.confidentiality, opened.accused_department) == (Confidentiality.SENSITIVE, "roads")


def test_the_scope_table_never_sends_a_matter_to_the_department_it_accuses() -> None:
    """A144: it is classified and waits for a dispatcher; one that accuses nobody, or another, goes by the table."""
    assert [type(event) for event in history()] == [WorkOrderOpened, WorkOrderClassified]
    for accused in (None, "inspection"):
        assert [type(event) for event in history(accused)] == [WorkOrderOpened, WorkOrderClassified, WorkOrderTransferred]


def test_a_dispatcher_cannot_transfer_a_matter_to_the_department_it_accuses() -> None:
    """A29, A144."""
    given(work_order.decider, *history()).when(transfer("roads")).then_rejected(refusals.AccusedDepartmentError)
    (transferred,) = given(work_order.decider, *history()).when(transfer("inspection")).events
    assert transferred.department == "inspection"


@pytest.mark.parametrize("accused", [None, "inspection"])
def test_a_matter_that_accuses_somebody_else_is_transferred_as_any(accused: str | None) -> None:
    """A144."""
    fresh = history(accused)[:2]
    (transferred,) = given(work_order.decider, *fresh).when(transfer("roads")).events
    assert transferred.department == "roads"


def test_an_emergency_is_not_told_to_the_department_that_the_matter_accuses() -> None:
    """A79, A144: crew and leader are told; another department would be."""
    told = {
        accused: on_emergency_registered(complaint(accused), TABLES, RULES).command.department
        for accused in ("roads", "inspection", None)
    }
    assert told == {"roads": None, "inspection": "roads", None: "roads"}


def test_who_turns_out_to_be_accused_has_the_order_taken_away_and_gets_it_no_more() -> None:
    """A29, A144: even when it was signed there, which nobody else loses an order over; nothing is left for them to do."""
    held = history(None)
    held += work_order.decider.decide(work_order.decider.fold(held), SIGN)
    given(work_order.decider, *held).when(transfer("inspection")).then_rejected(refusals.OrderSignedError)
    named, taken = given(work_order.decider, *held).when(NAMED).events
    assert isinstance(named, WorkOrderAccusedNamed)
    assert (taken.reason, taken.department, taken.returned_by) == (ReturnReason.ACCUSED, "roads", "service:routing")
    held += [named, taken]
    given(work_order.decider, *held).when(NAMED).then_nothing()
    given(work_order.decider, *held).when(SIGN).then_rejected(refusals.WorkOrderUnknownError)
    given(work_order.decider, *held).when(transfer("roads")).then_rejected(refusals.AccusedDepartmentError)
    (sent,) = given(work_order.decider, *held).when(transfer("inspection")).events[-1:]
    assert sent.department == "inspection"
    given(work_order.decider).when(NAMED).then_nothing()


def test_who_turns_out_to_be_accused_helps_no_more(life: Any) -> None:
    """A73, A144."""
    order = life()
    order.ask(do.ReturnOrder, reason=ReturnReason.DUPLICATE)
    order.decide(replace(transfer("parks"), support=("police",)))
    assert order.order.is_known_to("police")
    assert order.ask(do.NameAccused, department="police") == ["accused_named"]
    assert not order.order.is_known_to("police")
    with pytest.raises(refusals.WorkOrderUnknownError):
        order.ask(do.ReportPart, department="police", report=Sealed("已查"))
    assert order.order.department == "parks"


def test_the_accused_of_a_matter_with_a_result_write_nothing_about_it_any_more(life: Any) -> None:
    """A97, A144."""
    order = life()
    order.ask(do.SignOrder)
    order.ask(do.ResolveOrder, reply=Sealed("已处理"))
    assert order.ask(do.NameAccused) == ["accused_named"]
    order.ask(do.ReviewReply, result=ReviewResult.SENT_BACK, reason=Sealed("答非所问"), by="leader")
    with pytest.raises(refusals.WorkOrderUnknownError):
        order.ask(do.CorrectReply, reply=Sealed("已换灯"))


def test_a_correction_in_intake_tells_the_order_whom_the_matter_accuses() -> None:
    """A43, A144."""
    corrected = RequestCorrected(
        request_id=REQUEST,
        requester_id=REQUESTER,
        field="accused_department",
        became_value="roads",
        reason=CorrectionReason.MISHEARD,
        signed_by="agent-7",
        occurred_at=NOON,
    )
    react = react_with(TABLES, RuleBook(RULES))
    (reaction,) = react(enveloped(corrected, position=1, stream="request-1", version=2))
    assert (reaction.aggregate_id, reaction.command) == (
        work_order.work_order_id_of(REQUEST),
        do.NameAccused(department="roads", book=reaction.command.book, now=NOON),
    )


def test_a_closed_order_remembers_whom_it_turns_out_to_accuse(life: Any) -> None:
    """A29, A69, A108, A144: rework after a closing on an exception goes to a dispatcher, and never to the accused."""
    order = life()
    order.ask(do.SignOrder)
    order.ask(do.ResolveOrder, reply=Sealed("已处理"))
    order.ask(do.InformCaller, said=None)
    order.ask(do.CloseByHand, exception=ClosingException.CALLER_WITHDREW, note=Sealed("来电撤回"), by="leader")
    assert order.ask(do.NameAccused) == ["accused_named"]
    assert order.ask(do.NameAccused) == []
    assert order.ask(do.ReworkOrder, revisit_id=UUID(int=9), round=2) == ["reopened", "returned"]
    assert order.history[-1].reason is ReturnReason.ACCUSED
    with pytest.raises(refusals.AccusedDepartmentError):
        order.transfer("roads")
    order.transfer("parks")
    assert order.order.department == "parks"
