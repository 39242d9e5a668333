"""Lines over HTTP: published by an administrator, forwarded within the rules, routed by the time of day (A04-A06, A60, A61)."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, Text, YesNo
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import ProblemError, not_found
from hotline_chassis.runtime import RulesInForce, Runtime, RuntimeOf
from hotline_events.catalogue.intake import LineKind, RouteSpan, RouteTarget
from intake.adapters.api.bodies import CREATED, AnyId, Code, Happened
from intake.adapters.api.desk_acts import act
from intake.adapters.api.desk_bodies import At, Foreseen, LineName, LineOf, Name, Notice, PublishingLines, Reading
from intake.adapters.views import duty, duty_queries, takers
from intake.adapters.views import lines as view
from intake.domain.coverage import Interval
from intake.domain.line import decider
from intake.domain.line.publishing import ClearForwarding, PublishLine, ScheduleRoute, SetForwarding
from intake.domain.line.state import Facts

router = APIRouter(prefix="/lines", tags=["lines"])
_LONGEST_WINDOW = timedelta(days=62)
_CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
Clock = Annotated[str, Text(5, pattern=_CLOCK)]


class Publish(Body):
    """What a line is."""

    kind: Annotated[LineKind, Field(examples=["duty"])]
    name_zh: Annotated[Name, Field(examples=["应急值班电话"])]
    name_en: Annotated[Name, Field(examples=["Emergency duty line"])]
    round_the_clock: Annotated[YesNo, Field(examples=[True])] = True
    greeting: Annotated[Code, Field(description="The script that it is answered with.", examples=["greeting"])] = "greeting"
    handset: Annotated[Code, Field(description="The telephone that it rings at.", examples=["desk_1"])] | None = None
    unit: Annotated[str, Text(64, pattern="^[a-z0-9][a-z0-9_-]{0,63}$"), Field(examples=["tax"])] | None = None


class Forward(Happened):
    """Where an office's line is forwarded to, outside its working time."""

    to_line: LineName
    starts_at: Foreseen
    ends_at: Foreseen


class Span(Body):
    """Local times of day; a span that ends before it starts runs over midnight."""

    start: Annotated[Clock, Field(examples=["08:30"])]
    end: Annotated[Clock, Field(examples=["17:30"])]
    target: Annotated[RouteTarget, Field(examples=["duty_room"])]


class Schedule(Happened):
    """Who takes the calls at which time of day, from when on, and what the public is told."""

    spans: Annotated[list[Span], Field(min_length=1, max_length=48)]
    effective_at: Foreseen
    notice_zh: Notice
    notice_en: Notice


class LineShown(BaseModel):
    """A line as it stands."""

    model_config = ConfigDict(from_attributes=True)

    line: Annotated[str, Field(examples=["12345"])]
    kind: Annotated[LineKind, Field(examples=["hotline"])]
    name_zh: Annotated[str, Field(examples=["市民热线"])]
    name_en: Annotated[str, Field(examples=["Hotline"])]
    round_the_clock: Annotated[bool, Field(examples=[True])]
    greeting: Annotated[str, Field(examples=["greeting"])]
    handset: Annotated[str | None, Field(examples=["desk_1"])]
    unit: Annotated[str | None, Field(examples=["tax"])]
    version: Annotated[int, Field(examples=[1])]
    forwarded_to: Annotated[str | None, Field(examples=["12345"])]
    forwarded_from: Annotated[datetime | None, Field(examples=["2026-03-02T10:00:00Z"])]
    forwarded_until: Annotated[datetime | None, Field(examples=["2026-03-03T00:00:00Z"])]


class RouteShown(BaseModel):
    """Who takes a call at a moment, and what is said: the greeting, or why nobody does."""

    line: Annotated[str, Field(examples=["12345"])]
    at: Annotated[datetime, Field(examples=["2026-03-02T10:00:00Z"])]
    target: Annotated[str, Field(examples=["duty_room"])]
    staff: Annotated[list[str], Field(examples=[["agent-7"]])]
    overflow_to: Annotated[list[str], Field(examples=[["chief-1"]])]
    overflow_seconds: Annotated[int | None, Field(examples=[30])]
    forwarded_to: Annotated[str | None, Field(examples=["12345"])]
    opens_at: Annotated[datetime | None, Field(examples=["2026-03-03T00:30:00Z"])]
    script_zh: Annotated[str, Field(examples=["您好,市民热线,{agent}号为您服务,请问有什么可以帮您?"])]
    script_en: Annotated[str, Field(examples=["Hello, hotline, agent {agent} speaking. How may I help you?"])]


class Gap(BaseModel):
    """A time without anybody."""

    start: Annotated[datetime, Field(examples=["2026-03-02T10:00:00Z"])]
    end: Annotated[datetime, Field(examples=["2026-03-02T10:15:00Z"])]


class Coverage(BaseModel):
    """When the roster has nobody, and when nobody rostered was signed in, as far as time has come."""

    planned_gaps: list[Gap]
    actual_gaps: list[Gap]


class OnDutyShown(BaseModel):
    """One person at a moment: on the roster, at the post, or both."""

    model_config = ConfigDict(from_attributes=True)

    shift_id: AnyId
    name: Annotated[str, Field(examples=["day"])]
    staff_id: Annotated[str, Field(examples=["agent-7"])]
    tier: Annotated[str, Field(examples=["duty_officer"])]
    rostered: Annotated[bool, Field(examples=[True])]
    present: Annotated[bool, Field(examples=[True])]
    on_break: Annotated[bool, Field(examples=[False])]
    stands_in_for: Annotated[str | None, Field(examples=["agent-8"])]
    checked_in_at: Annotated[datetime | None, Field(examples=["2026-03-02T00:15:00Z"])]


