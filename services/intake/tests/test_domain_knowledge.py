"""The rules of knowledge articles: nothing in force that a second person has not read, and every version for good."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from hotline_events.catalogue.intake import ArticleDrafted, ArticlePublished, ArticleRetired, ArticleReviewed
from hotline_events.testing import NOON, given
from intake.domain import knowledge_article as article


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


TEXTS: dict[str, Any] = {"title": "停水如何查询", "body": "计划停水提前公告。", "keywords": ("停水",)}
DRAFTED = ArticleDrafted(code="water", draft=1, **TEXTS, drafted_by="agent-7", occurred_at=at(0))
REVIEWED = ArticleReviewed(code="water", draft=1, approved=True, note=None, reviewed_by="leader-1", occurred_at=at(1))
PUBLISHED = ArticlePublished(code="water", version=1, draft=1, **TEXTS, published_by="leader-1", occurred_at=at(2))
RETIRED = ArticleRetired(code="water", version=1, reason="law_changed", retired_by="leader-1", occurred_at=at(90))
draft = article.DraftArticle(code="water", **TEXTS, drafted_by="agent-7", now=at(0))
review = article.ReviewDraft(code="water", draft=1, approved=True, note=None, reviewed_by="leader-1", now=at(1))
publish = article.PublishDraft(code="water", draft=1, published_by="leader-1", now=at(2))
retire = article.RetireArticle(code="water", reason="law_changed", retired_by="leader-1", now=at(90))
IN_FORCE = (DRAFTED, REVIEWED, PUBLISHED)


def test_an_article_is_drafted_reviewed_by_a_second_person_and_published() -> None:
    """A42."""
    given(article.decider).when(draft).then(DRAFTED)
    given(article.decider, DRAFTED).when(review).then(REVIEWED)
    given(article.decider, DRAFTED, REVIEWED).when(publish).then(PUBLISHED)
    given(article.decider, *IN_FORCE).when(retire).then(RETIRED)


def test_each_step_is_done_once() -> None:
    given(article.decider, DRAFTED).when(draft).then_nothing()
    given(article.decider, DRAFTED, REVIEWED).when(review).then_nothing()
    given(article.decider, *IN_FORCE).when(publish).then_nothing()
    given(article.decider, *IN_FORCE, RETIRED).when(retire).then_nothing()


def test_nobody_approves_what_they_wrote() -> None:
    """A42: a second person."""
    own = replace(review, reviewed_by="agent-7")
    given(article.decider, DRAFTED).when(own).then_rejected(article.ReviewerIsAuthorError)


def test_what_was_not_approved_is_not_published() -> None:
    outcome = given(article.decider, DRAFTED).when(publish)
    outcome.then_rejected(article.DraftNotApprovedError)
    assert outcome.refusal is not None
    assert outcome.refusal.missing == "reviewed"
    rejected = replace(REVIEWED, approved=False)
    given(article.decider, DRAFTED, rejected).when(publish).then_rejected(article.DraftNotApprovedError)
    given(article.decider, DRAFTED, rejected).when(review).then_rejected(article.DraftReviewedError)
    given(article.decider, DRAFTED, rejected).when(draft).then(replace(DRAFTED, draft=2))


def test_the_approval_of_an_older_draft_does_not_count_for_a_newer_one() -> None:
    newer = replace(DRAFTED, draft=2, body="计划停水提前48小时公告。")
    given(article.decider, DRAFTED, REVIEWED, newer).when(publish).then_rejected(article.DraftSupersededError)
    second = replace(publish, draft=2)
    given(article.decider, DRAFTED, REVIEWED, newer).when(second).then_rejected(article.DraftNotApprovedError)
    given(article.decider, DRAFTED).when(second).then_rejected(article.ArticleUnknownError)


@pytest.mark.parametrize("command", [review, publish, retire])
def test_nothing_becomes_of_an_article_that_nobody_wrote(command: Any) -> None:
    given(article.decider).when(command).then_rejected(article.ArticleUnknownError)


def test_only_what_was_published_is_retired_and_what_is_retired_stays_so() -> None:
    given(article.decider, DRAFTED).when(retire).then_rejected(article.ArticleNotPublishedError)
    given(article.decider, *IN_FORCE, RETIRED).when(draft).then_rejected(article.ArticleRetiredError)
    pending = (*IN_FORCE, replace(DRAFTED, draft=2), replace(REVIEWED, draft=2), RETIRED)
    given(article.decider, *pending).when(replace(publish, draft=2)).then_rejected(article.ArticleRetiredError)


@pytest.mark.parametrize(
    ("version", "minute", "citable"),
    [(1, 2, True), (1, 89, True), (2, 60, True), (1, 1, False), (2, 59, False), (3, 80, False), (0, 80, False), (1, 90, False)],
)
def test_an_answer_cites_a_version_that_was_published_when_it_was_given(version: int, minute: int, *, citable: bool) -> None:
    """A42: an older version may be cited by whoever read that one, nothing after the article was retired."""
    second = (
        replace(DRAFTED, draft=2, body="新", occurred_at=at(58)),
        replace(REVIEWED, draft=2, occurred_at=at(59)),
        replace(PUBLISHED, version=2, draft=2, body="新", occurred_at=at(60)),
    )
    state = article.decider.fold([*IN_FORCE, *second, RETIRED])
    if citable:
        article.require_citable(state, version, at(minute))
    else:
        with pytest.raises(article.ArticleNotCitableError):
            article.require_citable(state, version, at(minute))
