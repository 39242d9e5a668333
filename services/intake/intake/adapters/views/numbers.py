"""Which numbers harassed, and which are restricted until when: their calls are received all the same, and marked (A15)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake import NumberHarassmentCounted, NumberRestricted, NumberRestrictionLifted
from hotline_events.envelope import Envelope
from hotline_events.projection import View

NAME = "intake.numbers@1"
_COLUMNS = {
    "number_id": "uuid",
    "version": "integer",
    "flagged": "integer",
    "frequent": "boolean",
    "last_flagged_at": "timestamptz",
    "restricted_until": "timestamptz",
    "reason": "text",
    "restricted_by": "text",
    "lifted_at": "timestamptz",
}
_DDL = f"""
create table if not exists numbers ({", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())}, primary key (number_id));
create index if not exists numbers_newest on numbers (last_flagged_at desc, number_id desc)
"""
_ARRAYS = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_COLUMNS.values(), 1))
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "number_id")
_UPSERT = (
    f"insert into numbers ({', '.join(_COLUMNS)}) select * from unnest({_ARRAYS})"
    f" on conflict (number_id) do update set {_CHANGES} where excluded.version > numbers.version"
)
_READ = f"select {', '.join(_COLUMNS)} from numbers"
_KNOWN = f"{_READ} where number_id = any($1::uuid[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    """A number as it stands; `restricted_until` is None when nothing restricts it."""

    number_id: UUID
    version: int
    flagged: int
    frequent: bool
    last_flagged_at: datetime
    restricted_until: datetime | None
    reason: str | None
    restricted_by: str | None
    lifted_at: datetime | None


def _change(event: object, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    match event:
        case NumberHarassmentCounted(frequent=frequent, occurred_at=at):
            counted = row.get("flagged", 0) + 1
            return {"flagged": counted, "frequent": frequent, "last_flagged_at": at}
        case NumberRestricted(until=until, reason=reason, restricted_by=by):
            return {"restricted_until": until, "reason": reason.value, "restricted_by": by, "lifted_at": None}
        case NumberRestrictionLifted(occurred_at=at):
            return {"restricted_until": None, "frequent": False, "lifted_at": at}
        case _:
            return None


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    heard = [envelope for envelope in envelopes if envelope.name.startswith("intake.number.")]
    if not heard:
        return
    ids = [envelope.event.number_id for envelope in heard]
    found = await connection.exec_driver_sql(_KNOWN, (ids,))
    rows: dict[UUID, dict[str, Any]] = {row["number_id"]: dict(row) for row in found.mappings()}
    for envelope in heard:
        row = rows.setdefault(envelope.event.number_id, {"number_id": envelope.event.number_id, "version": 0})
        change = _change(envelope.event, row) if envelope.version > row["version"] else None
        if change is not None:
            row.update(change, version=envelope.version)
    await connection.exec_driver_sql(_UPSERT, tuple([row.get(name) for row in rows.values()] for name in _COLUMNS))


VIEW = View(name=NAME, tables=("numbers",), ddl=_DDL, sources=("intake",), apply=_apply)


async def number(engine: AsyncEngine, number_id: UUID) -> NumberRow | None:
    """Return one number."""
    async with engine.connect() as connection:
        row = (await connection.execute(text(f"{_READ} where number_id = :number_id"), {"number_id": number_id})).first()
    return None if row is None else NumberRow(**row._asdict())


async def restricted_among(engine: AsyncEngine, callers: Sequence[UUID]) -> Mapping[UUID, datetime]:
    """Return until when these callers' numbers are restricted, for those that are."""
    if not callers:
        return {}
    names = {f"caller_{place}": caller for place, caller in enumerate(callers)}
    statement = text(
        "select number_id, restricted_until from numbers where restricted_until is not null"
        f" and number_id in ({', '.join(f':{name}' for name in names)})"
    )
    async with engine.connect() as connection:
        return {row.number_id: row.restricted_until for row in (await connection.execute(statement, names)).all()}


async def numbers(
    engine: AsyncEngine, *, restricted: bool | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[NumberRow]:
    """Return numbers, the one flagged last first; only those restricted, or not, when that is asked for."""
    values: dict[str, Any] = {"limit": limit}
    conditions = [] if restricted is None else [f"(restricted_until is not null) = {str(restricted).lower()}"]
    if after:
        conditions.append("(last_flagged_at, number_id) < (:last_flagged_at, :number_id)")
        values |= {"last_flagged_at": after[0], "number_id": after[1]}
    where = f"where {' and '.join(conditions)}" if conditions else ""
    statement = text(f"{_READ} {where} order by last_flagged_at desc, number_id desc limit :limit")
    async with engine.connect() as connection:
        return [NumberRow(**row._asdict()) for row in (await connection.execute(statement, values)).all()]
