"""A table of a read model whose rows are folded from events: read what a batch concerns, change it, write it back whole.

Every row keeps the version of its order up to which it was folded, so that an event that comes again changes nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]
Key = tuple[UUID, ...]


class KeyedTable:
    """A table of one or more rows an order; `columns` are names and types, `key` the primary key's names."""

    def __init__(self, name: str, key: Sequence[str], columns: Mapping[str, str]) -> None:
        self.name = name
        self.columns = {"work_order_id": "uuid not null", "version": "integer not null", **columns}
        self._key = tuple(key)
        names = ", ".join(self.columns)
        updates = ", ".join(f"{column} = excluded.{column}" for column in self.columns)
        self.ddl = (
            f"create table if not exists {name} "
            f"({', '.join(f'{column} {kind}' for column, kind in self.columns.items())}, primary key ({', '.join(key)}))"
        )
        self._select = text(f"select {names} from {name} where work_order_id = any(:ids)")
        self._upsert = text(
            f"insert into {name} ({names}) select {names} "
            f"from json_populate_recordset(cast(null as {name}), cast(:rows as json)) "
            f"on conflict ({', '.join(key)}) do update set {updates}"
        )

    async def load(self, connection: AsyncConnection, orders: Iterable[UUID]) -> dict[Key, Row]:
        """Return the rows of these orders by their key."""
        found = await connection.execute(self._select, {"ids": list(orders)})
        return {tuple(row[name] for name in self._key): dict(row) for row in found.mappings()}

    async def save(self, connection: AsyncConnection, rows: Iterable[Row]) -> None:
        written = json.dumps([{**dict.fromkeys(self.columns), **row} for row in rows], default=str)
        if written != "[]":
            await connection.execute(self._upsert, {"rows": written})
