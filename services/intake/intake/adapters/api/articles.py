"""Knowledge articles over HTTP: draft, have it read by a second person, publish, retire, search (A42)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, Text
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from intake.adapters.api.bodies import Code, Flag
from intake.adapters.views import knowledge as view
from intake.application import knowledge as application
from intake.domain import knowledge_article as article

router = APIRouter(tags=["knowledge"])

Reading = Annotated[Principal, Depends(requires(Right.KNOWLEDGE_READ))]
Writing = Annotated[Principal, Depends(requires(Right.KNOWLEDGE_WRITE))]
Publishing = Annotated[Principal, Depends(requires(Right.KNOWLEDGE_PUBLISH))]
ArticleCode = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9_-]{0,63}$", examples=["water-outage"])]
DraftNumber = Annotated[int, Field(strict=True, ge=1, le=100_000, examples=[1])]


class Draft(Body):
    """Public knowledge: no personal data belongs in it."""

    title: Annotated[str, Text(200), Field(examples=["停水如何查询"])]
    body: Annotated[str, Text(20_000), Field(examples=["计划停水提前24小时公告,可在水务局网站查询。"])]
    keywords: Annotated[
        list[Annotated[str, Text(40)]], Field(max_length=20, examples=[["停水", "自来水"]], default_factory=list)
    ]


class Review(Body):
    draft: DraftNumber
    approved: Annotated[Flag, Field(examples=[True])]
    note: Annotated[str, Text(2000), Field(examples=["内容准确。"])] | None = None


class Publish(Body):
    draft: DraftNumber


class Retire(Body):
    reason: Annotated[Code, Field(examples=["law_changed"])]


class ArticleShown(BaseModel):
    """A version of an article, as an answer cites it."""

    model_config = ConfigDict(from_attributes=True)

    code: Annotated[str, Field(examples=["water-outage"])]
    version: Annotated[int, Field(examples=[3])]
    title: Annotated[str, Field(examples=["停水如何查询"])]
    body: Annotated[str, Field(examples=["计划停水提前24小时公告,可在水务局网站查询。"])]
    keywords: Annotated[list[str], Field(examples=[["停水", "自来水"]])]
    published_by: Annotated[str, Field(examples=["leader-1"])]
    published_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    retired_at: Annotated[datetime | None, Field(examples=["2026-05-02T04:00:00Z"])]


class DraftShown(BaseModel):
    """A draft that is not published yet."""

    model_config = ConfigDict(from_attributes=True)

    code: Annotated[str, Field(examples=["water-outage"])]
    draft: Annotated[int, Field(examples=[4])]
    title: Annotated[str, Field(examples=["停水如何查询"])]
    body: Annotated[str, Field(examples=["计划停水提前24小时公告,可在水务局网站查询。"])]
    keywords: Annotated[list[str], Field(examples=[["停水", "自来水"]])]
    drafted_by: Annotated[str, Field(examples=["agent-7"])]
    drafted_at: Annotated[datetime, Field(examples=["2026-03-02T03:00:00Z"])]
    approved: Annotated[bool | None, Field(examples=[None])]
    reviewed_by: Annotated[str | None, Field(examples=["leader-1"])]
    review_note: Annotated[str | None, Field(examples=["内容准确。"])]


@router.put("/articles/{code}/draft", response_model=Accepted)
async def draft(code: ArticleCode, body: Draft, principal: Writing, submit: Submit, runtime: RuntimeOf) -> Response:
    """Write the next version of an article; the same words again change nothing."""
    command = article.DraftArticle(
        code=code,
        title=body.title,
        body=body.body,
        keywords=tuple(body.keywords),
        drafted_by=principal.actor_id,
        now=runtime.clock.now(),
    )
    submission = await submit.by(principal)
    return accepted(await application.change_article(runtime.aggregates, command, submission), code)


@router.post("/articles/{code}/review", response_model=Accepted)
async def review(code: ArticleCode, body: Review, principal: Publishing, submit: Submit, runtime: RuntimeOf) -> Response:
    """Approve a draft, or do not: somebody else than who wrote it."""
    command = article.ReviewDraft(
        code=code,
        draft=body.draft,
        approved=body.approved,
        note=body.note,
        reviewed_by=principal.actor_id,
        now=runtime.clock.now(),
    )
    submission = await submit.by(principal)
    return accepted(await application.change_article(runtime.aggregates, command, submission), code)


@router.post("/articles/{code}/publish", response_model=Accepted)
async def publish(code: ArticleCode, body: Publish, principal: Publishing, submit: Submit, runtime: RuntimeOf) -> Response:
    """Make an approved draft the version in force."""
    command = article.PublishDraft(code=code, draft=body.draft, published_by=principal.actor_id, now=runtime.clock.now())
    submission = await submit.by(principal)
    return accepted(await application.change_article(runtime.aggregates, command, submission), code)


@router.post("/articles/{code}/retire", response_model=Accepted)
async def retire(code: ArticleCode, body: Retire, principal: Publishing, submit: Submit, runtime: RuntimeOf) -> Response:
    """Take an article out of force; its versions stay readable."""
    command = article.RetireArticle(code=code, reason=body.reason, retired_by=principal.actor_id, now=runtime.clock.now())
    submission = await submit.by(principal)
    return accepted(await application.change_article(runtime.aggregates, command, submission), code)


@router.get("/articles")
async def search(
    _principal: Reading,
    runtime: RuntimeOf,
    page: Page,
    *,
    words: Annotated[str, Query(max_length=200, pattern="^[^\\u0000]*$", description="All of them are found.")] = "",
    after: AfterPosition = None,
) -> PageOf[ArticleShown]:
    """Find articles in force by their words, those with all of them in the title first; without words, list them."""
    await applied(runtime, view.NAME, after)
    place = page.after(int, str)
    found = await view.search(runtime.engine, words, (place[0], place[1]) if place else None, page.fetch)
    return page.page(found, lambda hit: (hit[0], hit[1].code), lambda hit: ArticleShown.model_validate(hit[1]))


@router.get("/articles/{code}")
async def show(code: ArticleCode, _principal: Reading, runtime: RuntimeOf, after: AfterPosition = None) -> ArticleShown:
    """Show the version in force, or the last one of a retired article."""
    await applied(runtime, view.NAME, after)
    row = await view.article(runtime.engine, code)
    if row is None:
        raise not_found()
    return ArticleShown.model_validate(row)


@router.get("/articles/{code}/versions/{version}")
async def show_version(
    code: ArticleCode,
    version: Annotated[int, Path(ge=1, le=100_000, examples=[1])],
    _principal: Reading,
    runtime: RuntimeOf,
    after: AfterPosition = None,
) -> ArticleShown:
    """Show any version that ever was in force."""
    await applied(runtime, view.NAME, after)
    row = await view.article(runtime.engine, code, version)
    if row is None:
        raise not_found()
    return ArticleShown.model_validate(row)


@router.get("/article-drafts")
async def list_drafts(_principal: Writing, runtime: RuntimeOf, page: Page, after: AfterPosition = None) -> PageOf[DraftShown]:
    """List the drafts that are not published yet, the oldest first."""
    await applied(runtime, view.NAME, after)
    place = page.after(datetime, str)
    rows = await view.drafts(runtime.engine, (place[0], place[1]) if place else None, page.fetch)
    return page.page(rows, lambda row: (row.drafted_at, row.code), DraftShown.model_validate)
