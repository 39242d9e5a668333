"""The revisit desk's read model: which revisits are owed, and what the caller asked for and was told.

Each table hears one service only, so the tables are the same however the services' events interleave; a question puts them
together. Texts stay sealed here. When a person is erased their boxes are hidden by every question, and no key opens them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_chassis.confidentiality import VIEW as CONFIDENTIALITY
from hotline_events.catalogue.followup import (
    RevisitAttempted,
    RevisitCameDue,
    RevisitClosed,
    Revisited,
    RevisitLimitPassed,
    RevisitScheduled,
    ReworkOrdered,
)
from hotline_events.catalogue.intake import PersonErased, RequestRegistered
from hotline_events.catalogue.routing import WorkOrderResolved
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.sealing import Sealed

Row = dict[str, Any]


class RevisitStatus(StrEnum):
    """Where a revisit stands on the desk's list: waiting for its moment, to be made now, or over."""

    SCHEDULED = "scheduled"
    DUE = "due"
    CLOSED = "closed"


_DDL = """
create table if not exists revisits (
    revisit_id uuid primary key, version integer not null, work_order_id uuid not null, request_id uuid not null,
    requester_id uuid not null, department text not null, round integer not null, status text not null,
    scheduled_at timestamptz not null, due_at timestamptz not null, deadline_at timestamptz not null,
    rule_version text not null,
    limit_passed_at timestamptz, attempts integer not null, last_outcome text, solved boolean, satisfied boolean, reason text,
    immediate_after_service boolean, revisited_by text, revisited_at timestamptz,
    closed_as text, rework_round integer, closed_at timestamptz
);
create index if not exists revisits_by_status on revisits (status, due_at, revisit_id);
create index if not exists revisits_by_department on revisits (department, due_at, revisit_id);
create index if not exists revisits_by_work_order on revisits (work_order_id, round);
create table if not exists matters (
    request_id uuid primary key, requester_id uuid not null, request_type text not null, channel text not null, title text,
    registered_at timestamptz not null
);
create index if not exists matters_by_requester on matters (requester_id);
create table if not exists erased_persons (person_id uuid primary key, erased_at timestamptz not null);
create table if not exists replies (
    work_order_id uuid, round integer, reply text not null, resolved_by text not null, resolved_at timestamptz not null,
    primary key (work_order_id, round)
)
"""


async def apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    """Apply events of one service, in order."""
    await _APPLY[envelopes[0].name.partition(".")[0]](connection, envelopes)


