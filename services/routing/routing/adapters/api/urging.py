"""Urging and supervision over HTTP (A90, A91)."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit
from hotline_chassis.fields import AnyUtcDatetime, Text
from hotline_events.catalogue.routing import SupervisionGround
from hotline_events.sealing import Sealed
from routing import application
from routing.adapters.api.acting import act, direct, own
from routing.adapters.api.bodies import CREATED, DeskOf, Happened, MayHandle, MaySupervise, MayUrge
from routing.domain.work_order.commands import (
    AnswerSupervision,
    CloseSupervision,
    OpenSupervision,
    SendBackSupervision,
    UrgeOrder,
)

router = APIRouter(tags=["urging"])
CASE = "/work-orders/{work_order_id}/supervisions/{supervision_id}"
Reason = Annotated[str, Text(4000), Field(examples=["等待配件到货。"])]
ByHand = Literal["leader_instruction", "hot_issue", "repeated_complaint", "inspection"]


class Urge(Happened):
    """Why the department is urged."""

    reason: Annotated[str, Text(4000), Field(examples=["诉求人再次来电。"])] | None = None


class Supervise(Happened):
    """Why the order is supervised, what the supervisor wants, and by when; the pack's span when nothing is said."""

    ground: Annotated[ByHand, Field(examples=["leader_instruction"])]
    instruction: Annotated[str, Text(4000), Field(examples=["请于周五前办结。"])] | None = None
    due_at: Annotated[AnyUtcDatetime | None, Field(examples=["2026-03-06T10:00:00Z"])] = None


class Answer(Happened):
    """What the department answers the supervisor."""

    answer: Annotated[str, Text(20_000), Field(examples=["配件已到，周四更换。"])]


class Because(Happened):
    """A decision against something is given a reason."""

    reason: Reason


@router.post("/work-orders/{work_order_id}/urge", response_model=Accepted)
async def urge(work_order_id: UUID, body: Urge, principal: MayUrge, submit: Submit, desk: DeskOf) -> Response:
    """Urge the department by hand, because the caller called again; the nth urge opens supervision."""
    reason = Sealed.of(body.reason)
    command = UrgeOrder(reason=reason, book=desk.book, by=principal.actor_id, now=body.at(desk.clock))
    return await direct(desk, work_order_id, command, submit, principal)


@router.put(CASE, status_code=201, response_model=Accepted, responses=CREATED)
async def supervise(
    *, work_order_id: UUID, supervision_id: UUID, body: Supervise, principal: MaySupervise, submit: Submit, desk: DeskOf
) -> Response:
    """Open supervision of an order that is in a department's hands: one case at a time."""
    command = OpenSupervision(
        supervision_id=supervision_id,
        ground=SupervisionGround(body.ground),
        instruction=Sealed.of(body.instruction),
        due_at=body.due_at,
        book=desk.book,
        by=principal.actor_id,
        now=body.at(desk.clock),
    )
    submission = await submit.by(principal, creates=f"supervision-{work_order_id}-{supervision_id}")
    done = await application.direct(desk, work_order_id, command, submission)
    return accepted(done, supervision_id, created=bool(done.events))


@router.post(CASE + "/answer", response_model=Accepted)
async def answer_supervision(
    *, work_order_id: UUID, supervision_id: UUID, body: Answer, principal: MayHandle, submit: Submit, desk: DeskOf
) -> Response:
    """Answer the supervisor."""
    command = AnswerSupervision(
        department=own(principal),
        supervision_id=supervision_id,
        answer=Sealed(body.answer),
        by=principal.actor_id,
        now=body.at(desk.clock),
    )
    return await act(desk, work_order_id, command, submit, principal)


@router.post(CASE + "/send-back", response_model=Accepted)
async def send_back_supervision(
    *, work_order_id: UUID, supervision_id: UUID, body: Because, principal: MaySupervise, submit: Submit, desk: DeskOf
) -> Response:
    """Be not content with the department's answer."""
    command = SendBackSupervision(
        supervision_id=supervision_id, reason=Sealed(body.reason), by=principal.actor_id, now=body.at(desk.clock)
    )
    return await direct(desk, work_order_id, command, submit, principal)


@router.post(CASE + "/close", response_model=Accepted)
async def close_supervision(
    *, work_order_id: UUID, supervision_id: UUID, body: Happened, principal: MaySupervise, submit: Submit, desk: DeskOf
) -> Response:
    """Accept the department's answer."""
    command = CloseSupervision(supervision_id=supervision_id, book=desk.book, by=principal.actor_id, now=body.at(desk.clock))
    return await direct(desk, work_order_id, command, submit, principal)
