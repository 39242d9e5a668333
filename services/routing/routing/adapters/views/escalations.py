"""`routing.escalations@1`: which matters lie with which level, and which sensitive periods there are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.routing.escalation import (
    EscalationAnswered,
    EscalationClimbed,
    EscalationClosed,
    EscalationEvent,
    EscalationHandedOver,
    EscalationRaised,
)
from hotline_events.catalogue.routing.sensitive_period import SensitivePeriodOpened
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import Row, put, touched
from hotline_events.store import Store

_DDL = """
create table if not exists escalations (
    escalation_id uuid primary key, version integer not null, position bigint not null, work_order_id uuid not null,
    department text, flag text not null, level text not null, due_at timestamptz, sensitive boolean not null,
    raised_by text not null, raised_at timestamptz not null, since timestamptz not null, climbed integer not null,
    rule_version text not null, answered_by text, answered_at timestamptz);
alter table escalations add column if not exists closed_at timestamptz;
alter table escalations add column if not exists may_answer text[] not null default '{}';
create index if not exists escalations_open on escalations (level, position) where answered_at is null;
create table if not exists sensitive_periods (
    period_id uuid primary key, name_zh text not null, name_en text not null, starts_at timestamptz not null,
    ends_at timestamptz not null, opened_by text not null)
"""
_OVER: Row = {"due_at": None, "may_answer": ()}
_NOT_ENDED: Row = {"answered_by": None, "answered_at": None, "closed_at": None}


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    own = [one for one in envelopes if one.name.startswith("routing.escalation.")]
    ids = list({one.event.escalation_id for one in own})
    rows: dict[UUID, Row] = {
        row["escalation_id"]: row for row in await touched(connection, "escalations", "escalation_id", ids)
    }
    for envelope in own:
        event: EscalationEvent = envelope.event
        row = rows.get(event.escalation_id, {"position": envelope.position, **_NOT_ENDED})
        rows[event.escalation_id] = {**row, **_change(row, event), "version": envelope.version}
    await put(connection, "escalations", ("escalation_id",), list(rows.values()))
    await _apply_periods(connection, [one for one in envelopes if one.name.startswith("routing.sensitive_period.")])


def _change(row: Row, event: EscalationEvent) -> Row:
    match event:
        case EscalationRaised():
            return {
                "escalation_id": event.escalation_id,
                "work_order_id": event.work_order_id,
                "department": event.department,
                "flag": event.flag.value,
                "level": event.level,
                "may_answer": list(event.may_answer),
                "due_at": event.due_at,
                "sensitive": event.sensitive_until is not None,
                "raised_by": event.raised_by,
                "raised_at": event.occurred_at,
                "since": event.occurred_at,
                "climbed": 0,
                "rule_version": event.rule_version,
            }
        case EscalationClimbed():
            where = {"level": event.level, "may_answer": list(event.may_answer), "since": event.occurred_at}
            return {**where, "due_at": event.due_at, "climbed": row["climbed"] + 1}
        case EscalationAnswered():
            answered = {"answered_by": event.answered_by, "answered_at": event.occurred_at}
            return {**answered, **_OVER, "level": event.level}
        case EscalationHandedOver():
            return {"department": event.department}
        case EscalationClosed():
            return {**_OVER, "closed_at": event.occurred_at}


async def _apply_periods(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    ids = list({one.event.period_id for one in envelopes})
    rows: dict[UUID, Row] = {row["period_id"]: row for row in await touched(connection, "sensitive_periods", "period_id", ids)}
    for envelope in envelopes:
        event = envelope.event
        if isinstance(event, SensitivePeriodOpened):
            names = {"period_id": event.period_id, "name_zh": event.name_zh, "name_en": event.name_en}
            rows[event.period_id] = {
                **names, "starts_at": event.starts_at, "ends_at": event.ends_at, "opened_by": event.opened_by,
            }  # fmt: skip
        else:
            row = rows[event.period_id]
            rows[event.period_id] = {**row, "ends_at": min(row["ends_at"], event.occurred_at)}
    await put(connection, "sensitive_periods", ("period_id",), list(rows.values()))


ESCALATIONS = View(
    name="routing.escalations@1", tables=("escalations", "sensitive_periods"), ddl=_DDL, sources=("routing",), apply=_apply
)


async def escalations(
    store: Store, *, bound_to: str | None, is_open: bool | None, level: str | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return escalations, the newest first; a department sees those of its own orders."""
    return await store.rows(
        """select * from escalations
            where (cast(:bound_to as text) is null or department = :bound_to)
              and (cast(:is_open as boolean) is null or (answered_at is null and closed_at is null) = :is_open)
              and (cast(:level as text) is null or level = :level)
              and (cast(:before as bigint) is null or position < :before)
            order by position desc limit :most""",
        bound_to=bound_to,
        is_open=is_open,
        level=level,
        before=before,
        most=limit,
    )


async def sensitive_periods(store: Store, *, before: tuple[datetime, UUID] | None, limit: int) -> list[dict[str, Any]]:
    """Return the sensitive periods, the latest first."""
    starts_at, period_id = before or (None, None)
    return await store.rows(
        """select * from sensitive_periods
            where cast(:starts_at as timestamptz) is null or (starts_at, period_id) < (:starts_at, cast(:period_id as uuid))
            order by starts_at desc, period_id desc limit :most""",
        starts_at=starts_at,
        period_id=period_id,
        most=limit,
    )
