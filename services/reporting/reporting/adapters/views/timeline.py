"""`reporting.timeline`: everything that happened to a matter, from every service, in order.

The busiest read model: one statement a batch, and of each event only attributes are read. The payload is kept as it was
stored, its sealed texts still in their boxes: reporting has no key to open them, and after an erasure nobody has.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.envelope import Envelope
from hotline_events.projection import View
from reporting.domain.rulebook import EVENTS

_DATA = ',"data":'
_COLUMNS = {
    "source": "text",
    "position": "bigint",
    "event_id": "uuid",
    "name": "text",
    "schema_version": "int",
    "stream": "text",
    "version": "int",
    "request_id": "uuid",
    "work_order_id": "uuid",
    "call_id": "uuid",
    "revisit_id": "uuid",
    "occurred_at": "timestamptz",
    "recorded_at": "timestamptz",
    "actor_role": "text",
    "actor_department": "text",
    "payload": "text",
}
_NULLABLE = {"request_id", "work_order_id", "call_id", "revisit_id", "actor_department"}
# Written out, so that the planner sees that the small index holds all that is counted.
_OF_THE_RULEBOOK = f"name in {EVENTS!r}"
_DDL = f"""
create table if not exists timeline (
    {", ".join(f"{name} {kind}{'' if name in _NULLABLE else ' not null'}" for name, kind in _COLUMNS.items())},
    primary key (source, position));
create index if not exists timeline_request on timeline (request_id) where request_id is not null;
create index if not exists timeline_call on timeline (call_id) where call_id is not null and request_id is null;
drop index if exists timeline_rulebook;
create index if not exists timeline_of_the_rulebook on timeline (occurred_at) where {_OF_THE_RULEBOOK}
"""
_INSERT = (
    f"insert into timeline ({', '.join(_COLUMNS)}) select * from unnest("
    f"{', '.join(f'${place}::{kind}[]' for place, kind in enumerate(_COLUMNS.values(), 1))}) on conflict do nothing"
)
_SHOWN = "source, position, event_id, name, stream, version, occurred_at, recorded_at, actor_role, actor_department, payload"
_COUNT = text(f"""
select name, coalesce(payload::json ->> 'limit', payload::json ->> 'card', payload::json ->> 'because', ''), count(*)
from timeline
where {_OF_THE_RULEBOOK} and occurred_at >= :start and occurred_at < :end
  and (cast(:department as text) is null or payload::json ->> 'department' = :department)
group by 1, 2
""")
# Two selects, not one `or`: each of them finds its rows by an index.
_OF_REQUEST = text(f"""
select {_SHOWN} from timeline where request_id = :request_id
union all
select {_SHOWN} from timeline
where request_id is null
  and call_id = any(array(select call_id from timeline where request_id = :request_id and call_id is not null))
order by occurred_at, recorded_at, source, position
""")


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    rows = [_row(envelope) for envelope in envelopes]
    await connection.exec_driver_sql(_INSERT, tuple(zip(*rows, strict=True)))


def _row(envelope: Envelope) -> tuple[Any, ...]:
    """Return one row. The payload is cut out of the published bytes: `data` is their last attribute, and inside a string
    of an earlier one the mark cannot stand, because its quotes would be escaped.
    """
    event, raw, actor = envelope.event, envelope.raw, envelope.actor
    return (
        envelope.name.partition(".")[0],
        envelope.position,
        envelope.id,
        envelope.name,
        envelope.schema_version,
        envelope.stream,
        envelope.version,
        getattr(event, "request_id", None),
        getattr(event, "work_order_id", None),
        getattr(event, "call_id", None),
        getattr(event, "revisit_id", None),
        envelope.occurred_at,
        envelope.recorded_at,
        actor.role,
        actor.department,
        raw[raw.index(_DATA) + len(_DATA) : -1],
    )


VIEW = View(
    name="reporting.timeline@1",
    tables=("timeline",),
    ddl=_DDL,
    sources=("intake", "routing", "followup"),
    apply=_apply,
)


async def timeline(connection: AsyncConnection, request_id: UUID) -> Sequence[Any]:
    """Return what happened to a request and in the call it came from, in the order in which it happened."""
    return (await connection.execute(_OF_REQUEST, {"request_id": request_id})).all()


async def counted(
    connection: AsyncConnection, start: datetime, end: datetime, *, department: str | None
) -> dict[tuple[str, str], int]:
    """Count the events of the rulebook's measures by name and by the limit, the card or the cause that they name."""
    asked = {"start": start, "end": end, "department": department}
    return {(name, kind): count for name, kind, count in await connection.execute(_COUNT, asked)}