async def _apply_followup(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    ids = list({envelope.event.revisit_id for envelope in envelopes})
    found = await connection.execute(_TOUCHED, {"ids": ids})
    rows: dict[UUID, Row] = {row["revisit_id"]: dict(row) for row in found.mappings()}
    for envelope in envelopes:
        revisit_id = envelope.event.revisit_id
        rows[revisit_id] = {**rows.get(revisit_id, {}), "version": envelope.version, **_change(envelope.event)}
    await _put(connection, "revisits", ("revisit_id",), list(rows.values()))


async def _apply_intake(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    events = [envelope.event for envelope in envelopes]
    matters = {event.request_id: _matter(event) for event in events if isinstance(event, RequestRegistered)}
    erased = {
        event.person_id: {"person_id": event.person_id, "erased_at": event.occurred_at}
        for event in events
        if isinstance(event, PersonErased)
    }
    await _put(connection, "matters", ("request_id",), list(matters.values()))
    await _put(connection, "erased_persons", ("person_id",), list(erased.values()))
    await connection.execute(_DROP_TITLES, {"matters": list(matters), "erased": list(erased)})


async def _apply_routing(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    events = [envelope.event for envelope in envelopes if isinstance(envelope.event, WorkOrderResolved)]
    replies = {(event.work_order_id, event.round): _reply(event) for event in events}
    await _put(connection, "replies", ("work_order_id", "round"), list(replies.values()))


_APPLY: Final[Mapping[str, Callable[[AsyncConnection, Sequence[Envelope]], Any]]] = {
    "followup": _apply_followup,
    "intake": _apply_intake,
    "routing": _apply_routing,
}

revisits = View(
    name="followup.revisits@1",
    tables=("revisits", "matters", "erased_persons", "replies"),
    ddl=_DDL,
    sources=("followup", "routing", "intake"),
    apply=apply,
)
VIEWS = (revisits, CONFIDENTIALITY)


def _change(event: object) -> Row:
    """Say which columns of its revisit an event sets."""
    match event:
        case RevisitScheduled():
            return _owed(event)
        case RevisitCameDue():
            return {"status": RevisitStatus.DUE}
        case RevisitAttempted():
            put_off = {"due_at": event.next_at} if event.next_at else {}
            return {"status": RevisitStatus.SCHEDULED, "attempts": event.attempt, "last_outcome": event.outcome, **put_off}
        case Revisited():
            return _answer(event)
        case ReworkOrdered():
            return {"rework_round": event.round, "closed_at": event.occurred_at}
        case RevisitClosed():
            return {"status": RevisitStatus.CLOSED, "closed_as": event.closed_as, "closed_at": event.occurred_at}
        case RevisitLimitPassed():
            return {"limit_passed_at": event.occurred_at}
        case _:
            return {}


def _owed(event: RevisitScheduled) -> Row:
    return {
        "revisit_id": event.revisit_id,
        "work_order_id": event.work_order_id,
        "request_id": event.request_id,
        "requester_id": event.requester_id,
        "department": event.department,
        "round": event.round,
        "status": RevisitStatus.SCHEDULED,
        "scheduled_at": event.occurred_at,
        "due_at": event.due_at,
        "deadline_at": event.deadline_at,
        "rule_version": event.rule_version,
        "attempts": 0,
    }


def _answer(event: Revisited) -> Row:
    return {
        "status": RevisitStatus.CLOSED,
        "solved": event.solved,
        "satisfied": event.satisfied,
        "reason": _box(event.reason),
        "immediate_after_service": event.immediate_after_service,
        "revisited_by": event.revisited_by,
        "revisited_at": event.occurred_at,
    }


def _matter(event: RequestRegistered) -> Row:
    return {
        "request_id": event.request_id,
        "requester_id": event.requester_id,
        "request_type": event.request_type,
        "channel": event.channel,
        "title": _box(event.title),
        "registered_at": event.occurred_at,
    }


def _reply(event: WorkOrderResolved) -> Row:
    return {
        "work_order_id": event.work_order_id,
        "round": event.round,
        "reply": _box(event.reply),
        "resolved_by": event.resolved_by,
        "resolved_at": event.occurred_at,
    }


def _box(sealed: Sealed | None) -> str | None:
    return sealed.box if sealed else None


_TOUCHED = text("select * from revisits where revisit_id = any(:ids)")
_DROP_TITLES = text(
    """update matters set title = null
        where (request_id = any(:matters) or requester_id = any(:erased))
          and requester_id in (select person_id from erased_persons)"""
)


async def _put(connection: AsyncConnection, table: str, key: tuple[str, ...], rows: list[Row]) -> None:
    """Write whole rows in one statement, over those that are there."""
    if not rows:
        return
    columns = sorted({column for row in rows for column in row})
    values = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in key)
    await connection.execute(
        text(
            f"""insert into {table} ({", ".join(columns)})
                select {", ".join(columns)} from json_populate_recordset(null::{table}, cast(:rows as json))
                    on conflict ({", ".join(key)}) do update set {values}"""
        ),
        {"rows": json.dumps(rows, default=_plain)},
    )


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


_QUESTION = """
select r.*, m.request_type, m.channel, s.resolved_by, s.resolved_at, e.person_id is not null as erased,
       case when e.person_id is null then m.title end as title_box,
       case when e.person_id is null then s.reply end as reply_box,
       case when e.person_id is null then r.reason end as reason_box
  from revisits r
  left join matters m on m.request_id = r.request_id
  left join replies s on s.work_order_id = r.work_order_id and s.round = r.round
  left join erased_persons e on e.person_id = r.requester_id
"""


async def revisits_listed(
    engine: AsyncEngine,
    *,
    status: RevisitStatus | None,
    department: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Row]:
    """Answer the revisits in the order in which they are due."""
    conditions = {
        "r.status = :status": status,
        "r.department = :department": department,
        "(r.due_at, r.revisit_id) > (:due_at, cast(:revisit_id as uuid))": after,
    }
    wanted = " and ".join(condition for condition, value in conditions.items() if value is not None) or "true"
    due_at, revisit_id = after or (None, None)
    return await _ask(
        engine,
        f"{_QUESTION} where {wanted} order by r.due_at, r.revisit_id limit :limit",
        {"status": status, "department": department, "due_at": due_at, "revisit_id": revisit_id, "limit": limit},
    )


async def revisit_detail(engine: AsyncEngine, revisit_id: UUID) -> Row | None:
    """Answer one revisit."""
    rows = await _ask(engine, f"{_QUESTION} where r.revisit_id = :revisit_id", {"revisit_id": revisit_id})
    return rows[0] if rows else None


async def revisits_of_work_order(engine: AsyncEngine, work_order_id: UUID) -> list[Row]:
    """Answer the revisits of an order, one a round."""
    question = f"{_QUESTION} where r.work_order_id = :work_order_id order by r.round, r.scheduled_at, r.revisit_id"
    return await _ask(engine, question, {"work_order_id": work_order_id})


async def _ask(engine: AsyncEngine, question: str, values: Mapping[str, Any]) -> list[Row]:
    named = {name: value for name, value in values.items() if f":{name}" in question}
    ids = [bindparam(name, type_=PG_UUID(as_uuid=True)) for name in named if name.endswith("_id")]
    async with engine.connect() as connection:
        found = await connection.execute(text(question).bindparams(*ids), named)
        return [dict(row) for row in found.mappings()]
