"""Being on duty over HTTP: checking in, breaks, handing over, leaving; and the faults of duty (A06, A136-A143)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, YesNo
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.runtime import RulesInForce, RuntimeOf
from hotline_events.catalogue.intake import InventoryItem
from intake.adapters.api.bodies import ActorId, AnyId, Code, Happened
from intake.adapters.api.desk_acts import act, answer
from intake.adapters.api.desk_bodies import DutyOf, KeepingShifts, PublishingRosters, Reading, ReportingAbsence
from intake.adapters.views import duty as view
from intake.adapters.views import duty_queries, shifts
from intake.application import duty as application
from intake.domain import shift
from intake.domain.shift.attendance import BeginBreak, CheckIn, EndBreak
from intake.domain.shift.handover import CheckInventory, ReadLog

router = APIRouter(tags=["duty"])


class Arrive(Happened):
    """Whom one stands in for, if one is not on the roster oneself."""

    stands_in_for: ActorId | None = None


class Pause(Happened):
    """What the break is for."""

    reason: Annotated[Code, Field(examples=["meal"])]


class Find(Happened):
    """Who is at their post, or is not."""

    staff_id: ActorId


class Thing(Body):
    """A thing of the check-list, and whether it is there and works."""

    item: Annotated[Code, Field(examples=["headset"])]
    in_order: Annotated[YesNo, Field(examples=[True])]


class Count(Happened):
    """Every thing of the check-list."""

    items: Annotated[list[Thing], Field(min_length=1, max_length=100)]


class FaultKind(StrEnum):
    """A late arrival, an absence, a gap and a substitution are four different faults (A137, A138)."""

    LATE = "late"
    ABSENCE = "absence"
    GAP = "gap"
    SUBSTITUTION = "substitution"


class FaultShown(BaseModel):
    """A fault of duty; withdrawn when what was entered late shows that there was none."""

    model_config = ConfigDict(from_attributes=True)

    fault_id: AnyId
    shift_id: AnyId
    line: Annotated[str, Field(examples=["12345"])]
    kind: Annotated[FaultKind, Field(examples=["absence"])]
    staff_id: Annotated[str | None, Field(examples=["agent-7"])]
    stands_in_for: Annotated[str | None, Field(examples=["agent-8"])]
    late_ms: Annotated[int | None, Field(examples=[60000])]
    found_by: Annotated[str | None, Field(examples=["inspector-1"])]
    began_at: Annotated[datetime, Field(examples=["2026-03-02T00:30:00Z"])]
    detected_at: Annotated[datetime, Field(examples=["2026-03-02T00:40:00Z"])]
    withdrawn_at: Annotated[datetime | None, Field(examples=["2026-03-02T00:15:00Z"])]


class ChiefNoticeShown(BaseModel):
    """That a duty chief was told of a shift, and the words for it."""

    shift_id: AnyId
    staff_id: Annotated[str, Field(examples=["chief-1"])]
    line: Annotated[str, Field(examples=["12345"])]
    starts_at: Annotated[datetime, Field(examples=["2026-03-02T00:30:00Z"])]
    notified_at: Annotated[datetime, Field(examples=["2026-03-02T00:00:00Z"])]
    script_zh: Annotated[str, Field(examples=["您好,今天是您的总值班,请您按时到岗。"])]
    script_en: Annotated[str, Field(examples=["You are the duty chief today. Please be at your post in time."])]


@router.post("/shifts/{shift_id}/check-in", response_model=Accepted)
async def check_in(
    shift_id: UUID, body: Arrive, principal: KeepingShifts, submit: Submit, *, duty: DutyOf, runtime: RuntimeOf
) -> Response:
    """Say that one is at one's post, at least ten minutes before the shift (A137); a stand-in says for whom (A138).

    Against an absence on record it counts from now, until a shift leader vouches for an earlier time.
    """
    now = runtime.clock.now()
    command = CheckIn(
        shift_id=shift_id,
        staff_id=principal.actor_id,
        stands_in_for=body.stands_in_for,
        rules=await application.rules_of(duty, shift_id),
        entered_at=now,
        now=body.at(now),
    )
    return await act(runtime, shift.decider, shift_id, command, submit, principal)


@router.post("/shifts/{shift_id}/arrivals", response_model=Accepted)
async def vouch(
    shift_id: UUID, body: Find, principal: PublishingRosters, submit: Submit, *, duty: DutyOf, runtime: RuntimeOf
) -> Response:
    """Vouch as a second person for when somebody came: an absence on record is taken back (A137, A138)."""
    command = CheckIn(
        shift_id=shift_id,
        staff_id=body.staff_id,
        stands_in_for=None,
        rules=await application.rules_of(duty, shift_id),
        vouched_by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await act(runtime, shift.decider, shift_id, command, submit, principal)


@router.post("/shifts/{shift_id}/break", response_model=Accepted)
async def pause(shift_id: UUID, body: Pause, principal: KeepingShifts, submit: Submit, runtime: RuntimeOf) -> Response:
    """Take a break, while somebody else answers (A136, A06)."""
    now = body.at(runtime.clock.now())
    command = BeginBreak(shift_id=shift_id, staff_id=principal.actor_id, reason=body.reason, now=now)
    return await act(runtime, shift.decider, shift_id, command, submit, principal)


@router.post("/shifts/{shift_id}/break/end", response_model=Accepted)
async def end_pause(shift_id: UUID, body: Happened, principal: KeepingShifts, submit: Submit, runtime: RuntimeOf) -> Response:
    """Come back from a break (A136)."""
    command = EndBreak(shift_id=shift_id, staff_id=principal.actor_id, now=body.at(runtime.clock.now()))
    return await act(runtime, shift.decider, shift_id, command, submit, principal)


@router.post("/shifts/{shift_id}/absences", response_model=Accepted)
async def report_absence(
    shift_id: UUID, body: Find, principal: ReportingAbsence, submit: Submit, *, duty: DutyOf, runtime: RuntimeOf
) -> Response:
    """Say that somebody is not at their post (A138).

    Who was relieved, or whose post another has taken over, may be away; who is checked in at the shift before or after is
    reported there.
    """
    done = await application.report_absence(
        duty,
        (shift_id, body.staff_id),
        await duty_queries.shifts_beside(runtime.store, shift_id),
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
        submission=await submit.by(principal, correlation=shift_id),
    )
    return answer(done, shift_id)


@router.post("/shifts/{shift_id}/log-read", response_model=Accepted)
async def read_log(shift_id: UUID, body: Happened, principal: KeepingShifts, submit: Submit, runtime: RuntimeOf) -> Response:
    """Sign for having read the log of the shift before (A142)."""
    command = ReadLog(shift_id=shift_id, staff_id=principal.actor_id, now=body.at(runtime.clock.now()))
    return await act(runtime, shift.decider, shift_id, command, submit, principal)


@router.post("/shifts/{shift_id}/inventory", response_model=Accepted)
async def check_inventory(
    shift_id: UUID, body: Count, principal: KeepingShifts, submit: Submit, *, duty: DutyOf, runtime: RuntimeOf
) -> Response:
    """Count the equipment, every thing of the check-list (A141)."""
    command = CheckInventory(
        shift_id=shift_id,
        staff_id=principal.actor_id,
        items=tuple(InventoryItem(item=one.item, in_order=one.in_order) for one in body.items),
        rules=await application.rules_of(duty, shift_id),
        now=body.at(runtime.clock.now()),
    )
    return await act(runtime, shift.decider, shift_id, command, submit, principal)


@router.post("/shifts/{shift_id}/end", response_model=Accepted)
async def end(
    shift_id: UUID, body: Happened, principal: KeepingShifts, submit: Submit, *, duty: DutyOf, runtime: RuntimeOf
) -> Response:
    """Leave one's post, once the relief has checked in and taken over, or when one is checked in at the next shift (A139)."""
    beside = await duty_queries.shifts_beside(runtime.store, shift_id)
    now = body.at(runtime.clock.now())
    submission = await submit.by(principal, correlation=shift_id)
    done = await application.end_shift(duty, (shift_id, principal.actor_id), beside, now=now, submission=submission)
    return answer(done, shift_id)


