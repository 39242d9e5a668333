"""The dispatcher's and the office's screens: what waits for them, how an order found its department, what is precedent."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from hotline_chassis.answers import applied
from hotline_chassis.confidentiality import OfMatter, screened, screened_one
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_events.catalogue.routing import MergeReason, ReturnReason, RevocationReason, Route
from hotline_events.sealing import KeyGoneError, label_of, unseal
from hotline_rules.sections.orders import AnswerClass
from routing.adapters.api.bodies import AnyId, MayReadDispatch, MayReadOrders, MayReadPrecedents, Moment
from routing.adapters.views import DISPATCHING, queries
from routing.adapters.views import dispatching as view

router = APIRouter(tags=["dispatch desk"])


class Waiting(StrEnum):
    """What an order waits for."""

    CLASSIFICATION = "classification"
    DEPARTMENT = "department"
    RETURN = "return"
    ARBITRATION = "arbitration"


class DispatchShown(BaseModel):
    """Where an order stands on its way to a department."""

    work_order_id: AnyId
    request_id: AnyId
    version: Annotated[int, Field(examples=[3])]
    category: Annotated[str | None, Field(examples=["street_lighting"])]
    area: Annotated[str | None, Field(examples=["longzihu"])]
    confidence: Annotated[int | None, Field(examples=[90])]
    reclassified: Annotated[int, Field(description="How often the category was changed.", examples=[0])]
    answer_class: Annotated[AnswerClass | None, Field(examples=["same_day"])]
    waiting: Annotated[Waiting | None, Field(description="What it waits for, if anything.", examples=["return"])]
    waiting_since: Moment
    dispatch_due_at: Moment
    dispatched_late: Annotated[int, Field(description="How often it waited too long.", examples=[0])]
    department: Annotated[str | None, Field(examples=["roads"])]
    route: Annotated[Route | None, Field(description="What chose the department.", examples=["scope"])]
    precedent_id: Annotated[UUID | None, Field(description="The precedent that is cited.", examples=[None])]
    supports: Annotated[list[str], Field(examples=[["parks"]])]
    handler: Annotated[str | None, Field(description="Who answers for it.", examples=["handler@roads"])]
    hop: Annotated[int, Field(examples=[1])]
    returns: Annotated[int, Field(examples=[1])]
    arbitrations: Annotated[int, Field(examples=[0])]
    lead_id: Annotated[UUID | None, Field(description="The order that this one follows.", examples=[None])]
    merge_reason: Annotated[MergeReason | None, Field(examples=["same_event"])]
    merged_by: Annotated[str | None, Field(examples=["dispatcher"])]
    merged_at: Moment


class ReturnShown(OfMatter):
    """One return. The note is null when there is none, or when the requester was erased."""

    department: Annotated[str, Field(examples=["roads"])]
    reason: Annotated[ReturnReason, Field(examples=["not_ours"])]
    note: Annotated[str | None, Field(examples=["该路段属于市政管理。"])]
    returned_by: Annotated[str, Field(examples=["handler@roads"])]
    returned_at: Moment


class DispatchInFull(DispatchShown, OfMatter):
    """How an order found its department: who gave it back, what the office decided, and who follows it."""

    followers: list[AnyId]
    grounds: Annotated[str | None, Field(description="Why the office assigned it.", examples=["依据三定方案。"])]
    decided_by: Annotated[str | None, Field(examples=["oversight_officer"])]
    decided_at: Moment
    given_back: list[ReturnShown]


class PartShown(OfMatter):
    """What a co-handling department reported."""

    department: Annotated[str, Field(examples=["parks"])]
    round: Annotated[int, Field(examples=[1])]
    report: Annotated[str | None, Field(examples=["树枝已修剪。"])]
    reported_by: Annotated[str, Field(examples=["handler@parks"])]
    reported_at: Moment


class Parts(BaseModel):
    """Reports, the first one first."""

    items: list[PartShown]


class PrecedentShown(BaseModel):
    """What arbitration decided for a category in an area, or in none."""

    precedent_id: AnyId
    version: Annotated[int, Field(examples=[1])]
    category: Annotated[str, Field(examples=["street_lighting"])]
    area: Annotated[str | None, Field(examples=["longzihu"])]
    department: Annotated[str, Field(examples=["roads"])]
    work_order_id: AnyId
    decided_by: Annotated[str, Field(examples=["oversight_officer"])]
    decided_at: Moment
    revoked_by: Annotated[str | None, Field(examples=[None])]
    revoked_at: Moment
    revocation_reason: Annotated[RevocationReason | None, Field(examples=[None])]


@router.get("/dispatch-desk")
async def desk(
    *,
    _principal: MayReadDispatch,
    runtime: RuntimeOf,
    page: Page,
    waiting: Annotated[Waiting | None, Query(description="Only what waits for this.")] = None,
    after: AfterPosition = None,
) -> PageOf[DispatchShown]:
    """List what waits for a dispatcher or for the office, the longest first."""
    await applied(runtime, DISPATCHING.name, after)
    rows = await view.waiting(runtime.store, what=waiting, after=page.after(datetime, UUID), limit=page.fetch)
    return page.page(rows, lambda row: (row["waiting_since"], row["work_order_id"]), DispatchShown.model_validate)


@router.get("/work-orders/{work_order_id}/dispatch")
async def dispatch(
    work_order_id: UUID, principal: MayReadDispatch, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> DispatchInFull:
    """Read how an order found its department, or why it has none."""
    await applied(runtime, DISPATCHING.name, after)
    row = await view.dispatch(runtime.store, work_order_id)
    if row is None:
        raise not_found()
    rows = [{**one, "request_id": row["request_id"]} for one in await view.returns(runtime.store, work_order_id)]
    opened = [ReturnShown.model_validate(one) for one in await _opened(runtime, rows, "note")]
    given_back = await screened(runtime.store, principal, opened, withheld=["note"])
    (decided,) = await _opened(runtime, [row], "grounds")
    set_etag(response, row["version"])
    shown = DispatchInFull.model_validate({**decided, "given_back": given_back})
    return await screened_one(runtime.store, principal, shown, withheld=["grounds"])


@router.get("/work-orders/{work_order_id}/parts")
async def parts(work_order_id: UUID, principal: MayReadOrders, runtime: RuntimeOf, after: AfterPosition = None) -> Parts:
    """Read what co-handling departments reported: all of it for the lead, its own for each of them."""
    await applied(runtime, DISPATCHING.name, after)
    if await queries.order(runtime.store, work_order_id, bound_to=principal.bound_to) is None:
        raise not_found()
    rows = await view.parts(runtime.store, work_order_id, bound_to=principal.bound_to)
    shown = [PartShown.model_validate(one) for one in await _opened(runtime, rows, "report")]
    return Parts(items=await screened(runtime.store, principal, shown, withheld=["report"]))


@router.get("/precedents")
async def listed(
    _principal: MayReadPrecedents, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[PrecedentShown]:
    """List what arbitration left for the next like case, by category."""
    await applied(runtime, DISPATCHING.name, after)
    rows = await view.precedents(runtime.store, after=page.after(str, UUID), limit=page.fetch)
    return page.page(rows, lambda row: (row["category"], row["precedent_id"]), PrecedentShown.model_validate)


async def _opened(runtime: Runtime, rows: Any, name: str) -> list[Mapping[str, Any]]:  # noqa: ANN401 - database rows
    """Open the box in this column of each row; one whose key is gone is None."""
    people = {label_of(row[name]).person_id for row in rows if row[name] is not None}
    keys = await runtime.keys.get_many(list(people)) if people else {}
    return [{**row, name: _text(row[name], keys)} for row in rows]


def _text(box: str | None, keys: Mapping[UUID, bytes]) -> str | None:
    try:
        return None if box is None else unseal(box, keys)
    except KeyGoneError:
        return None
