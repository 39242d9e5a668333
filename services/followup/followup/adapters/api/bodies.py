"""What the routes share: who may, what a body says about time, and how boxes are opened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query
from pydantic import Field

from hotline_chassis.fields import Body, UtcDatetime
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.runtime import Runtime
from hotline_chassis.signin import Principal, requires
from hotline_events.clock import Clock
from hotline_events.sealing import KeyGoneError, label_of, unseal

MayReadRevisits = Annotated[Principal, Depends(requires(Right.REVISIT_READ))]
MayRecord = Annotated[Principal, Depends(requires(Right.REVISIT_RECORD))]
MayPlan = Annotated[Principal, Depends(requires(Right.REVISIT_PLAN))]
MaySurvey = Annotated[Principal, Depends(requires(Right.SURVEY_RECORD))]
MayReview = Annotated[Principal, Depends(requires(Right.EXCEPTION_REVIEW))]
MayReadOwn = Annotated[Principal, Depends(requires(Right.REVISIT_OWN))]
MayReadSuggestions = Annotated[Principal, Depends(requires(Right.SUGGESTION_READ))]
MayAcknowledge = Annotated[Principal, Depends(requires(Right.SUGGESTION_ACKNOWLEDGE))]
MayReadApologies = Annotated[Principal, Depends(requires(Right.APOLOGY_READ))]
MayReportApology = Annotated[Principal, Depends(requires(Right.APOLOGY_REPORT))]
MayConfirmApology = Annotated[Principal, Depends(requires(Right.APOLOGY_CONFIRM))]
MayReadPromises = Annotated[Principal, Depends(requires(Right.PROMISE_READ))]
MayKeepPromise = Annotated[Principal, Depends(requires(Right.PROMISE_KEEP))]

RevisitId = Annotated[UUID, Path(examples=["5f0f5a67-2c55-5d8a-9b5c-6c1a5f7f6b01"])]
WorkOrderId = Annotated[UUID, Path(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e11"])]
DepartmentAsked = Annotated[str | None, Query(max_length=64, pattern=r"^[A-Za-z0-9_-]+$", examples=["roads"])]
Instant = Annotated[datetime | None, Field(examples=["2026-03-03T01:30:00Z"])]


class Happened(Body):
    """When it happened; now, when nothing is said. Late entry is normal."""

    occurred_at: Annotated[
        UtcDatetime | None, Field(description="When it happened; now if absent.", examples=["2026-03-03T01:30:00Z"])
    ] = None

    def at(self, clock: Clock) -> datetime:
        """Return the moment of the act."""
        return self.occurred_at or clock.now()


def own_department(principal: Principal) -> str:
    """Return the department in whose name someone acts; who has none finds nothing."""
    if principal.bound_to is None:
        raise not_found()
    return principal.bound_to


async def opened(runtime: Runtime, rows: Sequence[Mapping[str, Any]], boxes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Open the boxes of a page with one look at the keyring. `boxes` says which column holds the box of which text."""
    found = [row[column] for row in rows for column in boxes.values() if row[column]]
    keys = await runtime.keys.get_many(list({label_of(box).person_id for box in found})) if found else {}
    return [_open(row, boxes, keys) for row in rows]


def _open(row: Mapping[str, Any], boxes: Mapping[str, str], keys: Mapping[UUID, bytes]) -> dict[str, Any]:
    texts: dict[str, str | None] = {}
    erased = bool(row.get("erased"))
    for name, column in boxes.items():
        try:
            texts[name] = unseal(row[column], keys) if row[column] else None
        except KeyGoneError:
            texts[name] = None
            erased = True
    return {**row, **texts, "erased": erased}
