"""Calendars and commitments over HTTP: what the office loads, and what it promises (A156)."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, Text
from hotline_chassis.http import AfterPosition
from hotline_chassis.problems import not_found
from hotline_chassis.runtime import RuntimeOf
from hotline_events.catalogue.reporting import CommitmentItem
from reporting import application
from reporting.adapters.api.office import CREATED, MayLoadCalendars, MayPublishCommitments, MayReadRules, OfficeOf
from reporting.adapters.views import rule_sets as view
from reporting.domain import calendar

router = APIRouter(tags=["rules"])

_MOST_DAYS = 200
_MOST_ITEMS = 100
Year = Annotated[int, Path(ge=2004, le=2200, description="The year.", examples=[2027])]
Version = Annotated[int, Path(ge=1, le=2**31 - 2, description="The present version plus one.", examples=[1])]
Days = Annotated[list[date], Field(max_length=_MOST_DAYS)]


class Table(Body):
    """The days of a year that are not as their weekday says."""

    holidays: Annotated[Days, Field(examples=[["2027-01-01"]], description="Days off that would be working days.")]
    workdays: Annotated[Days, Field(examples=[["2027-02-14"]], description="Make-up workdays on weekends.")]


class TableShown(BaseModel):
    """The table of a year as it was loaded last."""

    year: Annotated[int, Field(examples=[2027])]
    version: Annotated[int, Field(examples=[1])]
    holidays: list[date]
    workdays: list[date]


class Item(Body):
    """One promise; with the path of a rule it quotes what the pack in force says of it."""

    zh: Annotated[str, Text(400), Field(examples=["一般诉求五个工作日内办结。"])]
    en: Annotated[str, Text(400), Field(examples=["Ordinary matters are resolved within five working days."])]
    rule: Annotated[str | None, Text(200), Field(examples=["limits.any.resolve"])] = None


class Promises(Body):
    """All promises: they replace those before."""

    items: Annotated[list[Item], Field(min_length=1, max_length=_MOST_ITEMS)]


class ItemShown(BaseModel):
    """One promise."""

    zh: Annotated[str, Field(examples=["一般诉求五个工作日内办结。"])]
    en: Annotated[str, Field(examples=["Ordinary matters are resolved within five working days."])]
    rule: Annotated[str | None, Field(examples=["limits.any.resolve"])]
    figure: Annotated[str | None, Field(examples=["5 working_days"])]


class CommitmentShown(BaseModel):
    """What the hotline promises to the public."""

    commitment_version: Annotated[int, Field(examples=[1])]
    items: list[ItemShown]
    rule_version: Annotated[str, Field(examples=["default/1"])]
    published_by: Annotated[str, Field(examples=["oversight_officer"])]
    published_at: datetime


@router.put("/calendars/{year}", status_code=201, response_model=Accepted, responses=CREATED)
async def load(year: Year, body: Table, principal: MayLoadCalendars, submit: Submit, office: OfficeOf) -> Response:
    """Load the official holidays and make-up workdays of a year; loading again replaces them."""
    done = await application.load_calendar(
        office, year, body.holidays, body.workdays, by=principal.actor_id, submission=await submit.by(principal)
    )
    return accepted(done, str(year), created=done.version == 1 and bool(done.events))


@router.get("/calendars/{year}")
async def loaded(year: Year, _principal: MayReadRules, office: OfficeOf) -> TableShown:
    """Read the table of a year that the office loaded."""
    version, found = await application.current(office, calendar.decider, str(year))
    if found.holidays is None or found.workdays is None:
        raise not_found()
    return TableShown(year=year, version=version, holidays=list(found.holidays), workdays=list(found.workdays))


@router.put("/commitments/{commitment_version}", status_code=201, response_model=Accepted, responses=CREATED)
async def promise(
    commitment_version: Version, body: Promises, principal: MayPublishCommitments, submit: Submit, office: OfficeOf
) -> Response:
    """Publish the next version of the commitments; a promise that quotes a rule is true to the pack in force."""
    items = tuple(CommitmentItem(zh=item.zh, en=item.en, rule=item.rule) for item in body.items)
    done = await application.publish_commitment(
        office, commitment_version, items, by=principal.actor_id, submission=await submit.by(principal)
    )
    return accepted(done, str(commitment_version), created=bool(done.events))


@router.get("/commitments")
async def promised(
    _principal: MayReadRules,
    runtime: RuntimeOf,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 2, description="An earlier version; else the present one.")] = None,
    after: AfterPosition = None,
) -> CommitmentShown:
    """Read what the hotline promises."""
    await applied(runtime, view.VIEW.name, after)
    found = await view.commitment(runtime.store, version)
    if found is None:
        raise not_found()
    return CommitmentShown.model_validate(found)
