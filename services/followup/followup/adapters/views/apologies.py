"""Which apologies are owed, by which department, and how far they are (A110). A department finds its own only."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from followup.adapters.views.tables import ask, known_rows, of_aggregate, where
from hotline_events.catalogue.followup import (
    ApologyConfirmed,
    ApologyDone,
    ApologyOrdered,
    ApologyOverdue,
    ApologySentBack,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import Row, put
from hotline_events.sealing import box_of


class ApologyStatus(StrEnum):
    """Owed by the department, waiting for the second person, or over."""

    ORDERED = "ordered"
    DONE = "done"
    CONFIRMED = "confirmed"


_DDL = """
create table if not exists apologies (
    apology_id uuid primary key, version integer not null, revisit_id uuid not null, work_order_id uuid not null,
    request_id uuid not null, department text not null, status text not null, ordered_at timestamptz not null,
    due_at timestamptz not null, overdue_at timestamptz, proof text, done_by text, done_at timestamptz,
    sent_back_by text, sent_back_at timestamptz, confirmed_by text, confirmed_at timestamptz, rule_version text not null
);
create index if not exists apologies_by_department on apologies (department, due_at, apology_id);
create index if not exists apologies_by_time on apologies (due_at, apology_id)
"""


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    own = of_aggregate(envelopes, "apology")
    rows = await known_rows(connection, "apologies", "apology_id", {envelope.event.apology_id for envelope in own})
    for envelope in own:
        apology_id = envelope.event.apology_id
        rows[apology_id] = {**rows.get(apology_id, {}), "version": envelope.version, **_change(envelope.event)}
    await put(connection, "apologies", ("apology_id",), list(rows.values()))


apologies = View(name="followup.apologies@1", tables=("apologies",), ddl=_DDL, sources=("followup",), apply=_apply)


def _change(event: object) -> Row:
    match event:
        case ApologyOrdered():
            return {
                "apology_id": event.apology_id,
                "revisit_id": event.revisit_id,
                "work_order_id": event.work_order_id,
                "request_id": event.request_id,
                "department": event.department,
                "status": ApologyStatus.ORDERED,
                "ordered_at": event.occurred_at,
                "due_at": event.due_at,
                "rule_version": event.rule_version,
            }
        case ApologyDone():
            done = {"proof": box_of(event.proof), "done_by": event.done_by, "done_at": event.occurred_at}
            return {"status": ApologyStatus.DONE, **done}
        case ApologySentBack():
            sent_back = {"sent_back_by": event.sent_back_by, "sent_back_at": event.occurred_at}
            return {"status": ApologyStatus.ORDERED, **sent_back}
        case ApologyConfirmed():
            confirmed = {"confirmed_by": event.confirmed_by, "confirmed_at": event.occurred_at}
            return {"status": ApologyStatus.CONFIRMED, **confirmed}
        case ApologyOverdue():
            return {"overdue_at": event.occurred_at}
        case _:
            return {}


_QUESTION = "select a.*, a.proof as proof_box from apologies a"


async def apologies_listed(
    engine: AsyncEngine,
    *,
    bound_to: str | None,
    department: str | None,
    status: ApologyStatus | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Row]:
    """Answer the apologies in the order in which they are due."""
    conditions = where(
        {
            "a.department = :bound_to": bound_to,
            "a.department = :department": department,
            "a.status = :status": status,
            "(a.due_at, a.apology_id) > (:due_at, cast(:apology_id as uuid))": after,
        }
    )
    due_at, apology_id = after or (None, None)
    values: Row = {"bound_to": bound_to, "department": department, "status": status, "limit": limit}
    values |= {"due_at": due_at, "apology_id": apology_id}
    return await ask(engine, f"{_QUESTION} where {conditions} order by a.due_at, a.apology_id limit :limit", values)


async def apology_detail(engine: AsyncEngine, apology_id: UUID, *, bound_to: str | None) -> Row | None:
    """Answer one apology; another department's is not there."""
    conditions = where({"a.apology_id = :apology_id": apology_id, "a.department = :bound_to": bound_to})
    rows = await ask(engine, f"{_QUESTION} where {conditions}", {"apology_id": apology_id, "bound_to": bound_to})
    return rows[0] if rows else None
