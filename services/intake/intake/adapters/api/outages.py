"""Outages and alarms of a line over HTTP: reported, told to the public, bridged, restored (A04, A20, A21, A61)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.runtime import RuntimeOf
from intake.adapters.api.bodies import CREATED, ActorId, AnyId, Code, Happened
from intake.adapters.api.desk_acts import act, answer
from intake.adapters.api.desk_bodies import LineOf, MendingFaults, Notice, Reading, ReportingFaults
from intake.adapters.views import calls, clashes
from intake.adapters.views import lines as view
from intake.application import lines as application
from intake.domain.line import decider
from intake.domain.line.outages import ActivateFallback, PublishFaultNotice, ReportFault, RestoreLine

router = APIRouter(prefix="/lines/{line}", tags=["lines"])


class Report(Happened):
    """What is out of order, and who was called to mend it."""

    fault: Annotated[Code, Field(examples=["no_dial_tone"])]
    told: Annotated[Code, Field(examples=["telecom_company"])]


class Tell(Happened):
    """What the public is told."""

    notice_zh: Annotated[Notice, Field(examples=["12345 热线因线路故障暂时无法接听,正在抢修。"])]
    notice_en: Annotated[Notice, Field(examples=["The 12345 line is out of order and being mended."])]


class Bridge(Happened):
    """Who takes important calls, on the telephone of a person of the vault."""

    agent_id: ActorId
    holder_id: AnyId


class OutageShown(BaseModel):
    """An outage; open while it has no `restored_at`."""

    model_config = ConfigDict(from_attributes=True)

    fault_id: AnyId
    line: Annotated[str, Field(examples=["12345"])]
    fault: Annotated[str, Field(examples=["no_dial_tone"])]
    told: Annotated[str, Field(examples=["telecom_company"])]
    reported_by: Annotated[str, Field(examples=["agent-7"])]
    began_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    restored_at: Annotated[datetime | None, Field(examples=["2026-03-02T06:00:00Z"])]
    notice_zh: Annotated[str | None, Field(examples=["12345 热线因线路故障暂时无法接听。"])]
    notice_en: Annotated[str | None, Field(examples=["The 12345 line is out of order."])]
    notice_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:10:00Z"])]
    agent_id: Annotated[str | None, Field(examples=["agent-7"])]
    holder_id: AnyId | None
    fallback_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:05:00Z"])]


class AlarmShown(BaseModel):
    """Something wrong with a line: nobody answered it, it shares a telephone, or a call met that telephone engaged."""

    model_config = ConfigDict(from_attributes=True)

    alarm_id: AnyId
    kind: Annotated[str, Field(examples=["handset_shared"])]
    raised_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    call_id: AnyId | None
    handset: Annotated[str | None, Field(examples=["desk_1"])]
    other_lines: list[str] | None
    waited_ms: Annotated[int | None, Field(examples=[45000])]


@router.put("/faults/{fault_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def report(
    line: LineOf, fault_id: UUID, body: Report, principal: ReportingFaults, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Report that the line is out of order: the outage begins when it happened, whenever it is entered (A20)."""
    command = ReportFault(
        line=line,
        fault_id=fault_id,
        fault=body.fault,
        told=body.told,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await act(runtime, decider, line, command, submit, principal, creates=f"fault-{fault_id}")


@router.post("/faults/{fault_id}/notice", response_model=Accepted)
async def tell(
    line: LineOf, fault_id: UUID, body: Tell, principal: MendingFaults, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Publish what the public is told of the outage (A20)."""
    command = PublishFaultNotice(
        line=line,
        fault_id=fault_id,
        notice_zh=body.notice_zh,
        notice_en=body.notice_en,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await act(runtime, decider, line, command, submit, principal)


@router.post("/faults/{fault_id}/fallback", response_model=Accepted)
async def bridge(
    line: LineOf, fault_id: UUID, body: Bridge, principal: MendingFaults, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Let a person's own telephone take the important calls of the outage (A21)."""
    command = ActivateFallback(
        line=line,
        fault_id=fault_id,
        agent_id=body.agent_id,
        holder_id=body.holder_id,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal)
    return answer(await application.activate_fallback(runtime.aggregates, command, submission), line)


@router.post("/faults/{fault_id}/restore", response_model=Accepted)
async def restore(
    line: LineOf, fault_id: UUID, body: Happened, principal: MendingFaults, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Say that the line works again: the outage is over (A20)."""
    command = RestoreLine(line=line, fault_id=fault_id, by=principal.actor_id, now=body.at(runtime.clock.now()))
    return await act(runtime, decider, line, command, submit, principal)


@router.get("/outages")
async def outages(
    line: LineOf, _principal: Reading, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[OutageShown]:
    """List the outages of a line, newest first (A20)."""
    await applied(runtime, view.NAME, after)
    rows = await view.outages(runtime.store, line, page.after(datetime, UUID), page.fetch)
    return page.page(rows, lambda row: (row.began_at, row.fault_id), OutageShown.model_validate)


@router.get("/alarms")
async def alarms(
    line: LineOf, _principal: Reading, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[AlarmShown]:
    """List what was wrong with a line, newest first: nobody answered, or its telephone was engaged (A04, A61)."""
    await applied(runtime, view.NAME, after)
    await applied(runtime, calls.NAME, after)
    rows = await clashes.alarms(runtime.store, line, page.after(datetime, UUID), page.fetch)
    return page.page(rows, lambda row: (row.raised_at, row.alarm_id), AlarmShown.model_validate)
