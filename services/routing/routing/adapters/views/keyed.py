"""A table of a read model whose rows are folded from events: read what a batch concerns, change it, write it back whole.

Every row keeps the version of its order up to which it was folded, so that an event that comes again changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.rows import Row, put, touched

Key = tuple[UUID, ...]


class KeyedTable:
    """A table of one or more rows an order; `columns` are names and types, `key` the primary key's names."""

    def __init__(self, name: str, key: Sequence[str], columns: Mapping[str, str]) -> None:
        self.name = name
        self.columns = {"work_order_id": "uuid not null", "version": "integer not null", **columns}
        self._key = tuple(key)
        self.ddl = (
            f"create table if not exists {name} "
            f"({', '.join(f'{column} {kind}' for column, kind in self.columns.items())}, primary key ({', '.join(key)}))"
        )

    async def load(self, connection: AsyncConnection, orders: Iterable[UUID]) -> dict[Key, Row]:
        """Return the rows of these orders by their key."""
        found = await touched(connection, self.name, "work_order_id", list(orders))
        return {tuple(row[name] for name in self._key): row for row in found}

    async def save(self, connection: AsyncConnection, rows: Iterable[Row]) -> None:
        await put(connection, self.name, self._key, [{**dict.fromkeys(self.columns), **row} for row in rows])
