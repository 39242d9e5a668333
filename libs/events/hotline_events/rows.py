"""Whole rows of a read model, read and written a batch at a time: what most views need beside their own `change(event)`."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]


async def put(connection: AsyncConnection, table: str, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows over those of the same key, in one statement; of two with one key the later counts."""
    if not rows:
        return
    latest = {tuple(row[name] for name in key): row for row in rows}
    statement = _put(table, tuple(key), frozenset().union(*rows))
    await connection.execute(statement, {"rows": as_json([dict(row) for row in latest.values()])})


async def touched(connection: AsyncConnection, table: str, column: str, ids: Sequence[Any]) -> list[Row]:
    """Return the rows that a batch is about to change."""
    if not ids:
        return []
    found = await connection.execute(_touched(table, column), {"ids": list(ids)})
    names = list(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as the text that `json_populate_recordset` reads: ids and moments in a fifth of the time of `json.dumps`."""
    return to_json(rows, fallback=str).decode()


@cache
def _put(table: str, key: tuple[str, ...], named: frozenset[str]) -> TextClause:
    columns = sorted(named)
    values = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in key)
    return text(
        f"""insert into {table} ({", ".join(columns)})
            select {", ".join(columns)} from json_populate_recordset(null::{table}, cast(:rows as json))
                on conflict ({", ".join(key)}) do {f"update set {values}" if values else "nothing"}"""
    )


@cache
def _touched(table: str, column: str) -> TextClause:
    return text(f"select * from {table} where {column} = any(:ids)")
