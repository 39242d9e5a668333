"""Handovers over HTTP: what is unfinished is listed, offered, and signed for or refused by the relief (A139-A142)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from hotline_chassis.answers import Accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Text
from hotline_chassis.http import AfterPosition
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_events.catalogue.intake import OpenItem, OpenItemKind
from hotline_events.sealing import Sealed
from intake.adapters.api.bodies import ActorId, AnyId, Happened
from intake.adapters.api.desk_acts import act, answer
from intake.adapters.api.desk_bodies import DutyOf, KeepingShifts, Reading, StaffOf
from intake.adapters.views import duty as view
from intake.adapters.views import duty_queries, notices, shifts
from intake.application import duty as application
from intake.domain import shift
from intake.domain.shift.handover import RefuseHandover

router = APIRouter(prefix="/shifts/{shift_id}", tags=["duty"])
Words = Annotated[str, Text(2000), Field(examples=["3 号工单待跟进,请于十点前回电。"])]


class Offer(Happened):
    """To whom one hands over, in which shift, and what else there is to say."""

    to_staff: ActorId
    relief_shift_id: AnyId
    note: Words | None = None


class Refuse(Happened):
    """Why the relief does not take over."""

    reason: Words


class Item(BaseModel):
    """Something unfinished, by its id."""

    kind: Annotated[OpenItemKind, Field(examples=["call"])]
    item_id: AnyId


class HandoverShown(BaseModel):
    """A handover: what was handed over, and what the relief said."""

    from_staff: Annotated[str, Field(examples=["agent-7"])]
    to_staff: Annotated[str, Field(examples=["agent-8"])]
    relief_shift_id: AnyId
    offered_at: Annotated[datetime, Field(examples=["2026-03-02T09:15:00Z"])]
    items: list[Item]
    note: Annotated[str | None, Field(examples=["3 号工单待跟进。"])]
    status: Annotated[str, Field(examples=["accepted"])]
    answered_at: Annotated[datetime | None, Field(examples=["2026-03-02T09:25:00Z"])]
    refusal: Annotated[str | None, Field(examples=["钥匙未交。"])]


@router.get("/open-items")
async def open_items(
    shift_id: UUID, principal: KeepingShifts, runtime: RuntimeOf, duty: DutyOf, after: AfterPosition = None
) -> list[Item]:
    """List what the asker leaves unfinished: what a handover will hold (A140)."""
    await applied(runtime, view.NAME, after)
    found = await _open_items(duty, runtime, shift_id, principal.actor_id)
    return [Item(kind=one.kind, item_id=one.item_id) for one in found]


@router.post("/handover", response_model=Accepted)
async def offer(
    shift_id: UUID, body: Offer, principal: KeepingShifts, submit: Submit, *, duty: DutyOf, runtime: RuntimeOf
) -> Response:
    """Hand over to the relief; what is unfinished is listed by itself (A140). The equipment is counted first (A141)."""
    now = body.at(runtime.clock.now())
    done = await application.offer_handover(
        duty,
        (shift_id, principal.actor_id),
        (body.relief_shift_id, body.to_staff),
        await _open_items(duty, runtime, shift_id, principal.actor_id),
        note=body.note,
        now=now,
        submission=await submit.by(principal, correlation=shift_id),
    )
    return answer(done, shift_id)


@router.post("/handovers/{staff_id}/accept", response_model=Accepted)
async def accept(
    shift_id: UUID,
    staff_id: StaffOf,
    body: Happened,
    principal: KeepingShifts,
    submit: Submit,
    *,
    duty: DutyOf,
    runtime: RuntimeOf,
) -> Response:
    """Sign for a handover, having checked in and read the log and the notices (A139, A140, A142). What came up since the offer
    is in it too; its matters are co-owned from then on (A65).
    """
    now = body.at(runtime.clock.now())
    line, since = await application.place_of(duty, shift_id, staff_id)
    done = await application.accept_handover(
        duty,
        (shift_id, staff_id),
        await duty_queries.open_items(runtime.store, staff_id, line, since),
        by=principal.actor_id,
        unread=await notices.unread(runtime.store, principal.actor_id, line, now),
        now=now,
        submission=await submit.by(principal, correlation=shift_id),
    )
    return answer(done, shift_id)


@router.post("/handovers/{staff_id}/refuse", response_model=Accepted)
async def refuse(
    shift_id: UUID,
    staff_id: StaffOf,
    body: Refuse,
    principal: KeepingShifts,
    submit: Submit,
    *,
    duty: DutyOf,
    runtime: RuntimeOf,
) -> Response:
    """Refuse to take over, and say why (A140)."""
    await duty.vault.give_key(shift_id)
    now = body.at(runtime.clock.now())
    reason = Sealed(body.reason)
    command = RefuseHandover(shift_id=shift_id, from_staff=staff_id, by=principal.actor_id, reason=reason, now=now)
    return await act(runtime, shift.decider, shift_id, command, submit, principal)


@router.get("/handovers")
async def list_handovers(
    shift_id: UUID, _principal: Reading, runtime: RuntimeOf, after: AfterPosition = None
) -> list[HandoverShown]:
    """List the handovers of a shift with what was said (A140)."""
    await applied(runtime, view.NAME, after)
    rows = await shifts.handovers(runtime.store, shift_id)
    boxes = [(row.shift_id, box) for row in rows for box in (row.note, row.refusal)]
    texts = iter(await notices.open_texts(boxes, runtime.keys))
    return [
        HandoverShown(
            from_staff=row.from_staff,
            to_staff=row.to_staff,
            relief_shift_id=row.relief_shift_id,
            offered_at=row.offered_at,
            items=[Item.model_validate(item) for item in row.items],
            note=next(texts),
            status=row.status,
            answered_at=row.answered_at,
            refusal=next(texts),
        )
        for row in rows
    ]


async def _open_items(duty: application.Duty, runtime: Runtime, shift_id: UUID, staff_id: str) -> tuple[OpenItem, ...]:
    line, since = await application.place_of(duty, shift_id, staff_id)
    return await duty_queries.open_items(runtime.store, staff_id, line, since)
