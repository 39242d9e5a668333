"""The list of identity readings over HTTP, for those who watch over them (A144)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import applied
from hotline_chassis.confidentiality import Reading, matters
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from intake.adapters.api.bodies import AnyId
from intake.adapters.views import readings as view
from intake.domain.person import Fact, Purpose

router = APIRouter(prefix="/identity-readings", tags=["privacy"])
Watching = Annotated[Principal, Depends(requires(Right.IDENTITY_READINGS_READ))]


class ReadingShown(BaseModel):
    """Who read which facts of whom, and what for; never the facts themselves."""

    model_config = ConfigDict(from_attributes=True)

    person_id: AnyId
    request_id: AnyId | None
    fields: Annotated[list[Fact], Field(examples=[["name", "phone"]])]
    purpose: Annotated[Purpose, Field(examples=["call_back"])]
    read_by: Annotated[str, Field(examples=["agent-7"])]
    read_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]


@router.get("")
async def list_readings(
    principal: Watching,
    runtime: RuntimeOf,
    page: Page,
    *,
    person_id: Annotated[UUID | None, Query()] = None,
    request_id: Annotated[UUID | None, Query()] = None,
    read_by: Annotated[str | None, Query(max_length=128, pattern="^[A-Za-z0-9._@:-]+$", examples=["agent-7"])] = None,
    purpose: Annotated[Purpose | None, Query(examples=["break_glass"])] = None,
    after: AfterPosition = None,
) -> PageOf[ReadingShown]:
    """List who read whose identity, the newest first. Of a matter that accuses one's own unit nothing is listed."""
    await applied(runtime, view.NAME, after)
    start = page.after(int)
    wanted = view.Wanted(person_id=person_id, request_id=request_id, read_by=read_by, purpose=purpose)
    rows = await view.readings(runtime.engine, wanted, before=start[0] if start else None, limit=page.fetch)
    known = await matters(runtime.store, principal, [row.request_id for row in rows if row.request_id is not None])
    hidden = {request for request, matter in known.items() if matter.for_(principal) is Reading.HIDDEN}
    shown = page.page(rows, lambda row: (row.position,), ReadingShown.model_validate)
    shown.items = [one for one in shown.items if one.request_id not in hidden]
    return shown
