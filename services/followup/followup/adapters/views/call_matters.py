"""Which matters came by which call: a promise given in a call is as confidential as they are (A144, A145)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake import RequestRegistered
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import put

_DDL = """
create table if not exists call_matters (call_id uuid, request_id uuid, primary key (call_id, request_id))
"""


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    registered = [event for envelope in envelopes if isinstance(event := envelope.event, RequestRegistered)]
    rows = {
        event.request_id: {"call_id": event.call_id, "request_id": event.request_id} for event in registered if event.call_id
    }
    await put(connection, "call_matters", ("call_id", "request_id"), list(rows.values()))


call_matters = View(name="followup.call_matters@1", tables=("call_matters",), ddl=_DDL, sources=("intake",), apply=_apply)


async def matters_of_calls(engine: AsyncEngine, call_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[UUID]]:
    """Answer which matters came by these calls."""
    question = text("select call_id, request_id from call_matters where call_id = any(:calls)")
    question = question.bindparams(bindparam("calls", type_=ARRAY(PG_UUID(as_uuid=True))))
    found: dict[UUID, list[UUID]] = defaultdict(list)
    async with engine.connect() as connection:
        for call_id, request_id in await connection.execute(question, {"calls": list(call_ids)}):
            found[call_id].append(request_id)
    return found
