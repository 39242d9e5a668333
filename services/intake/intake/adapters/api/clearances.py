"""Confidentiality over HTTP: a matter's level, and who is named to read it (A145)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit
from hotline_chassis.confidentiality import Reading
from hotline_chassis.fields import Body
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.intake import Confidentiality
from intake.adapters.api.bodies import CREATED, AnyId
from intake.adapters.views import order_holders
from intake.application import privacy
from intake.domain import clearance

router = APIRouter(prefix="/requests/{request_id}", tags=["privacy"])
Naming = Annotated[Principal, Depends(requires(Right.CLEARANCE_GRANT))]
Marking = Annotated[Principal, Depends(requires(Right.CONFIDENTIALITY_MARK))]
Actor = Annotated[str, Path(pattern="^[A-Za-z0-9][A-Za-z0-9._@:-]{0,127}$", examples=["handler-3"])]


class Mark(Body):
    """The level that the matter has from now on, and why."""

    level: Annotated[Confidentiality, Field(examples=["secret"])]
    reason: Annotated[clearance.MarkReason, Field(examples=["retaliation_feared"])]


class Clearances(BaseModel):
    """How confidential a matter is, and who was named to read it."""

    request_id: AnyId
    confidentiality: Annotated[Confidentiality, Field(examples=["secret"])]
    named: Annotated[list[str], Field(examples=[["handler-3"]])]


@router.put("/clearances/{actor_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def grant(request_id: UUID, actor_id: Actor, principal: Naming, submit: Submit, runtime: RuntimeOf) -> Response:
    """Name somebody who may read the matter, whatever its level. A member of the accused unit still sees nothing.

    A department's head names people for a matter that they may read and that lies with their department.
    """
    await _level(runtime, principal, request_id)
    command = clearance.GrantClearance(request_id=request_id, actor_id=actor_id, by=principal.actor_id, now=runtime.clock.now())
    submission = await submit.by(principal, correlation=request_id)
    done = await runtime.aggregates.execute(clearance.decider, request_id, command, submission)
    return accepted(done, request_id, created=bool(done.events))


@router.post("/clearances/{actor_id}/withdraw", response_model=Accepted)
async def withdraw(request_id: UUID, actor_id: Actor, principal: Naming, submit: Submit, runtime: RuntimeOf) -> Response:
    """Name somebody no more; what they read already, they have read."""
    await _level(runtime, principal, request_id)
    command = clearance.WithdrawClearance(
        request_id=request_id, actor_id=actor_id, by=principal.actor_id, now=runtime.clock.now()
    )
    submission = await submit.by(principal, correlation=request_id)
    return accepted(await runtime.aggregates.execute(clearance.decider, request_id, command, submission), request_id)


@router.post("/confidentiality", response_model=Accepted)
async def mark(request_id: UUID, body: Mark, principal: Marking, submit: Submit, runtime: RuntimeOf) -> Response:
    """Make the matter more confidential; the office may also make it less so."""
    command = clearance.MarkConfidentiality(
        request_id=request_id,
        registered=await _level(runtime, principal, request_id),
        level=body.level,
        reason=body.reason,
        may_lower=principal.bound_to is None and principal.may(Right.CLEARANCE_GRANT),
        by=principal.actor_id,
        now=runtime.clock.now(),
    )
    submission = await submit.by(principal, correlation=request_id)
    return accepted(await runtime.aggregates.execute(clearance.decider, request_id, command, submission), request_id)


@router.get("/clearances")
async def show(request_id: UUID, principal: Naming, runtime: RuntimeOf) -> Clearances:
    """Say how confidential the matter is, and who was named to read it."""
    level = await _level(runtime, principal, request_id)
    known = await privacy.present(runtime.aggregates, clearance.decider, request_id)
    return Clearances(request_id=request_id, confidentiality=known.level or level, named=sorted(known.named))


async def _level(runtime: Runtime, principal: Principal, request_id: UUID) -> Confidentiality:
    """Return the level that the matter has; one that is not there for somebody is not there."""
    matter = await privacy.matter_of(runtime.aggregates, principal, request_id)
    reading = matter.for_(principal)
    if reading is Reading.HIDDEN:
        raise not_found()
    own = principal.bound_to
    if own is not None and (reading is not Reading.OPEN or not await order_holders.holds(runtime.engine, request_id, own)):
        raise not_found()
    return matter.confidentiality
