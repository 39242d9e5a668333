"""`routing.instructions@1`: what superiors have asked for, and which departments have said that they have it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.routing.instruction import (
    InstructionAcknowledged,
    InstructionAcknowledgementMissed,
    InstructionRelayed,
    InstructionReported,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import Row, put, touched
from hotline_events.store import Store

_DDL = """
create table if not exists instructions (
    instruction_id uuid primary key, position bigint not null, superior_id uuid not null, words text not null,
    work_order_id uuid, reported_to text not null, reported_by text not null, reported_at timestamptz not null);
create index if not exists instructions_by_position on instructions (position);
create table if not exists instruction_relays (
    instruction_id uuid, department text, relayed_at timestamptz not null, acknowledge_by timestamptz not null,
    acknowledged_at timestamptz, acknowledged_by text, missed boolean not null default false,
    primary key (instruction_id, department));
create index if not exists instruction_relays_by_department on instruction_relays (department, instruction_id)
"""


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    own = [one for one in envelopes if one.name.startswith("routing.instruction.")]
    reported = [_reported(one) for one in own if isinstance(one.event, InstructionReported)]
    await put(connection, "instructions", ("instruction_id",), reported)
    ids = list({one.event.instruction_id for one in own})
    found = await touched(connection, "instruction_relays", "instruction_id", ids)
    relays: dict[tuple[UUID, str], Row] = {(row["instruction_id"], row["department"]): row for row in found}
    for envelope in own:
        event = envelope.event
        if isinstance(event, InstructionReported):
            continue
        key = (event.instruction_id, event.department)
        blank = {"instruction_id": key[0], "department": key[1], "acknowledged_at": None, "acknowledged_by": None}
        relays[key] = {**blank, "missed": False, **relays.get(key, {}), **_change(event)}
    await put(connection, "instruction_relays", ("instruction_id", "department"), list(relays.values()))


def _reported(envelope: Envelope) -> Row:
    event: InstructionReported = envelope.event
    return {
        "instruction_id": event.instruction_id,
        "position": envelope.position,
        "superior_id": event.superior_id,
        "words": event.words.box,
        "work_order_id": event.work_order_id,
        "reported_to": event.reported_to,
        "reported_by": event.reported_by,
        "reported_at": event.occurred_at,
    }


def _change(event: InstructionRelayed | InstructionAcknowledged | InstructionAcknowledgementMissed) -> Row:
    match event:
        case InstructionRelayed():
            return {"relayed_at": event.occurred_at, "acknowledge_by": event.acknowledge_by}
        case InstructionAcknowledged():
            return {"acknowledged_at": event.occurred_at, "acknowledged_by": event.acknowledged_by}
        case InstructionAcknowledgementMissed():
            return {"missed": True}


INSTRUCTIONS = View(
    name="routing.instructions@1",
    tables=("instructions", "instruction_relays"),
    ddl=_DDL,
    sources=("routing",),
    apply=_apply,
)


async def instructions(store: Store, *, bound_to: str | None, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Return instructions, the newest first; a department sees those relayed to it, and only its own acknowledgement."""
    return await store.rows(
        """select i.*, (select json_agg(json_build_object('department', r.department, 'relayed_at', r.relayed_at,
                  'acknowledge_by', r.acknowledge_by, 'acknowledged_at', r.acknowledged_at,
                  'acknowledged_by', r.acknowledged_by, 'missed', r.missed) order by r.department)
             from instruction_relays r where r.instruction_id = i.instruction_id
              and (cast(:bound_to as text) is null or r.department = :bound_to)) as relays
             from instructions i
            where (cast(:bound_to as text) is null or exists (select from instruction_relays r
                   where r.instruction_id = i.instruction_id and r.department = :bound_to))
              and (cast(:before as bigint) is null or i.position < :before)
            order by i.position desc limit :most""",
        bound_to=bound_to,
        before=before,
        most=limit,
    )
