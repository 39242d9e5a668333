"""`routing.emergencies@1`: which emergencies are open, who has not said that they know, when the field was last heard of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.routing.emergency import (
    EmergencyAcknowledged,
    EmergencyAcknowledgementMissed,
    EmergencyDeclared,
    EmergencyEvent,
    EmergencyFieldReported,
    EmergencyHandedOver,
    EmergencyHeartbeatMissed,
    EmergencyNotified,
    EmergencySettled,
    EmergencyVehicleDispatched,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import Row, put, touched
from hotline_events.store import Store

_DDL = """
create table if not exists emergencies (
    emergency_id uuid primary key, version integer not null, position bigint not null, request_id uuid not null,
    work_order_id uuid not null, department text, declared_by text not null, declared_at timestamptz not null,
    rule_version text not null, contact integer not null default 0, contacted_at timestamptz, contact_due_at timestamptz,
    heartbeats_missed integer not null default 0, vehicles text[] not null default '{}', settled_at timestamptz);
create index if not exists emergencies_open on emergencies (position) where settled_at is null;
create table if not exists emergency_notices (
    emergency_id uuid, party text, told_at timestamptz not null, acknowledge_by timestamptz not null,
    acknowledged_at timestamptz, acknowledged_by text, missed boolean not null default false,
    primary key (emergency_id, party))
"""


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    own = [one for one in envelopes if one.name.startswith("routing.emergency.")]
    ids = list({one.event.emergency_id for one in own})
    rows: dict[UUID, Row] = {row["emergency_id"]: row for row in await touched(connection, "emergencies", "emergency_id", ids)}
    found = await touched(connection, "emergency_notices", "emergency_id", ids)
    notices: dict[tuple[UUID, str], Row] = {(row["emergency_id"], row["party"]): row for row in found}
    for envelope in own:
        event = envelope.event
        row = rows.get(event.emergency_id, {"heartbeats_missed": 0, "contact": 0, "contacted_at": None, "vehicles": []})
        changed = {"position": envelope.position, **row, **_change(row, event), "version": envelope.version}
        rows[event.emergency_id] = {"settled_at": None, **changed}
        if (notice := _notice(event)) is not None:
            key = (event.emergency_id, notice["party"])
            notices[key] = {**notices.get(key, {}), **notice}
    await put(connection, "emergencies", ("emergency_id",), list(rows.values()))
    await put(connection, "emergency_notices", ("emergency_id", "party"), list(notices.values()))


def _change(row: Row, event: EmergencyEvent) -> Row:
    match event:
        case EmergencyDeclared():
            return {
                "emergency_id": event.emergency_id,
                "request_id": event.request_id,
                "work_order_id": event.work_order_id,
                "department": event.department,
                "declared_by": event.declared_by,
                "declared_at": event.occurred_at,
                "rule_version": event.rule_version,
                "contact_due_at": event.next_due_at,
            }
        case EmergencyHandedOver():
            return {"department": event.department}
        case EmergencyFieldReported():
            told = {"contact": event.contact, "contacted_at": event.occurred_at, "contact_due_at": event.next_due_at}
            return {**told, "heartbeats_missed": 0}
        case EmergencyHeartbeatMissed():
            return {"heartbeats_missed": event.missed, "contact_due_at": event.next_due_at}
        case EmergencyVehicleDispatched():
            return {"vehicles": sorted({*row["vehicles"], event.vehicle})}
        case EmergencySettled():
            return {"settled_at": event.occurred_at}
        case _:
            return {}


def _notice(event: EmergencyEvent) -> Row | None:
    match event:
        case EmergencyNotified():
            told = {"told_at": event.occurred_at, "acknowledge_by": event.acknowledge_by}
            anew = {"acknowledged_at": None, "acknowledged_by": None, "missed": False}
            return {"emergency_id": event.emergency_id, "party": event.party.value, **told, **anew}
        case EmergencyAcknowledged():
            known = {"acknowledged_at": event.occurred_at, "acknowledged_by": event.acknowledged_by}
            return {"party": event.party.value, **known}
        case EmergencyAcknowledgementMissed():
            return {"party": event.party.value, "missed": True}
        case _:
            return None


EMERGENCIES = View(
    name="routing.emergencies@1",
    tables=("emergencies", "emergency_notices"),
    ddl=_DDL,
    sources=("routing",),
    apply=_apply,
)
_QUESTION = """
select e.*, (select json_agg(json_build_object('party', n.party, 'told_at', n.told_at, 'acknowledge_by', n.acknowledge_by,
       'acknowledged_at', n.acknowledged_at, 'acknowledged_by', n.acknowledged_by, 'missed', n.missed) order by n.party)
  from emergency_notices n where n.emergency_id = e.emergency_id) as notices
  from emergencies e
 where (cast(:bound_to as text) is null or e.department = :bound_to)
"""


async def emergencies(
    store: Store, *, bound_to: str | None, is_open: bool | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return emergencies, the newest first; a department sees its own."""
    return await store.rows(
        f"""{_QUESTION}
              and (cast(:is_open as boolean) is null or (e.settled_at is null) = :is_open)
              and (cast(:before as bigint) is null or e.position < :before)
            order by e.position desc limit :most""",
        bound_to=bound_to,
        is_open=is_open,
        before=before,
        most=limit,
    )


async def emergency(store: Store, emergency_id: UUID, *, bound_to: str | None) -> dict[str, Any] | None:
    """Return one emergency, or nothing where it is not there or concerns another department."""
    rows = await store.rows(f"{_QUESTION} and e.emergency_id = :emergency_id", bound_to=bound_to, emergency_id=emergency_id)
    return rows[0] if rows else None


async def overdue(store: Store, now: datetime, *, bound_to: str | None, beyond: int | None, limit: int) -> list[dict[str, Any]]:
    """Return the open emergencies whose field has not been heard of in time, or of which somebody does not know yet."""
    return await store.rows(
        f"""{_QUESTION}
              and e.settled_at is null and (cast(:beyond as bigint) is null or e.position > :beyond)
              and (e.contact_due_at <= :now or exists (select from emergency_notices n where n.emergency_id = e.emergency_id
                   and n.acknowledged_at is null and n.acknowledge_by <= :now))
            order by e.position limit :most""",
        now=now,
        bound_to=bound_to,
        beyond=beyond,
        most=limit,
    )
