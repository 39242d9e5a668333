"""Rosters over HTTP: published for a line's day, changed while they run, swapped with approval (A134-A136, A138)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.runtime import RuntimeOf
from hotline_events.catalogue.intake import DutyPost
from intake.adapters.api.bodies import CREATED, ActorId, AnyId, Code, Happened
from intake.adapters.api.desk_acts import act, answer
from intake.adapters.api.desk_bodies import DutyOf, Foreseen, KeepingShifts, LineName, LineOf, PublishingRosters, Reading
from intake.adapters.views import duty as view
from intake.adapters.views import duty_queries, lines
from intake.adapters.views import shifts as queries
from intake.application import duty as application
from intake.domain import shift
from intake.domain.roster import DAY, roster_id_of
from intake.domain.shift.posts import ApproveSwap, AskSwap, ChangePosts, DenySwap

router = APIRouter(tags=["duty"])
Day = Annotated[date, Path(description="The local date on which the shifts begin.", examples=["2026-03-02"])]


class Publish(Body):
    """Every shift of the day, and in it the people of every tier."""

    shifts: Annotated[
        dict[Code, dict[Code, Annotated[list[ActorId], Field(min_length=1, max_length=200)]]],
        Field(
            min_length=1,
            max_length=10,
            examples=[
                {
                    "day": {"duty_chief": ["chief-1"], "shift_leader": ["leader-1"], "duty_officer": ["agent-7"]},
                    "night": {"duty_chief": ["chief-1"], "shift_leader": ["leader-2"], "duty_officer": ["agent-8"]},
                }
            ],
        ),
    ]


class Change(Happened):
    """Who is taken off, who is put on, from when and why; `tier` only where nobody is replaced."""

    removed: ActorId | None = None
    added: ActorId | None = None
    tier: Annotated[Code, Field(examples=["duty_officer"])] | None = None
    reason: Annotated[Code, Field(examples=["ill"])]
    effective_at: Annotated[Foreseen | None, Field(description="From when; at once when left out.")] = None


class Ask(Happened):
    """Who is to take whose post, and why."""

    from_staff: ActorId
    to_staff: ActorId
    reason: Annotated[Code, Field(examples=["family"])]


class Deny(Happened):
    """Why not."""

    reason: Annotated[Code, Field(examples=["understaffed"])]


class ShiftListed(BaseModel):
    """A shift of a roster."""

    model_config = ConfigDict(from_attributes=True)

    shift_id: AnyId
    line: Annotated[str, Field(examples=["12345"])]
    day: Annotated[date, Field(examples=["2026-03-02"])]
    name: Annotated[str, Field(examples=["day"])]
    starts_at: Annotated[datetime, Field(examples=["2026-03-02T00:30:00Z"])]
    ends_at: Annotated[datetime, Field(examples=["2026-03-02T09:30:00Z"])]
    round_the_clock: Annotated[bool, Field(examples=[True])]
    follows: AnyId | None
    rule_version: Annotated[str, Field(examples=["default/1"])]


class Unrostered(BaseModel):
    """A line of 24 hours that nobody is on the roster of, and until when its rosters go."""

    model_config = ConfigDict(from_attributes=True)

    line: Annotated[str, Field(examples=["12345"])]
    name_zh: Annotated[str, Field(examples=["市民热线"])]
    name_en: Annotated[str, Field(examples=["Hotline"])]
    rostered_until: Annotated[datetime | None, Field(examples=["2026-03-03T00:30:00Z"])]


class PostShown(BaseModel):
    """A post, and from when to when it was on the roster: the whole history of the shift."""

    staff_id: Annotated[str, Field(examples=["agent-7"])]
    tier: Annotated[str, Field(examples=["duty_officer"])]
    since: Annotated[datetime, Field(examples=["2026-03-02T00:30:00Z"])]
    until: Annotated[datetime | None, Field(examples=["2026-03-02T06:00:00Z"])]
    put_on_by: Annotated[str, Field(examples=["leader-1"])]
    reason: Annotated[str | None, Field(examples=["ill"])]


class PresenceShown(BaseModel):
    """Somebody's time at a post, with the breaks in it."""

    staff_id: Annotated[str, Field(examples=["agent-7"])]
    tier: Annotated[str, Field(examples=["duty_officer"])]
    stands_in_for: Annotated[str | None, Field(examples=["agent-8"])]
    since: Annotated[datetime, Field(examples=["2026-03-02T00:15:00Z"])]
    left_at: Annotated[datetime | None, Field(examples=["2026-03-02T09:35:00Z"])]


class SwapShown(BaseModel):
    """A swap, and what a second person said."""

    swap_id: AnyId
    from_staff: Annotated[str, Field(examples=["agent-7"])]
    to_staff: Annotated[str, Field(examples=["agent-9"])]
    reason: Annotated[str, Field(examples=["family"])]
    asked_by: Annotated[str, Field(examples=["agent-7"])]
    status: Annotated[str, Field(examples=["approved"])]
    decided_by: Annotated[str | None, Field(examples=["leader-1"])]


class ShiftShown(ShiftListed):
    """A shift with its people."""

    posts: list[PostShown]
    presences: list[PresenceShown]
    swaps: list[SwapShown]


