"""Playbooks over HTTP: published check-lists, opened and worked off step by step (A161)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, Text, YesNo
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.runtime import RuntimeOf
from hotline_events.catalogue.intake import PlaybookStep
from intake.adapters.api.bodies import CREATED, AnyId, Code, Happened
from intake.adapters.api.desk_acts import act
from intake.adapters.api.desk_bodies import CodeOf, KeepingShifts, Name, PublishingPlaybooks, Reading
from intake.adapters.views import playbooks as view
from intake.domain import playbook as playbooks

router = APIRouter(tags=["duty"])
StepOf = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,63}$", examples=["call_fire_brigade"])]
PlaybookName = Annotated[str, Text(64, pattern="^[a-z0-9][a-z0-9_-]{0,63}$"), Field(examples=["gas_leak"])]


class Step(Body):
    """One step: a code, and what is to be done."""

    step: Annotated[Code, Field(examples=["call_fire_brigade"])]
    text_zh: Annotated[str, Text(1000), Field(examples=["通知消防队。"])]
    text_en: Annotated[str, Text(1000), Field(examples=["Call the fire brigade."])]


class Publish(Body):
    """A playbook, whole."""

    title_zh: Annotated[Name, Field(examples=["燃气泄漏"])]
    title_en: Annotated[Name, Field(examples=["Gas leak"])]
    steps: Annotated[list[Step], Field(min_length=1, max_length=100)]


class Open(Happened):
    """Which playbook, and the call that gave rise to it."""

    playbook: PlaybookName
    call_id: AnyId | None = None


class Do(Happened):
    """Whether the step did not apply."""

    skipped: Annotated[YesNo, Field(examples=[False])] = False


class PlaybookShown(BaseModel):
    """A playbook in its present version."""

    model_config = ConfigDict(from_attributes=True)

    playbook: Annotated[str, Field(examples=["gas_leak"])]
    version: Annotated[int, Field(examples=[1])]
    title_zh: Annotated[str, Field(examples=["燃气泄漏"])]
    title_en: Annotated[str, Field(examples=["Gas leak"])]
    steps: list[Step]


class StepDone(BaseModel):
    """A step that was done, by whom and when."""

    step: Annotated[str, Field(examples=["call_fire_brigade"])]
    skipped: Annotated[bool, Field(examples=[False])]
    done_by: Annotated[str, Field(examples=["agent-7"])]
    done_at: Annotated[datetime, Field(examples=["2026-03-02T04:05:00Z"])]


class RunShown(BaseModel):
    """One use of a playbook."""

    model_config = ConfigDict(from_attributes=True)

    run_id: AnyId
    playbook: Annotated[str, Field(examples=["gas_leak"])]
    playbook_version: Annotated[int, Field(examples=[1])]
    steps: list[str]
    call_id: AnyId | None
    opened_by: Annotated[str, Field(examples=["agent-7"])]
    opened_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    closed_at: Annotated[datetime | None, Field(examples=["2026-03-02T05:00:00Z"])]
    done: list[StepDone]


@router.put("/playbooks/{code}", status_code=201, response_model=Accepted, responses=CREATED)
async def publish(code: CodeOf, body: Publish, principal: PublishingPlaybooks, submit: Submit, runtime: RuntimeOf) -> Response:
    """Publish a playbook, or its next version (A161)."""
    command = playbooks.PublishPlaybook(
        playbook=code,
        title_zh=body.title_zh,
        title_en=body.title_en,
        steps=tuple(PlaybookStep(**step.model_dump()) for step in body.steps),
        by=principal.actor_id,
        now=runtime.clock.now(),
    )
    return await act(runtime, playbooks.playbook_decider, code, command, submit, principal)


@router.get("/playbooks")
async def list_playbooks(
    _principal: Reading, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[PlaybookShown]:
    """List the playbooks by code (A161)."""
    await applied(runtime, view.NAME, after)
    start = page.after(str)
    rows = await view.playbooks(runtime.store, after=start[0] if start else None, limit=page.fetch)
    return page.page(rows, lambda row: (row.playbook,), PlaybookShown.model_validate)


@router.put("/playbook-runs/{run_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def start(run_id: UUID, body: Open, principal: KeepingShifts, submit: Submit, runtime: RuntimeOf) -> Response:
    """Open a playbook, at its present version (A161)."""
    stream = playbooks.playbook_decider.stream(body.playbook)
    runtime.aggregates.forget(stream)
    _, published = await runtime.aggregates.load(playbooks.playbook_decider, stream)
    command = playbooks.OpenPlaybook(
        run_id=run_id,
        playbook=body.playbook,
        published=published,
        call_id=body.call_id,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await act(runtime, playbooks.run_decider, run_id, command, submit, principal, creates=f"playbook_run-{run_id}")


@router.post("/playbook-runs/{run_id}/steps/{step}", response_model=Accepted)
async def do_step(
    run_id: UUID, step: StepOf, body: Do, principal: KeepingShifts, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Do the next step; the answer to another one names it (A161)."""
    now = body.at(runtime.clock.now())
    command = playbooks.DoStep(run_id=run_id, step=step, skipped=body.skipped, by=principal.actor_id, now=now)
    return await act(runtime, playbooks.run_decider, run_id, command, submit, principal)


@router.post("/playbook-runs/{run_id}/close", response_model=Accepted)
async def close(run_id: UUID, body: Happened, principal: KeepingShifts, submit: Submit, runtime: RuntimeOf) -> Response:
    """Close a check-list of which every step is done (A161)."""
    command = playbooks.ClosePlaybook(run_id=run_id, by=principal.actor_id, now=body.at(runtime.clock.now()))
    return await act(runtime, playbooks.run_decider, run_id, command, submit, principal)


@router.get("/playbook-runs/{run_id}")
async def show_run(run_id: UUID, _principal: Reading, runtime: RuntimeOf, after: AfterPosition = None) -> RunShown:
    """Show how far a check-list is (A161)."""
    await applied(runtime, view.NAME, after)
    row = await view.run(runtime.store, run_id)
    if row is None:
        raise not_found()
    return RunShown.model_validate(row)
