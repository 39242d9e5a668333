"""An article that answers cite: drafted, read by a second person, published as the next version, retired (A42).

Every version stays readable. An answer may cite a version that was published when the answer was given, whatever came later.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never

from hotline_events.catalogue.intake import (
    ArticleDrafted,
    ArticleEvent,
    ArticlePublished,
    ArticleRetired,
    ArticleReviewed,
)
from hotline_events.decider import Decider, RefusalError


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftArticle:
    code: str
    title: str
    body: str
    keywords: tuple[str, ...]
    drafted_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDraft:
    code: str
    draft: int
    approved: bool
    note: str | None
    reviewed_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDraft:
    code: str
    draft: int
    published_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireArticle:
    code: str
    reason: str
    retired_by: str
    now: datetime


ArticleCommand: TypeAlias = DraftArticle | ReviewDraft | PublishDraft | RetireArticle


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The one draft of an article that is worked on, or was published last."""

    number: int
    title: str
    body: str
    keywords: tuple[str, ...]
    drafted_by: str
    approved: bool | None = None
    published: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What decisions about an article read; `published` holds the moment of each version, the first one first."""

    draft: Draft | None = None
    published: tuple[datetime, ...] = ()
    retired_at: datetime | None = None


class ArticleUnknownError(RefusalError):
    """Nobody wrote an article of this code, or not this draft of it."""

    code: ClassVar[str] = "article_unknown"
    status: ClassVar[int] = 404


class DraftSupersededError(RefusalError):
    """Another draft took the place of the one that was read."""

    code: ClassVar[str] = "draft_superseded"
    rule: ClassVar[str | None] = "A42"
    field: ClassVar[str | None] = "body.draft"


class ReviewerIsAuthorError(RefusalError):
    """Nobody approves what they wrote themselves."""

    code: ClassVar[str] = "reviewer_is_author"
    rule: ClassVar[str | None] = "A42"


class DraftReviewedError(RefusalError):
    """The draft was reviewed; whoever sees it otherwise writes the next one."""

    code: ClassVar[str] = "draft_reviewed"
    rule: ClassVar[str | None] = "A42"


class DraftNotApprovedError(RefusalError):
    """Only what a second person approved is published."""

    code: ClassVar[str] = "draft_not_approved"
    rule: ClassVar[str | None] = "A42"
    missing: str | None = "reviewed"


class ArticleRetiredError(RefusalError):
    """The article is retired: it is written anew under another code."""

    code: ClassVar[str] = "article_retired"
    rule: ClassVar[str | None] = "A42"


class ArticleNotPublishedError(RefusalError):
    """There is no version of the article to be retired."""

    code: ClassVar[str] = "article_not_published"
    rule: ClassVar[str | None] = "A42"
    missing: str | None = "published"


class ArticleNotCitableError(RefusalError):
    """An answer cites an article at a version that was published when the answer was given."""

    code: ClassVar[str] = "article_not_citable"
    rule: ClassVar[str | None] = "A42"
    field: ClassVar[str | None] = "body.article"
    status: ClassVar[int] = 422


def decide(article: Article, command: ArticleCommand) -> list[ArticleEvent]:
    match command:
        case DraftArticle():
            return _draft(article, command)
        case ReviewDraft():
            return _review(article, command)
        case PublishDraft():
            return _publish(article, command)
        case RetireArticle():
            return _retire(article, command)
        case _:
            assert_never(command)


def evolve(article: Article, event: ArticleEvent) -> Article:
    match event:
        case ArticleDrafted():
            draft = Draft(
                number=event.draft,
                title=event.title,
                body=event.body,
                keywords=event.keywords,
                drafted_by=event.drafted_by,
            )
            return replace(article, draft=draft)
        case ArticleReviewed():
            return replace(article, draft=replace(_known(article), approved=event.approved))
        case ArticlePublished():
            published = (*article.published, event.occurred_at)
            return replace(article, draft=replace(_known(article), published=True), published=published)
        case ArticleRetired():
            return replace(article, retired_at=event.occurred_at)
        case _:
            assert_never(event)


def require_citable(article: Article, version: int, at: datetime) -> None:
    """Refuse a version that was not published by then, and an article that was retired by then."""
    if not 1 <= version <= len(article.published) or article.published[version - 1] > at:
        raise ArticleNotCitableError
    if article.retired_at is not None and article.retired_at <= at:
        raise ArticleNotCitableError


def _known(article: Article) -> Draft:
    if article.draft is None:
        raise ArticleUnknownError
    return article.draft


def _of_number(article: Article, number: int) -> Draft:
    draft = _known(article)
    if draft.number > number:
        raise DraftSupersededError
    if draft.number < number:
        raise ArticleUnknownError
    return draft


def _draft(article: Article, command: DraftArticle) -> list[ArticleEvent]:
    if article.retired_at is not None:
        raise ArticleRetiredError
    last = article.draft
    same = last is not None and (last.title, last.body, last.keywords) == (command.title, command.body, command.keywords)
    if last is not None and same and last.approved is not False:
        return []
    return [
        ArticleDrafted(
            code=command.code,
            draft=1 if last is None else last.number + 1,
            title=command.title,
            body=command.body,
            keywords=command.keywords,
            drafted_by=command.drafted_by,
            occurred_at=command.now,
        )
    ]


def _review(article: Article, command: ReviewDraft) -> list[ArticleEvent]:
    draft = _of_number(article, command.draft)
    if draft.drafted_by == command.reviewed_by:
        raise ReviewerIsAuthorError
    if draft.approved is not None:
        if draft.approved == command.approved:
            return []
        raise DraftReviewedError
    return [
        ArticleReviewed(
            code=command.code,
            draft=command.draft,
            approved=command.approved,
            note=command.note,
            reviewed_by=command.reviewed_by,
            occurred_at=command.now,
        )
    ]


def _publish(article: Article, command: PublishDraft) -> list[ArticleEvent]:
    draft = _of_number(article, command.draft)
    if draft.published:
        return []
    if article.retired_at is not None:
        raise ArticleRetiredError
    if draft.approved is not True:
        raise DraftNotApprovedError
    return [
        ArticlePublished(
            code=command.code,
            version=len(article.published) + 1,
            draft=draft.number,
            title=draft.title,
            body=draft.body,
            keywords=draft.keywords,
            published_by=command.published_by,
            occurred_at=command.now,
        )
    ]


def _retire(article: Article, command: RetireArticle) -> list[ArticleEvent]:
    _known(article)
    if article.retired_at is not None:
        return []
    if not article.published:
        raise ArticleNotPublishedError
    version = len(article.published)
    return [
        ArticleRetired(
            code=command.code,
            version=version,
            reason=command.reason,
            retired_by=command.retired_by,
            occurred_at=command.now,
        )
    ]


decider: Decider[ArticleCommand, Article, ArticleEvent] = Decider("knowledge_article", decide, evolve, Article())
