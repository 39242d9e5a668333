"""`intake.notices@1`: what everyone on duty has to know, and who has signed for having read it (A142, A160)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.intake import NoticeAcknowledged, NoticePosted, NoticeWithdrawn
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import put
from hotline_events.sealing import KeyGoneError, unseal
from hotline_events.store import Keys, Store
from intake.adapters.views.rows import change

NAME = "intake.notices@1"
_DDL = """
create table if not exists notices (
    notice_id uuid primary key, kind text not null, lines json not null, text text not null, starts_at timestamptz not null,
    ends_at timestamptz not null, posted_by text not null, posted_at timestamptz not null, withdrawn_at timestamptz);
create index if not exists notices_ending on notices (ends_at desc, notice_id desc);
create table if not exists notice_readers (
    notice_id uuid not null, staff_id text not null, read_at timestamptz not null, primary key (notice_id, staff_id))
"""
_HOLDS = "starts_at <= :at and ends_at > :at and (withdrawn_at is null or withdrawn_at > :at)"
_FOR_LINE = (
    "(cast(:line as text) is null or json_array_length(lines) = 0 "
    "or exists (select 1 from json_array_elements_text(lines) as one where one = :line))"
)
_READERS = "select 1 from notice_readers r where r.notice_id = notices.notice_id and r.staff_id = :staff_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """A notice; its text is a box until it is opened, None when its key is gone."""

    notice_id: UUID
    kind: str
    lines: list[str]
    text: str | None
    starts_at: datetime
    ends_at: datetime
    posted_by: str
    posted_at: datetime
    withdrawn_at: datetime | None
    read_at: datetime | None
    readers: int


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    posted: list[dict[str, Any]] = []
    read: list[dict[str, Any]] = []
    withdrawn: list[dict[str, Any]] = []
    for envelope in envelopes:
        match envelope.event:
            case NoticePosted() as event:
                names = ("notice_id", "lines", "starts_at", "ends_at", "posted_by")
                row = {name: getattr(event, name) for name in names}
                posted.append(row | {"kind": event.kind.value, "text": event.text.box, "posted_at": event.occurred_at})
            case NoticeAcknowledged(notice_id=notice_id, staff_id=staff_id, occurred_at=at):
                read.append({"notice_id": notice_id, "staff_id": staff_id, "read_at": at})
            case NoticeWithdrawn(notice_id=notice_id, occurred_at=at):
                withdrawn.append({"notice_id": notice_id, "withdrawn_at": at})
            case _:
                pass
    await put(connection, "notices", ["notice_id"], posted)
    await put(connection, "notice_readers", ["notice_id", "staff_id"], read)
    await change(connection, "notices", "t.notice_id = c.notice_id", withdrawn, "withdrawn_at")


VIEW = View(name=NAME, tables=("notices", "notice_readers"), ddl=_DDL, sources=("intake",), apply=_apply)


async def unread(store: Store, staff_id: str, line: str, at: datetime) -> int:
    """Count the notices for a line that hold at a moment and that somebody has not signed for (A142)."""
    statement = f"select count(*) from notices where {_HOLDS} and {_FOR_LINE} and not exists ({_READERS})"
    rows = await store.execute(statement, staff_id=staff_id, line=line, at=at)
    count: int = rows[0][0]
    return count


async def notices(
    store: Store, staff_id: str, at: datetime, *, line: str | None, unread_only: bool,
    after: tuple[datetime, UUID] | None, limit: int,
) -> list[NoticeRow]:  # fmt: skip
    """Return the notices that hold at a moment, those that end last at the head, with when the asker read them."""
    rows = await store.rows(
        f"""select notice_id, kind, lines, text, starts_at, ends_at, posted_by, posted_at, withdrawn_at,
                   (select read_at from notice_readers r where r.notice_id = notices.notice_id and staff_id = :staff_id),
                   (select count(*) from notice_readers r where r.notice_id = notices.notice_id) as readers
              from notices where {_HOLDS} and {_FOR_LINE} and (not :unread_only or not exists ({_READERS}))
               and (cast(:ends_at as timestamptz) is null or (ends_at, notice_id) < (:ends_at, cast(:notice_id as uuid)))
             order by ends_at desc, notice_id desc limit :most""",
        staff_id=staff_id,
        at=at,
        line=line,
        unread_only=unread_only,
        ends_at=after[0] if after else None,
        notice_id=after[1] if after else None,
        most=limit,
    )
    return [NoticeRow(**row) for row in rows]


async def readers(store: Store, notice_id: UUID) -> list[tuple[str, datetime]] | None:
    """Return who has signed for a notice and when; None when there is no such notice."""
    if not await store.execute("select 1 from notices where notice_id = :notice_id", notice_id=notice_id):
        return None
    rows = await store.execute(
        "select staff_id, read_at from notice_readers where notice_id = :notice_id order by read_at, staff_id",
        notice_id=notice_id,
    )
    return [(staff_id, read_at) for staff_id, read_at in rows]


async def open_texts(boxes: Sequence[tuple[UUID, str | None]], keys: Keys) -> list[str | None]:
    """Open sealed texts, each with the key named beside it; what has no key any more is None."""
    opened = await keys.get_many([key for key, _ in boxes])
    return [_open(box, opened) for _, box in boxes]


def _open(box: str | None, keys: Mapping[UUID, bytes]) -> str | None:
    try:
        return None if box is None else unseal(box, keys)
    except KeyGoneError:
        return None