@router.get("/duty-faults")
async def list_faults(
    _principal: Reading,
    runtime: RuntimeOf,
    page: Page,
    *,
    kind: Annotated[FaultKind | None, Query(description="Only faults of this kind.")] = None,
    staff_id: Annotated[ActorId | None, Query(description="Only this person's.")] = None,
    after: AfterPosition = None,
) -> PageOf[FaultShown]:
    """List the faults of duty, newest first (A137, A138)."""
    await applied(runtime, view.NAME, after)
    start = page.after(datetime, UUID)
    rows = await duty_queries.faults(runtime.store, kind=kind, staff_id=staff_id, after=start, limit=page.fetch)
    return page.page(rows, lambda row: (row.detected_at, row.fault_id), FaultShown.model_validate)


@router.get("/chief-notices")
async def list_chief_notices(
    principal: Reading,
    runtime: RuntimeOf,
    page: Page,
    rules: RulesInForce,
    *,
    mine: Annotated[bool, Query(description="Only those to the asker.")] = False,
    after: AfterPosition = None,
) -> PageOf[ChiefNoticeShown]:
    """List what duty chiefs were told before their shifts, the latest first (A143)."""
    await applied(runtime, view.NAME, after)
    said = rules.script("duty_chief_notice")
    staff_id = principal.actor_id if mine else None
    rows = await shifts.chief_notices(runtime.store, staff_id, page.after(datetime, UUID), page.fetch)

    def shown(row: shifts.ChiefNoticeRow) -> ChiefNoticeShown:
        told = {name: getattr(row, name) for name in ("shift_id", "staff_id", "line", "starts_at", "notified_at")}
        return ChiefNoticeShown(**told, script_zh=said.zh, script_en=said.en)

    return page.page(rows, lambda row: (row.notified_at, row.shift_id), shown)