@router.put("/{line}", status_code=201, response_model=Accepted, responses=CREATED)
async def publish(
    line: LineOf, body: Publish, principal: PublishingLines, submit: Submit, *, runtime: RuntimeOf, rules: RulesInForce
) -> Response:
    """Publish a line, or publish it anew with other facts (A08). A telephone behind two lines raises an alarm (A61)."""
    facts = Facts(**body.model_dump())
    others = await view.lines_at_handset(runtime.store, facts.handset, line) if facts.handset else []
    command = PublishLine(
        line=line, facts=facts, at_handset=tuple(others), by=principal.actor_id, rules=rules, now=runtime.clock.now()
    )
    return await act(runtime, decider, line, command, submit, principal)


@router.put("/{line}/forwarding", response_model=Accepted)
async def forward(
    line: LineOf, body: Forward, principal: PublishingLines, submit: Submit, *, runtime: RuntimeOf, rules: RulesInForce
) -> Response:
    """Forward an office's line outside its working time; duty lines are never forwarded (A04, A05)."""
    command = SetForwarding(
        line=line,
        to_line=body.to_line,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        by=principal.actor_id,
        rules=rules,
        now=body.at(runtime.clock.now()),
    )
    return await act(runtime, decider, line, command, submit, principal)


@router.post("/{line}/forwarding/clear", response_model=Accepted)
async def clear_forwarding(
    line: LineOf, body: Happened, principal: PublishingLines, submit: Submit, runtime: RuntimeOf
) -> Response:
    """Let the line ring where it stands again (A04)."""
    command = ClearForwarding(line=line, by=principal.actor_id, now=body.at(runtime.clock.now()))
    return await act(runtime, decider, line, command, submit, principal)


@router.post("/{line}/routes", response_model=Accepted)
async def schedule(
    line: LineOf, body: Schedule, principal: PublishingLines, submit: Submit, *, runtime: RuntimeOf, rules: RulesInForce
) -> Response:
    """Say who takes the line's calls at which time of day, from when on, and tell the public (A60)."""
    command = ScheduleRoute(
        line=line,
        spans=tuple(RouteSpan(**span.model_dump()) for span in body.spans),
        effective_at=body.effective_at,
        notice_zh=body.notice_zh,
        notice_en=body.notice_en,
        by=principal.actor_id,
        rules=rules,
        now=body.at(runtime.clock.now()),
    )
    return await act(runtime, decider, line, command, submit, principal)


@router.get("")
async def list_lines(_principal: Reading, runtime: RuntimeOf, page: Page, after: AfterPosition = None) -> PageOf[LineShown]:
    """List the lines by code."""
    await applied(runtime, view.NAME, after)
    start = page.after(str)
    rows = await view.all_lines(runtime.store, after=start[0] if start else None, limit=page.fetch)
    return page.page(rows, lambda row: (row.line,), LineShown.model_validate)


@router.get("/{line}")
async def show(
    line: LineOf, _principal: Reading, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> LineShown:
    """Show a line."""
    await applied(runtime, view.NAME, after)
    row = await _known(runtime, line)
    set_etag(response, row.version)
    return LineShown.model_validate(row)


@router.get("/{line}/route")
async def route(
    line: LineOf, _principal: Reading, runtime: RuntimeOf, rules: RulesInForce, *, at: At = None, after: AfterPosition = None
) -> RouteShown:
    """Tell who takes a call at a moment: now, in the past, or as it is planned (A60, A62)."""
    await applied(runtime, view.NAME, after)
    moment = at or runtime.clock.now()
    row = await _known(runtime, line)
    taker = await takers.taker(runtime.store, row, moment, rules)
    said = {language: takers.script_of(taker, row, rules, language) for language in ("zh", "en")}
    return RouteShown(
        line=line,
        at=moment,
        target=taker.target,
        staff=list(taker.staff),
        overflow_to=list(taker.overflow_to),
        overflow_seconds=rules.lines.overflow_seconds if taker.overflow_to else None,
        forwarded_to=taker.line,
        opens_at=taker.opens_at,
        script_zh=said["zh"],
        script_en=said["en"],
    )


@router.get("/{line}/duty")
async def on_duty(
    line: LineOf, _principal: Reading, runtime: RuntimeOf, *, at: At = None, after: AfterPosition = None
) -> list[OnDutyShown]:
    """Tell who was on the roster and who was at their post at a moment (A128, A134)."""
    await applied(runtime, duty.NAME, after)
    await _known(runtime, line)
    found = await duty_queries.on_duty(runtime.store, line, at or runtime.clock.now())
    return [OnDutyShown.model_validate(one) for one in found]


@router.get("/{line}/coverage")
async def coverage(
    line: LineOf,
    _principal: Reading,
    runtime: RuntimeOf,
    *,
    since: Annotated[Foreseen, Query()],
    until: Annotated[Foreseen, Query()],
    after: AfterPosition = None,
) -> Coverage:
    """Tell when nobody was rostered, and when nobody rostered was signed in (A06)."""
    await applied(runtime, duty.NAME, after)
    if not since < until <= since + _LONGEST_WINDOW:
        raise ProblemError(422, "coverage_window", field="query.until", rule="after_since_within_62_days")
    await _known(runtime, line)
    window = Interval(since, until)
    planned = await duty_queries.planned_gaps(runtime.store, line, window)
    actual = await duty_queries.actual_gaps(runtime.store, line, window, runtime.clock.now())
    return Coverage(
        planned_gaps=[Gap(start=one.start, end=one.end) for one in planned],
        actual_gaps=[Gap(start=one.start, end=one.end) for one in actual],
    )


async def _known(runtime: Runtime, line: str) -> view.LineRow:
    row = await view.line_named(runtime.store, line)
    if row is None:
        raise not_found()
    return row
