"""Alarms of a line: those that were raised, and the calls that met its telephone engaged by another line (A61).

That two lines ring at one telephone is known from the lines, that a call met it engaged from the calls: so it is found whatever
order they were entered in.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline_events.store import Store

_ALARMS = """
with wrong as (
    select alarm_id, kind, raised_at, call_id, handset, other_lines, waited_ms from line_alarms where line = :line
    union all
    select c.call_id, 'engaged', c.received_at, c.call_id, l.handset, json_agg(distinct b.line), null
      from calls c join lines l on l.line = c.line
      join lines o on o.handset = l.handset and o.line <> l.line
      join calls b on b.line = o.line and b.answered_at <= c.received_at
                  and (b.ended_at is null or b.ended_at > c.received_at)
     where c.line = :line group by c.call_id, c.received_at, l.handset)
select alarm_id, kind, raised_at, call_id, handset, other_lines, waited_ms from wrong
 where cast(:at as timestamptz) is null or (raised_at, alarm_id) < (:at, cast(:alarm_id as uuid))
 order by raised_at desc, alarm_id desc limit :most"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRow:
    """Something wrong with a line."""

    alarm_id: UUID
    kind: str
    raised_at: datetime
    call_id: UUID | None
    handset: str | None
    other_lines: list[str] | None
    waited_ms: int | None


async def alarms(store: Store, line: str, after: tuple[datetime, UUID] | None, limit: int) -> list[AlarmRow]:
    """Return what was wrong with a line, newest first."""
    rows = await store.rows(
        _ALARMS, line=line, at=after[0] if after else None, alarm_id=after[1] if after else None, most=limit
    )
    return [AlarmRow(**row) for row in rows]
