"""A table of facts: a row a matter, a column a fact, written once.

The first fact wins, so rows come out the same whichever source is heard first, wherever batches are cut, and however often an
event is delivered. A column that may change names the rule by which the newer value wins (`merges`).
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class FactTable:
    """A table's name, its key and its columns with their Postgres types."""

    name: str
    key: Mapping[str, str]
    columns: Mapping[str, str]
    merges: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def ddl(self) -> str:
        """Return the statement that creates the table where it is missing."""
        columns = [f"{column} {kind} not null" for column, kind in self.key.items()]
        columns += [f"{column} {kind}" for column, kind in self.columns.items()]
        return f"create table if not exists {self.name} ({', '.join(columns)}, primary key ({', '.join(self.key)}))"

    @cached_property
    def _insert(self) -> str:
        kinds = {**self.key, **self.columns}
        arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(kinds.values(), 1))
        changes = ", ".join(f"{column} = {self._merge(column)}" for column in self.columns)
        return (
            f"insert into {self.name} ({', '.join(kinds)}) select * from unnest({arrays})"
            f" on conflict ({', '.join(self.key)}) do update set {changes}"
        )

    def _merge(self, column: str) -> str:
        return self.merges.get(column, f"coalesce({self.name}.{column}, excluded.{column})")

    async def write(self, connection: AsyncConnection, rows: "Facts") -> None:
        """Write the rows of a batch in one statement."""
        if rows.rows:
            arrays = [[key[place] for key in rows.rows] for place in range(len(self.key))]
            arrays += [[row.get(column) for row in rows.rows.values()] for column in self.columns]
            await connection.exec_driver_sql(self._insert, tuple(arrays))


@dataclass(slots=True)
class Facts:
    """What a batch says of a table, a row a key."""

    rows: dict[tuple[Hashable, ...], Row] = field(default_factory=dict)

    def first(self, *key: Hashable, **facts: Any) -> None:  # noqa: ANN401 - values of any column
        """Note facts of a row; one that the row has already stays."""
        row = self.rows.setdefault(key, {})
        for column, value in facts.items():
            row.setdefault(column, value)

    def latest(self, *key: Hashable, **facts: Any) -> None:  # noqa: ANN401 - values of any column
        """Note facts of a row in place of older ones."""
        self.rows.setdefault(key, {}).update(facts)
