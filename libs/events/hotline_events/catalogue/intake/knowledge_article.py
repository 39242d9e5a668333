"""Articles that answers cite at a version: public knowledge, so nothing in them is sealed (A42)."""

from datetime import datetime
from typing import TypeAlias

from hotline_events.registry import event


@event("intake.knowledge_article.drafted")
class ArticleDrafted:
    """Somebody wrote the next version of an article; draft numbers only grow."""

    code: str
    draft: int
    title: str
    body: str
    keywords: tuple[str, ...] = ()
    drafted_by: str
    occurred_at: datetime


@event("intake.knowledge_article.reviewed")
class ArticleReviewed:
    """A second person read the draft and approved it or did not."""

    code: str
    draft: int
    approved: bool
    note: str | None = None
    reviewed_by: str
    occurred_at: datetime


@event("intake.knowledge_article.published")
class ArticlePublished:
    """The approved draft is version `version` from now on; older versions stay readable."""

    code: str
    version: int
    draft: int
    title: str
    body: str
    keywords: tuple[str, ...] = ()
    published_by: str
    occurred_at: datetime


@event("intake.knowledge_article.retired")
class ArticleRetired:
    """No answer cites the article from now on."""

    code: str
    version: int
    reason: str
    retired_by: str
    occurred_at: datetime


ArticleEvent: TypeAlias = ArticleDrafted | ArticleReviewed | ArticlePublished | ArticleRetired
