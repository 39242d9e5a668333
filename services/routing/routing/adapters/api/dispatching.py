"""Dispatching over HTTP: dispatchers classify and transfer, departments name who answers, report their part and give back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Text, YesNo
from hotline_events.catalogue.intake import RequesterClass
from hotline_events.catalogue.routing import ReclassificationReason, ReturnReason
from hotline_events.sealing import Sealed
from hotline_rules.sections.orders import AnswerClass
from routing.adapters.api.acting import act, own
from routing.adapters.api.bodies import DeskOf, Happened, MayClassify, MayHandle, MayTransfer
from routing.application import dispatching as use
from routing.domain.work_order.commands import AssignHandler, ReportPart

router = APIRouter(tags=["work orders"])


class Classify(Happened):
    """A category of the category table; an order that has one is given another one only with a reason."""

    category: Annotated[str, Text(120), Field(examples=["street_lighting"])]
    confidence: Annotated[
        int | None, Field(strict=True, ge=0, le=100, description="How sure the classifier is, in percent.", examples=[90])
    ] = None
    answer_class: Annotated[
        AnswerClass | None, Field(description="How soon it is answered; else as the tables say.", examples=["same_day"])
    ] = None
    requester_class: Annotated[
        RequesterClass | None, Field(description="Whose protocol it goes by.", examples=["natural_person"])
    ] = None
    reason: Annotated[ReclassificationReason | None, Field(examples=["misclassified"])] = None


class Transfer(Happened):
    """The department that a dispatcher chose, and those who help it."""

    department: Annotated[str, Text(32), Field(examples=["roads"])]
    support: Annotated[
        list[Annotated[str, Text(32)]],
        Field(default_factory=list, max_length=10, description="Co-handling departments.", examples=[["parks"]]),
    ]


class Return(Happened):
    """Why the department gives the order back."""

    reason: Annotated[ReturnReason, Field(examples=["not_ours"])]
    note: Annotated[str, Text(4000), Field(examples=["该路段属于市政管理。"])] | None = None
    arbitration: Annotated[
        YesNo, Field(description="Ask the office to decide: for what the scope table gives to the department.")
    ] = False


class Handler(Happened):
    """The account of the person who answers for the order in the department."""

    handler: Annotated[str, Text(120, pattern="^[A-Za-z0-9][A-Za-z0-9_.:@-]*$"), Field(examples=["handler@roads"])]


class Part(Happened):
    """What a co-handling department did."""

    report: Annotated[str, Text(20_000), Field(examples=["树枝已修剪。"])]


@router.post("/work-orders/{work_order_id}/classify", response_model=Accepted)
async def classify(work_order_id: UUID, body: Classify, principal: MayClassify, submit: Submit, desk: DeskOf) -> Response:
    """Give the order a category; protocol, precedent or scope table then choose its first department, where they can."""
    said = use.Classification(**body.model_dump(exclude={"occurred_at"}))
    by = use.By(actor=principal.actor_id, now=body.at(desk.clock), submission=await submit.by(principal))
    return accepted(await use.classify(desk, work_order_id, said, by), work_order_id)


@router.post("/work-orders/{work_order_id}/transfer", response_model=Accepted)
async def transfer(work_order_id: UUID, body: Transfer, principal: MayTransfer, submit: Submit, desk: DeskOf) -> Response:
    """Put the order into a department's queue: one that nobody holds, or that was not yet signed for."""
    by = use.By(actor=principal.actor_id, now=body.at(desk.clock), submission=await submit.by(principal))
    support = tuple(dict.fromkeys(body.support))
    return accepted(await use.transfer(desk, work_order_id, body.department, support, by), work_order_id)


@router.post("/work-orders/{work_order_id}/return", response_model=Accepted)
async def return_order(work_order_id: UUID, body: Return, principal: MayHandle, submit: Submit, desk: DeskOf) -> Response:
    """Give the order back to the dispatcher, or to the office to decide."""
    said = use.GivingBack(
        department=own(principal),
        reason=body.reason,
        note=Sealed.of(body.note),
        demands_arbitration=body.arbitration,
    )
    by = use.By(actor=principal.actor_id, now=body.at(desk.clock), submission=await submit.by(principal))
    return accepted(await use.give_back(desk, work_order_id, said, by), work_order_id)


@router.post("/work-orders/{work_order_id}/handler", response_model=Accepted)
async def assign_handler(work_order_id: UUID, body: Handler, principal: MayHandle, submit: Submit, desk: DeskOf) -> Response:
    """Name the person who answers for the order in the department that has it."""
    command = AssignHandler(department=own(principal), handler=body.handler, by=principal.actor_id, now=body.at(desk.clock))
    return await act(desk, work_order_id, command, submit, principal)


@router.post("/work-orders/{work_order_id}/part", response_model=Accepted)
async def report_part(work_order_id: UUID, body: Part, principal: MayHandle, submit: Submit, desk: DeskOf) -> Response:
    """Report the part of a co-handling department."""
    command = ReportPart(department=own(principal), report=Sealed(body.report), by=principal.actor_id, now=body.at(desk.clock))
    return await act(desk, work_order_id, command, submit, principal)
