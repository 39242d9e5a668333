"""How calls stand, over HTTP: one call, all of them, who waits and is served first, what was left out, what is said."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from hotline_chassis.answers import applied
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.intake import AbandonStage, CallPriority, Emotion, EndedBy
from intake.adapters.api.bodies import ActorId, AnyId
from intake.adapters.api.call_acting import Reading, RulesOfCall
from intake.adapters.views import call_violations as violations
from intake.adapters.views import calls as view
from intake.adapters.views import numbers
from intake.domain import transcript as script_text

router = APIRouter(prefix="/calls", tags=["calls"])
Reviewing = Annotated[Principal, Depends(requires(Right.CALL_REVIEW))]
AgentNumber = Annotated[str | None, Field(pattern="^[A-Za-z0-9-]{1,16}$", examples=["7"])]
UnitName = Annotated[str | None, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f<>{}]+$", examples=["供水公司"])]


class CallStatus(StrEnum):
    """Where a call stands; `open` means any of the first three."""

    RECEIVED = "received"
    ANSWERED = "answered"
    HELD = "held"
    ABANDONED = "abandoned"
    ENDED = "ended"
    WRAPPED_UP = "wrapped_up"
    OPEN = "open"


def _priority_of(value: object) -> object:
    """Name a rank of the view; the rows before there were priorities have none."""
    return view.RANKS[value or 0] if value is None or isinstance(value, int) else value


class CallShown(BaseModel):
    """A call as it stands."""

    model_config = ConfigDict(from_attributes=True)

    call_id: AnyId
    version: Annotated[int, Field(examples=[4])]
    status: Annotated[CallStatus, Field(examples=["held"])]
    since: Annotated[datetime, Field(examples=["2026-03-02T04:01:00Z"])]
    line: Annotated[str, Field(examples=["12345"])]
    caller_id: AnyId | None
    number_id: Annotated[AnyId | None, Field(description="Whom the number belongs to, whoever the caller said to be (A15).")]
    emergency: Annotated[bool, Field(examples=[False])]
    received_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    agent_id: Annotated[str | None, Field(examples=["agent-7"])]
    answered_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:00:04Z"])]
    wait_ms: Annotated[int | None, Field(examples=[4200])]
    ring_count: Annotated[int | None, Field(examples=[2])]
    abandoned_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:00:40Z"])]
    stage: Annotated[AbandonStage | None, Field(examples=["queue"])]
    ended_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:03:00Z"])]
    ended_by: Annotated[EndedBy | None, Field(examples=["caller"])]
    talk_ms: Annotated[int | None, Field(examples=[150000])]
    hold_ms: Annotated[int | None, Field(examples=[26000])]
    outcome: Annotated[str | None, Field(examples=["request_registered"])]
    wrap_up_ms: Annotated[int | None, Field(examples=[31000])]
    priority: Annotated[CallPriority, BeforeValidator(_priority_of), Field(examples=["ordinary"])]
    emotion: Annotated[Emotion | None, Field(examples=["crying"])]
    late: Annotated[bool | None, Field(description="Whether it rang too often (A02).", examples=[False])]
    exception: Annotated[str | None, Field(description="Why the call taker hung up first.", examples=["silent_call"])]
    noticed_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:03:04Z"])]
    action_due_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:05:04Z"])]
    extension: Annotated[
        str | None, Field(description="What rang last, while the call waits for an answer or a transfer.", examples=["8012"])
    ]
    transfer_target: Annotated[str | None, Field(examples=["8012"])]
    transfer_step: Annotated[str | None, Field(examples=["briefed"])]
    alternative: Annotated[str | None, Field(examples=["message"])]
    restricted_until: Annotated[datetime | None, Field(description="Until when the number is restricted (A15).")] = None


class ViolationShown(BaseModel):
    """A rule that was broken in a call: `step` is what was left out."""

    model_config = ConfigDict(from_attributes=True)

    call_id: AnyId
    rule: Annotated[str, Field(examples=["A12"])]
    step: Annotated[str, Field(examples=["exception"])]
    agent_id: Annotated[str | None, Field(examples=["agent-7"])]
    occurred_at: Annotated[datetime, Field(examples=["2026-03-02T04:05:00Z"])]


class Said(BaseModel):
    zh: Annotated[str, Field(examples=["您好，12345，7号为您服务，请问有什么可以帮您？"])]
    en: Annotated[str, Field(examples=["Hello, 12345, agent 7 speaking. How may I help you?"])]


class ScriptsShown(BaseModel):
    """What is said in each situation, by the call's own rule pack. What is not known yet stands in braces."""

    call_id: AnyId
    rule_version: Annotated[str, Field(examples=["default/1"])]
    scripts: dict[str, Said]


