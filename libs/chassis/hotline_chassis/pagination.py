"""Cursor pagination: a page ends with an opaque cursor that holds the sort key of its last row.

A cursor is validated, not trusted: its parts must have the types the query expects and fit the columns they meet. So a
made-up one is a 400 and never a database error, and it can show nothing that the query's own conditions do not allow.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, WithJsonSchema

from hotline_chassis.problems import ProblemError

T = TypeVar("T")
R = TypeVar("R")
Key = int | str | UUID | datetime

MOST: Final = 200
USUAL: Final = 50
_LONGEST: Final = 512
_BIGINT: Final = 2**63


class PageOf(BaseModel, Generic[T]):
    """One page. `next` is the cursor of the following page, absent on the last one."""

    items: list[T]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    limit: int
    cursor: str | None

    @property
    def fetch(self) -> int:
        """How many rows to read: one more than shown, to know whether there is a next page."""
        return self.limit + 1

    def after(self, *types: type[Key]) -> tuple[Any, ...] | None:
        """Return the sort key after which this page starts, checked against the types of its columns."""
        return decode_cursor(self.cursor, *types) if self.cursor is not None else None

    def page(self, rows: Sequence[R], key: Callable[[R], tuple[Key, ...]], item: Callable[[R], T]) -> PageOf[T]:
        """Make the page of what was fetched; `key` answers the sort key of a row."""
        shown = rows[: self.limit]
        following = encode_cursor(*key(shown[-1])) if len(rows) > self.limit else None
        return PageOf(items=[item(row) for row in shown], next=following)


async def _page_request(
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many items a page has at most.")] = USUAL,
    cursor: Annotated[
        str | None,
        Query(max_length=_LONGEST, description="`next` of the page before; absent for the first."),
        WithJsonSchema({"type": "string", "maxLength": _LONGEST, "pattern": "^[A-Za-z0-9_-]+$"}),
    ] = None,
) -> PageRequest:
    return PageRequest(limit=limit, cursor=cursor)


Page = Annotated[PageRequest, Depends(_page_request)]


def encode_cursor(*key: Key) -> str:
    parts = [part if isinstance(part, int) else str(part.isoformat() if isinstance(part, datetime) else part) for part in key]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str, *types: type[Key]) -> tuple[Any, ...]:
    """Read a cursor; anything but what `encode_cursor` writes for these types is refused."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        parts = json.loads(raw)
        if not isinstance(parts, list) or len(parts) != len(types):
            raise _bad_cursor()
        return tuple(_part(part, kind) for part, kind in zip(parts, types, strict=True))
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise _bad_cursor() from error


def _part(part: object, kind: type[Key]) -> Key:
    if kind is int:
        if type(part) is not int or not -_BIGINT <= part < _BIGINT:
            raise _bad_cursor()
        return part
    if not isinstance(part, str) or "\0" in part:
        raise _bad_cursor()
    part.encode()
    if kind is UUID:
        return UUID(part)
    if kind is datetime:
        moment = datetime.fromisoformat(part)
        if moment.tzinfo is None:
            raise _bad_cursor()
        return moment
    return part


def _bad_cursor() -> ProblemError:
    return ProblemError(400, "bad_cursor", field="query.cursor", rule="cursor")
