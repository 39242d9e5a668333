"""`routing.departments@1`: which departments there are, what they are called, and which of them take orders."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.routing import DepartmentClosed, DepartmentRegistered, DepartmentRenamed
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.store import Store

_DDL = """
create table if not exists departments (
    code text primary key, name_zh text not null, name_en text not null, is_open boolean not null, version integer not null)
"""
_UPSERT = text(
    "insert into departments select * from unnest(cast(:codes as text[]), cast(:zh as text[]), cast(:en as text[]), "
    "cast(:open as boolean[]), cast(:versions as integer[])) on conflict (code) do update set name_zh = excluded.name_zh, "
    "name_en = excluded.name_en, is_open = excluded.is_open, version = excluded.version"
)
_CLOSE = text(
    "update departments set is_open = false, version = c.version "
    "from unnest(cast(:codes as text[]), cast(:versions as integer[])) as c(code, version) where c.code = departments.code"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentRow:
    code: str
    name_zh: str
    name_en: str
    is_open: bool
    version: int


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    """Apply the names first: a department is named before it is closed, and never after."""
    named = {one.event.department: one for one in envelopes if isinstance(one.event, DepartmentRegistered | DepartmentRenamed)}
    closed = {one.event.department: one for one in envelopes if isinstance(one.event, DepartmentClosed)}
    if named:
        columns = {
            "codes": list(named),
            "zh": [one.event.name_zh for one in named.values()],
            "en": [one.event.name_en for one in named.values()],
            "open": [True] * len(named),
            "versions": [one.version for one in named.values()],
        }
        await connection.execute(_UPSERT, columns)
    if closed:
        await connection.execute(_CLOSE, {"codes": list(closed), "versions": [one.version for one in closed.values()]})


DEPARTMENTS = View(name="routing.departments@1", tables=("departments",), ddl=_DDL, sources=("routing",), apply=_apply)


async def departments(
    store: Store, *, bound_to: str | None = None, after: str | None = None, limit: int | None = None
) -> list[DepartmentRow]:
    """Return the departments by code, or only the asker's own one."""
    rows = await store.rows(
        """select code, name_zh, name_en, is_open, version from departments
            where (cast(:bound_to as text) is null or code = :bound_to)
              and (cast(:after as text) is null or code > :after)
            order by code limit :most""",
        bound_to=bound_to,
        after=after,
        most=limit,
    )
    return [DepartmentRow(**row) for row in rows]


async def open_departments(store: Store) -> list[str]:
    """Return the codes of the departments whose queues must exist."""
    return [row.code for row in await departments(store) if row.is_open]
