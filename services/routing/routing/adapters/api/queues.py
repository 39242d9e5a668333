"""A department's own queue: what lies in its hands, and what it is told, live. Never another department's."""

from collections.abc import AsyncGenerator
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from hotline_chassis.answers import applied
from hotline_chassis.http import AfterPosition, LastEventId
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import require_department
from hotline_chassis.sse import ServerEvent, event_stream
from hotline_events.store import Store
from routing.adapters.api.bodies import DepartmentCode, MayReadQueue
from routing.adapters.api.orders import OrderShown, page_of
from routing.adapters.views import ORDERS, queries

router = APIRouter(tags=["queues"])


@router.get("/departments/{code}/queue")
async def queue(
    code: DepartmentCode, principal: MayReadQueue, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[OrderShown]:
    """List what lies in the department's hands, the most urgent first."""
    require_department(principal, code)
    await applied(runtime, ORDERS.name, after)
    rows = await queries.queue(runtime.store, code, after=page.after(datetime, UUID), limit=page.fetch)
    return await page_of(runtime, principal, page, rows, "resolve_due_at", "work_order_id")


@router.get("/departments/{code}/support-queue")
async def support_queue(
    code: DepartmentCode, principal: MayReadQueue, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[OrderShown]:
    """List what the department helps another one with, the most urgent first; the other one keeps the clocks."""
    require_department(principal, code)
    await applied(runtime, ORDERS.name, after)
    rows = await queries.supported(runtime.store, code, after=page.after(datetime, UUID), limit=page.fetch)
    return await page_of(runtime, principal, page, rows, "resolve_due_at", "work_order_id")


@router.get(
    "/departments/{code}/queue/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "The id of each event is its position."}},
)
async def stream(
    code: DepartmentCode, principal: MayReadQueue, runtime: RuntimeOf, request: Request, last: LastEventId = None
) -> StreamingResponse:
    """Tell what happens to the department's orders from now on, or from where the reader broke off."""
    require_department(principal, code)
    after = last if last is not None else await queries.checkpoint(runtime.store)
    return event_stream(request, told(runtime.store, code, after), right=Right.QUEUE_READ)


async def told(store: Store, code: str, after: int) -> AsyncGenerator[ServerEvent, None]:
    """Turn what a department is told into server-sent events."""
    async for event in queries.queue_events(store, code, after):
        yield ServerEvent(position=event.position, name=event.name, data={**asdict(event), "department": code})
