"""The telephone directory as it is searched: by group or by words of either language (A159)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake.directory import DirectoryPublished
from hotline_events.envelope import Envelope
from hotline_events.projection import View

NAME = "intake.directory@1"
_DDL = """
create table if not exists directory_entries (code text primary key, name_zh text not null, name_en text not null,
    entry_group text not null, tier text not null, number text, speed_dial integer, directory_version integer not null,
    stale_at timestamptz not null)
"""
_REPLACE = """
insert into directory_entries
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::integer[],
                     $9::timestamptz[])"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry as a screen shows it; `number` is empty unless it is a published one."""

    code: str
    name_zh: str
    name_en: str
    entry_group: str
    tier: str
    number: str | None
    speed_dial: int | None
    directory_version: int
    stale_at: datetime


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    published = [envelope.event for envelope in envelopes if isinstance(envelope.event, DirectoryPublished)]
    if not published:
        return
    last = published[-1]
    columns = zip(
        *(
            (
                entry.code,
                entry.name_zh,
                entry.name_en,
                entry.group,
                entry.tier.value,
                entry.number,
                entry.speed_dial,
                last.directory_version,
                last.stale_at,
            )
            for entry in last.entries
        ),
        strict=True,
    )
    await connection.exec_driver_sql("delete from directory_entries")
    if last.entries:
        await connection.exec_driver_sql(_REPLACE, tuple(list(column) for column in columns))


VIEW = View(name=NAME, tables=("directory_entries",), ddl=_DDL, sources=("intake",), apply=_apply)


async def entries(
    engine: AsyncEngine, *, group: str | None, words: str | None, speed_dial: int | None, after: str | None, limit: int
) -> Sequence[EntryRow]:
    """Return the entries of a group, or those whose names hold these words, by code."""
    where = ["code > :after"]
    if group is not None:
        where.append("entry_group = :group")
    if speed_dial is not None:
        where.append("speed_dial = :speed_dial")
    if words is not None:
        where.append("(strpos(lower(name_zh), lower(:words)) > 0 or strpos(lower(name_en), lower(:words)) > 0)")
    statement = text(f"select * from directory_entries where {' and '.join(where)} order by code limit :limit")
    values = {"after": after or "", "group": group, "words": words, "speed_dial": speed_dial, "limit": limit}
    async with engine.connect() as connection:
        return [EntryRow(**row._asdict()) for row in (await connection.execute(statement, values)).all()]
