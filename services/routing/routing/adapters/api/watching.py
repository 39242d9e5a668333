"""What those who watch over orders work from: the ladder, supervisions, extensions, and an order's record."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from hotline_chassis.answers import applied
from hotline_chassis.confidentiality import OfMatter, screened
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf, PageRequest
from hotline_chassis.problems import not_found
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal
from hotline_events.catalogue.routing import Card, Rung, SupervisionGround
from routing.adapters.api.bodies import AnyId, MayReadOrders, Moment
from routing.adapters.views import CLOCKS, clock_queries, queries

router = APIRouter(tags=["urging"])
_CASE_TEXTS = ("instruction", "answer")
_EXTENSION_TEXTS = ("reason", "denial")
_RECORD_TEXTS = ("subject", "words")


class SupervisionStatus(StrEnum):
    """Where a supervision stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    LAPSED = "lapsed"


class ExtensionStatus(StrEnum):
    """Where an extension stands."""

    WAITING = "waiting"
    GRANTED = "granted"
    DENIED = "denied"
    LAPSED = "lapsed"


class LadderShown(OfMatter):
    """An order in a department's hands: when it is due, how often it was urged, which card it shows, what comes next."""

    work_order_id: AnyId
    department: Annotated[str, Field(examples=["roads"])]
    hop: Annotated[int, Field(examples=[1])]
    round: Annotated[int, Field(examples=[1])]
    return_due_at: Moment
    resolve_due_at: datetime
    next_rung: Annotated[Rung | None, Field(examples=["reminder"])]
    next_rung_at: Moment
    urges: Annotated[int, Field(examples=[0])]
    urged_at: Moment
    card: Annotated[Card | None, Field(examples=["yellow"])]
    criticised_at: Moment
    missing: Annotated[list[str], Field(description="What its closing waits for.", examples=[[]])]


class SupervisionShown(OfMatter):
    """A supervision; texts are null when there are none, or when the requester was erased."""

    supervision_id: AnyId
    work_order_id: AnyId
    department: Annotated[str, Field(examples=["roads"])]
    status: SupervisionStatus
    ground: SupervisionGround
    instruction: Annotated[str | None, Field(examples=["请于周五前办结。"])]
    due_at: datetime
    opened_at: datetime
    opened_by: Annotated[str, Field(examples=["oversight-1"])]
    answered_at: Moment
    answer: Annotated[str | None, Field(examples=["配件已到。"])]
    overdue_at: Moment
    ended_at: Moment
    erased: bool


class ExtensionShown(OfMatter):
    """An extension with both due times; texts are null when the requester was erased."""

    extension_id: AnyId
    work_order_id: AnyId
    department: Annotated[str, Field(examples=["roads"])]
    status: ExtensionStatus
    reason: Annotated[str | None, Field(examples=["等待配件到货。"])]
    due_before: datetime
    asked_until: datetime
    requested_at: datetime
    requested_by: Annotated[str, Field(examples=["handler-1"])]
    explained_at: Moment
    understood: Annotated[bool | None, Field(examples=[True])]
    decided_at: Moment
    decided_by: Annotated[str | None, Field(examples=["dispatcher-1"])]
    granted_until: Moment
    denial: Annotated[str | None, Field(examples=[None])]
    erased: bool


class RecordShown(OfMatter):
    """Something that was done about an order, by whom, with its words."""

    position: Annotated[int, Field(examples=[42])]
    act: Annotated[str, Field(examples=["investigation_reported"])]
    acted_by: Annotated[str, Field(examples=["handler-1"])]
    department: Annotated[str | None, Field(examples=["roads"])]
    contacted_department: Annotated[str | None, Field(examples=[None])]
    subject: Annotated[str | None, Field(description="Whom the hotline talked to.", examples=["王科长"])]
    outcome: Annotated[str | None, Field(examples=["ok"])]
    words: Annotated[str | None, Field(examples=["情况属实。"])]
    evidence: list[UUID]
    occurred_at: datetime
    erased: bool


class HandlingShown(PageOf[RecordShown]):
    """An order's record, and what it still waits for before it closes."""

    missing: Annotated[list[str], Field(examples=[["tracking"]])]


