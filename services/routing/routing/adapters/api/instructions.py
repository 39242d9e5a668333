"""A superior's instructions over HTTP: reported, relayed to departments, acknowledged by them (A64)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Text
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.sealing import Sealed
from routing.adapters.api.bodies import CREATED, AnyId, DeskOf, Happened, Moment
from routing.adapters.views import instructions as view
from routing.adapters.views.queries import opened
from routing.application import incidents
from routing.domain.instruction import AcknowledgeInstruction, ReportInstruction

router = APIRouter(tags=["instructions"])

MayReport = Annotated[Principal, Depends(requires(Right.INSTRUCTION_REPORT))]
MayAcknowledge = Annotated[Principal, Depends(requires(Right.INSTRUCTION_ACKNOWLEDGE))]
MayRead = Annotated[Principal, Depends(requires(Right.INSTRUCTION_READ))]


class Report(Happened):
    """What a superior leader asked for. The superior is a person of the vault; the words are sealed with their key."""

    superior_id: AnyId
    words: Annotated[str, Text(4000), Field(examples=["今晚之前把积水点查一遍，结果报我。"])]
    work_order_id: AnyId | None = None
    reported_to: Annotated[str, Text(64), Field(examples=["leader-1"])]


class Relay(Happened):
    """The department that has to do something about it."""

    department: Annotated[str, Text(32), Field(examples=["roads"])]


class RelayShown(BaseModel):
    """How one department stands."""

    department: Annotated[str, Field(examples=["roads"])]
    relayed_at: Moment
    acknowledge_by: Moment
    acknowledged_at: Moment
    acknowledged_by: Annotated[str | None, Field(examples=["head@roads"])]
    missed: Annotated[bool, Field(examples=[False])]


class InstructionShown(BaseModel):
    """An instruction; its words are null when the superior was erased."""

    instruction_id: AnyId
    words: Annotated[str | None, Field(examples=["今晚之前把积水点查一遍，结果报我。"])]
    work_order_id: AnyId | None
    reported_to: Annotated[str, Field(examples=["leader-1"])]
    reported_by: Annotated[str, Field(examples=["agent-7"])]
    reported_at: Moment
    relays: list[RelayShown] | None


@router.put("/instructions/{instruction_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def report(instruction_id: UUID, body: Report, principal: MayReport, submit: Submit, desk: DeskOf) -> Response:
    """Record a superior's call and to which head it was reported."""
    now = body.at(desk.clock)
    command = ReportInstruction(
        instruction_id=instruction_id,
        superior_id=body.superior_id,
        words=Sealed(body.words),
        work_order_id=body.work_order_id,
        reported_to=body.reported_to,
        rules=desk.book.in_force(now),
        by=principal.actor_id,
        now=now,
    )
    submission = await submit.by(principal, creates=f"instruction-{instruction_id}")
    done = await incidents.report_instruction(desk, command, submission)
    return accepted(done, instruction_id, created=bool(done.events))


@router.post("/instructions/{instruction_id}/relay", response_model=Accepted)
async def relay(instruction_id: UUID, body: Relay, principal: MayReport, submit: Submit, desk: DeskOf) -> Response:
    """Pass the instruction on to a department."""
    done = await incidents.relay_instruction(
        desk,
        instruction_id,
        body.department,
        by=principal.actor_id,
        now=body.at(desk.clock),
        submission=await submit.by(principal),
    )
    return accepted(done, instruction_id)


@router.post("/instructions/{instruction_id}/acknowledge", response_model=Accepted)
async def acknowledge(
    instruction_id: UUID, body: Happened, principal: MayAcknowledge, submit: Submit, desk: DeskOf
) -> Response:
    """Say that the department has the instruction."""
    if principal.bound_to is None:
        raise not_found()
    command = AcknowledgeInstruction(department=principal.bound_to, by=principal.actor_id, now=body.at(desk.clock))
    done = await incidents.acknowledge_instruction(desk, instruction_id, command, await submit.by(principal))
    return accepted(done, instruction_id)


@router.get("/instructions")
async def listed(principal: MayRead, runtime: RuntimeOf, page: Page, after: AfterPosition = None) -> PageOf[InstructionShown]:
    """List instructions, the newest first. A department sees those that were relayed to it."""
    await applied(runtime, view.INSTRUCTIONS.name, after)
    start = page.after(int)
    before = start[0] if start else None
    rows = await view.instructions(runtime.store, bound_to=principal.bound_to, before=before, limit=page.fetch)
    shown = await opened(rows, ("words",), runtime.keys)
    return page.page(shown, lambda row: (row["position"],), InstructionShown.model_validate)
