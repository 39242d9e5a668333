"""The lists that people work from: records that are not complete, and what a search finds in one's own (A34, A35).

A search opens boxes and reads them; it keeps no index of what was said, so nothing is left over when a person is erased. One
page opens a bounded number of records and says where to go on.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_events.store import Keys
from intake.adapters.views.requests import READ, TEXTS, RequestRow, unsealed

Place = tuple[datetime, UUID]
_CHUNK = 200
_OWN = """(cast(:owner as text) is null or first_contact = :owner
           or exists (select 1 from request_acts where kind = 'co_owner_added' and became_value = :owner
                         and request_acts.request_id = requests.request_id))"""
_INCOMPLETE = text(
    f"""{READ} where complete_by is not null and (completed_version is null or retyped_version > completed_version) and {_OWN}
          and (cast(:late_at as timestamptz) is null or complete_by <= :late_at)
          and (cast(:at as timestamptz) is null or (complete_by, request_id) > (:at, cast(:id as uuid)))
        order by complete_by, request_id limit :limit"""
)
_SCAN = text(
    f"""{READ} where {_OWN} and (cast(:since as timestamptz) is null or registered_at >= :since)
          and (cast(:until as timestamptz) is null or registered_at < :until)
          and (cast(:at as timestamptz) is null or (registered_at, request_id) < (:at, cast(:id as uuid)))
        order by registered_at desc, request_id desc limit :limit"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is searched for: every word, anywhere in a matter's texts, in this time, of this owner or of anybody (None)."""

    words: str
    owner: str | None
    since: datetime | None
    until: datetime | None

    @property
    def terms(self) -> Sequence[str]:
        return plain(self.words).split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The matters found, how many were opened for it, and after which one to go on; None when there is no more."""

    rows: Sequence[RequestRow]
    opened: int
    after: Place | None


def plain(words: str) -> str:
    """Write a text so that width and case make no difference."""
    return unicodedata.normalize("NFKC", words).casefold()


async def incomplete(
    engine: AsyncEngine, owner: str | None, after: Place | None, limit: int, *, late_at: datetime | None = None
) -> Sequence[RequestRow]:
    """Return records that lack something, the most urgent first, of one owner or of everybody; only late ones when asked."""
    return await _rows(engine, _INCOMPLETE, owner=owner, after=after, limit=limit, late_at=late_at)


async def search(engine: AsyncEngine, keys: Keys, wanted: Wanted, after: Place | None, *, limit: int, most: int) -> Found:
    """Open records, newest first, until a page is full, `most` are opened or none is left."""
    found: list[RequestRow] = []
    opened = 0
    while opened < most and len(found) < limit:
        size = min(_CHUNK, most - opened)
        rows = await _rows(engine, _SCAN, owner=wanted.owner, after=after, limit=size, since=wanted.since, until=wanted.until)
        for row in await unsealed(rows, keys):
            opened, after = opened + 1, (row.registered_at, row.request_id)
            if _holds(row, wanted.terms):
                found.append(row)
            if len(found) == limit:
                return Found(rows=found, opened=opened, after=after)
        if len(rows) < size:
            return Found(rows=found, opened=opened, after=None)
    return Found(rows=found, opened=opened, after=after)


def _holds(row: RequestRow, terms: Sequence[str]) -> bool:
    said = plain("\n".join(value for name in TEXTS if (value := getattr(row, name)) is not None))
    return all(term in said for term in terms)


async def _rows(
    engine: AsyncEngine,
    statement: Any,  # noqa: ANN401 - a text clause
    *,
    owner: str | None,
    after: Place | None,
    limit: int,
    **values: datetime | None,
) -> Sequence[RequestRow]:
    at, request_id = after or (None, None)
    arguments = {"owner": owner, "at": at, "id": request_id, "limit": limit, **values}
    async with engine.connect() as connection:
        return [RequestRow(**row._asdict()) for row in (await connection.execute(statement, arguments)).all()]
