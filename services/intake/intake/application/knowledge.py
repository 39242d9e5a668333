"""The use cases of knowledge articles."""

from datetime import datetime

from hotline_events.aggregates import Aggregates, Done, Submission
from intake.domain import knowledge_article
from intake.domain.knowledge_article import ArticleCommand


async def change_article(aggregates: Aggregates, command: ArticleCommand, submission: Submission) -> Done:
    """Record what became of an article."""
    return await aggregates.execute_in_story(knowledge_article.decider, command.code, command, submission)


async def require_citable(aggregates: Aggregates, code: str, version: int | None, at: datetime) -> None:
    """Refuse an answer that cites what was not published when it was given (A42). Another process may have published it."""
    stream = knowledge_article.decider.stream(code)
    aggregates.forget(stream)
    _, article = await aggregates.load(knowledge_article.decider, stream)
    knowledge_article.require_citable(article, version or 0, at)
