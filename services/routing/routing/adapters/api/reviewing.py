"""What the hotline does about an order on its way, and what a second person says of it (A28, A69, A92, A95, A97-A99)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hotline_chassis.answers import Accepted
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Text, YesNo
from hotline_events.catalogue.routing import ClosingException, ReviewResult, UnresolvableReason
from hotline_events.sealing import Sealed
from routing.adapters.api.acting import act, direct, own
from routing.adapters.api.bodies import DeskOf, Happened, MayCloseOrders, MayHandle, MayReview, MayTrack
from routing.domain.work_order.commands import (
    CloseByHand,
    CorrectReply,
    FileUnresolvable,
    InformCaller,
    RecordContact,
    ReportInvestigation,
    ReviewReply,
    ReviewUnresolvable,
)

router = APIRouter(tags=["handling"])
Evidence = Annotated[tuple[UUID, ...], Field(max_length=50, examples=[["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e10"]])]
Said = Annotated[str, Text(20_000), Field(examples=["已派人到现场核实。"])]


class Investigation(Happened):
    """What the department found, and the ids of its evidence."""

    finding: Annotated[str, Text(20_000), Field(examples=["经现场核实，情况属实。"])]
    evidence: Evidence = ()


class DepartmentContact(Happened):
    """Whom the hotline asked, and what was said; the department that has the order when none is named."""

    department: Annotated[str, Text(32), Field(examples=["roads"])] | None = None
    contact: Annotated[str, Text(200), Field(examples=["王科长"])]
    said: Said | None = None


class Inform(Happened):
    """What the caller was told, or asked."""

    said: Said | None = None


class ReplyReview(Happened):
    """Whether the reply answers what was asked."""

    result: Annotated[ReviewResult, Field(examples=["ok"])]
    reason: Annotated[str, Text(4000), Field(examples=["未答复何时修复。"])] | None = None


class Corrected(Happened):
    """The reply, written anew."""

    reply: Annotated[str, Text(20_000), Field(examples=["已于3月4日更换灯泡。"])]


class Unresolvable(Happened):
    """Why the matter cannot be resolved, and on what evidence."""

    reason: Annotated[UnresolvableReason, Field(examples=["no_policy"])]
    finding: Annotated[str, Text(20_000), Field(examples=["现行政策无此项补贴。"])]
    evidence: Evidence = ()


class UnresolvableReview(Happened):
    """Whether a second person agrees, and what the caller is told then."""

    agreed: Annotated[YesNo, Field(examples=[True])]
    reply: Annotated[str, Text(20_000), Field(examples=["现行政策无此项补贴，特此说明。"])] | None = None
    note: Annotated[str, Text(4000), Field(examples=["依据充分。"])] | None = None


class Closing(Happened):
    """On what exception the order is closed although the caller said nothing about the result, and why."""

    exception: Annotated[ClosingException | None, Field(examples=["caller_withdrew"])] = None
    note: Annotated[str, Text(4000), Field(examples=["本人来电撤回。"])] | None = None


@router.post("/work-orders/{work_order_id}/investigation", response_model=Accepted)
async def investigate(work_order_id: UUID, body: Investigation, principal: MayHandle, submit: Submit, desk: DeskOf) -> Response:
    """Report what was found (情况核实); complaints and reports need it, with evidence, before they are resolved."""
    command = ReportInvestigation(
        department=own(principal),
        finding=Sealed(body.finding),
        evidence=body.evidence,
        book=desk.book,
        by=principal.actor_id,
        now=body.at(desk.clock),
    )
    return await act(desk, work_order_id, command, submit, principal)


@router.post("/work-orders/{work_order_id}/department-contact", response_model=Accepted)
async def contact_department(
    work_order_id: UUID, body: DepartmentContact, principal: MayTrack, submit: Submit, desk: DeskOf
) -> Response:
    """Note when the hotline asked a department how the matter goes, and whom (跟踪查询)."""
    command = RecordContact(
        contacted_department=body.department,
        contact=Sealed(body.contact),
        said=Sealed.of(body.said),
        book=desk.book,
        by=principal.actor_id,
        now=body.at(desk.clock),
    )
    return await direct(desk, work_order_id, command, submit, principal)


@router.post("/work-orders/{work_order_id}/inform", response_model=Accepted)
async def inform(work_order_id: UUID, body: Inform, principal: MayTrack, submit: Submit, desk: DeskOf) -> Response:
    """Tell the caller the result (情况反馈)."""
    command = InformCaller(said=Sealed.of(body.said), book=desk.book, by=principal.actor_id, now=body.at(desk.clock))
    return await direct(desk, work_order_id, command, submit, principal)


@router.post("/work-orders/{work_order_id}/reply-review", response_model=Accepted)
async def review_reply(work_order_id: UUID, body: ReplyReview, principal: MayReview, submit: Submit, desk: DeskOf) -> Response:
    """Say whether the reply answers the question; one that does not goes back once."""
    command = ReviewReply(
        result=body.result,
        reason=Sealed.of(body.reason),
        book=desk.book,
        by=principal.actor_id,
        now=body.at(desk.clock),
    )
    return await direct(desk, work_order_id, command, submit, principal)


@router.post("/work-orders/{work_order_id}/reply-correction", response_model=Accepted)
async def correct_reply(work_order_id: UUID, body: Corrected, principal: MayHandle, submit: Submit, desk: DeskOf) -> Response:
    """Write a reply anew that was sent back."""
    command = CorrectReply(
        department=own(principal), reply=Sealed(body.reply), book=desk.book, by=principal.actor_id, now=body.at(desk.clock)
    )
    return await act(desk, work_order_id, command, submit, principal)


@router.post("/work-orders/{work_order_id}/unresolvable", response_model=Accepted)
async def file_unresolvable(
    work_order_id: UUID, body: Unresolvable, principal: MayHandle, submit: Submit, desk: DeskOf
) -> Response:
    """Say that the matter cannot be resolved, why, and on what evidence; a second person judges."""
    command = FileUnresolvable(
        department=own(principal),
        reason=body.reason,
        finding=Sealed(body.finding),
        evidence=body.evidence,
        by=principal.actor_id,
        now=body.at(desk.clock),
    )
    return await act(desk, work_order_id, command, submit, principal)


@router.post("/work-orders/{work_order_id}/unresolvable-review", response_model=Accepted)
async def review_unresolvable(
    work_order_id: UUID, body: UnresolvableReview, principal: MayReview, submit: Submit, desk: DeskOf
) -> Response:
    """Agree that the matter cannot be resolved, with what the caller is told; or let the department go on."""
    command = ReviewUnresolvable(
        agreed=body.agreed,
        reply=Sealed.of(body.reply),
        note=Sealed.of(body.note),
        by=principal.actor_id,
        now=body.at(desk.clock),
    )
    return await direct(desk, work_order_id, command, submit, principal)


@router.post("/work-orders/{work_order_id}/close", response_model=Accepted)
async def close(work_order_id: UUID, body: Closing, principal: MayCloseOrders, submit: Submit, desk: DeskOf) -> Response:
    """Close a resolved order on a documented exception; refused with the step that is missing."""
    command = CloseByHand(
        exception=body.exception, note=Sealed.of(body.note), book=desk.book, by=principal.actor_id, now=body.at(desk.clock)
    )
    return await direct(desk, work_order_id, command, submit, principal)
