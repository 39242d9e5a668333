"""What followup's tables have in common: boxes, the rows that a batch changes, and how a question is asked."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.envelope import Envelope
from hotline_events.rows import Row, touched


def of_aggregate(envelopes: Sequence[Envelope], aggregate: str) -> list[Envelope]:
    """Return followup's events of one aggregate."""
    return [envelope for envelope in envelopes if envelope.name.startswith(f"followup.{aggregate}.")]


async def known_rows(connection: AsyncConnection, table: str, key: str, ids: set[UUID]) -> dict[UUID, Row]:
    """Return the rows that a batch changes, by their id."""
    return {row[key]: row for row in await touched(connection, table, key, list(ids))}


def where(conditions: Mapping[str, object]) -> str:
    """Return the conditions whose value was asked for, as one."""
    return " and ".join(condition for condition, value in conditions.items() if value is not None) or "true"


async def ask(engine: AsyncEngine, question: str, values: Mapping[str, Any]) -> list[Row]:
    """Ask a question; values that it does not name are left out."""
    named = {name: value for name, value in values.items() if f":{name}" in question}
    ids = [bindparam(name, type_=PG_UUID(as_uuid=True)) for name in named if name.endswith("_id")]
    async with engine.connect() as connection:
        found = await connection.execute(text(question).bindparams(*ids), named)
        return [dict(row) for row in found.mappings()]
