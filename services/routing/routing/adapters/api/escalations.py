"""Escalations and sensitive periods over HTTP: a matter goes up level by level (A82, A83)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import AnyUtcDatetime, Body, Text
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.routing.escalation import Flag
from routing.adapters.api.bodies import CREATED, AnyId, DeskOf, Happened, Moment
from routing.adapters.views import escalations as view
from routing.application import incidents
from routing.domain.escalation import AnswerEscalation
from routing.domain.sensitive_periods import ClosePeriod, OpenPeriod

router = APIRouter(tags=["escalations"])

MayRaise = Annotated[Principal, Depends(requires(Right.ESCALATION_RAISE))]
MayAnswer = Annotated[Principal, Depends(requires(Right.ESCALATION_ANSWER))]
MayRead = Annotated[Principal, Depends(requires(Right.ESCALATION_READ))]
MayWritePeriods = Annotated[Principal, Depends(requires(Right.SENSITIVE_PERIOD_WRITE))]


class Raise(Happened):
    """Which order's matter goes up, and why."""

    work_order_id: AnyId
    flag: Annotated[Flag, Field(examples=["hot"])]


class Period(Body):
    """Dates between which every level has less time."""

    name_zh: Annotated[str, Text(120), Field(examples=["防汛期"])]
    name_en: Annotated[str, Text(120), Field(examples=["Flood season"])]
    starts_at: Annotated[AnyUtcDatetime, Field(examples=["2026-06-01T00:00:00+08:00"])]
    ends_at: Annotated[AnyUtcDatetime, Field(examples=["2026-09-01T00:00:00+08:00"])]


class EscalationShown(BaseModel):
    """A matter on its way up."""

    escalation_id: AnyId
    version: Annotated[int, Field(examples=[2])]
    work_order_id: AnyId
    department: Annotated[str | None, Field(examples=["roads"])]
    flag: Annotated[Flag, Field(examples=["hot"])]
    level: Annotated[str, Field(examples=["department_head"])]
    may_answer: Annotated[
        list[str],
        Field(
            description="Who may take it on or pass it on; empty where its pack leaves it open, or it is over.",
            examples=[["department_head"]],
        ),
    ]
    due_at: Moment
    sensitive: Annotated[bool, Field(examples=[False])]
    raised_by: Annotated[str, Field(examples=["leader-1"])]
    raised_at: Moment
    since: Moment
    climbed: Annotated[int, Field(examples=[1])]
    rule_version: Annotated[str, Field(examples=["default/1"])]
    answered_by: Annotated[str | None, Field(examples=["head@roads"])]
    answered_at: Moment
    closed_at: Moment


class PeriodShown(BaseModel):
    """A sensitive period."""

    period_id: AnyId
    name_zh: Annotated[str, Field(examples=["防汛期"])]
    name_en: Annotated[str, Field(examples=["Flood season"])]
    starts_at: Moment
    ends_at: Moment
    opened_by: Annotated[str, Field(examples=["oversight-1"])]


@router.put("/escalations/{escalation_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def raise_(escalation_id: UUID, body: Raise, principal: MayRaise, submit: Submit, desk: DeskOf) -> Response:
    """Report a matter to the first level."""
    done = await incidents.raise_matter(
        desk,
        escalation_id,
        body.work_order_id,
        body.flag,
        own=principal.bound_to,
        by=principal.actor_id,
        now=body.at(desk.clock),
        submission=await submit.by(principal, creates=f"escalation-{escalation_id}"),
    )
    return accepted(done, escalation_id, created=bool(done.events))


@router.post("/escalations/{escalation_id}/pass-on", response_model=Accepted)
async def pass_on(escalation_id: UUID, body: Happened, principal: MayAnswer, submit: Submit, desk: DeskOf) -> Response:
    """Pass a matter on to the next level. Who acts for the level with which it lies may: `may_answer`."""
    done = await incidents.pass_on(
        desk,
        escalation_id,
        principal.bound_to,
        principal.role,
        by=principal.actor_id,
        now=body.at(desk.clock),
        submission=await submit.by(principal),
    )
    return accepted(done, escalation_id)


@router.post("/escalations/{escalation_id}/answer", response_model=Accepted)
async def answer(escalation_id: UUID, body: Happened, principal: MayAnswer, submit: Submit, desk: DeskOf) -> Response:
    """Take a matter on: it climbs no further. Who acts for the level with which it lies may: `may_answer`."""
    now = body.at(desk.clock)
    command = AnswerEscalation(department=principal.bound_to, role=principal.role, by=principal.actor_id, now=now)
    done = await incidents.answer_escalation(desk, escalation_id, command, await submit.by(principal))
    return accepted(done, escalation_id)


@router.get("/escalations")
async def listed(
    *,
    principal: MayRead,
    runtime: RuntimeOf,
    page: Page,
    is_open: Annotated[
        bool | None, Query(description="Only those that nobody has taken on and whose order has not ended, or only the others.")
    ] = None,
    level: Annotated[str | None, Query(max_length=64, description="Only those that lie with this level.")] = None,
    after: AfterPosition = None,
) -> PageOf[EscalationShown]:
    """List escalations, the newest first. A department sees those of its own orders."""
    await applied(runtime, view.ESCALATIONS.name, after)
    start = page.after(int)
    rows = await view.escalations(
        runtime.store,
        bound_to=principal.bound_to,
        is_open=is_open,
        level=level,
        before=start[0] if start else None,
        limit=page.fetch,
    )
    return page.page(rows, lambda row: (row["position"],), EscalationShown.model_validate)


@router.put("/sensitive-periods/{period_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def open_period(period_id: UUID, body: Period, principal: MayWritePeriods, submit: Submit, desk: DeskOf) -> Response:
    """Open a sensitive period, now or ahead of time."""
    command = OpenPeriod(
        period_id=period_id,
        names=(body.name_zh, body.name_en),
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        by=principal.actor_id,
        now=desk.clock.now(),
    )
    done = await incidents.change_periods(desk, command, await submit.by(principal))
    return accepted(done, period_id, created=bool(done.events))


@router.post("/sensitive-periods/{period_id}/close", response_model=Accepted)
async def close_period(period_id: UUID, body: Happened, principal: MayWritePeriods, submit: Submit, desk: DeskOf) -> Response:
    """End a sensitive period earlier than planned."""
    command = ClosePeriod(period_id=period_id, by=principal.actor_id, now=body.at(desk.clock))
    return accepted(await incidents.change_periods(desk, command, await submit.by(principal)), period_id)


@router.get("/sensitive-periods")
async def periods(_principal: MayRead, runtime: RuntimeOf, page: Page, after: AfterPosition = None) -> PageOf[PeriodShown]:
    """List the sensitive periods, the latest first."""
    start = page.after(datetime, UUID)
    await applied(runtime, view.ESCALATIONS.name, after)
    rows = await view.sensitive_periods(runtime.store, before=start, limit=page.fetch)
    return page.page(rows, lambda row: (row["starts_at"], row["period_id"]), PeriodShown.model_validate)
