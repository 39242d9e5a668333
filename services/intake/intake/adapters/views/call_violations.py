"""What was left out in calls, by rule and by call taker: what a shift leader goes through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake import CallRuleViolated, CallViolationWithdrawn
from hotline_events.envelope import Envelope
from hotline_events.projection import View

NAME = "intake.call_violations@1"
_DDL = """
create table if not exists call_violations (
    call_id uuid, rule text, step text, agent_id text, position bigint not null, occurred_at timestamptz not null,
    primary key (call_id, rule, step));
create index if not exists call_violations_newest on call_violations (position desc)
"""
_INSERT = """
insert into call_violations
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[])
on conflict do nothing"""

_DELETE = """
delete from call_violations using unnest($1::uuid[], $2::text[], $3::text[]) gone (call_id, rule, step)
 where call_violations.call_id = gone.call_id and call_violations.rule = gone.rule and call_violations.step = gone.step"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationRow:
    """A rule that was broken in a call."""

    call_id: UUID
    rule: str
    step: str
    agent_id: str | None
    position: int
    occurred_at: datetime


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    """Keep what stands at the end of a batch: what was withdrawn was no violation."""
    found: dict[tuple[UUID, str, str], tuple[object, ...] | None] = {}
    for one in envelopes:
        match one.event:
            case CallRuleViolated() as event:
                found[event.call_id, event.rule, event.step] = (event.agent_id, one.position, event.occurred_at)
            case CallViolationWithdrawn() as event:
                found[event.call_id, event.rule, event.step] = None
            case _:
                continue
    kept = [(*key, *rest) for key, rest in found.items() if rest is not None]
    gone = [key for key, rest in found.items() if rest is None]
    for statement, rows in ((_INSERT, kept), (_DELETE, gone)):
        if rows:
            await connection.exec_driver_sql(statement, tuple(list(column) for column in zip(*rows, strict=True)))


VIEW = View(name=NAME, tables=("call_violations",), ddl=_DDL, sources=("intake",), apply=_apply)


async def violations(
    engine: AsyncEngine, filters: dict[str, str | UUID | None], after: tuple[int] | None, limit: int
) -> Sequence[ViolationRow]:
    """Return violations, newest first, of one rule, call or call taker when that is named."""
    values: dict[str, Any] = {name: value for name, value in filters.items() if value is not None}
    conditions = [f"{name} = :{name}" for name in values]
    if after:
        conditions.append("position < :position")
        values["position"] = after[0]
    where = f"where {' and '.join(conditions)}" if conditions else ""
    statement = text(
        f"select call_id, rule, step, agent_id, position, occurred_at from call_violations {where}"
        " order by position desc limit :limit"
    )
    async with engine.connect() as connection:
        found = await connection.execute(statement, {**values, "limit": limit})
        return [ViolationRow(**row._asdict()) for row in found.all()]
