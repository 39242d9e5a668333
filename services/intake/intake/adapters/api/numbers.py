"""Numbers that harass, over HTTP: how often, and restricted by a supervisor with a reason and an end (A15)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import AnyUtcDatetime, Body
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RulesInForce, RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.intake import LiftReason, RestrictionReason
from intake.adapters.api.bodies import AnyId
from intake.adapters.views import numbers as view
from intake.domain import number

router = APIRouter(prefix="/numbers", tags=["numbers"])
Restricting = Annotated[Principal, Depends(requires(Right.NUMBER_RESTRICT))]
Reading = Annotated[Principal, Depends(requires(Right.NUMBER_READ))]


class Restrict(Body):
    """Why, and until when: no restriction without an end."""

    reason: Annotated[RestrictionReason, Field(examples=["repeated_harassment"])]
    until: Annotated[AnyUtcDatetime, Field(examples=["2026-03-09T04:00:00Z"])]


class Lift(Body):
    reason: Annotated[LiftReason, Field(examples=["mistaken"])]


class NumberShown(BaseModel):
    """A number, told by its caller's id in the vault. `flagged` counts its harassing calls."""

    model_config = ConfigDict(from_attributes=True)

    number_id: AnyId
    version: Annotated[int, Field(examples=[6])]
    flagged: Annotated[int, Field(examples=[5])]
    frequent: Annotated[
        bool, Field(description="So many within the pack's window before the last of them that it may be restricted.")
    ]
    last_flagged_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    restricted_until: Annotated[datetime | None, Field(examples=["2026-03-09T04:00:00Z"])]
    reason: Annotated[str | None, Field(examples=["repeated_harassment"])]
    restricted_by: Annotated[str | None, Field(examples=["leader-1"])]
    lifted_at: datetime | None


@router.put("/{number_id}/restriction", response_model=Accepted)
async def restrict(
    number_id: UUID, body: Restrict, principal: Restricting, submit: Submit, *, runtime: RuntimeOf, rules: RulesInForce
) -> Response:
    """Restrict a number that harassed repeatedly: its calls are still received, and marked (A15)."""
    command = number.RestrictNumber(
        number_id=number_id,
        reason=body.reason,
        until=body.until,
        rules=rules,
        by=principal.actor_id,
        now=runtime.clock.now(),
    )
    submission = await submit.by(principal)
    return accepted(await runtime.aggregates.execute(number.decider, number_id, command, submission), number_id)


@router.post("/{number_id}/lift", response_model=Accepted)
async def lift(number_id: UUID, body: Lift, principal: Restricting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Lift a restriction before its end (A15)."""
    command = number.LiftRestriction(
        number_id=number_id, reason=body.reason, until=None, by=principal.actor_id, now=runtime.clock.now()
    )
    submission = await submit.by(principal)
    return accepted(await runtime.aggregates.execute(number.decider, number_id, command, submission), number_id)


@router.get("/{number_id}")
async def show(
    number_id: UUID, _principal: Reading, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> NumberShown:
    """Show how often a number harassed, and until when it is restricted."""
    await applied(runtime, view.NAME, after)
    row = await view.number(runtime.engine, number_id)
    if row is None:
        raise not_found()
    set_etag(response, row.version)
    return NumberShown.model_validate(row)


@router.get("")
async def list_numbers(
    _principal: Reading,
    runtime: RuntimeOf,
    page: Page,
    restricted: Annotated[bool | None, Query(description="Only those that are restricted, or are not.")] = None,
    after: AfterPosition = None,
) -> PageOf[NumberShown]:
    """List the numbers that harassed, the latest first."""
    await applied(runtime, view.NAME, after)
    place = page.after(datetime, UUID)
    rows = await view.numbers(runtime.engine, restricted=restricted, after=place, limit=page.fetch)
    return page.page(rows, lambda row: (row.last_flagged_at, row.number_id), NumberShown.model_validate)
