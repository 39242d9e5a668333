"""Urging, supervision and extensions over HTTP (A70, A89-A91)."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Text, UtcDatetime
from hotline_events.catalogue.routing import SupervisionGround
from hotline_events.sealing import Sealed
from routing import application
from routing.adapters.api.acting import act, own
from routing.adapters.api.bodies import CREATED, DeskOf, Happened, MayDecideExtensions, MayHandle, MaySupervise, MayUrge
from routing.domain.work_order.commands import (
    AnswerSupervision,
    CloseSupervision,
    DenyExtension,
    ExplainDeferral,
    GrantExtension,
    OpenSupervision,
    RequestExtension,
    SendBackSupervision,
    UrgeOrder,
)

router = APIRouter(tags=["urging"])
Reason = Annotated[str, Text(4000), Field(examples=["等待配件到货。"])]
ByHand = Literal["leader_instruction", "hot_issue", "repeated_complaint", "inspection"]


class Urge(Happened):
    """Why the department is urged."""

    reason: Annotated[str, Text(4000), Field(examples=["诉求人再次来电。"])] | None = None


class Supervise(Happened):
    """Why the order is supervised, what the supervisor wants, and by when; the pack's span when nothing is said."""

    ground: Annotated[ByHand, Field(examples=["leader_instruction"])]
    instruction: Annotated[str, Text(4000), Field(examples=["请于周五前办结。"])] | None = None
    due_at: Annotated[UtcDatetime | None, Field(examples=["2026-03-06T10:00:00Z"])] = None


class Answer(Happened):
    """What the department answers the supervisor."""

    answer: Annotated[str, Text(20_000), Field(examples=["配件已到，周四更换。"])]


class Because(Happened):
    """A decision against something is given a reason."""

    reason: Reason


class AskForTime(Happened):
    """Why the department needs more time, and until when."""

    reason: Reason
    until: Annotated[UtcDatetime, Field(examples=["2026-03-16T16:00:00Z"])]


class Explain(Happened):
    """Whether the caller accepted the reason."""

    understood: Annotated[bool, Field(examples=[True])]


class Grant(Happened):
    """Until when; what was asked for when nothing is said."""

    until: Annotated[UtcDatetime | None, Field(examples=["2026-03-13T16:00:00Z"])] = None


@router.post("/work-orders/{work_order_id}/urge", response_model=Accepted)
async def urge(work_order_id: UUID, body: Urge, principal: MayUrge, submit: Submit, desk: DeskOf) -> Response:
    """Urge the department by hand, because the caller called again; the nth urge opens supervision."""
    reason = None if body.reason is None else Sealed(body.reason)
    command = UrgeOrder(reason=reason, book=desk.book, by=principal.actor_id, now=body.at(desk.clock))
    return accepted(await application.direct(desk, work_order_id, command, await submit.by(principal)), work_order_id)


@router.put(
    "/work-orders/{work_order_id}/supervisions/{supervision_id}", status_code=201, response_model=Accepted, responses=CREATED
)
async def supervise(
    work_order_id: UUID, supervision_id: UUID, body: Supervise, principal: MaySupervise, submit: Submit, desk: DeskOf
) -> Response:
    """Open supervision of an order that is in a department's hands: one case at a time."""
    command = OpenSupervision(
        supervision_id=supervision_id,
        ground=SupervisionGround(body.ground),
        instruction=None if body.instruction is None else Sealed(body.instruction),
        due_at=body.due_at,
        book=desk.book,
        by=principal.actor_id,
        now=body.at(desk.clock),
    )
    submission = await submit.by(principal, creates=f"supervision-{work_order_id}-{supervision_id}")
    done = await application.direct(desk, work_order_id, command, submission)
    return accepted(done, supervision_id, created=bool(done.events))


