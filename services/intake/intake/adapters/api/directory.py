"""The telephone directory over HTTP: published whole, searched, and numbers told only where they are published."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, Text
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RulesInForce, RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.intake.directory import DirectoryEntry, DirectoryTier
from intake.adapters.api.bodies import CREATED, AnyId, Code
from intake.adapters.views import directory as view
from intake.application import privacy
from intake.domain import directory

router = APIRouter(tags=["directory"])
Publishing = Annotated[Principal, Depends(requires(Right.DIRECTORY_WRITE))]
Searching = Annotated[Principal, Depends(requires(Right.DIRECTORY_READ))]
Version = Annotated[int, Path(ge=1, le=1_000_000, examples=[1])]
EntryCode = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,63}$", examples=["roads_duty_room"])]
_MOST_ENTRIES = 1000


class Entry(Body):
    """A post and how it is reached. The number of any but a published one is kept in the vault, under `holder_id`."""

    code: Annotated[Code, Field(examples=["roads_duty_room"])]
    name_zh: Annotated[str, Text(100), Field(examples=["道路处值班室"])]
    name_en: Annotated[str, Text(100), Field(examples=["Roads, duty room"])]
    group: Annotated[Code, Field(examples=["duty_rooms"])]
    tier: Annotated[DirectoryTier, Field(examples=["published"])]
    number: Annotated[str, Text(40, pattern="^[0-9+() -]{3,40}$"), Field(examples=["0552-3115678"])] | None = None
    holder_id: AnyId | None = None
    speed_dial: Annotated[int, Field(strict=True, ge=0, le=999, examples=[12])] | None = None


class Entries(Body):
    """The whole directory."""

    entries: Annotated[list[Entry], Field(max_length=_MOST_ENTRIES)]


class EntryShown(BaseModel):
    """An entry; `number` is null unless it is published."""

    model_config = ConfigDict(from_attributes=True)

    code: Annotated[str, Field(examples=["roads_duty_room"])]
    name_zh: Annotated[str, Field(examples=["道路处值班室"])]
    name_en: Annotated[str, Field(examples=["Roads, duty room"])]
    entry_group: Annotated[str, Field(examples=["duty_rooms"])]
    tier: Annotated[DirectoryTier, Field(examples=["published"])]
    number: Annotated[str | None, Field(examples=["0552-3115678"])]
    speed_dial: Annotated[int | None, Field(examples=[12])]
    directory_version: Annotated[int, Field(examples=[1])]
    stale: Annotated[bool, Field(description="Older than a month: ask whether it still holds.", examples=[False])]


class Number(BaseModel):
    """What was asked for: a published number, or that it is told to nobody."""

    code: Annotated[str, Field(examples=["roads_duty_room"])]
    number: Annotated[str | None, Field(examples=["0552-3115678"])]
    denied: Annotated[bool, Field(examples=[False])]


@router.put("/directory/{directory_version}", status_code=201, response_model=Accepted, responses=CREATED)
async def publish(
    directory_version: Version, body: Entries, principal: Publishing, submit: Submit, *, runtime: RuntimeOf, rules: RulesInForce
) -> Response:
    """Publish the next version of the directory; it is good for a month (A149)."""
    command = directory.PublishDirectory(
        directory_version=directory_version,
        entries=tuple(DirectoryEntry(**entry.model_dump()) for entry in body.entries),
        published_by=principal.actor_id,
        rules=rules,
        now=runtime.clock.now(),
    )
    submission = await submit.by(principal, creates=f"directory-{directory_version}")
    done = await runtime.aggregates.execute(directory.decider, directory.MAIN, command, submission)
    return accepted(done, directory.MAIN, created=True)


@router.get("/directory")
async def search(
    _principal: Searching,
    runtime: RuntimeOf,
    page: Page,
    *,
    group: Annotated[str | None, Query(pattern="^[a-z][a-z0-9_]{0,63}$", examples=["duty_rooms"])] = None,
    speed_dial: Annotated[int | None, Query(ge=0, le=999, examples=[7])] = None,
    words: Annotated[str | None, Query(min_length=1, max_length=100, examples=["值班"])] = None,
    after: AfterPosition = None,
) -> PageOf[EntryShown]:
    """Search the directory by group, by speed dial, or by words of either language (A159)."""
    await applied(runtime, view.NAME, after)
    start = page.after(str)
    found = await view.entries(
        runtime.engine, group=group, words=words, speed_dial=speed_dial, after=start[0] if start else None, limit=page.fetch
    )
    now = runtime.clock.now()

    def shown(row: view.EntryRow) -> EntryShown:
        return EntryShown(
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            entry_group=row.entry_group,
            tier=DirectoryTier(row.tier),
            number=row.number,
            speed_dial=row.speed_dial,
            directory_version=row.directory_version,
            stale=row.stale_at <= now,
        )

    return page.page(found, lambda row: (row.code,), shown)


@router.post("/directory/entries/{code}/number")
async def look_up(code: EntryCode, principal: Searching, submit: Submit, runtime: RuntimeOf) -> Number:
    """Ask for a number. Staff's and leaders' are told to nobody: the attempt is on record (A147)."""
    command = directory.LookUpNumber(code=code, asked_by=principal.actor_id, now=runtime.clock.now())
    number = await privacy.look_up(runtime.aggregates, command, await submit.by(principal))
    return Number(code=code, number=number, denied=number is None)
