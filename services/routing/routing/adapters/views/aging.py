"""Rows that carry their order's version though the ladder's and supervision's events change nothing else in them.

Such an event is a step of the version alone: no row is read, or written whole, for it. Thousands of them come at once when
many timers fall due together.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.routing import WorkOrderSupervisionEvent, WorkOrderUrgingEvent
from hotline_events.envelope import Envelope

STEPS = WorkOrderUrgingEvent | WorkOrderSupervisionEvent


def apart(envelopes: Sequence[Envelope]) -> tuple[list[Envelope], dict[UUID, int]]:
    """Return every event of the orders that have more than such steps in this batch, and the newest version of the others."""
    changed = {one.event.work_order_id for one in envelopes if not isinstance(one.event, STEPS)}
    told: list[Envelope] = []
    aged: dict[UUID, int] = {}
    for one in envelopes:
        order_id = one.event.work_order_id
        if order_id in changed:
            told.append(one)
        else:
            aged[order_id] = one.version
    return told, aged


async def age(connection: AsyncConnection, table: str, versions: dict[UUID, int]) -> None:
    """Bring rows of a table up to their order's version; a newer row stays as it is."""
    if versions:
        arguments: dict[str, Any] = {"ids": list(versions), "versions": list(versions.values())}
        await connection.execute(_age(table), arguments)


@cache
def _age(table: str) -> TextClause:
    return text(
        f"update {table} set version = aged.version "
        "from unnest(cast(:ids as uuid[]), cast(:versions as integer[])) as aged (work_order_id, version) "
        f"where {table}.work_order_id = aged.work_order_id and {table}.version < aged.version"
    )
