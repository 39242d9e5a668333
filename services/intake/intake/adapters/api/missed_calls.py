"""Missed calls of duty lines over HTTP: the list of callers to call back, and what came of it (A05)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.runtime import RuntimeOf
from hotline_events.catalogue.intake import CallBackOutcome
from intake.adapters.api.bodies import AnyId, Happened
from intake.adapters.api.desk_acts import act
from intake.adapters.api.desk_bodies import CallingBack, LineName, Reading
from intake.adapters.views import missed_calls as view
from intake.domain import missed_call

router = APIRouter(prefix="/missed-calls", tags=["lines"])


class CallBack(Happened):
    """What came of calling back."""

    outcome: Annotated[CallBackOutcome, Field(examples=["reached"])]


class MissedCallShown(BaseModel):
    """A missed call; open while it has no `ended_at`."""

    model_config = ConfigDict(from_attributes=True)

    call_id: AnyId
    line: Annotated[str, Field(examples=["duty"])]
    caller_id: AnyId | None
    waited_ms: Annotated[int, Field(examples=[42000])]
    missed_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    due_at: Annotated[datetime, Field(examples=["2026-03-02T04:15:00Z"])]
    attempts: Annotated[int, Field(examples=[1])]
    overdue_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:15:00Z"])]
    ended_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:10:00Z"])]
    outcome: Annotated[CallBackOutcome | None, Field(examples=["reached"])]
    called_by: Annotated[str | None, Field(examples=["agent-7"])]


@router.post("/{call_id}/call-back", response_model=Accepted)
async def call_back(call_id: UUID, body: CallBack, principal: CallingBack, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the caller was called back, and whether they were reached (A05)."""
    now = body.at(runtime.clock.now())
    command = missed_call.RecordCallBack(call_id=call_id, outcome=body.outcome, by=principal.actor_id, now=now)
    return await act(runtime, missed_call.decider, call_id, command, submit, principal)


@router.get("")
async def list_missed_calls(
    _principal: Reading,
    runtime: RuntimeOf,
    page: Page,
    *,
    line: Annotated[LineName | None, Query()] = None,
    still_open: Annotated[bool, Query(description="Only those still to be called back.")] = True,
    after: AfterPosition = None,
) -> PageOf[MissedCallShown]:
    """List missed calls, those due first at the head (A05)."""
    await applied(runtime, view.NAME, after)
    start = page.after(datetime, UUID)
    rows = await view.missed_calls(runtime.store, line=line, still_open=still_open, after=start, limit=page.fetch)
    return page.page(rows, lambda row: (row.due_at, row.call_id), MissedCallShown.model_validate)
