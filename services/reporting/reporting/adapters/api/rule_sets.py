"""Rule sets over HTTP: draft, check, approve, publish (A152, A162). The number of a pack is its path."""

from datetime import date, datetime
from typing import Annotated, ClassVar

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, Text
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.runtime import RuntimeOf
from hotline_events.decider import RefusalError
from hotline_rules.documents import shipped_document
from reporting import application
from reporting.adapters.api.office import (
    CREATED,
    MayApproveRules,
    MayDraftRules,
    MayPublishRules,
    MayReadRules,
    OfficeOf,
    Plain,
)
from reporting.adapters.views import rule_sets as view
from reporting.domain import rule_set
from reporting.domain.rule_set import Step

router = APIRouter(tags=["rules"])

_LONGEST = 100_000
_ORDERS = 1000
Name = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9_-]{0,63}$", description="The name in the number.", examples=["town"])]
Version = Annotated[int, Path(ge=1, le=2**31 - 2, description="The version in the number.", examples=[1])]


class NotShippedError(RefusalError):
    """No pack of this name comes with the system, and no text was sent along."""

    code: ClassVar[str] = "not_shipped"
    rule: ClassVar[str | None] = "text_or_shipped"
    field: ClassVar[str | None] = "body.shipped"
    status: ClassVar[int] = 422


class Draft(Body):
    """The text of a pack in YAML, or the name of one that comes with the system."""

    text: Annotated[str | None, Text(_LONGEST), Field(examples=["extends: default\nnumber: town/1\n"], description="YAML.")] = (
        None
    )
    shipped: Annotated[str | None, Text(64), Field(examples=["bengbu"])] = None

    def written(self) -> str:
        """Return the text, the shipped one where a name was sent instead."""
        if self.text is not None and self.shipped is None:
            return self.text
        content = shipped_document(self.shipped) if self.shipped is not None and self.text is None else None
        if content is None:
            raise NotShippedError
        return content.decode()


class Effective(Body):
    """From which date on the pack decides what begins."""

    effective_from: Annotated[
        date | None, Field(examples=["2026-04-01"], description="If absent the date in the text, or today if that is past.")
    ] = None


class RuleSetShown(BaseModel):
    """A pack on its way."""

    number: Annotated[str, Field(examples=["town/1"])]
    version: Annotated[int, Field(examples=[4])]
    step: Annotated[Step, Field(examples=["published"])]
    sha256: str | None
    drafted_by: Annotated[str, Field(examples=["administrator"])]
    drafted_at: datetime
    checked_by: str | None
    approved_by: Annotated[str | None, Field(examples=["oversight_officer"])]
    published_by: str | None
    published_at: datetime | None
    effective_from: date | None
    changes: Annotated[int | None, Field(examples=[3], description="Figures that differ from the pack in force when checked.")]


class DifferenceShown(BaseModel):
    """A figure that would change."""

    rule: Annotated[str, Field(examples=["limits.any.resolve.working_days"])]
    before: Annotated[str | None, Field(examples=["5"])]
    after: Annotated[str | None, Field(examples=["3"])]


class WhatIfShown(BaseModel):
    """What a pack would change against the one in force, and how the last orders would have fared under it."""

    against: Annotated[str, Field(examples=["default/1"])]
    differences: list[DifferenceShown]
    orders: Annotated[int, Field(examples=[800])]
    due_earlier: Annotated[int, Field(examples=[120])]
    due_later: Annotated[int, Field(examples=[0])]
    late_as_it_was: Annotated[int, Field(examples=[40])]
    late_under_it: Annotated[int, Field(examples=[95])]


class TextShown(BaseModel):
    """A pack's own text as it was written last."""

    number: Annotated[str, Field(examples=["town/1"])]
    step: Step
    text: str


