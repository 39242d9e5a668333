"""Emergencies over HTTP: declared at the desk, acknowledged by the three parties, reported from the field (A79-A81)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit, Submitting
from hotline_chassis.fields import Text
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.routing.emergency import Party
from hotline_events.sealing import Sealed
from routing.adapters.api.bodies import AnyId, DeskOf, Happened, Moment
from routing.adapters.views import emergencies as view
from routing.application import Desk, incidents
from routing.domain.emergency import AcknowledgeEmergency, DispatchVehicle, FieldAct, ReportField, SettleEmergency

router = APIRouter(tags=["emergencies"])

MayDeclare = Annotated[Principal, Depends(requires(Right.EMERGENCY_DECLARE))]
MayAcknowledge = Annotated[Principal, Depends(requires(Right.EMERGENCY_ACKNOWLEDGE))]
MayReport = Annotated[Principal, Depends(requires(Right.EMERGENCY_REPORT))]
MayRead = Annotated[Principal, Depends(requires(Right.EMERGENCY_READ))]


class Acknowledge(Happened):
    """Who says that they know: crew and department are the department's people, the leader is the hotline's."""

    party: Annotated[Party, Field(examples=["department"])]


class FieldReport(Happened):
    """What the field says; the words are sealed."""

    note: Annotated[str, Text(4000), Field(examples=["现场已围挡，抢修队十分钟后到。"])] | None = None


class Vehicle(Happened):
    """The fleet's number of the vehicle that has set out."""

    vehicle: Annotated[str, Text(32, pattern="^[A-Za-z0-9_-]{1,32}$"), Field(examples=["crew-07"])]


class NoticeShown(BaseModel):
    """How one party stands."""

    party: Annotated[Party, Field(examples=["crew"])]
    told_at: Moment
    acknowledge_by: Moment
    acknowledged_at: Moment
    acknowledged_by: Annotated[str | None, Field(examples=["handler@roads"])]
    missed: Annotated[bool, Field(examples=[False])]


class EmergencyShown(BaseModel):
    """An emergency as it stands."""

    emergency_id: AnyId
    version: Annotated[int, Field(examples=[4])]
    request_id: AnyId
    work_order_id: AnyId
    department: Annotated[str | None, Field(examples=["roads"])]
    declared_by: Annotated[str, Field(examples=["agent-7"])]
    declared_at: Moment
    rule_version: Annotated[str, Field(examples=["default/1"])]
    notices: list[NoticeShown]
    contacted_at: Moment
    contact_due_at: Moment
    heartbeats_missed: Annotated[int, Field(examples=[0])]
    vehicles: Annotated[list[str], Field(examples=[["crew-07"]])]
    settled_at: Moment


@router.post("/work-orders/{work_order_id}/emergency", response_model=Accepted)
async def declare(work_order_id: UUID, body: Happened, principal: MayDeclare, submit: Submit, desk: DeskOf) -> Response:
    """Declare that an order is an emergency: crew, department and leader are told at once."""
    done = await incidents.declare_emergency(
        desk, work_order_id, by=principal.actor_id, now=body.at(desk.clock), submission=await submit.by(principal)
    )
    return accepted(done, done.stream.partition("-")[2])


@router.post("/emergencies/{emergency_id}/acknowledge", response_model=Accepted)
async def acknowledge(
    emergency_id: UUID, body: Acknowledge, principal: MayAcknowledge, submit: Submit, desk: DeskOf
) -> Response:
    """Say that a party knows of the emergency."""
    command = AcknowledgeEmergency(
        party=body.party, department=principal.bound_to, by=principal.actor_id, now=body.at(desk.clock)
    )
    return await _act(desk, emergency_id, command, submit, principal)


@router.post("/emergencies/{emergency_id}/field-report", response_model=Accepted)
async def report(emergency_id: UUID, body: FieldReport, principal: MayReport, submit: Submit, desk: DeskOf) -> Response:
    """Report a contact with the field; the next one is owed from then."""
    now = body.at(desk.clock)
    command = ReportField(
        note=Sealed.of(body.note),
        department=principal.bound_to,
        book=desk.book,
        by=principal.actor_id,
        now=now,
    )
    return await _act(desk, emergency_id, command, submit, principal)


@router.post("/emergencies/{emergency_id}/vehicle", response_model=Accepted)
async def vehicle(emergency_id: UUID, body: Vehicle, principal: MayReport, submit: Submit, desk: DeskOf) -> Response:
    """Record that a vehicle has set out."""
    now = body.at(desk.clock)
    command = DispatchVehicle(vehicle=body.vehicle, department=principal.bound_to, by=principal.actor_id, now=now)
    return await _act(desk, emergency_id, command, submit, principal)


@router.post("/emergencies/{emergency_id}/settle", response_model=Accepted)
async def settle(emergency_id: UUID, body: Happened, principal: MayReport, submit: Submit, desk: DeskOf) -> Response:
    """Say that the danger is over: once everybody concerned has said that they know."""
    command = SettleEmergency(department=principal.bound_to, by=principal.actor_id, now=body.at(desk.clock))
    return await _act(desk, emergency_id, command, submit, principal)


@router.get("/emergencies")
async def listed(
    *,
    principal: MayRead,
    runtime: RuntimeOf,
    page: Page,
    is_open: Annotated[bool | None, Query(description="Only those that are open, or only those that are settled.")] = None,
    after: AfterPosition = None,
) -> PageOf[EmergencyShown]:
    """List emergencies, the newest first. A department sees its own."""
    await applied(runtime, view.EMERGENCIES.name, after)
    start = page.after(int)
    before = start[0] if start else None
    rows = await view.emergencies(runtime.store, bound_to=principal.bound_to, is_open=is_open, before=before, limit=page.fetch)
    return page.page(rows, lambda row: (row["position"],), EmergencyShown.model_validate)


@router.get("/emergencies/overdue")
async def late(principal: MayRead, runtime: RuntimeOf, page: Page, after: AfterPosition = None) -> PageOf[EmergencyShown]:
    """List the open emergencies whose field was not heard of in time, or of which somebody does not know yet, oldest first."""
    start = page.after(int)
    await applied(runtime, view.EMERGENCIES.name, after)
    beyond = start[0] if start else None
    now = runtime.clock.now()
    rows = await view.overdue(runtime.store, now, bound_to=principal.bound_to, beyond=beyond, limit=page.fetch)
    return page.page(rows, lambda row: (row["position"],), EmergencyShown.model_validate)


@router.get("/emergencies/{emergency_id}")
async def show(
    emergency_id: UUID, principal: MayRead, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> EmergencyShown:
    """Read one emergency."""
    await applied(runtime, view.EMERGENCIES.name, after)
    row: dict[str, Any] | None = await view.emergency(runtime.store, emergency_id, bound_to=principal.bound_to)
    if row is None:
        raise not_found()
    set_etag(response, row["version"])
    return EmergencyShown.model_validate(row)


async def _act(desk: Desk, emergency_id: UUID, command: FieldAct, submit: Submitting, principal: Principal) -> Response:
    done = await incidents.act_on_emergency(desk, emergency_id, command, await submit.by(principal))
    return accepted(done, emergency_id)