async def _ladders(
    runtime: Runtime, principal: Principal, page: PageRequest, rows: Sequence[Mapping[str, Any]]
) -> PageOf[LadderShown]:
    shown = page.page(rows, lambda row: (row["resolve_due_at"], row["work_order_id"]), LadderShown.model_validate)
    shown.items = await screened(runtime.store, principal, shown.items, withheld=())
    return shown


Wanted = Annotated[str | None, Query(max_length=32, description="Only this department's.")]


@router.get("/urging")
async def urging(
    *,
    principal: MayReadOrders,
    runtime: RuntimeOf,
    page: Page,
    department: Wanted = None,
    card: Annotated[Card | None, Query(description="Only those with this card.")] = None,
    after: AfterPosition = None,
) -> PageOf[LadderShown]:
    """List the orders in departments' hands with their next rung, the most urgent first. A department sees its own."""
    await applied(runtime, CLOCKS.name, after)
    rows = await clock_queries.ladders(
        runtime.store,
        bound_to=principal.bound_to,
        department=department,
        card=card,
        after=page.after(datetime, UUID),
        limit=page.fetch,
    )
    return await _ladders(runtime, principal, page, rows)


@router.get("/withheld-closings")
async def withheld_closings(
    *, principal: MayReadOrders, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[LadderShown]:
    """List the orders whose matter followup has ended and that wait for what is missing on their record."""
    await applied(runtime, CLOCKS.name, after)
    rows = await clock_queries.withheld(
        runtime.store, bound_to=principal.bound_to, after=page.after(datetime, UUID), limit=page.fetch
    )
    return await _ladders(runtime, principal, page, rows)


@router.get("/supervisions")
async def supervisions(
    *,
    principal: MayReadOrders,
    runtime: RuntimeOf,
    page: Page,
    status: Annotated[SupervisionStatus | None, Query(description="Only those that stand so.")] = None,
    after: AfterPosition = None,
) -> PageOf[SupervisionShown]:
    """List supervisions, the one that is due first in front. A department sees its own."""
    await applied(runtime, CLOCKS.name, after)
    found = await clock_queries.supervisions(
        runtime.store, bound_to=principal.bound_to, status=status, after=page.after(datetime, UUID), limit=page.fetch
    )
    rows = await queries.opened(found, _CASE_TEXTS, runtime.keys)
    shown = page.page(rows, lambda row: (row["due_at"], row["supervision_id"]), SupervisionShown.model_validate)
    shown.items = await screened(runtime.store, principal, shown.items, withheld=_CASE_TEXTS)
    return shown


@router.get("/extensions")
async def extensions(
    *,
    principal: MayReadOrders,
    runtime: RuntimeOf,
    page: Page,
    status: Annotated[ExtensionStatus | None, Query(description="Only those that stand so.")] = None,
    after: AfterPosition = None,
) -> PageOf[ExtensionShown]:
    """List extensions in the order in which they were asked for. A department sees its own."""
    await applied(runtime, CLOCKS.name, after)
    found = await clock_queries.extensions(
        runtime.store, bound_to=principal.bound_to, status=status, after=page.after(datetime, UUID), limit=page.fetch
    )
    rows = await queries.opened(found, _EXTENSION_TEXTS, runtime.keys)
    shown = page.page(rows, lambda row: (row["requested_at"], row["extension_id"]), ExtensionShown.model_validate)
    shown.items = await screened(runtime.store, principal, shown.items, withheld=_EXTENSION_TEXTS)
    return shown


@router.get("/work-orders/{work_order_id}/handling")
async def handling(
    work_order_id: UUID, principal: MayReadOrders, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> HandlingShown:
    """Read what was done about an order, the oldest first, and what is missing before it closes."""
    await applied(runtime, CLOCKS.name, after)
    order = await queries.order(runtime.store, work_order_id, bound_to=principal.bound_to)
    if order is None:
        raise not_found()
    start: tuple[Any, ...] | None = page.after(int)
    found = await clock_queries.record(
        runtime.store, work_order_id, bound_to=principal.bound_to, after=start[0] if start else 0, limit=page.fetch
    )
    rows = [{**row, "request_id": order["request_id"]} for row in await queries.opened(found, _RECORD_TEXTS, runtime.keys)]
    shown = page.page(rows, lambda row: (row["position"],), RecordShown.model_validate)
    items = await screened(runtime.store, principal, shown.items, withheld=_RECORD_TEXTS)
    return HandlingShown(items=items, next=shown.next, missing=await clock_queries.missing(runtime.store, work_order_id))
