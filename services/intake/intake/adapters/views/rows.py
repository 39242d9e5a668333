"""Changing many rows of a read model's table in one statement, and making them of an event's fields."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Mapping[str, Any]


async def change(connection: AsyncConnection, table: str, where: str, rows: Sequence[Row], *columns: str) -> None:
    """Set columns of rows that are there; `where` compares the table's `t` with the change `c`."""
    if not rows:
        return
    changes = ", ".join(f"{name} = c.{name}" for name in columns)
    source = f"json_populate_recordset(cast(null as {table}), cast(:rows as json)) as c"
    statement = f"update {table} as t set {changes} from {source} where {where}"
    await connection.execute(text(statement), {"rows": _json(rows)})


def columns(thing: object, *names: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - a column's value
    """Return a row of some of an event's fields, and what else it needs."""
    return {name: getattr(thing, name) for name in names} | more


def _json(rows: Sequence[Row]) -> str:
    return json.dumps([dict(row) for row in rows], default=str, ensure_ascii=False)
