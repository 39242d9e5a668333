"""Apologies over HTTP: the department reports with proof, a second person confirms (A110)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from followup.adapters.api.bodies import (
    DepartmentAsked,
    Happened,
    Instant,
    MayConfirmApology,
    MayReadApologies,
    MayReportApology,
    opened,
    own_department,
)
from followup.adapters.views.apologies import ApologyStatus, apologies, apologies_listed, apology_detail
from followup.application import act
from followup.domain.apology import ReportApology, ReviewApology, decider
from followup.domain.refusals import UnknownApologyError
from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.confidentiality import OfMatter, is_hidden, screened, screened_one
from hotline_chassis.fields import Text, YesNo
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_events.sealing import Sealed

router = APIRouter(tags=["apologies"])
_TEXTS = {"proof": "proof_box"}


class Report(Happened):
    """How the department apologised."""

    proof: Annotated[str, Text(4000), Field(examples=["3月4日上门道歉，诉求人签字确认，照片编号 A-17。"])]


class Confirm(Happened):
    """Whether the second person accepts the proof."""

    accept: Annotated[YesNo, Field(examples=[True])]


class ApologyShown(OfMatter):
    """An apology that a department owes, or has made."""

    id: UUID = Field(examples=["0e0f5a67-2c55-5d8a-9b5c-6c1a5f7f6b01"])
    version: int = Field(examples=[1])
    work_order_id: UUID = Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e11"])
    department: str = Field(examples=["roads"])
    status: ApologyStatus = Field(examples=["ordered"])
    ordered_at: datetime = Field(examples=["2026-03-03T01:30:00Z"])
    due_at: datetime = Field(examples=["2026-03-06T16:00:00Z"])
    overdue_at: Instant
    proof: str | None = Field(examples=["3月4日上门道歉，诉求人签字确认。"])
    done_by: str | None = Field(examples=["handler-3"])
    done_at: Instant
    sent_back_by: str | None = Field(examples=[None])
    sent_back_at: Instant
    confirmed_by: str | None = Field(examples=["leader-1"])
    confirmed_at: Instant
    rule_version: str = Field(examples=["default/1"])
    erased: bool = Field(examples=[False])


@router.get("/apologies")
async def list_apologies(
    *,
    reader: MayReadApologies,
    runtime: RuntimeOf,
    page: Page,
    after: AfterPosition = None,
    status: Annotated[ApologyStatus | None, Query(examples=["ordered"])] = None,
    department: DepartmentAsked = None,
) -> PageOf[ApologyShown]:
    """List apologies in the order in which they are due; a department sees its own."""
    start = page.after(datetime, UUID)
    await applied(runtime, apologies.name, after)
    rows = await apologies_listed(
        runtime.engine, bound_to=reader.bound_to, department=department, status=status, after=start, limit=page.fetch
    )
    shown = {item.id: item for item in await _shown(runtime, rows)}
    listed = page.page(rows, lambda row: (row["due_at"], row["apology_id"]), lambda row: shown[row["apology_id"]])
    listed.items = await screened(runtime.store, reader, listed.items, withheld=tuple(_TEXTS))
    return listed


@router.get("/apologies/{apology_id}")
async def show_apology(
    apology_id: UUID, reader: MayReadApologies, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> ApologyShown:
    """Show one apology; another department's is not there."""
    await applied(runtime, apologies.name, after)
    row = await apology_detail(runtime.engine, apology_id, bound_to=reader.bound_to)
    if row is None:
        raise not_found()
    (shown,) = await _shown(runtime, [row])
    seen = await screened_one(runtime.store, reader, shown, withheld=tuple(_TEXTS))
    set_etag(response, row["version"])
    return seen


@router.post("/apologies/{apology_id}/report", response_model=Accepted)
async def report(apology_id: UUID, body: Report, handler: MayReportApology, submit: Submit, runtime: RuntimeOf) -> Response:
    """Report that the department has apologised, with the proof of it."""
    command = ReportApology(
        department=own_department(handler),
        proof=Sealed(body.proof),
        done_by=handler.actor_id,
        now=body.at(runtime.clock),
    )
    submission = await submit.by(handler)
    row = await apology_detail(runtime.engine, apology_id, bound_to=handler.bound_to)
    if row is not None and await is_hidden(runtime.store, handler, row["request_id"]):
        raise UnknownApologyError
    if row is None:
        # A stranger's answers like a missing one, whatever version was sent along.
        submission = replace(submission, expected_version=None)
    return accepted(await act(runtime.aggregates, decider, apology_id, command, submission), apology_id)


@router.post("/apologies/{apology_id}/confirm", response_model=Accepted)
async def confirm(apology_id: UUID, body: Confirm, reviewer: MayConfirmApology, submit: Submit, runtime: RuntimeOf) -> Response:
    """Accept the proof as a second person, or send it back."""
    command = ReviewApology(accept=body.accept, reviewed_by=reviewer.actor_id, now=body.at(runtime.clock))
    done = await act(runtime.aggregates, decider, apology_id, command, await submit.by(reviewer))
    return accepted(done, apology_id)


async def _shown(runtime: Runtime, rows: Sequence[Mapping[str, Any]]) -> list[ApologyShown]:
    found = await opened(runtime, rows, _TEXTS)
    return [ApologyShown.model_validate({**row, "id": row["apology_id"]}) for row in found]
