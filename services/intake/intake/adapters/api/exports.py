"""Exports over HTTP: asked for, approved by a second person, fetched with a mark in every row (A146)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import AnyUtcDatetime, Body
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RulesInForce, RuntimeOf
from hotline_chassis.signin import Principal, requires
from intake import matters_now
from intake.adapters.api.bodies import CREATED, AnyId
from intake.adapters.views import exports as exports_view
from intake.adapters.views import requests as view
from intake.application import privacy
from intake.domain import export

router = APIRouter(prefix="/exports", tags=["privacy"])
Exporting = Annotated[Principal, Depends(requires(Right.EXPORT_ASK))]
Listing = Annotated[Principal, Depends(requires(Right.EXPORT_READ))]
Approving = Annotated[Principal, Depends(requires(Right.EXPORT_APPROVE))]


class AskExport(Body):
    """Which requests, by the time of their registration, and what for."""

    start: Annotated[AnyUtcDatetime, Field(examples=["2026-03-01T00:00:00Z"])]
    end: Annotated[AnyUtcDatetime, Field(examples=["2026-04-01T00:00:00Z"])]
    purpose: Annotated[export.Purpose, Field(examples=["statistics"])]


class ExportStatus(StrEnum):
    """How an export stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"


class ExportShown(BaseModel):
    """An export as it stands, and how often it was taken; `watermark` leads from a file that turns up to who took it."""

    model_config = ConfigDict(from_attributes=True)

    export_id: AnyId
    span_start: Annotated[datetime, Field(examples=["2026-03-01T00:00:00Z"])]
    span_end: Annotated[datetime, Field(examples=["2026-04-01T00:00:00Z"])]
    purpose: Annotated[export.Purpose, Field(examples=["statistics"])]
    asked_by: Annotated[str, Field(examples=["inspector-1"])]
    asked_at: Annotated[datetime, Field(examples=["2026-04-02T01:00:00Z"])]
    status: Annotated[ExportStatus, Field(examples=["asked"])]
    decided_by: Annotated[str | None, Field(examples=["officer-1"])]
    decided_at: Annotated[datetime | None, Field(examples=["2026-04-02T02:00:00Z"])]
    valid_until: Annotated[datetime | None, Field(examples=["2026-04-03T02:00:00Z"])]
    fetched: Annotated[int, Field(examples=[1])]
    watermark: Annotated[str | None, Field(examples=["9f2c61d0a4b7e813"])]


@router.get("")
async def list_exports(
    principal: Listing,
    runtime: RuntimeOf,
    page: Page,
    *,
    status: Annotated[ExportStatus | None, Query(examples=["asked"])] = None,
    after: AfterPosition = None,
) -> PageOf[ExportShown]:
    """List exports, the newest first: who decides sees all of them, anybody else their own."""
    await applied(runtime, exports_view.NAME, after)
    start = page.after(int)
    rows = await exports_view.exports(
        runtime.engine,
        status=status,
        asked_by=None if principal.may(Right.EXPORT_APPROVE) else principal.actor_id,
        before=start[0] if start else None,
        limit=page.fetch,
    )
    return page.page(rows, lambda row: (row.position,), ExportShown.model_validate)


@router.put("/{export_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def ask(
    export_id: UUID, body: AskExport, principal: Exporting, submit: Submit, *, runtime: RuntimeOf, rules: RulesInForce
) -> Response:
    """Ask to take records out of the system; a second person has to agree (A146)."""
    command = export.AskForExport(
        export_id=export_id,
        start=body.start,
        end=body.end,
        purpose=body.purpose,
        by=principal.actor_id,
        rules=rules,
        now=runtime.clock.now(),
    )
    submission = await submit.by(principal, creates=f"export-{export_id}")
    return accepted(await runtime.aggregates.execute(export.decider, export_id, command, submission), export_id, created=True)


@router.post("/{export_id}/approve", response_model=Accepted)
async def approve(
    export_id: UUID, principal: Approving, submit: Submit, *, runtime: RuntimeOf, rules: RulesInForce
) -> Response:
    """Agree, as a second person; the file may be fetched for a while."""
    command = export.ApproveExport(by=principal.actor_id, rules=rules, now=runtime.clock.now())
    done = await runtime.aggregates.execute_in_story(export.decider, export_id, command, await submit.by(principal))
    return accepted(done, export_id)


@router.post("/{export_id}/reject", response_model=Accepted)
async def reject(export_id: UUID, principal: Approving, submit: Submit, runtime: RuntimeOf) -> Response:
    """Refuse, as a second person, or take an approval back while it lasts."""
    command = export.RejectExport(by=principal.actor_id, now=runtime.clock.now())
    done = await runtime.aggregates.execute_in_story(export.decider, export_id, command, await submit.by(principal))
    return accepted(done, export_id)


@router.post(
    "/{export_id}/fetch",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The file."}},
)
async def fetch(export_id: UUID, principal: Exporting, submit: Submit, *, runtime: RuntimeOf, rules: RulesInForce) -> Response:
    """Take the approved file: no identity and no text in it, the taker's mark in every row, the fetching on record (A146).

    No secret matter is in it, and none that accuses the taker's department; one that became so a moment ago neither.
    """
    state, now = await privacy.present(runtime.aggregates, export.decider, export_id), runtime.clock.now()
    asked, most = export.span_to_fetch(state, principal.actor_id, now), rules.privacy.export_rows
    store, but_of = runtime.store, principal.department
    since = await matters_now.applied_until(store)
    found = await view.between(runtime.engine, asked.start, asked.end, privacy.EXPORTED, but_of=but_of, limit=most + 1)
    closed = await matters_now.closed_since(store, since, but_of)
    rows = [row for row in found if row["request_id"] not in closed]
    watermark = privacy.watermark_of(export_id, principal.actor_id)
    # More than fit were found: what is left out of them makes no room for the rest, which nobody looked at.
    size = len(found) if len(found) > most else len(rows)
    command = export.FetchExport(rows=size, most=most, watermark=watermark, by=principal.actor_id, now=now)
    await runtime.aggregates.execute_in_story(export.decider, export_id, command, await submit.by(principal))
    headers = {"X-Watermark": watermark, "Content-Disposition": f'attachment; filename="{export_id}.csv"'}
    return Response(privacy.as_csv(rows, watermark), media_type="text/csv; charset=utf-8", headers=headers)
