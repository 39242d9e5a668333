"""Extensions over HTTP: asked and explained by the department, decided by a second person (A70, A89)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit
from hotline_chassis.fields import AnyUtcDatetime, YesNo
from hotline_events.sealing import Sealed
from routing import application
from routing.adapters.api.acting import act, direct, own
from routing.adapters.api.bodies import CREATED, DeskOf, Happened, MayDecideExtensions, MayHandle
from routing.adapters.api.urging import Because, Reason
from routing.domain.work_order.commands import DenyExtension, ExplainDeferral, GrantExtension, RequestExtension

router = APIRouter(tags=["urging"])
CASE = "/work-orders/{work_order_id}/extensions/{extension_id}"


class AskForTime(Happened):
    """Why the department needs more time, and until when."""

    reason: Reason
    until: Annotated[AnyUtcDatetime, Field(examples=["2026-03-16T16:00:00Z"])]


class Explain(Happened):
    """Whether the caller accepted the reason."""

    understood: Annotated[YesNo, Field(examples=[True])]


class Grant(Happened):
    """Until when; what was asked for when nothing is said."""

    until: Annotated[AnyUtcDatetime | None, Field(examples=["2026-03-13T16:00:00Z"])] = None


@router.put(CASE, status_code=201, response_model=Accepted, responses=CREATED)
async def request_extension(
    *, work_order_id: UUID, extension_id: UUID, body: AskForTime, principal: MayHandle, submit: Submit, desk: DeskOf
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


@router.post(CASE + "/explain", response_model=Accepted)
async def explain_deferral(
    *, work_order_id: UUID, extension_id: UUID, body: Explain, principal: MayHandle, submit: Submit, desk: DeskOf
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


@router.post(CASE + "/grant", response_model=Accepted)
async def grant_extension(
    *, work_order_id: UUID, extension_id: UUID, body: Grant, principal: MayDecideExtensions, submit: Submit, desk: DeskOf
) -> Response:
    """Give the department more time: never the person who asked for it."""
    command = GrantExtension(
        extension_id=extension_id, until=body.until, book=desk.book, by=principal.actor_id, now=body.at(desk.clock)
    )
    return await direct(desk, work_order_id, command, submit, principal)


@router.post(CASE + "/deny", response_model=Accepted)
async def deny_extension(
    *, work_order_id: UUID, extension_id: UUID, body: Because, principal: MayDecideExtensions, submit: Submit, desk: DeskOf
) -> Response:
    """Leave the due time as it is."""
    command = DenyExtension(
        extension_id=extension_id, reason=Sealed(body.reason), by=principal.actor_id, now=body.at(desk.clock)
    )
    return await direct(desk, work_order_id, command, submit, principal)
