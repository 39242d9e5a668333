"""Visitors at the desk over HTTP: they are told why and how long they wait, as callers are (A158)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from intake.adapters.api.bodies import CREATED, AnyId, Code, Happened, Milliseconds
from intake.adapters.api.desk_acts import act
from intake.adapters.views import visits as view
from intake.domain import visit

router = APIRouter(prefix="/visits", tags=["visits"])
Recording = Annotated[Principal, Depends(requires(Right.VISIT_RECORD))]


class Arrive(Happened):
    desk: Annotated[Code, Field(examples=["hall_1"])]


class Explain(Happened):
    reason: Annotated[Code, Field(examples=["queue_before_you"])]
    estimated_ms: Milliseconds


class Serve(Happened):
    """Nothing but when it happened."""


class VisitShown(BaseModel):
    """A visitor. `told_until` is until when they know that they wait, and why."""

    model_config = ConfigDict(from_attributes=True)

    visit_id: AnyId
    version: Annotated[int, Field(examples=[2])]
    desk: Annotated[str, Field(examples=["hall_1"])]
    arrived_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    told_until: Annotated[datetime, Field(examples=["2026-03-02T04:10:00Z"])]
    reason: Annotated[str | None, Field(examples=["queue_before_you"])]
    served_at: datetime | None
    waited_ms: Annotated[int | None, Field(examples=[540000])]
    unexplained: Annotated[bool | None, Field(description="Whether they waited without knowing why.")]


@router.put("/{visit_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def arrive(visit_id: UUID, body: Arrive, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that somebody came to the desk."""
    at = body.at(runtime.clock.now())
    command = visit.ArriveAtDesk(visit_id=visit_id, desk=body.desk, rules=runtime.book.in_force(at), now=at)
    return await act(runtime, visit.decider, visit_id, command, submit, principal, creates=f"visit-{visit_id}")


@router.post("/{visit_id}/wait", response_model=Accepted)
async def explain(visit_id: UUID, body: Explain, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the visitor was told why they wait, and how long it will be (A158)."""
    command = visit.ExplainWait(
        visit_id=visit_id,
        reason=body.reason,
        estimated_ms=body.estimated_ms,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await act(runtime, visit.decider, visit_id, command, submit, principal)


@router.post("/{visit_id}/serve", response_model=Accepted)
async def serve(visit_id: UUID, body: Serve, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that it is the visitor's turn; a wait that nobody explained in time stays on record (A158)."""
    command = visit.ServeVisitor(visit_id=visit_id, by=principal.actor_id, now=body.at(runtime.clock.now()))
    return await act(runtime, visit.decider, visit_id, command, submit, principal)


@router.get("/{visit_id}")
async def show(
    visit_id: UUID, _principal: Recording, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> VisitShown:
    """Show a visitor."""
    await applied(runtime, view.NAME, after)
    row = await view.visit(runtime.engine, visit_id)
    if row is None:
        raise not_found()
    set_etag(response, row.version)
    return VisitShown.model_validate(row)


@router.get("")
async def list_waiting(
    _principal: Recording, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[VisitShown]:
    """List who waits at the desk, the longest first (A158)."""
    await applied(runtime, view.NAME, after)
    rows = await view.waiting(runtime.engine, page.after(datetime, UUID), page.fetch)
    return page.page(rows, lambda row: (row.arrived_at, row.visit_id), VisitShown.model_validate)
