"""Articles: the draft that is worked on, the version in force, every older version, and the search in what is in force (A42).

Words are found by their pairs of characters, which serves Chinese as well as English and needs no extension; a hit is then
checked letter by letter.
"""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake import ArticleDrafted, ArticlePublished, ArticleRetired, ArticleReviewed
from hotline_events.envelope import Envelope
from hotline_events.projection import View

NAME = "intake.knowledge@1"

_DDL = """
create table if not exists article_drafts (
    code text not null, draft integer not null, title text not null, body text not null, keywords text[] not null,
    drafted_by text not null, drafted_at timestamptz not null, approved boolean, reviewed_by text, reviewed_at timestamptz,
    review_note text, published_at timestamptz, primary key (code, draft));
create table if not exists article_versions (
    code text not null, version integer not null, title text not null, body text not null, keywords text[] not null,
    published_by text not null, published_at timestamptz not null, words text not null, pairs text[] not null,
    primary key (code, version));
create index if not exists article_versions_pairs on article_versions using gin (pairs);
create table if not exists retired_articles (code text primary key, reason text not null, retired_at timestamptz not null)
"""
_TABLES = ("article_drafts", "article_versions", "retired_articles")
_INSERT = {
    table: text(
        f"insert into {table} select * from json_populate_recordset(cast(null as {table}), cast(:rows as json)) "
        "on conflict do nothing"
    )
    for table in _TABLES
}
_REVIEW = text(
    """update article_drafts d set approved = r.approved, reviewed_by = r.reviewed_by, reviewed_at = r.reviewed_at,
              review_note = r.review_note
         from json_populate_recordset(cast(null as article_drafts), cast(:rows as json)) r
        where d.code = r.code and d.draft = r.draft"""
)
_PUBLISH = text(
    """update article_drafts d set published_at = p.published_at
         from json_populate_recordset(cast(null as article_drafts), cast(:rows as json)) p
        where d.code = p.code and d.draft = p.draft"""
)
_FROM = """from article_versions v left join retired_articles r on r.code = v.code"""
_SHOWN = "v.code, v.version, v.title, v.body, v.keywords, v.published_by, v.published_at, r.retired_at"
_CURRENT = "v.version = (select max(version) from article_versions where code = v.code)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRow:
    """A published version of an article."""

    code: str
    version: int
    title: str
    body: str
    keywords: Sequence[str]
    published_by: str
    published_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """A draft and what its reviewer said."""

    code: str
    draft: int
    title: str
    body: str
    keywords: Sequence[str]
    drafted_by: str
    drafted_at: datetime
    approved: bool | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    review_note: str | None
    published_at: datetime | None


def plain(words: str) -> str:
    """Write a text so that width, case and line breaks make no difference."""
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())


def pairs_of(words: str) -> list[str]:
    """Return the pairs of characters of a text, word by word."""
    return sorted({word[at : at + 2] for word in plain(words).split() for at in range(len(word) - 1)})


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in (*_TABLES, "reviews")}
    for envelope in envelopes:
        match envelope.event:
            case ArticleDrafted() as event:
                rows["article_drafts"].append(_drafted(event))
            case ArticleReviewed() as event:
                rows["reviews"].append(_reviewed(event))
            case ArticlePublished() as event:
                rows["article_versions"].append(_published(event))
            case ArticleRetired() as event:
                rows["retired_articles"].append({"code": event.code, "reason": event.reason, "retired_at": event.occurred_at})
            case _:
                continue
    for table in _TABLES:
        if rows[table]:
            await connection.execute(_INSERT[table], {"rows": json.dumps(rows[table], default=str)})
    for statement, table in ((_REVIEW, "reviews"), (_PUBLISH, "article_versions")):
        if rows[table]:
            await connection.execute(statement, {"rows": json.dumps(rows[table], default=str)})


def _drafted(event: ArticleDrafted) -> dict[str, Any]:
    said = {"title": event.title, "body": event.body, "keywords": event.keywords}
    return {
        "code": event.code,
        "draft": event.draft,
        "drafted_by": event.drafted_by,
        "drafted_at": event.occurred_at,
        **said,
    }


def _reviewed(event: ArticleReviewed) -> dict[str, Any]:
    return {
        "code": event.code,
        "draft": event.draft,
        "approved": event.approved,
        "reviewed_by": event.reviewed_by,
        "reviewed_at": event.occurred_at,
        "review_note": event.note,
    }


def _published(event: ArticlePublished) -> dict[str, Any]:
    words = plain(f"{event.title} {' '.join(event.keywords)} {event.body}")
    return {
        "code": event.code,
        "version": event.version,
        "draft": event.draft,
        "title": event.title,
        "body": event.body,
        "keywords": event.keywords,
        "published_by": event.published_by,
        "published_at": event.occurred_at,
        "words": words,
        "pairs": pairs_of(words),
    }


VIEW = View(name=NAME, tables=_TABLES, ddl=_DDL, sources=("intake",), apply=_apply)


async def article(engine: AsyncEngine, code: str, version: int | None = None) -> ArticleRow | None:
    """Return a version of an article, the one in force when none is named."""
    which = _CURRENT if version is None else "v.version = :version"
    statement = text(f"select {_SHOWN} {_FROM} where v.code = :code and {which}")
    async with engine.connect() as connection:
        row = (await connection.execute(statement, {"code": code, "version": version})).first()
    return None if row is None else ArticleRow(**row._asdict())


async def search(engine: AsyncEngine, words: str, after: tuple[int, str] | None, limit: int) -> list[tuple[int, ArticleRow]]:
    """Return articles in force that hold every word, those with all of them in the title first. No word asks for all."""
    terms = plain(words).split()
    holds = [f"position(:term_{number} in v.words) > 0" for number in range(len(terms))]
    titled = [f"position(:term_{number} in lower(v.title)) > 0" for number in range(len(terms))]
    rank = f"case when {' and '.join(titled) or 'true'} then 0 else 1 end"
    values: dict[str, Any] = {f"term_{number}": term for number, term in enumerate(terms)}
    values |= {"pairs": pairs_of(words), "limit": limit, "rank": after[0] if after else -1, "code": after[1] if after else ""}
    conditions = ["r.code is null", _CURRENT, "v.pairs @> cast(:pairs as text[])", *holds]
    statement = text(
        f"select * from (select {rank} as rank, {_SHOWN} {_FROM} where {' and '.join(conditions)}) found "
        "where (rank, code) > (:rank, :code) order by rank, code limit :limit"
    )
    async with engine.connect() as connection:
        found = [row._asdict() for row in (await connection.execute(statement, values)).all()]
    return [(row.pop("rank"), ArticleRow(**row)) for row in found]


async def drafts(engine: AsyncEngine, after: tuple[datetime, str] | None, limit: int) -> Sequence[DraftRow]:
    """Return drafts that are not published yet, the oldest first; one that a newer draft replaced is no longer there."""
    at, code = after or (None, None)
    statement = text(
        """select * from article_drafts d
            where published_at is null and draft = (select max(draft) from article_drafts where code = d.code)
              and (cast(:at as timestamptz) is null or (drafted_at, code) > (:at, cast(:code as text)))
            order by drafted_at, code limit :limit"""
    )
    async with engine.connect() as connection:
        rows = (await connection.execute(statement, {"at": at, "code": code, "limit": limit})).all()
    return [DraftRow(**row._asdict()) for row in rows]
