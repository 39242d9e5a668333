"""Dispatching over HTTP: dispatchers classify and transfer, departments give back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Text
from hotline_events.catalogue.routing import ReturnReason
from hotline_events.sealing import Sealed
from routing import application
from routing.adapters.api.acting import act, own
from routing.adapters.api.bodies import DeskOf, Happened, MayClassify, MayHandle, MayTransfer
from routing.domain.work_order.commands import ReturnOrder

router = APIRouter(tags=["work orders"])


class Classify(Happened):
    """A category of the category table."""

    category: Annotated[str, Text(120), Field(examples=["street_lighting"])]


class Transfer(Happened):
    """The department that a dispatcher chose."""

    department: Annotated[str, Text(32), Field(examples=["roads"])]


class Return(Happened):
    """Why the department gives the order back."""

    reason: Annotated[ReturnReason, Field(examples=["not_ours"])]
    note: Annotated[str, Text(4000), Field(examples=["该路段属于市政管理。"])] | None = None


@router.post("/work-orders/{work_order_id}/classify", response_model=Accepted)
async def classify(work_order_id: UUID, body: Classify, principal: MayClassify, submit: Submit, desk: DeskOf) -> Response:
    """Give the order a category; the scope table then chooses its first department, where it names exactly one."""
    done = await application.classify(
        desk,
        work_order_id,
        body.category,
        by=principal.actor_id,
        now=body.at(desk.clock),
        submission=await submit.by(principal),
    )
    return accepted(done, work_order_id)


@router.post("/work-orders/{work_order_id}/transfer", response_model=Accepted)
async def transfer(work_order_id: UUID, body: Transfer, principal: MayTransfer, submit: Submit, desk: DeskOf) -> Response:
    """Put the order into a department's queue: one that nobody holds, or that was not yet signed for."""
    done = await application.transfer(
        desk,
        work_order_id,
        body.department,
        by=principal.actor_id,
        now=body.at(desk.clock),
        submission=await submit.by(principal),
    )
    return accepted(done, work_order_id)


@router.post("/work-orders/{work_order_id}/return", response_model=Accepted)
async def return_order(work_order_id: UUID, body: Return, principal: MayHandle, submit: Submit, desk: DeskOf) -> Response:
    """Give the order back to the dispatcher."""
    command = ReturnOrder(
        department=own(principal),
        reason=body.reason,
        note=None if body.note is None else Sealed(body.note),
        by=principal.actor_id,
        now=body.at(desk.clock),
    )
    return await act(desk, work_order_id, command, submit, principal)
