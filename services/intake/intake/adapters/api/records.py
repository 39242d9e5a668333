"""Records over HTTP: how complete they are, what was done about them, and what a search finds (A25-A29, A34, A35, A43)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ConfigDict, Field

from hotline_chassis.answers import applied
from hotline_chassis.confidentiality import OfMatter, is_hidden, screened, screened_one
from hotline_chassis.fields import AnyUtcDatetime, Body, Text
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf, encode_cursor
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.roles import Role
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.intake import Channel, RequesterClass, RequestType
from hotline_rules.sections.recording import Element
from intake.adapters.api.requests import WITHHELD, RequestListed
from intake.adapters.views import record_lists, requests
from intake.adapters.views import records as view
from intake.domain import request

router = APIRouter(prefix="/records", tags=["records"])

Reading = Annotated[Principal, Depends(requires(Right.REQUEST_READ))]
Searching = Annotated[Principal, Depends(requires(Right.REQUEST_SEARCH))]
_WORDS = ("was", "became", "note", "was_value", "became_value")
_WRITTEN = ("place", "accused", "happened_at", "inquiry_type")


class RecordShown(OfMatter):
    """How complete a matter's record is, and what the caller was told."""

    version: Annotated[int, Field(examples=[4])]
    request_type: RequestType
    first_contact: Annotated[str, Field(examples=["agent-7"])]
    co_owners: Annotated[list[str], Field(examples=[["agent-8"]])]
    read_back: Annotated[bool, Field(examples=[True])]
    completeness: Annotated[int, Field(description="Per cent of what its kind asks for (A34).", examples=[83])]
    missing: Annotated[list[str], Field(examples=[["place"]])]
    complete: Annotated[bool, Field(examples=[False])]
    complete_by: Annotated[datetime | None, Field(examples=["2026-03-02T04:32:00Z"])]
    completed_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:10:00Z"])]
    save_latency_ms: Annotated[
        int | None, Field(description="From the call's end until the record was saved (A34).", examples=[41_000])
    ]
    searches: Annotated[int, Field(description="Look-ups on record (A154).", examples=[1])]
    ground: Annotated[str | None, Field(description="Why it was not accepted (A66).", examples=["in_litigation"])]
    rule_version: Annotated[str | None, Field(examples=["default/1"])]
    deadline: Annotated[datetime, Field(description="What the caller is told (A71).", examples=["2026-03-09T16:00:00Z"])]
    deadline_told: Annotated[datetime | None, Field(examples=["2026-03-09T16:00:00Z"])]
    say_zh: Annotated[str, Field(description="The process, to be read out (A157).", examples=["您的诉求已登记"])]
    say_en: Annotated[str, Field(examples=["Your matter is registered"])]


class ActShown(OfMatter):
    """Something done about a matter: of a correction, `was` and `became` are both there for good (A43)."""

    model_config = ConfigDict(from_attributes=True)

    version: Annotated[int, Field(examples=[3])]
    kind: Annotated[str, Field(examples=["corrected"])]
    at: Annotated[datetime, Field(examples=["2026-03-02T04:10:00Z"])]
    actor: Annotated[str, Field(examples=["agent-7"])]
    code: Annotated[str | None, Field(examples=["place:misheard"])]
    was_value: Annotated[str | None, Field(examples=["help"])]
    became_value: Annotated[str | None, Field(examples=["complaint"])]
    was: Annotated[str | None, Field(examples=["解放路口"])]
    became: Annotated[str | None, Field(examples=["解放路口东侧"])]
    note: Annotated[str | None, Field(examples=["经回听录音核对。"])]
    said_yes: Annotated[
        bool | None, Field(description="Apologised, basis told, found, or understood: what the kind asks.", examples=[True])
    ]


class Incomplete(OfMatter):
    """A record that lacks something."""

    model_config = ConfigDict(from_attributes=True)

    request_type: RequestType
    channel: Channel
    first_contact: Annotated[str, Field(examples=["agent-7"])]
    registered_at: Annotated[datetime, Field(examples=["2026-03-02T04:02:00Z"])]
    complete_by: Annotated[datetime, Field(examples=["2026-03-02T04:32:00Z"])]


class Search(Body):
    """Words that must all be found in a matter's texts, in any order; Chinese needs no blanks between them."""

    words: Annotated[str, Text(200), Field(examples=["路灯 解放路"])]
    since: Annotated[AnyUtcDatetime | None, Field(examples=["2026-03-01T00:00:00Z"])] = None
    until: Annotated[AnyUtcDatetime | None, Field(examples=["2026-04-01T00:00:00Z"])] = None


class Found(PageOf[RequestListed]):
    """A page of what was found. A page may hold few, or none, and yet `next` leads on: so many records were opened for it."""

    opened: Annotated[int, Field(examples=[1000])]