@router.get("/queue")
async def queue(_principal: Reading, runtime: RuntimeOf, page: Page, after: AfterPosition = None) -> PageOf[CallShown]:
    """List the callers who wait: emergencies first, then those in distress, then those flagged, then the longest (A16, A119).

    A caller whose number is restricted is marked and keeps their place (A15).
    """
    await applied(runtime, view.NAME, after)
    rows = await view.waiting(runtime.engine, page.after(int, datetime, UUID), page.fetch)
    marked = {shown.call_id: shown for shown in await _marked(runtime, rows)}
    return page.page(rows, lambda row: (-(row.priority or 0), row.received_at, row.call_id), lambda row: marked[row.call_id])


@router.get("/violations")
async def list_violations(
    _principal: Reviewing,
    runtime: RuntimeOf,
    page: Page,
    *,
    agent_id: Annotated[ActorId | None, Query(description="Only of this call taker.")] = None,
    rule: Annotated[str | None, Query(pattern="^A[0-9]{2,3}$", description="Only of this rule.", examples=["A12"])] = None,
    call_id: Annotated[UUID | None, Query(description="Only of this call.")] = None,
    after: AfterPosition = None,
) -> PageOf[ViolationShown]:
    """List what was left out in calls, newest first: of one call taker, one rule, one call."""
    await applied(runtime, violations.NAME, after)
    chosen = {"agent_id": agent_id, "rule": rule, "call_id": call_id}
    rows = await violations.violations(runtime.engine, chosen, page.after(int), page.fetch)
    return page.page(rows, lambda row: (row.position,), ViolationShown.model_validate)


@router.get("/{call_id}")
async def show(
    call_id: UUID, _principal: Reading, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> CallShown:
    """Show how a call stands."""
    await applied(runtime, view.NAME, after)
    row = await view.call(runtime.engine, call_id)
    if row is None:
        raise not_found()
    set_etag(response, row.version)
    (shown,) = await _marked(runtime, [row])
    return shown


@router.get("")
async def list_calls(
    _principal: Reading,
    runtime: RuntimeOf,
    page: Page,
    status: Annotated[CallStatus | None, Query(description="Only calls that stand here.", examples=["open"])] = None,
    after: AfterPosition = None,
) -> PageOf[CallShown]:
    """List calls, newest first."""
    await applied(runtime, view.NAME, after)
    statuses = view.OPEN if status is CallStatus.OPEN else ((status.value,) if status else None)
    rows = await view.calls(runtime.engine, statuses, page.after(datetime, UUID), page.fetch)
    marked = {shown.call_id: shown for shown in await _marked(runtime, rows)}
    return page.page(rows, lambda row: (row.received_at, row.call_id), lambda row: marked[row.call_id])


@router.get("/{call_id}/scripts")
async def scripts(
    call_id: UUID,
    _principal: Reading,
    runtime: RuntimeOf,
    *,
    rules: RulesOfCall,
    agent: Annotated[AgentNumber, Query(description="The number the call taker says (A09).")] = None,
    unit: Annotated[UnitName, Query(description="The unit that is named.")] = None,
) -> ScriptsShown:
    """Show what is said in each situation of this call, filled in, in Chinese and English (A08-A14, A40, A46, A48, A52)."""
    row = await view.call(runtime.engine, call_id)
    if row is None:
        raise not_found()
    known = {"line": row.line, "agent": agent or row.agent_id or "", "unit": unit or ""}
    filled = {
        name: Said(zh=script_text.filled(one.zh, known), en=script_text.filled(one.en, known))
        for name, one in rules.texts.scripts.items()
    }
    return ScriptsShown(call_id=call_id, rule_version=rules.number, scripts=filled)


async def _marked(runtime: Runtime, rows: Sequence[view.CallRow]) -> list[CallShown]:
    """Show calls, those of a restricted number marked (A15)."""
    rung = {row.call_id: row.number_id or row.caller_id for row in rows}
    restricted = await numbers.restricted_among(runtime.engine, [number for number in rung.values() if number is not None])
    until = {call_id: number and restricted.get(number) for call_id, number in rung.items()}
    return [CallShown.model_validate(row).model_copy(update={"restricted_until": until[row.call_id]}) for row in rows]
