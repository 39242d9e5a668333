"""Notices for those on duty over HTTP: posted, read and signed for (A142, A160)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Text
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.runtime import RuntimeOf
from hotline_events.catalogue.intake import NoticeKind
from hotline_events.sealing import Sealed
from intake.adapters.api.bodies import CREATED, AnyId, Happened
from intake.adapters.api.desk_acts import act
from intake.adapters.api.desk_bodies import Foreseen, KeepingShifts, LineName, PostingNotices, Reading
from intake.adapters.views import notices as view
from intake.domain import notice
from intake.vault import Vault

router = APIRouter(prefix="/notices", tags=["duty"])


class Post(Happened):
    """What everyone on duty on these lines has to know; on every line when none is named."""

    kind: Annotated[NoticeKind, Field(examples=["advisory"])]
    lines: Annotated[tuple[LineName, ...], Field(max_length=100, examples=[["duty"]])] = ()
    text: Annotated[str, Text(4000), Field(examples=["今日有重要接待,请注意礼仪。"])]
    starts_at: Foreseen | None = None
    ends_at: Foreseen


class NoticeShown(BaseModel):
    """A notice, when the asker has signed for it, and how many have."""

    model_config = ConfigDict(from_attributes=True)

    notice_id: AnyId
    kind: Annotated[NoticeKind, Field(examples=["advisory"])]
    lines: list[str]
    text: Annotated[str | None, Field(examples=["今日有重要接待。"])]
    starts_at: Annotated[datetime, Field(examples=["2026-03-02T00:00:00Z"])]
    ends_at: Annotated[datetime, Field(examples=["2026-03-02T10:00:00Z"])]
    posted_by: Annotated[str, Field(examples=["leader-1"])]
    posted_at: Annotated[datetime, Field(examples=["2026-03-02T00:00:00Z"])]
    read_at: Annotated[datetime | None, Field(examples=["2026-03-02T00:20:00Z"])]
    readers: Annotated[int, Field(examples=[3])]


class Reader(BaseModel):
    """Who signed for a notice, and when."""

    staff_id: Annotated[str, Field(examples=["agent-7"])]
    read_at: Annotated[datetime, Field(examples=["2026-03-02T00:20:00Z"])]


@router.put("/{notice_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def post(notice_id: UUID, body: Post, principal: PostingNotices, submit: Submit, runtime: RuntimeOf) -> Response:
    """Post a notice for those on duty (A142, A160)."""
    await Vault(runtime.store, runtime.keyring).give_key(notice_id)
    now = body.at(runtime.clock.now())
    command = notice.PostNotice(
        notice_id=notice_id,
        kind=body.kind,
        lines=body.lines,
        text=Sealed(body.text),
        starts_at=body.starts_at or now,
        ends_at=body.ends_at,
        by=principal.actor_id,
        now=now,
    )
    return await act(runtime, notice.decider, notice_id, command, submit, principal, creates=f"notice-{notice_id}")


@router.post("/{notice_id}/acknowledge", response_model=Accepted)
async def acknowledge(
    notice_id: UUID, body: Happened, principal: KeepingShifts, submit: Submit, runtime: RuntimeOf
) -> Response:
    """Sign for having read a notice (A142, A160)."""
    now = body.at(runtime.clock.now())
    command = notice.AcknowledgeNotice(notice_id=notice_id, staff_id=principal.actor_id, now=now)
    return await act(runtime, notice.decider, notice_id, command, submit, principal)


@router.post("/{notice_id}/withdraw", response_model=Accepted)
async def withdraw(notice_id: UUID, body: Happened, principal: PostingNotices, submit: Submit, runtime: RuntimeOf) -> Response:
    """Withdraw a notice that holds no longer (A160)."""
    command = notice.WithdrawNotice(notice_id=notice_id, by=principal.actor_id, now=body.at(runtime.clock.now()))
    return await act(runtime, notice.decider, notice_id, command, submit, principal)


@router.get("")
async def list_notices(
    principal: Reading,
    runtime: RuntimeOf,
    page: Page,
    *,
    line: Annotated[LineName | None, Query(description="Only those for this line.")] = None,
    unread: Annotated[bool, Query(description="Only those that the asker has not signed for.")] = False,
    after: AfterPosition = None,
) -> PageOf[NoticeShown]:
    """List the notices that hold now, those that end last at the head (A142, A160)."""
    await applied(runtime, view.NAME, after)
    rows = await view.notices(
        runtime.store,
        principal.actor_id,
        runtime.clock.now(),
        line=line,
        unread_only=unread,
        after=page.after(datetime, UUID),
        limit=page.fetch,
    )
    opened = await view.open_texts([(row.notice_id, row.text) for row in rows], runtime.keys)
    texts = {row.notice_id: text for row, text in zip(rows, opened, strict=True)}

    def shown(row: view.NoticeRow) -> NoticeShown:
        return NoticeShown.model_validate(row).model_copy(update={"text": texts[row.notice_id]})

    return page.page(rows, lambda row: (row.ends_at, row.notice_id), shown)


@router.get("/{notice_id}/readers")
async def readers(notice_id: UUID, _principal: Reading, runtime: RuntimeOf, after: AfterPosition = None) -> list[Reader]:
    """List who has signed for a notice (A142)."""
    await applied(runtime, view.NAME, after)
    found = await view.readers(runtime.store, notice_id)
    if found is None:
        raise not_found()
    return [Reader(staff_id=staff_id, read_at=read_at) for staff_id, read_at in found]
