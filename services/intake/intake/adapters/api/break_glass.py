"""Break-glass over HTTP: taken at once, read through while it lasts, ratified or rejected by a second person (A130, A144)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit, Submitting
from hotline_chassis.confidentiality import Reading
from hotline_chassis.fields import Body
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RulesInForce, Runtime, RuntimeOf
from hotline_chassis.signin import Principal, requires
from intake.adapters.api.bodies import CREATED, AnyId
from intake.adapters.views import break_glass as view
from intake.adapters.views import order_holders
from intake.application import privacy
from intake.domain import break_glass
from intake.domain.person import Fact
from intake.vault import Vault

router = APIRouter(prefix="/break-glass", tags=["privacy"])
Breaking = Annotated[Principal, Depends(requires(Right.BREAK_GLASS))]
Ratifying = Annotated[Principal, Depends(requires(Right.BREAK_GLASS_RATIFY))]
Reviewing = Annotated[Principal, Depends(requires(Right.BREAK_GLASS_READ))]


class GlassStatus(StrEnum):
    """How a reading stands that was taken before anybody approved it."""

    OPEN = "open"
    RATIFIED = "ratified"
    REJECTED = "rejected"
    LAPSED = "lapsed"


class Break(Body):
    """Whose identity, which facts, and why at once."""

    request_id: AnyId
    fields: Annotated[list[Fact], Field(min_length=1, max_length=len(Fact), examples=[["phone"]])]
    reason: Annotated[break_glass.Reason, Field(examples=["on_site_visit"])]


class Broken(BaseModel):
    """The facts that were asked for and are kept. The reading is recorded at `position`."""

    break_glass_id: AnyId
    facts: Annotated[dict[str, str], Field(examples=[{"phone": "0552-3115678"}])]
    position: Annotated[int, Field(examples=[42])]


class ReadingShown(BaseModel):
    """A reading that was taken before anybody approved it; never the facts."""

    model_config = ConfigDict(from_attributes=True)

    break_glass_id: AnyId
    request_id: AnyId
    reason: Annotated[str, Field(examples=["on_site_visit"])]
    fields: Annotated[list[str], Field(examples=[["phone"]])]
    opened_by: Annotated[str, Field(examples=["handler-3"])]
    opened_for: Annotated[str | None, Field(examples=["roads"])]
    opened_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    ratify_by: Annotated[datetime, Field(examples=["2026-03-05T16:00:00Z"])]
    status: Annotated[GlassStatus, Field(examples=["open"])]
    decided_by: Annotated[str | None, Field(examples=["head-1"])]
    decided_at: Annotated[datetime | None, Field(examples=["2026-03-03T04:00:00Z"])]


@router.put("/{break_glass_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def open_glass(
    break_glass_id: UUID, body: Break, principal: Breaking, submit: Submit, *, runtime: RuntimeOf, rules: RulesInForce
) -> Response:
    """Take the right to read facts of a requester at once; a second person must ratify it in three days (A130).

    A department may do it only for a matter that lies with it, and never for one that accuses it.
    """
    request = await privacy.matter_of(runtime.aggregates, principal, body.request_id)
    command = break_glass.OpenBreakGlass(
        break_glass_id=break_glass_id,
        person_id=request.requester_id,
        request_id=body.request_id,
        fields=body.fields,
        reason=body.reason,
        by=principal.actor_id,
        standing=await _standing(runtime, body.request_id, principal),
        rules=rules,
        now=runtime.clock.now(),
    )
    submission = await submit.by(principal, creates=f"break_glass-{break_glass_id}", correlation=body.request_id)
    done = await runtime.aggregates.execute(break_glass.decider, break_glass_id, command, submission)
    return accepted(done, break_glass_id, created=True)


@router.post("/{break_glass_id}/identity")
async def read_identity(break_glass_id: UUID, principal: Breaking, request: Request, runtime: RuntimeOf) -> Broken:
    """Read the facts while the right lasts. Every reading is recorded before it is answered, a repeated one again."""
    glass = await privacy.present(runtime.aggregates, break_glass.decider, break_glass_id)
    now, standing = runtime.clock.now(), await _standing(runtime, glass.request_id, principal)
    break_glass.require_right_to_read(glass, principal.actor_id, standing, now)
    submission = await Submitting(request, None, None).by(principal, correlation=glass.request_id)
    vault = Vault(runtime.store, runtime.keyring)
    done, facts = await privacy.read_through_glass(runtime.aggregates, vault, glass, submission, now=now)
    return Broken(break_glass_id=break_glass_id, facts=dict(facts), position=done.position)


@router.post("/{break_glass_id}/ratify", response_model=Accepted)
async def ratify(break_glass_id: UUID, principal: Ratifying, submit: Submit, runtime: RuntimeOf) -> Response:
    """Agree, as a second person, that the reading was needed. A head decides about their own department's people."""
    command = break_glass.RatifyBreakGlass(by=principal.actor_id, bound_to=principal.bound_to, now=runtime.clock.now())
    done = await runtime.aggregates.execute_in_story(break_glass.decider, break_glass_id, command, await submit.by(principal))
    return accepted(done, break_glass_id)


@router.post("/{break_glass_id}/reject", response_model=Accepted)
async def reject(break_glass_id: UUID, principal: Ratifying, submit: Submit, runtime: RuntimeOf) -> Response:
    """Find, as a second person, that the reading was unfounded: the right ends and the reading is flagged."""
    command = break_glass.RejectBreakGlass(by=principal.actor_id, bound_to=principal.bound_to, now=runtime.clock.now())
    done = await runtime.aggregates.execute_in_story(break_glass.decider, break_glass_id, command, await submit.by(principal))
    return accepted(done, break_glass_id)


@router.get("")
async def list_glass(
    principal: Reviewing,
    runtime: RuntimeOf,
    page: Page,
    *,
    status: Annotated[GlassStatus | None, Query(examples=["open"])] = None,
    after: AfterPosition = None,
) -> PageOf[ReadingShown]:
    """List what was opened before anybody approved it, newest first. A department sees its own people's."""
    await applied(runtime, view.NAME, after)
    rows = await view.readings(
        runtime.engine,
        status=status,
        bound_to=principal.bound_to,
        after=page.after(datetime, UUID),
        limit=page.fetch,
    )
    return page.page(rows, lambda row: (row.opened_at, row.break_glass_id), ReadingShown.model_validate)


async def _standing(runtime: Runtime, request_id: UUID, principal: Principal) -> break_glass.Standing:
    """Say how somebody stands to a matter; of one that is not there nobody is accused, and it is nobody's."""
    bound_to = principal.bound_to
    matter = await privacy.matter_of(runtime.aggregates, principal, request_id)
    return break_glass.Standing(
        department=bound_to,
        accused=matter.for_(principal) is Reading.HIDDEN,
        handles=bound_to is None or await order_holders.holds(runtime.engine, request_id, bound_to),
    )
