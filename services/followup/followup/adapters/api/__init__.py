"""The revisit desk over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field

from followup.adapters.views import (
    RevisitStatus,
    revisit_detail,
    revisits,
    revisits_listed,
    revisits_of_work_order,
)
from followup.application import attempt_revisit, record_revisit
from followup.domain.revisit import AttemptRevisit, RecordRevisit
from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.confidentiality import OfMatter, screened, screened_one
from hotline_chassis.fields import Body, Text, UtcDatetime, YesNo
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RulesInForce, Runtime, RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.followup import AttemptOutcome, ClosedAs
from hotline_events.catalogue.intake import Channel, RequestType
from hotline_events.sealing import KeyGoneError, Sealed, label_of, unseal

router = APIRouter(tags=["revisits"])
MayRead = Annotated[Principal, Depends(requires(Right.REVISIT_READ))]
RevisitId = Annotated[UUID, Path(examples=["5f0f5a67-2c55-5d8a-9b5c-6c1a5f7f6b01"])]
WorkOrderId = Annotated[UUID, Path(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e11"])]
MayRecord = Annotated[Principal, Depends(requires(Right.REVISIT_RECORD))]
WITHHELD = ("requester_id", "title", "reply", "reason")
_TEXTS = {"title": "title_box", "reply": "reply_box", "reason": "reason_box"}


class Attempt(Body):
    """An attempt that reached nobody."""

    outcome: Annotated[AttemptOutcome, Field(examples=["no_answer"])]
    occurred_at: Annotated[UtcDatetime | None, Field(examples=["2026-03-03T01:30:00Z"])] = None


class Answer(Body):
    """What the caller said; null where they gave no answer. Who is not satisfied is asked why (A106)."""

    solved: Annotated[YesNo | None, Field(examples=[True])]
    satisfied: Annotated[YesNo | None, Field(examples=[False])]
    reason: Annotated[str, Text(4000)] | None = Field(default=None, examples=["等了两周才有人来。"])
    immediate_after_service: Annotated[YesNo, Field(examples=[False])] = False
    occurred_at: Annotated[UtcDatetime | None, Field(examples=["2026-03-03T01:30:00Z"])] = None


class RevisitShown(OfMatter):
    """A revisit with what the desk needs to make it. Texts are null when not given yet, or when the person was erased."""

    id: UUID = Field(examples=["5f0f5a67-2c55-5d8a-9b5c-6c1a5f7f6b01"])
    version: int = Field(examples=[2])
    work_order_id: UUID = Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e11"])
    requester_id: UUID | None = Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e12"])
    department: str = Field(examples=["roads"])
    round: int = Field(examples=[1])
    status: RevisitStatus = Field(examples=["due"])
    due_at: datetime = Field(examples=["2026-03-03T00:00:00Z"])
    deadline_at: datetime = Field(examples=["2026-03-05T16:00:00Z"])
    limit_passed_at: datetime | None = Field(examples=[None])
    rule_version: str = Field(examples=["default/1"])
    attempts: int = Field(examples=[0])
    last_outcome: AttemptOutcome | None = Field(examples=[None])
    request_type: RequestType | None = Field(examples=["complaint"])
    channel: Channel | None = Field(examples=["phone"])
    title: str | None = Field(examples=["路灯不亮"])
    reply: str | None = Field(examples=["已更换灯泡"])
    resolved_by: str | None = Field(examples=["handler-3"])
    resolved_at: datetime | None = Field(examples=["2026-03-02T04:00:00Z"])
    erased: bool = Field(examples=[False])
    solved: bool | None = Field(examples=[None])
    satisfied: bool | None = Field(examples=[None])
    reason: str | None = Field(examples=[None])
    immediate_after_service: bool | None = Field(examples=[None])
    revisited_by: str | None = Field(examples=[None])
    revisited_at: datetime | None = Field(examples=[None])
    closed_as: ClosedAs | None = Field(examples=[None])
    rework_round: int | None = Field(examples=[None])
    closed_at: datetime | None = Field(examples=[None])


@router.get("/revisits")
async def list_revisits(
    *,
    reader: MayRead,
    runtime: RuntimeOf,
    page: Page,
    after: AfterPosition = None,
    status: Annotated[RevisitStatus | None, Query(examples=["due"])] = None,
    department: Annotated[str | None, Query(max_length=64, pattern=r"^[A-Za-z0-9_-]+$", examples=["roads"])] = None,
) -> PageOf[RevisitShown]:
    """List the revisits in the order in which they are due."""
    start = page.after(datetime, UUID)
    await applied(runtime, revisits.name, after)
    rows = await revisits_listed(runtime.engine, status=status, department=department, after=start, limit=page.fetch)
    shown = {row["revisit_id"]: item for row, item in zip(rows, await _shown(runtime, rows), strict=True)}
    listed = page.page(rows, lambda row: (row["due_at"], row["revisit_id"]), lambda row: shown[row["revisit_id"]])
    listed.items = await screened(runtime.store, reader, listed.items, withheld=WITHHELD)
    return listed


@router.get("/revisits/{revisit_id}")
async def show_revisit(
    reader: MayRead, runtime: RuntimeOf, revisit_id: RevisitId, response: Response, after: AfterPosition = None
) -> RevisitShown:
    """Show one revisit; `ETag` is the version to decide on."""
    await applied(runtime, revisits.name, after)
    row = await revisit_detail(runtime.engine, revisit_id)
    if row is None:
        raise not_found()
    (shown,) = await _shown(runtime, [row])
    seen = await screened_one(runtime.store, reader, shown, withheld=WITHHELD)
    set_etag(response, row["version"])
    return seen


@router.get("/work-orders/{work_order_id}/revisits")
async def list_revisits_of_work_order(
    reader: MayRead, runtime: RuntimeOf, work_order_id: WorkOrderId, after: AfterPosition = None
) -> list[RevisitShown]:
    """List the revisits of an order, one a round; empty while nothing was reported."""
    await applied(runtime, revisits.name, after)
    shown = await _shown(runtime, await revisits_of_work_order(runtime.engine, work_order_id))
    return await screened(runtime.store, reader, shown, withheld=WITHHELD)


@router.post("/revisits/{revisit_id}/attempt", response_model=Accepted)
async def attempt(
    agent: MayRecord, runtime: RuntimeOf, rules: RulesInForce, submit: Submit, *, revisit_id: RevisitId, body: Attempt
) -> Response:
    """Count an attempt that reached nobody; after the last one the caller is unreachable."""
    command = AttemptRevisit(
        outcome=body.outcome,
        attempted_by=agent.actor_id,
        rules=rules,
        now=body.occurred_at or runtime.clock.now(),
    )
    done = await attempt_revisit(runtime.aggregates, revisit_id, command, await submit.by(agent))
    return accepted(done, revisit_id)


@router.post("/revisits/{revisit_id}/revisit", response_model=Accepted)
async def revisit(
    agent: MayRecord, runtime: RuntimeOf, rules: RulesInForce, submit: Submit, *, revisit_id: RevisitId, body: Answer
) -> Response:
    """Record what the caller said: it closes the matter, or orders rework while rounds are left."""
    command = RecordRevisit(
        solved=body.solved,
        satisfied=body.satisfied,
        reason=None if body.reason is None else Sealed(body.reason),
        immediate_after_service=body.immediate_after_service,
        revisited_by=agent.actor_id,
        rules=rules,
        now=body.occurred_at or runtime.clock.now(),
    )
    done = await record_revisit(runtime.aggregates, revisit_id, command, await submit.by(agent))
    return accepted(done, revisit_id)


async def _shown(runtime: Runtime, rows: Sequence[Mapping[str, Any]]) -> list[RevisitShown]:
    """Open the boxes of a page with one look at the keyring."""
    boxes = [row[column] for row in rows for column in _TEXTS.values() if row[column]]
    keys = await runtime.keys.get_many(list({label_of(box).person_id for box in boxes})) if boxes else {}
    return [_open(row, keys) for row in rows]


def _open(row: Mapping[str, Any], keys: Mapping[UUID, bytes]) -> RevisitShown:
    texts: dict[str, str | None] = {}
    erased = row["erased"]
    for name, column in _TEXTS.items():
        try:
            texts[name] = unseal(row[column], keys) if row[column] else None
        except KeyGoneError:
            texts[name] = None
            erased = True
    return RevisitShown.model_validate({**row, **texts, "id": row["revisit_id"], "erased": erased})