@router.put("/rule-sets/{name}/{version}", status_code=201, response_model=Accepted, responses=CREATED)
async def draft(  # noqa: PLR0917 - a route
    name: Name, version: Version, body: Draft, principal: MayDraftRules, submit: Submit, office: OfficeOf
) -> Response:
    """Write a pack, or write it anew; until it is approved it may change as often as needed."""
    number = f"{name}/{version}"
    done = await application.draft(office, number, body.written(), by=principal.actor_id, submission=await submit.by(principal))
    return accepted(done, number, created=done.version == 1 and bool(done.events))


@router.post("/rule-sets/{name}/{version}/check", response_model=Accepted)
async def check(
    name: Name, version: Version, _body: Plain, principal: MayDraftRules, submit: Submit, office: OfficeOf
) -> Response:
    """Check the text: a bad one is refused with its line, a good one is compared with the pack in force."""
    number = f"{name}/{version}"
    done = await application.check(office, number, by=principal.actor_id, submission=await submit.by(principal))
    return accepted(done, number)


@router.post("/rule-sets/{name}/{version}/approve", response_model=Accepted)
async def approve(
    name: Name, version: Version, _body: Plain, principal: MayApproveRules, submit: Submit, office: OfficeOf
) -> Response:
    """Approve what was checked; nobody approves what they wrote at."""
    number = f"{name}/{version}"
    done = await application.approve(office, number, by=principal.actor_id, submission=await submit.by(principal))
    return accepted(done, number)


@router.post("/rule-sets/{name}/{version}/publish", response_model=Accepted)
async def publish(  # noqa: PLR0917 - a route
    name: Name, version: Version, body: Effective, principal: MayPublishRules, submit: Submit, office: OfficeOf
) -> Response:
    """Publish what was approved: every service hears it, and it decides what begins from its date on."""
    number = f"{name}/{version}"
    done = await application.publish(
        office, number, body.effective_from, by=principal.actor_id, submission=await submit.by(principal)
    )
    return accepted(done, number)


@router.get("/rule-sets")
async def listed(
    *,
    _principal: MayReadRules,
    runtime: RuntimeOf,
    page: Page,
    step: Annotated[Step | None, Query(description="Only those that are this far.")] = None,
    after: AfterPosition = None,
) -> PageOf[RuleSetShown]:
    """List the packs on their way, the newest first."""
    await applied(runtime, view.VIEW.name, after)
    start = page.after(int)
    rows = await view.rule_sets(runtime.store, step=step, before=start[0] if start else None, limit=page.fetch)
    return page.page(rows, lambda row: (row["position"],), RuleSetShown.model_validate)


@router.get("/rule-sets/{name}/{version}")
async def show(name: Name, version: Version, _principal: MayReadRules, office: OfficeOf, response: Response) -> TextShown:
    """Read a pack's text."""
    at, found = await _found(office, f"{name}/{version}")
    set_etag(response, at)
    return TextShown(number=found.number, step=found.step, text=found.text)


@router.get("/rule-sets/{name}/{version}/what-if")
async def what_if(name: Name, version: Version, _principal: MayReadRules, office: OfficeOf, runtime: RuntimeOf) -> WhatIfShown:
    """Read what a pack would change: its figures, and the limits of the last orders."""
    _at, found = await _found(office, f"{name}/{version}")
    pack, now = rule_set.pack_of(found), office.clock.now()
    fared = application.what_if(pack, await view.last_dispatches(runtime.store, _ORDERS), now)
    return WhatIfShown(
        against=office.rules.number,
        differences=[
            DifferenceShown(rule=one.rule, before=one.before, after=one.after)
            for one in rule_set.differences(office.rules.figures, pack.figures)
        ],
        orders=fared.orders,
        due_earlier=fared.due_earlier,
        due_later=fared.due_later,
        late_as_it_was=fared.late_as_it_was,
        late_under_it=fared.late_under_it,
    )


async def _found(office: application.Office, number: str) -> tuple[int, rule_set.RuleSet]:
    at, found = await application.current(office, rule_set.decider, application.key_of(number))
    if found.step is Step.NEW:
        raise rule_set.RuleSetUnknownError
    return at, found