@router.post("/work-orders/{work_order_id}/supervisions/{supervision_id}/answer", response_model=Accepted)
async def answer_supervision(
    work_order_id: UUID, supervision_id: UUID, body: Answer, principal: MayHandle, submit: Submit, desk: DeskOf
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


@router.post("/work-orders/{work_order_id}/supervisions/{supervision_id}/send-back", response_model=Accepted)
async def send_back_supervision(
    work_order_id: UUID, supervision_id: UUID, body: Because, principal: MaySupervise, submit: Submit, desk: DeskOf
) -> Response:
    """Be not content with the department's answer."""
    command = SendBackSupervision(
        supervision_id=supervision_id, reason=Sealed(body.reason), by=principal.actor_id, now=body.at(desk.clock)
    )
    return accepted(await application.direct(desk, work_order_id, command, await submit.by(principal)), work_order_id)


@router.post("/work-orders/{work_order_id}/supervisions/{supervision_id}/close", response_model=Accepted)
async def close_supervision(
    work_order_id: UUID, supervision_id: UUID, body: Happened, principal: MaySupervise, submit: Submit, desk: DeskOf
) -> Response:
    """Accept the department's answer."""
    command = CloseSupervision(supervision_id=supervision_id, book=desk.book, by=principal.actor_id, now=body.at(desk.clock))
    return accepted(await application.direct(desk, work_order_id, command, await submit.by(principal)), work_order_id)


@router.put(
    "/work-orders/{work_order_id}/extensions/{extension_id}", status_code=201, response_model=Accepted, responses=CREATED
)
async def request_extension(
    work_order_id: UUID, extension_id: UUID, body: AskForTime, principal: MayHandle, submit: Submit, desk: DeskOf
) -> Response:
    """Ask for more time before the order is due."""
    command = RequestExtension(
        department=own(principal),
        extension_id=extension_id,
        reason=Sealed(body.reason),
        until=body.until,
        book=desk.book,
        by=principal.actor_id,
        now=body.at(desk.clock),
    )
    submission = await submit.by(principal, creates=f"extension-{command.department}-{work_order_id}-{extension_id}")
    done = await application.act(desk, work_order_id, command, submission)
    return accepted(done, extension_id, created=bool(done.events))


@router.post("/work-orders/{work_order_id}/extensions/{extension_id}/explain", response_model=Accepted)
async def explain_deferral(
    work_order_id: UUID, extension_id: UUID, body: Explain, principal: MayHandle, submit: Submit, desk: DeskOf
) -> Response:
    """Say that the caller heard why it takes longer: before anything is deferred."""
    command = ExplainDeferral(
        department=own(principal),
        extension_id=extension_id,
        understood=body.understood,
        by=principal.actor_id,
        now=body.at(desk.clock),
    )
    return await act(desk, work_order_id, command, submit, principal)


@router.post("/work-orders/{work_order_id}/extensions/{extension_id}/grant", response_model=Accepted)
async def grant_extension(
    work_order_id: UUID, extension_id: UUID, body: Grant, principal: MayDecideExtensions, submit: Submit, desk: DeskOf
) -> Response:
    """Give the department more time: never the person who asked for it."""
    command = GrantExtension(
        extension_id=extension_id, until=body.until, book=desk.book, by=principal.actor_id, now=body.at(desk.clock)
    )
    return accepted(await application.direct(desk, work_order_id, command, await submit.by(principal)), work_order_id)


@router.post("/work-orders/{work_order_id}/extensions/{extension_id}/deny", response_model=Accepted)
async def deny_extension(
    work_order_id: UUID, extension_id: UUID, body: Because, principal: MayDecideExtensions, submit: Submit, desk: DeskOf
) -> Response:
    """Leave the due time as it is."""
    command = DenyExtension(
        extension_id=extension_id, reason=Sealed(body.reason), by=principal.actor_id, now=body.at(desk.clock)
    )
    return accepted(await application.direct(desk, work_order_id, command, await submit.by(principal)), work_order_id)
