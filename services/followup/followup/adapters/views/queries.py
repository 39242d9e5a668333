"""The questions that the revisit desk, the first contact and the second person ask of the revisits."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from followup.adapters.views.revisits import RevisitStatus
from followup.adapters.views.tables import ask, where
from hotline_events.rows import Row

_QUESTION = """
select r.*, m.request_type, m.channel as request_channel, coalesce(r.first_contact, m.met_by) as owed_by,
       s.resolved_by, s.resolved_at, e.person_id is not null as erased,
       case when e.person_id is null then m.title end as title_box,
       case when e.person_id is null then s.reply end as reply_box,
       case when e.person_id is null then r.reason end as reason_box,
       case when e.person_id is null then r.suggestion end as suggestion_box,
       case when e.person_id is null then r.evidence end as evidence_box
  from revisits r
  left join matters m on m.request_id = r.request_id
  left join replies s on s.work_order_id = r.work_order_id and s.round = r.round
  left join erased_persons e on e.person_id = r.requester_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which revisits a list is to show; what is None is not asked for. A revisit that is owed by someone is not over."""

    status: RevisitStatus | None = None
    department: str | None = None
    owed_by: str | None = None
    due_from: datetime | None = None
    due_until: datetime | None = None


async def revisits_listed(engine: AsyncEngine, wanted: Wanted, *, after: tuple[datetime, UUID] | None, limit: int) -> list[Row]:
    """Answer the revisits in the order in which they are due."""
    wanted_rows = where(
        {
            "r.status = :status": wanted.status,
            "r.department = :department": wanted.department,
            "coalesce(r.first_contact, m.met_by) = :owed_by and r.status <> 'closed'": wanted.owed_by,
            "r.due_at >= :due_from": wanted.due_from,
            "r.due_at < :due_until": wanted.due_until,
            "(r.due_at, r.revisit_id) > (:due_at, cast(:revisit_id as uuid))": after,
        }
    )
    due_at, revisit_id = after or (None, None)
    values: Row = {"status": wanted.status, "department": wanted.department, "owed_by": wanted.owed_by, "limit": limit}
    values |= {"due_from": wanted.due_from, "due_until": wanted.due_until, "due_at": due_at, "revisit_id": revisit_id}
    return await ask(engine, f"{_QUESTION} where {wanted_rows} order by r.due_at, r.revisit_id limit :limit", values)


async def revisit_detail(engine: AsyncEngine, revisit_id: UUID) -> Row | None:
    """Answer one revisit."""
    rows = await ask(engine, f"{_QUESTION} where r.revisit_id = :revisit_id", {"revisit_id": revisit_id})
    return rows[0] if rows else None


async def revisits_of_work_order(
    engine: AsyncEngine, work_order_id: UUID, *, after: tuple[int, UUID] | None, limit: int
) -> list[Row]:
    """Answer the revisits of an order, one a round."""
    beyond = "and (r.round, r.revisit_id) > (:round, cast(:revisit_id as uuid))" if after else ""
    turn, revisit_id = after or (None, None)
    values: Row = {"work_order_id": work_order_id, "round": turn, "revisit_id": revisit_id, "limit": limit}
    question = f"{_QUESTION} where r.work_order_id = :work_order_id {beyond} order by r.round, r.revisit_id limit :limit"
    return await ask(engine, question, values)


async def is_owed_by(engine: AsyncEngine, revisit_id: UUID, actor: str) -> bool:
    """Say whether somebody met the caller first and so owes them this revisit (A68)."""
    question = """select 1 from revisits r left join matters m on m.request_id = r.request_id
                   where r.revisit_id = :revisit_id and coalesce(r.first_contact, m.met_by) = :actor"""
    return bool(await ask(engine, question, {"revisit_id": revisit_id, "actor": actor}))


async def half_days(engine: AsyncEngine, *, timezone: str, noon: time, after: datetime | None, limit: int) -> list[Row]:
    """Count what the desk has to do, by the half-day on which it is due (A100)."""
    beyond = "where starts_at > :after" if after else ""
    question = f"""
        select * from (
            select (day + case when half = 'morning' then time '00:00' else cast(:noon as time) end)
                       at time zone :timezone as starts_at,
                   day, half, count(*) as owed, count(*) filter (where status = 'due') as due,
                   count(*) filter (where limit_passed_at is not null) as late
              from (select status, limit_passed_at, cast(due_at at time zone :timezone as date) as day,
                           case when cast(due_at at time zone :timezone as time) < cast(:noon as time)
                                then 'morning' else 'afternoon' end as half
                      from revisits where status in ('scheduled', 'due')) each
             group by day, half) counted
         {beyond} order by starts_at limit :limit"""
    return await ask(engine, question, {"timezone": timezone, "noon": noon, "after": after, "limit": limit})


async def deferred(engine: AsyncEngine, *, after: tuple[datetime, UUID, int] | None, limit: int) -> list[Row]:
    """Answer what was put off, in the order in which that was decided (A101)."""
    beyond = "where (deferred_at, revisit_id, version) > (:deferred_at, cast(:revisit_id as uuid), :version)" if after else ""
    deferred_at, revisit_id, version = after or (None, None, None)
    values: Row = {"deferred_at": deferred_at, "revisit_id": revisit_id, "version": version, "limit": limit}
    return await ask(engine, f"select * from deferrals {beyond} order by deferred_at, revisit_id, version limit :limit", values)
