"""Whole rows of a read model, read and written a batch at a time: what most views need beside their own `change(event)`."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]


async def put(connection: AsyncConnection, table: str, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows over those of the same key, in one statement; of two with one key the later counts."""
    if not rows:
        return
    latest = {tuple(row[name] for name in key): row for row in rows}
    columns = sorted({column for row in rows for column in row})
    values = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in key)
    await connection.execute(
        text(
            f"""insert into {table} ({", ".join(columns)})
                select {", ".join(columns)} from json_populate_recordset(null::{table}, cast(:rows as json))
                    on conflict ({", ".join(key)}) do {f"update set {values}" if values else "nothing"}"""
        ),
        {"rows": json.dumps([dict(row) for row in latest.values()], default=_plain, ensure_ascii=False)},
    )


async def touched(connection: AsyncConnection, table: str, column: str, ids: Sequence[Any]) -> list[Row]:
    """Return the rows that a batch is about to change."""
    if not ids:
        return []
    found = await connection.execute(text(f"select * from {table} where {column} = any(:ids)"), {"ids": list(ids)})
    return [dict(row) for row in found.mappings()]


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
