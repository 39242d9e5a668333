"""Work orders over HTTP: what everyone who may read orders reads. What is done with them has a module a concern."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from hotline_chassis.answers import applied
from hotline_chassis.confidentiality import OfMatter, screened, screened_one
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal
from hotline_events.catalogue.intake import Channel, RequestType
from hotline_events.catalogue.routing import LimitKind, ReturnReason
from routing.adapters.api.bodies import (
    AnyId,
    MayReadOrders,
    Moment,
)
from routing.adapters.views import ORDERS, queries
from routing.domain.work_order import Status

router = APIRouter(tags=["work orders"])


WITHHELD = ("title", "matter", "place", "return_note", "reply")


class OrderShown(OfMatter):
    """A work order with its clocks and texts. Texts are null when there are none, or when the requester was erased."""

    work_order_id: AnyId
    version: Annotated[int, Field(examples=[3])]
    request_type: Annotated[RequestType, Field(examples=["complaint"])]
    channel: Annotated[Channel, Field(examples=["phone"])]
    status: Annotated[Status, Field(examples=["transferred"])]
    category: Annotated[str | None, Field(examples=["street_lighting"])]
    asked_category: Annotated[str | None, Field(examples=["street_lighting"])]
    area: Annotated[str | None, Field(examples=["longzihu"])]
    department: Annotated[str | None, Field(examples=["roads"])]
    supports: Annotated[list[str], Field(description="Who helps the department.", examples=[["parks"]])]
    hop: Annotated[int, Field(examples=[1])]
    round: Annotated[int, Field(examples=[1])]
    fee_free: Annotated[bool, Field(description="The rework costs the caller nothing (A109).", examples=[False])]
    registered_at: Moment
    opened_at: Moment
    transferred_at: Moment
    sign_due_at: Moment
    contact_due_at: Moment
    resolve_due_at: Moment
    rule_version: Annotated[str | None, Field(examples=["default/1"])]
    signed_at: Moment
    contacted_at: Moment
    returned_at: Moment
    return_reason: Annotated[ReturnReason | None, Field(examples=["not_ours"])]
    return_note: Annotated[str | None, Field(examples=["该路段属于市政管理。"])]
    resolved_at: Moment
    reply: Annotated[str | None, Field(examples=["已更换灯泡。"])]
    closed_at: Moment
    limits_passed: Annotated[list[LimitKind], Field(examples=[["sign"]])]
    title: Annotated[str | None, Field(examples=["路灯不亮"])]
    matter: Annotated[str | None, Field(examples=["解放路口的路灯三天不亮。"])]
    place: Annotated[str | None, Field(examples=["解放路口"])]
    answered_at: Annotated[datetime | None, Field(description="When intake answered it directly.", examples=[None])]
    erased: Annotated[bool, Field(examples=[False])]


@router.get("/work-orders/{work_order_id}")
async def show(
    work_order_id: UUID, principal: MayReadOrders, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> OrderShown:
    """Read one order."""
    await applied(runtime, ORDERS.name, after)
    row = await queries.order(runtime.store, work_order_id, bound_to=principal.bound_to)
    return await _show_one(runtime, principal, row, response)


@router.get("/requests/{request_id}/work-order")
async def show_of_request(
    request_id: UUID,
    principal: MayReadOrders,
    runtime: RuntimeOf,
    response: Response,
    wait: Annotated[
        float, Query(ge=0, le=5, allow_inf_nan=False, description="How many seconds to wait for an order being opened.")
    ] = 0,
) -> OrderShown:
    """Read the order of a request."""
    row = await queries.order_of_request(runtime.store, request_id, bound_to=principal.bound_to, wait=wait)
    return await _show_one(runtime, principal, row, response)


@router.get("/work-orders")
async def listed(
    *,
    principal: MayReadOrders,
    runtime: RuntimeOf,
    page: Page,
    department: Annotated[str | None, Query(max_length=32, description="Only this department's.")] = None,
    status: Annotated[Status | None, Query(description="Only those that stand so.")] = None,
    after: AfterPosition = None,
) -> PageOf[OrderShown]:
    """List orders, the newest first. A department sees its own."""
    await applied(runtime, ORDERS.name, after)
    start = page.after(int)
    rows = await queries.orders(
        runtime.store,
        bound_to=principal.bound_to,
        department=department,
        status=status,
        before=start[0] if start else None,
        limit=page.fetch,
    )
    return await page_of(runtime, principal, page, rows, "opened_position")


async def _show_one(runtime: Runtime, principal: Principal, row: Mapping[str, Any] | None, response: Response) -> OrderShown:
    if row is None:
        raise not_found()
    (shown,) = await queries.with_texts([row], runtime.keys)
    order = await screened_one(runtime.store, principal, OrderShown.model_validate(shown), withheld=WITHHELD)
    set_etag(response, order.version)
    return order


async def page_of(
    runtime: Runtime, principal: Principal, page: Page, rows: Sequence[Mapping[str, Any]], *key: str
) -> PageOf[OrderShown]:
    """Make a page of order rows as somebody may see them, sorted by these columns."""
    opened = await queries.with_texts(rows, runtime.keys)
    shown = page.page(opened, lambda row: tuple(row[column] for column in key), OrderShown.model_validate)
    shown.items = await screened(runtime.store, principal, shown.items, withheld=WITHHELD)
    return shown
