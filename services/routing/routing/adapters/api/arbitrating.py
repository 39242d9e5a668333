"""Arbitration, precedents and merging over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Text, YesNo
from hotline_events.catalogue.routing import MergeReason, RevocationReason, UnmergeReason
from hotline_events.sealing import Sealed
from routing import application
from routing.adapters.api.bodies import (
    AnyId,
    DeskOf,
    Happened,
    MayArbitrate,
    MayMerge,
    MayRevokePrecedents,
    MayTransfer,
)
from routing.application import dispatching as use
from routing.domain.work_order.commands import OpenArbitration, UnmergeOrder

router = APIRouter(tags=["work orders"])


class Decide(Happened):
    """The department to which the office assigns the order, and why; with a precedent the next like case goes there too."""

    department: Annotated[str, Text(32), Field(examples=["roads"])]
    grounds: Annotated[str, Text(4000), Field(examples=["依据三定方案,道路照明由市政管理。"])]
    precedent: Annotated[YesNo, Field(description="Whether the next case of this category and area goes there.")] = True


class Merge(Happened):
    """The order to follow, and why both are one matter."""

    lead_id: AnyId
    reason: Annotated[MergeReason, Field(examples=["same_event"])]


class Unmerge(Happened):
    """Why the order goes its own way again."""

    reason: Annotated[
        Literal[UnmergeReason.ANOTHER_MATTER, UnmergeReason.ANOTHER_PLACE, UnmergeReason.MERGED_IN_ERROR],
        Field(examples=["another_place"]),
    ]


class Revoke(Happened):
    """Why the precedent holds no more."""

    reason: Annotated[RevocationReason, Field(examples=["scope_table_changed"])]


@router.put("/work-orders/{work_order_id}/arbitration", response_model=Accepted)
async def open_arbitration(
    work_order_id: UUID, body: Happened, principal: MayTransfer, submit: Submit, desk: DeskOf
) -> Response:
    """Ask the office whose an order is that a department gave back."""
    command = OpenArbitration(by=principal.actor_id, now=body.at(desk.clock))
    return accepted(await application.execute(desk, work_order_id, command, await submit.by(principal)), work_order_id)


@router.post("/work-orders/{work_order_id}/arbitration/decision", response_model=Accepted)
async def decide(work_order_id: UUID, body: Decide, principal: MayArbitrate, submit: Submit, desk: DeskOf) -> Response:
    """Assign the order for good: the department cannot give it back."""
    decision = use.Assignment(department=body.department, grounds=Sealed(body.grounds), sets_precedent=body.precedent)
    by = use.By(actor=principal.actor_id, now=body.at(desk.clock), submission=await submit.by(principal))
    return accepted(await use.arbitrate(desk, work_order_id, decision, by), work_order_id)


@router.post("/work-orders/{work_order_id}/merge", response_model=Accepted)
async def merge(work_order_id: UUID, body: Merge, principal: MayMerge, submit: Submit, desk: DeskOf) -> Response:
    """Let the order follow another one about the same matter: what resolves that one resolves this one for its own caller."""
    by = use.By(actor=principal.actor_id, now=body.at(desk.clock), submission=await submit.by(principal))
    return accepted(await use.merge(desk, work_order_id, body.lead_id, body.reason, by), work_order_id)


@router.post("/work-orders/{work_order_id}/unmerge", response_model=Accepted)
async def unmerge(work_order_id: UUID, body: Unmerge, principal: MayMerge, submit: Submit, desk: DeskOf) -> Response:
    """Let the order go its own way again, where it was and with the due times it had."""
    command = UnmergeOrder(reason=body.reason, book=desk.book, by=principal.actor_id, now=body.at(desk.clock))
    return accepted(await application.execute(desk, work_order_id, command, await submit.by(principal)), work_order_id)


@router.post("/precedents/{precedent_id}/revoke", response_model=Accepted)
async def revoke(precedent_id: UUID, body: Revoke, principal: MayRevokePrecedents, submit: Submit, desk: DeskOf) -> Response:
    """Let a precedent hold no more."""
    by = use.By(actor=principal.actor_id, now=body.at(desk.clock), submission=await submit.by(principal))
    return accepted(await use.revoke_precedent(desk, precedent_id, body.reason, by), precedent_id)
