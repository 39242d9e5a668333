"""Counting, set-based: one statement a table and moment, grouped by nothing, by department or by day.

Every statement answers a key and counts named as in `Counts`. A department's figures are the rows of that department, in SQL.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_rules.pack import RulePack
from reporting.domain.formulas import SHORT_ABANDON_MS, Counts
from reporting.domain.working_time import Spans, working_days

WHOLE: Final = ""
"""The key of the one group when nothing is grouped."""


class Grouping(StrEnum):
    """What a row of the answer is."""

    WHOLE = "whole"
    DEPARTMENT = "department"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `start` up to, and without, `end`."""

    start: datetime
    end: datetime


_CALLS = """
select {key} as key,
       count(*) as offered,
       count(answered_at) as answered,
       count(*) filter (where answered_at is not null and wait_ms <= :answer_ms) as answered_in_limit,
       coalesce(sum(wait_ms) filter (where answered_at is not null), 0)::bigint as wait_ms,
       count(*) filter (where answered_at is null and abandoned_at is not null
                          and abandon_wait_ms >= :short_ms) as abandoned,
       count(*) filter (where answered_at is not null and ended_at is not null) as handled,
       coalesce(sum(talk_ms + hold_ms + coalesce(wrap_up_ms, 0))
                filter (where answered_at is not null and ended_at is not null), 0)::bigint as handle_ms
from (select *, received_at as moment from calls) as t
where moment >= :start and moment < :end and abandon_stage is distinct from 'menu'
group by 1
"""
_DISPATCHED = """
select {key} as key,
       count(*) as dispatched,
       count(*) filter (where signed_at <= sign_due_at) as signed_in_limit,
       count(*) filter (where contacted_at <= contact_due_at) as contacted_in_limit,
       count(returned_at) as returned
from (select *, dispatched_at as moment from dispatches) as t
where moment >= :start and moment < :end and {mine}
group by 1
"""
_DUE = """
select {key} as key, count(*) as due, count(*) filter (where resolved_at <= resolve_due_at) as due_met
from (select *, resolve_due_at as moment from dispatches) as t
where moment >= :start and moment < :end and {mine}
  and (resolved_at is not null or least(returned_at, superseded_at) is null
       or least(returned_at, superseded_at) > resolve_due_at)
group by 1
"""
_ACCEPTED = """
select {key} as key,
       count(*) as accepted,
       count(*) filter (where answered_directly_at < cut_off or resolved_at < cut_off) as closed
from (select o.*, d.department, d.resolved_at
      from (select work_order_id, answered_directly_at, moment, {cut_off} as cut_off
            from (select *, coalesce(registered_at, opened_registered_at) as moment from orders) as accepted
            where moment >= :start and moment < :end) as o
      left join lateral (select department, resolved_at from dispatches
                         where work_order_id = o.work_order_id and dispatched_at < o.cut_off
                         order by version desc limit 1) as d on true) as t
where {mine}
group by 1
"""
_OWED = """
select {key} as key,
       count(*) as owed,
       count(revisited_at) as revisited,
       count(*) filter (where revisited_at <= deadline_at) as revisited_in_limit
from (select *, scheduled_at as moment from revisits) as t
where moment >= :start and moment < :end and {mine}
group by 1
"""
_ANSWERS = """
select {key} as key,
       count(solved) as asked_solved,
       count(*) filter (where solved) as solved,
       count(satisfied) as asked_satisfied,
       count(*) filter (where satisfied) as satisfied
from (select *, revisited_at as moment from revisits) as t
where moment >= :start and moment < :end and {mine}
group by 1
"""
_REPORTED = """
select {key} as key, first::date, last::date, count(*) as number,
       sum(extract(epoch from dispatched_at - (first at time zone cast(:zone as text)))) as began_after,
       sum(extract(epoch from resolved_at - (last at time zone cast(:zone as text)))) as ended_after
from (select *, resolved_at as moment,
             date_trunc('day', dispatched_at at time zone cast(:zone as text)) as first,
             date_trunc('day', resolved_at at time zone cast(:zone as text)) as last
      from dispatches) as t
where moment >= :start and moment < :end and {mine}
group by 1, 2, 3
"""
_OF_ORDERS = (_DISPATCHED, _DUE, _ACCEPTED, _OWED, _ANSWERS)
_SPANS = ("first", "last", "number", "began_after", "ended_after")
_MINE = "(cast(:department as text) is null or department = :department)"
_LOCAL_DAY = "date_trunc('day', moment at time zone cast(:zone as text))"
_KEYS = {
    Grouping.WHOLE: f"'{WHOLE}'::text",
    Grouping.DEPARTMENT: "department",
    Grouping.DAY: f"to_char({_LOCAL_DAY}, 'YYYY-MM-DD')",
}
# A day is a window of its own, and its cut-off is its end.
_END = "cast(:end as timestamptz)"
_CUT_OFFS = {
    Grouping.WHOLE: _END,
    Grouping.DEPARTMENT: _END,
    Grouping.DAY: f"least({_END}, ({_LOCAL_DAY} + interval '1 day') at time zone cast(:zone as text))",
}


async def count(
    connection: AsyncConnection,
    pack: RulePack,
    window: Window,
    *,
    by: Grouping = Grouping.WHOLE,
    department: str | None = None,
) -> Mapping[str, Counts]:
    """Count everything in a window. Calls are counted only where no department is asked for."""
    values: dict[str, Any] = {
        "start": window.start,
        "end": window.end,
        "zone": pack.timezone.key,
        "department": department,
        "answer_ms": pack.calls.answer_seconds * 1000,
        "short_ms": SHORT_ABANDON_MS,
    }
    statements = _OF_ORDERS if department is not None or by is Grouping.DEPARTMENT else (_CALLS, *_OF_ORDERS)
    found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for statement in statements:
        for row in (await connection.execute(_grouped(statement, by), values)).mappings():
            if row["key"] is not None:
                found[row["key"]].update((name, value) for name, value in row.items() if name != "key")
    counts = defaultdict(Counts, {key: Counts(**named) for key, named in found.items()})
    for key, (reported, days) in (await _worked(connection, pack, by, values)).items():
        counts[key] = replace(counts[key], reported=reported, working_days=days)
    return counts


async def _worked(
    connection: AsyncConnection, pack: RulePack, by: Grouping, values: dict[str, Any]
) -> Mapping[str, tuple[int, Fraction]]:
    """Sum the working days from dispatch to report: by the calendar's own exact arithmetic, over rows as they stream in."""
    worked: dict[str, tuple[int, Fraction]] = {}
    async with connection.stream(_grouped(_REPORTED, by), values) as rows:
        async for key, *summed in rows:
            reported, days = worked.get(key, (0, Fraction(0)))
            spans = Spans(**dict(zip(_SPANS, summed, strict=True)))
            worked[key] = reported + spans.number, days + working_days(spans, pack.calendar)
    return worked


def _grouped(statement: str, by: Grouping) -> TextClause:
    return text(statement.format(key=_KEYS[by], mine=_MINE, cut_off=_CUT_OFFS[by]))
