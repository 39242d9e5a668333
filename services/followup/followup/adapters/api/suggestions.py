"""What callers suggested, before the department: read and acknowledged (A107)."""

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
    MayAcknowledge,
    MayReadSuggestions,
    opened,
    own_department,
)
from followup.adapters.views.suggestions import SuggestionStatus, suggestion_detail, suggestions, suggestions_listed
from followup.application import act
from followup.domain.refusals import UnknownSuggestionError
from followup.domain.suggestion import AcknowledgeSuggestion, decider
from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.confidentiality import OfMatter, is_hidden, screened, screened_one
from hotline_chassis.fields import Text
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_events.sealing import Sealed

router = APIRouter(tags=["suggestions"])
_TEXTS = {"words": "words_box", "reply": "reply_box"}


class Acknowledge(Happened):
    """The department has taken note, and may say what it will do."""

    reply: Annotated[str, Text(4000)] | None = Field(default=None, examples=["已列入下季度计划。"])


class SuggestionShown(OfMatter):
    """A suggestion; who made it is not said."""

    id: UUID = Field(examples=["0e0f5a67-2c55-5d8a-9b5c-6c1a5f7f6b01"])
    version: int = Field(examples=[1])
    work_order_id: UUID = Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e11"])
    department: str = Field(examples=["roads"])
    status: SuggestionStatus = Field(examples=["forwarded"])
    words: str | None = Field(examples=["希望公布维修进度。"])
    forwarded_at: datetime = Field(examples=["2026-03-03T01:30:00Z"])
    acknowledge_by: datetime = Field(examples=["2026-03-10T16:00:00Z"])
    overdue_at: Instant
    acknowledged_at: Instant
    acknowledged_by: str | None = Field(examples=["handler-3"])
    reply: str | None = Field(examples=["已列入下季度计划。"])
    rule_version: str = Field(examples=["default/1"])
    erased: bool = Field(examples=[False])


@router.get("/suggestions")
async def list_suggestions(
    *,
    reader: MayReadSuggestions,
    runtime: RuntimeOf,
    page: Page,
    after: AfterPosition = None,
    status: Annotated[SuggestionStatus | None, Query(examples=["forwarded"])] = None,
    department: DepartmentAsked = None,
) -> PageOf[SuggestionShown]:
    """List suggestions in the order in which they are to be acknowledged; a department sees its own."""
    start = page.after(datetime, UUID)
    await applied(runtime, suggestions.name, after)
    rows = await suggestions_listed(
        runtime.engine, bound_to=reader.bound_to, department=department, status=status, after=start, limit=page.fetch
    )
    shown = {item.id: item for item in await _shown(runtime, rows)}
    key = ("acknowledge_by", "suggestion_id")
    listed = page.page(rows, lambda row: (row[key[0]], row[key[1]]), lambda row: shown[row[key[1]]])
    listed.items = await screened(runtime.store, reader, listed.items, withheld=tuple(_TEXTS))
    return listed


@router.get("/suggestions/{suggestion_id}")
async def show_suggestion(
    suggestion_id: UUID, reader: MayReadSuggestions, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> SuggestionShown:
    """Show one suggestion; another department's is not there."""
    await applied(runtime, suggestions.name, after)
    row = await suggestion_detail(runtime.engine, suggestion_id, bound_to=reader.bound_to)
    if row is None:
        raise not_found()
    (shown,) = await _shown(runtime, [row])
    seen = await screened_one(runtime.store, reader, shown, withheld=tuple(_TEXTS))
    set_etag(response, row["version"])
    return seen


@router.post("/suggestions/{suggestion_id}/acknowledge", response_model=Accepted)
async def acknowledge(
    suggestion_id: UUID, body: Acknowledge, handler: MayAcknowledge, submit: Submit, runtime: RuntimeOf
) -> Response:
    """Take note of a suggestion."""
    command = AcknowledgeSuggestion(
        department=own_department(handler),
        reply=Sealed.of(body.reply),
        acknowledged_by=handler.actor_id,
        now=body.at(runtime.clock),
    )
    submission = await submit.by(handler)
    row = await suggestion_detail(runtime.engine, suggestion_id, bound_to=handler.bound_to)
    if row is not None and await is_hidden(runtime.store, handler, row["request_id"]):
        raise UnknownSuggestionError
    if row is None:
        # A stranger's answers like a missing one, whatever version was sent along.
        submission = replace(submission, expected_version=None)
    done = await act(runtime.aggregates, decider, suggestion_id, command, submission)
    return accepted(done, suggestion_id)


async def _shown(runtime: Runtime, rows: Sequence[Mapping[str, Any]]) -> list[SuggestionShown]:
    found = await opened(runtime, rows, _TEXTS)
    return [SuggestionShown.model_validate({**row, "id": row["suggestion_id"]}) for row in found]