@router.get("")
async def list_incomplete(
    principal: Reading,
    runtime: RuntimeOf,
    page: Page,
    *,
    mine: Annotated[bool, Query(description="Only one's own, as first contact or co-owner.")] = False,
    late: Annotated[bool, Query(description="Only those that should be complete by now.")] = False,
    after: AfterPosition = None,
) -> PageOf[Incomplete]:
    """List the records that still lack something, those due first at the top (A35)."""
    await _both(runtime, after)
    owner = principal.actor_id if mine else None
    late_at = runtime.clock.now() if late else None
    rows = await record_lists.incomplete(runtime.engine, owner, page.after(datetime, UUID), page.fetch, late_at=late_at)
    shown = page.page(rows, lambda row: (row.complete_by or row.registered_at, row.request_id), Incomplete.model_validate)
    shown.items = await screened(runtime.store, principal, shown.items, withheld=())
    return shown


@router.post("/search")
async def search(body: Search, principal: Searching, runtime: RuntimeOf, page: Page, after: AfterPosition = None) -> Found:
    """Find matters by their words: a call taker among their own, others among all whose words are for them (A34)."""
    await _both(runtime, after)
    owner = principal.actor_id if principal.role is Role.CALL_TAKER else None
    wanted = record_lists.Wanted(words=body.words, owner=owner, since=body.since, until=body.until)
    most = runtime.book.in_force(runtime.clock.now()).recording.search_records
    place = page.after(datetime, UUID)
    found = await record_lists.search(
        runtime.engine, runtime.keys, wanted, None if place is None else (place[0], place[1]), limit=page.limit, most=most
    )
    listed = [RequestListed.model_validate(row) for row in found.rows]
    items = [one for one in await screened(runtime.store, principal, listed, withheld=WITHHELD) if not one.withheld]
    return Found(items=items, next=None if found.after is None else encode_cursor(*found.after), opened=found.opened)


@router.get("/{request_id}")
async def show(
    request_id: UUID, principal: Reading, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> RecordShown:
    """Show how complete a record is, what it lacks, and what its caller is to be told."""
    await _both(runtime, after)
    row = await requests.request(runtime.engine, request_id)
    if row is None:
        raise not_found()
    set_etag(response, row.version)
    beside = await view.standing(runtime.engine, request_id=request_id, requester_id=row.requester_id, call_id=row.call_id)
    return await screened_one(runtime.store, principal, _shown(runtime, row, beside), withheld=("ground", "deadline_told"))


@router.get("/{request_id}/acts")
async def acts(
    request_id: UUID, principal: Reading, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[ActShown]:
    """Show what was done about a matter after its registration: corrections and re-typings with both values, and the rest."""
    await _both(runtime, after)
    found = await requests.request(runtime.engine, request_id)
    if found is None or await is_hidden(runtime.store, principal, request_id):
        raise not_found()
    place = page.after(int)
    rows = await view.acts(runtime.engine, request_id, place[0] if place else 0, page.fetch)
    opened = await view.unsealed(rows, runtime.keys)
    shown = page.page(opened, lambda row: (row["version"],), ActShown.model_validate)
    shown.items = await screened(runtime.store, principal, shown.items, withheld=_WORDS)
    return shown


async def _both(runtime: Runtime, after: int | None) -> None:
    await applied(runtime, requests.NAME, after)
    await applied(runtime, view.NAME, after)


def _shown(runtime: Runtime, row: requests.RequestRow, beside: view.Standing) -> RecordShown:
    rules = runtime.book.of(row.rule_version)
    standing = RequesterClass(row.requester_class)
    weighed = request.completeness(
        rules, row.request_type, _present(row, beside), beside.facts, organisation=standing is RequesterClass.ORGANISATION
    )
    deadline = request.deadline_of(rules, RequestType(row.request_type), standing, Channel(row.channel), row.registered_at)
    told = {"order": str(row.request_id), "due": deadline.astimezone(rules.timezone).strftime("%Y-%m-%d %H:%M")}
    script = rules.script("process")
    return RecordShown(
        request_id=row.request_id,
        version=row.version,
        request_type=RequestType(row.request_type),
        first_contact=row.first_contact,
        co_owners=list(beside.co_owners),
        read_back=row.read_back,
        completeness=weighed.score,
        missing=list(weighed.missing),
        complete=row.complete,
        complete_by=row.complete_by,
        completed_at=row.completed_at if row.complete else None,
        save_latency_ms=_latency(row, beside),
        searches=beside.searches,
        ground=row.ground,
        rule_version=row.rule_version,
        deadline=deadline,
        deadline_told=row.deadline_told,
        say_zh=script.zh.format(**told),
        say_en=script.en.format(**told),
    )


def _present(row: requests.RequestRow, beside: view.Standing) -> Sequence[str]:
    handled = row.answered_at or row.declined_at or row.explained_at
    return [
        *(name for name in _WRITTEN if getattr(row, name) is not None),
        *([Element.HANDLING] if handled else []),
        *([Element.DEPARTMENT_CONTACT] if beside.contacted else []),
    ]


def _latency(row: requests.RequestRow, beside: view.Standing) -> int | None:
    """Return how long after the call's end the record was saved, 0 for one saved while they were still talking."""
    if beside.ended_at is None:
        return None
    return max(0, int((row.registered_at - beside.ended_at).total_seconds() * 1000))
