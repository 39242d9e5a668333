"""Handling over HTTP: the department that has an order signs, contacts the requester and resolves."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hotline_chassis.answers import Accepted
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Text
from hotline_events.sealing import Sealed
from routing.adapters.api.acting import act, own
from routing.adapters.api.bodies import DeskOf, Happened, MayHandle
from routing.domain.work_order.commands import ContactCaller, ResolveOrder, SignOrder

router = APIRouter(tags=["work orders"])


class Resolve(Happened):
    """What was done, in words for the requester."""

    reply: Annotated[str, Text(20_000), Field(examples=["已更换灯泡。"])]


@router.post("/work-orders/{work_order_id}/sign", response_model=Accepted)
async def sign(work_order_id: UUID, body: Happened, principal: MayHandle, submit: Submit, desk: DeskOf) -> Response:
    """Sign for the order."""
    command = SignOrder(department=own(principal), by=principal.actor_id, now=body.at(desk.clock))
    return await act(desk, work_order_id, command, submit, principal)


@router.post("/work-orders/{work_order_id}/contact", response_model=Accepted)
async def contact(work_order_id: UUID, body: Happened, principal: MayHandle, submit: Submit, desk: DeskOf) -> Response:
    """Say that the requester was reached."""
    command = ContactCaller(department=own(principal), by=principal.actor_id, now=body.at(desk.clock))
    return await act(desk, work_order_id, command, submit, principal)


@router.post("/work-orders/{work_order_id}/resolve", response_model=Accepted)
async def resolve(work_order_id: UUID, body: Resolve, principal: MayHandle, submit: Submit, desk: DeskOf) -> Response:
    """Report the matter handled."""
    command = ResolveOrder(
        department=own(principal), reply=Sealed(body.reply), book=desk.book, by=principal.actor_id, now=body.at(desk.clock)
    )
    return await act(desk, work_order_id, command, submit, principal)
