"""Reading the revisits: the desk's lists, one revisit, what is said in it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from followup.adapters.api.bodies import (
    DepartmentAsked,
    Instant,
    MayReadOwn,
    MayReadRevisits,
    RevisitId,
    WorkOrderId,
    opened,
)
from followup.adapters.views import RevisitStatus, queries, revisits
from followup.adapters.views.queries import Wanted
from hotline_chassis.answers import applied
from hotline_chassis.confidentiality import OfMatter, is_hidden, screened, screened_one
from hotline_chassis.fields import AnyUtcDatetime
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Key, Page, PageOf, PageRequest
from hotline_chassis.problems import not_found
from hotline_chassis.runtime import RulesInForce, Runtime, RuntimeOf
from hotline_chassis.signin import Principal
from hotline_events.catalogue.followup import (
    AnswerChannel,
    AttemptOutcome,
    Attitude,
    ClosedAs,
    Deferral,
    Dissatisfaction,
    ExceptionGround,
)
from hotline_events.catalogue.intake import Channel, RequestType
from hotline_events.rows import Row

router = APIRouter(tags=["revisits"])
WITHHELD = ("requester_id", "title", "reply", "reason", "suggestion", "evidence")
_TEXTS = {
    "title": "title_box",
    "reply": "reply_box",
    "reason": "reason_box",
    "suggestion": "suggestion_box",
    "evidence": "evidence_box",
}
_SCRIPTS = ("revisit_opening", "revisit_closing")


class RevisitShown(OfMatter):
    """A revisit with what the desk needs to make it. Texts are null when not given yet, or when the person was erased."""

    id: UUID = Field(examples=["5f0f5a67-2c55-5d8a-9b5c-6c1a5f7f6b01"])
    version: int = Field(examples=[2])
    work_order_id: UUID = Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e11"])
    requester_id: UUID | None = Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e12"])
    department: str = Field(examples=["roads"])
    round: int = Field(examples=[1])
    status: RevisitStatus = Field(examples=["due"])
    first_contact: str | None = Field(
        description="Who met the caller first, and keeps the duty (A68).", examples=["taker-1"], validation_alias="owed_by"
    )
    due_at: datetime = Field(examples=["2026-03-03T00:00:00Z"])
    call_by: Instant = Field(description="Planned for no later than this (A100).")
    deadline_at: datetime = Field(examples=["2026-03-05T16:00:00Z"])
    limit_passed_at: datetime | None = Field(examples=[None])
    rule_version: str = Field(examples=["default/1"])
    attempts: int = Field(examples=[0])
    last_outcome: AttemptOutcome | None = Field(examples=[None])
    message_sent_at: Instant
    answer_by: Instant = Field(
        description="Until then the caller may answer the message (A100); null while the calendar of its year is missing."
    )
    request_type: RequestType | None = Field(examples=["complaint"])
    channel: Channel | None = Field(examples=["phone"], validation_alias="request_channel")
    title: str | None = Field(examples=["路灯不亮"])
    reply: str | None = Field(examples=["已更换灯泡"])
    resolved_by: str | None = Field(examples=["handler-3"])
    resolved_at: datetime | None = Field(examples=["2026-03-02T04:00:00Z"])
    erased: bool = Field(examples=[False])
    answered_by: AnswerChannel | None = Field(examples=["call"], validation_alias="channel")
    timely: bool | None = Field(examples=[True])
    attitude: Attitude | None = Field(examples=["good"])
    on_site: bool | None = Field(examples=[False])
    appointment_kept: bool | None = Field(examples=[None])
    fee_charged: bool | None = Field(examples=[None])
    fee_shown: bool | None = Field(examples=[None])
    fee_to_standard: bool | None = Field(examples=[None])
    solved: bool | None = Field(examples=[None])
    satisfied: bool | None = Field(examples=[None])
    reason: str | None = Field(examples=[None])
    reason_code: Dissatisfaction | None = Field(examples=[None])
    suggestion: str | None = Field(examples=[None])
    opened_with: str | None = Field(examples=["revisit_opening"])
    closed_with: str | None = Field(examples=["revisit_closing"])
    immediate_after_service: bool | None = Field(examples=[None])
    revisited_by: str | None = Field(examples=[None])
    revisited_at: datetime | None = Field(examples=[None])
    free_service_charged: bool | None = Field(description="A fee was taken in a free round (A109).", examples=[None])
    exception_ground: ExceptionGround | None = Field(examples=[None])
    evidence: str | None = Field(examples=[None])
    claimed_by: str | None = Field(examples=[None])
    exception_accepted: bool | None = Field(examples=[None])
    reviewed_by: str | None = Field(examples=[None])
    closed_as: ClosedAs | None = Field(examples=[None])
    rework_round: int | None = Field(examples=[None])
    fee_free: bool | None = Field(description="The ordered rework costs the caller nothing (A109).", examples=[None])
    closed_at: datetime | None = Field(examples=[None])


class HalfDay(BaseModel):
    """What the desk has to do in half a day."""

    starts_at: datetime = Field(examples=["2026-03-03T00:00:00Z"])
    day: date = Field(examples=["2026-03-03"])
    half: Literal["morning", "afternoon"] = Field(examples=["morning"])
    owed: int = Field(description="Revisits planned for this half-day that are not over.", examples=[12])
    due: int = Field(description="Of these, those that may be made now.", examples=[3])
    late: int = Field(description="Of these, those whose limit has passed.", examples=[0])


class DeferralShown(BaseModel):
    """A call that is made later than it was planned."""

    revisit_id: UUID = Field(examples=["5f0f5a67-2c55-5d8a-9b5c-6c1a5f7f6b01"])
    work_order_id: UUID = Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e11"])
    department: str = Field(examples=["roads"])
    from_at: datetime = Field(examples=["2026-03-02T14:30:00Z"])
    to_at: datetime = Field(examples=["2026-03-03T00:00:00Z"])
    because: Deferral = Field(examples=["quiet_hours"])
    deferred_by: str | None = Field(examples=[None])
    deferred_at: datetime = Field(examples=["2026-03-02T13:30:00Z"])


class Spoken(BaseModel):
    """A script in both languages."""

    script: str = Field(examples=["revisit_opening"])
    zh: str = Field(examples=["您好，这里是12345，打扰您了，想就您反映的事项做一次回访。"])
    en: str = Field(examples=["Hello, this is 12345. May I ask you about the matter you reported?"])


Asked = Annotated[AnyUtcDatetime | None, Query(examples=["2026-03-03T00:00:00Z"])]


@router.get("/revisits")
async def list_revisits(
    *,
    reader: MayReadRevisits,
    runtime: RuntimeOf,
    page: Page,
    after: AfterPosition = None,
    status: Annotated[RevisitStatus | None, Query(examples=["due"])] = None,
    department: DepartmentAsked = None,
    due_from: Asked = None,
    due_until: Asked = None,
) -> PageOf[RevisitShown]:
    """List the revisits in the order in which they are due."""
    wanted = Wanted(status=status, department=department, due_from=due_from, due_until=due_until)
    return await _listed(runtime, reader, page, wanted, after)


@router.get("/revisits/mine")
async def list_my_revisits(
    agent: MayReadOwn, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[RevisitShown]:
    """List the open revisits of callers whom the asker met first: the duty to ask stays with them (A68)."""
    return await _listed(runtime, agent, page, Wanted(owed_by=agent.actor_id), after)


@router.get("/revisits/half-days")
async def list_half_days(
    _reader: MayReadRevisits, runtime: RuntimeOf, rules: RulesInForce, page: Page, after: AfterPosition = None
) -> PageOf[HalfDay]:
    """Count what is owed by the half-day on which it is due: attempts fall on different ones (A100)."""
    start = page.after(datetime)
    await applied(runtime, revisits.name, after)
    rows = await queries.half_days(
        runtime.engine,
        timezone=rules.timezone.key,
        noon=rules.revisit.noon,
        after=start[0] if start else None,
        limit=page.fetch,
    )
    return page.page(rows, lambda row: (row["starts_at"],), HalfDay.model_validate)


@router.get("/revisits/deferred")
async def list_deferred(
    _reader: MayReadRevisits, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[DeferralShown]:
    """List what was put off, from when to when and why, in the order in which that was decided (A101)."""
    start = page.after(datetime, UUID, int)
    await applied(runtime, revisits.name, after)
    rows = await queries.deferred(runtime.engine, after=start, limit=page.fetch)
    return page.page(rows, lambda row: (row["deferred_at"], row["revisit_id"], row["version"]), DeferralShown.model_validate)


@router.get("/revisits/{revisit_id}")
async def show_revisit(
    reader: MayReadRevisits, runtime: RuntimeOf, revisit_id: RevisitId, response: Response, after: AfterPosition = None
) -> RevisitShown:
    """Show one revisit; `ETag` is the version to decide on."""
    await applied(runtime, revisits.name, after)
    row = await queries.revisit_detail(runtime.engine, revisit_id)
    if row is None:
        raise not_found()
    (shown,) = await _shown(runtime, [row])
    seen = await screened_one(runtime.store, reader, shown, withheld=WITHHELD)
    set_etag(response, row["version"])
    return seen


@router.get("/revisits/{revisit_id}/scripts")
async def list_scripts(
    reader: MayReadRevisits,
    runtime: RuntimeOf,
    revisit_id: RevisitId,
    line: Annotated[str, Query(max_length=64, pattern=r"^[\w .:()-]+$", description="What the line is called.")] = "12345",
) -> list[Spoken]:
    """Answer what is said at the beginning and at the end of this revisit, and what the message says (A113)."""
    row = await queries.revisit_detail(runtime.engine, revisit_id)
    if row is None or await is_hidden(runtime.store, reader, row["request_id"]):
        raise not_found()
    rules = runtime.book.of(row["rule_version"])
    spoken = {name: rules.script(name) for name in (*_SCRIPTS, rules.revisit.message_script)}
    return [
        Spoken(script=name, zh=script.zh.replace("{line}", line), en=script.en.replace("{line}", line))
        for name, script in spoken.items()
    ]


@router.get("/work-orders/{work_order_id}/revisits")
async def list_revisits_of_work_order(
    reader: MayReadRevisits, runtime: RuntimeOf, page: Page, work_order_id: WorkOrderId, after: AfterPosition = None
) -> PageOf[RevisitShown]:
    """List the revisits of an order, one a round; empty while nothing was reported."""
    start = page.after(int, UUID)
    await applied(runtime, revisits.name, after)
    rows = await queries.revisits_of_work_order(runtime.engine, work_order_id, after=start, limit=page.fetch)
    return await _page_of(runtime, reader, page, rows, lambda row: (row["round"], row["revisit_id"]))


async def _listed(
    runtime: Runtime, reader: Principal, page: PageRequest, wanted: Wanted, after: int | None
) -> PageOf[RevisitShown]:
    start = page.after(datetime, UUID)
    await applied(runtime, revisits.name, after)
    rows = await queries.revisits_listed(runtime.engine, wanted, after=start, limit=page.fetch)
    return await _page_of(runtime, reader, page, rows, lambda row: (row["due_at"], row["revisit_id"]))


async def _page_of(
    runtime: Runtime, reader: Principal, page: PageRequest, rows: Sequence[Row], key: Callable[[Row], tuple[Key, ...]]
) -> PageOf[RevisitShown]:
    shown = {item.id: item for item in await _shown(runtime, rows)}
    listed = page.page(rows, key, lambda row: shown[row["revisit_id"]])
    listed.items = await screened(runtime.store, reader, listed.items, withheld=WITHHELD)
    return listed


async def _shown(runtime: Runtime, rows: Sequence[Mapping[str, Any]]) -> list[RevisitShown]:
    found = await opened(runtime, rows, _TEXTS)
    return [RevisitShown.model_validate({**row, "id": row["revisit_id"]}) for row in found]
