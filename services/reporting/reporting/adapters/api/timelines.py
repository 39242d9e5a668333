"""The whole timeline of a matter."""

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import requires
from hotline_events.sealing import SealError, label_of
from reporting.adapters.api.reading import AppliedAsked, snapshot
from reporting.adapters.views import timeline as view

router = APIRouter(tags=["timelines"])


class TimelineEntry(BaseModel):
    """One event of the matter. Sealed texts are null here: reporting cannot open them."""

    source: Annotated[str, Field(examples=["routing"])]
    position: Annotated[int, Field(examples=[417])]
    event_id: Annotated[UUID, Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e10"])]
    name: Annotated[str, Field(examples=["routing.work_order.signed"])]
    stream: Annotated[str, Field(examples=["work_order-0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e11"])]
    version: Annotated[int, Field(examples=[4])]
    occurred_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    recorded_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:01Z"])]
    actor_role: Annotated[str, Field(examples=["department_handler"])]
    actor_department: Annotated[str | None, Field(examples=["roads"])]
    sealed: Annotated[bool, Field(description="Whether texts of this event are sealed.", examples=[False])]
    payload: Annotated[dict[str, Any], Field(examples=[{"department": "roads", "signed_by": "handler-1"}])]


class Timeline(BaseModel):
    """A matter from its call to its last revisit, in the order in which things happened."""

    request_id: Annotated[UUID, Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e12"])]
    entries: list[TimelineEntry]


@router.get("/timelines/{request_id}")
async def timeline(
    request_id: Annotated[UUID, Path(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e12"])],
    runtime: RuntimeOf,
    applied: AppliedAsked,
    _principal: Annotated[object, Depends(requires(Right.TIMELINE_READ))],
) -> Timeline:
    """Read everything that happened to a matter: its call, its order, its revisits."""
    async with snapshot(runtime, applied, view.VIEW) as connection:
        rows = await view.timeline(connection, request_id)
    if not rows:
        raise not_found()
    return Timeline(request_id=request_id, entries=[_entry(row) for row in rows])


def _entry(row: Any) -> TimelineEntry:  # noqa: ANN401 - a row of the query
    payload: dict[str, Any] = json.loads(row.payload)
    shown = {name: None if _is_box(value) else value for name, value in payload.items()}
    return TimelineEntry(**{**row._asdict(), "payload": shown, "sealed": shown != payload})


def _is_box(value: object) -> bool:
    """Say whether a value is a sealed text, whatever event and version it stands in."""
    try:
        return isinstance(value, str) and label_of(value) is not None
    except SealError:
        return False
