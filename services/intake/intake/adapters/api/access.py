"""Access over HTTP: an administrator takes roles and single rights from a user, and gives them back (A150)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.access import NAME
from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, Text
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.rights import Right
from hotline_chassis.roles import Role
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal, requires
from intake.adapters.views import access as view
from intake.domain import access

router = APIRouter(prefix="/access", tags=["access"])
Administering = Annotated[Principal, Depends(requires(Right.ACCESS_WRITE))]
Reading = Annotated[Principal, Depends(requires(Right.ACCESS_READ))]
_ACTOR = "^[A-Za-z0-9][A-Za-z0-9._@:-]{0,127}$"
Actor = Annotated[str, Path(pattern=_ACTOR, description="The user as the sign-in provider calls them.", examples=["handler-3"])]
Department = Annotated[str, Text(32, pattern="^[a-z0-9][a-z0-9_-]{0,31}$"), Field(examples=["roads"])]


class Where(Body):
    """Where the role counts again; everywhere when no department is named."""

    department: Department | None = None


class Revoke(Where):
    """Where the role counts no more, and why."""

    reason: Annotated[access.Reason, Field(examples=["other_post"])]


class Withdraw(Body):
    """Why the right is withdrawn."""

    reason: Annotated[access.Reason, Field(examples=["not_needed"])]


class Restriction(BaseModel):
    """One thing that was taken from a user."""

    model_config = ConfigDict(from_attributes=True)

    actor_id: Annotated[str, Field(examples=["handler-3"])]
    kind: Annotated[str, Field(examples=["role"])]
    what: Annotated[str, Field(examples=["department_handler"])]
    of_department: Annotated[str, Field(description="Empty means everywhere.", examples=["roads"])]
    reason: Annotated[str, Field(examples=["other_post"])]
    taken_by: Annotated[str, Field(examples=["admin-1"])]
    taken_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]


@router.post("/{actor_id}/roles/{role}/revoke", response_model=Accepted)
async def revoke(
    actor_id: Actor, role: Role, body: Revoke, principal: Administering, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Take a role from a user: everywhere, or in one department. Every service enforces it within moments."""
    command = access.RevokeRole(
        actor_id=actor_id,
        role=role,
        of_department=body.department,
        reason=body.reason,
        by=principal.actor_id,
        now=runtime.clock.now(),
    )
    return await _decide(runtime, command, principal, submit)


@router.post("/{actor_id}/roles/{role}/grant", response_model=Accepted)
async def grant(
    actor_id: Actor, role: Role, body: Where, principal: Administering, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Give a user back a role that was revoked. A role that the sign-in provider does not give is not given here."""
    command = access.GrantRole(
        actor_id=actor_id, role=role, of_department=body.department, by=principal.actor_id, now=runtime.clock.now()
    )
    return await _decide(runtime, command, principal, submit)


@router.post("/{actor_id}/rights/{right}/withdraw", response_model=Accepted)
async def withdraw(
    actor_id: Actor, right: Right, body: Withdraw, principal: Administering, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Take one right from a user that their role has."""
    command = access.WithdrawRight(
        actor_id=actor_id, right=right, reason=body.reason, by=principal.actor_id, now=runtime.clock.now()
    )
    return await _decide(runtime, command, principal, submit)


@router.post("/{actor_id}/rights/{right}/return", response_model=Accepted)
async def return_right(actor_id: Actor, right: Right, principal: Administering, submit: Submit, runtime: RuntimeOf) -> Response:
    """Give a user back a right that was withdrawn."""
    command = access.ReturnRight(actor_id=actor_id, right=right, by=principal.actor_id, now=runtime.clock.now())
    return await _decide(runtime, command, principal, submit)


@router.get("")
async def list_restrictions(
    _principal: Reading,
    runtime: RuntimeOf,
    page: Page,
    *,
    actor_id: Annotated[str | None, Query(pattern=_ACTOR, examples=["handler-3"])] = None,
    after: AfterPosition = None,
) -> PageOf[Restriction]:
    """List what was taken from whom."""
    await applied(runtime, NAME, after)
    rows = await view.restrictions(runtime.engine, actor_id=actor_id, after=page.after(str, str, str, str), limit=page.fetch)
    return page.page(rows, lambda row: (row.actor_id, row.kind, row.what, row.of_department), Restriction.model_validate)


async def _decide(runtime: Runtime, command: access.AccessCommand, principal: Principal, submit: Submit) -> Response:
    submission = await submit.by(principal)
    done = await runtime.aggregates.execute(access.decider, access.access_id_of(command.actor_id), command, submission)
    return accepted(done, command.actor_id)