@router.put("/lines/{line}/rosters/{day}", status_code=201, response_model=Accepted, responses=CREATED)
async def publish(
    line: LineOf, day: Day, body: Publish, principal: PublishingRosters, submit: Submit, *, duty: DutyOf, runtime: RuntimeOf
) -> Response:
    """Publish who is on duty on a line's day: two shifts of a working day, three of a day off (A134, A135)."""
    posts = {
        name: tuple(DutyPost(staff_id=staff_id, tier=tier) for tier, staff in tiers.items() for staff_id in staff)
        for name, tiers in body.shifts.items()
    }
    done = await application.publish_roster(
        duty,
        (line, day),
        posts,
        by=principal.actor_id,
        now=runtime.clock.now(),
        submission=await submit.by(principal),
    )
    return answer(done, roster_id_of(line, day))


@router.post("/shifts/{shift_id}/posts", response_model=Accepted)
async def change(
    shift_id: UUID, body: Change, principal: PublishingRosters, submit: Submit, *, duty: DutyOf, runtime: RuntimeOf
) -> Response:
    """Change the roster while it runs; the history stays (A136)."""
    now = body.at(runtime.clock.now())
    command = ChangePosts(
        shift_id=shift_id,
        removed=body.removed,
        added=body.added,
        tier=body.tier,
        reason=body.reason,
        effective_at=body.effective_at or now,
        by=principal.actor_id,
        rules=await application.rules_of(duty, shift_id),
        now=now,
    )
    return await act(runtime, shift.decider, shift_id, command, submit, principal)


@router.put("/shifts/{shift_id}/swaps/{swap_id}", response_model=Accepted)
async def ask(
    shift_id: UUID, swap_id: UUID, body: Ask, principal: KeepingShifts, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Ask for a swap, as one of the two whom it concerns (A138)."""
    command = AskSwap(
        shift_id=shift_id,
        swap_id=swap_id,
        from_staff=body.from_staff,
        to_staff=body.to_staff,
        reason=body.reason,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await act(runtime, shift.decider, shift_id, command, submit, principal, creates=f"swap-{swap_id}")


@router.post("/shifts/{shift_id}/swaps/{swap_id}/approve", response_model=Accepted)
async def approve(
    shift_id: UUID,
    swap_id: UUID,
    body: Happened,
    principal: PublishingRosters,
    submit: Submit,
    *,
    duty: DutyOf,
    runtime: RuntimeOf,
) -> Response:
    """Approve a swap as a second person: the post changes hands (A138)."""
    rules = await application.rules_of(duty, shift_id)
    now = body.at(runtime.clock.now())
    command = ApproveSwap(shift_id=shift_id, swap_id=swap_id, by=principal.actor_id, rules=rules, now=now)
    return await act(runtime, shift.decider, shift_id, command, submit, principal)


@router.post("/shifts/{shift_id}/swaps/{swap_id}/deny", response_model=Accepted)
async def deny(
    shift_id: UUID, swap_id: UUID, body: Deny, principal: PublishingRosters, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Deny a swap as a second person, for a reason (A138)."""
    now = body.at(runtime.clock.now())
    command = DenySwap(shift_id=shift_id, swap_id=swap_id, reason=body.reason, by=principal.actor_id, now=now)
    return await act(runtime, shift.decider, shift_id, command, submit, principal)


@router.get("/unrostered-lines")
async def list_unrostered(
    _principal: Reading,
    runtime: RuntimeOf,
    page: Page,
    *,
    at: Annotated[Foreseen | None, Query(description="The moment to come; a day from now when left out.")] = None,
    after: AfterPosition = None,
) -> PageOf[Unrostered]:
    """List the lines of 24 hours whose coming day has no roster: somebody has to publish one (A06, A134)."""
    for name in (view.NAME, lines.NAME):
        await applied(runtime, name, after)
    start = page.after(str)
    moment = at or runtime.clock.now() + DAY
    last = None if start is None else start[0]
    rows = await duty_queries.unrostered(runtime.store, moment, after=last, limit=page.fetch)
    return page.page(rows, lambda row: (row.line,), Unrostered.model_validate)


@router.get("/shifts")
async def list_shifts(
    principal: Reading,
    runtime: RuntimeOf,
    page: Page,
    *,
    line: Annotated[LineName | None, Query()] = None,
    mine: Annotated[bool, Query(description="Only those on whose roster the asker is or was.")] = False,
    after: AfterPosition = None,
) -> PageOf[ShiftListed]:
    """List shifts, the latest first (A134)."""
    await applied(runtime, view.NAME, after)
    staff_id = principal.actor_id if mine else None
    start = page.after(datetime, UUID)
    rows = await queries.shifts(runtime.store, line=line, staff_id=staff_id, after=start, limit=page.fetch)
    return page.page(rows, lambda row: (row.starts_at, row.shift_id), ShiftListed.model_validate)


@router.get("/shifts/{shift_id}")
async def show(shift_id: UUID, _principal: Reading, runtime: RuntimeOf, after: AfterPosition = None) -> ShiftShown:
    """Show a shift with its people: on the roster, at their posts, and every swap (A134, A136, A138)."""
    await applied(runtime, view.NAME, after)
    row = await queries.shift_with_people(runtime.store, shift_id)
    if row is None:
        raise not_found()
    return ShiftShown.model_validate(row)
