"""What is asked of the duty read model: who was on duty, was the line covered, what is unfinished, which faults there were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hotline_events.catalogue.intake import OpenItem, OpenItemKind
from hotline_events.store import Store
from intake.domain.coverage import Interval, Turn, gaps, uncovered

_ON_DUTY = """
with there as (
    select shift_id, staff_id, tier, stands_in_for, since, left_at,
           exists (select 1 from shift_breaks b where b.shift_id = p.shift_id and b.staff_id = p.staff_id
                      and b.began_at <= :at and (b.ended_at is null or b.ended_at > :at)) as on_break
      from shift_presences p where since <= :at and (left_at is null or left_at > :at)),
due as (
    select p.shift_id, p.staff_id, p.tier from shift_posts p join shifts s using (shift_id)
     where greatest(p.since, s.starts_at) <= :at and :at < least(coalesce(p.until, s.ends_at), s.ends_at))
select s.shift_id, s.name, s.day, coalesce(due.staff_id, there.staff_id) as staff_id, coalesce(due.tier, there.tier) as tier,
       due.staff_id is not null as rostered, there.staff_id is not null as present, coalesce(there.on_break, false) as on_break,
       there.stands_in_for, there.since as checked_in_at
  from due full join there using (shift_id, staff_id) join shifts s on s.shift_id = coalesce(due.shift_id, there.shift_id)
 where s.line = :line order by s.starts_at, 5, 4"""
_TURNS = """
select p.since, p.left_at,
       (select min(q.since) from shift_posts q where q.shift_id = p.shift_id and q.staff_id = p.staff_id
           and (q.until is null or q.until > p.since)) as rostered_from,
       array(select b.began_at from shift_breaks b where b.shift_id = p.shift_id and b.staff_id = p.staff_id
              order by b.began_at) as began,
       array(select b.ended_at from shift_breaks b where b.shift_id = p.shift_id and b.staff_id = p.staff_id
              order by b.began_at) as ended
  from shift_presences p join shifts s using (shift_id)
 where s.line = :line and p.tier = s.answering_tier and p.since < :until and (p.left_at is null or p.left_at > :since)"""
_ROSTERED = """
select greatest(p.since, s.starts_at), least(coalesce(p.until, s.ends_at), s.ends_at)
  from shift_posts p join shifts s using (shift_id)
 where s.line = :line and p.tier = s.answering_tier and s.starts_at < :until and s.ends_at > :since"""
_UNROSTERED = """
select l.line, l.name_zh, l.name_en, (select max(s.ends_at) from shifts s where s.line = l.line) as rostered_until from lines l
 where l.round_the_clock and not exists (
       select 1 from shifts s where s.line = l.line and s.starts_at <= :at and :at < s.ends_at)
   and (cast(:after as text) is null or l.line > :after) order by l.line limit :most"""
_BESIDE = """
select n.shift_id from shifts s join shifts n on n.line = s.line and (n.ends_at = s.starts_at or n.starts_at = s.ends_at)
 where s.shift_id = :shift_id order by n.starts_at"""
_FAULT = "fault_id, shift_id, line, kind, staff_id, stands_in_for, late_ms, found_by, began_at, detected_at, withdrawn_at"
# What somebody took on, or signed for, and did not hand on since: by kind, where it lies, whose it was, and when it is open.
_ITEMS = (
    ("call", "calls", "call_id", "agent_id", "t.status in ('answered', 'held', 'ended')"),
    (
        "request", "requests", "request_id", "first_contact",
        "t.complete_by is not null and (t.completed_version is null or t.retyped_version > t.completed_version)",
    ),
    (
        "promise", "desk_promises", "promise_id", "promised_by",
        "not exists (select 1 from kept_promises k where k.promise_id = t.promise_id)",
    ),
    (
        "relay", "relays", "relay_id", "taken_by",
        "(t.acknowledged_at is null or (t.answer_by is not null and t.answered_at is null))",
    ),
)  # fmt: skip
_OWN_OR_SIGNED = " union ".join(
    f"select '{kind}' as kind, t.{key} as item_id from {table} t where t.{owner} = :staff_id and {still_open} union "
    f"select '{kind}', t.{key} from {table} t join signed s on s.kind = '{kind}' and s.item_id = t.{key} where {still_open}"
    for kind, table, key, owner, still_open in _ITEMS
)
_OPEN_ITEMS = f"""
with signed as (
    select distinct on (i.kind, i.item_id) i.kind, i.item_id, h.to_staff = :staff_id as held
      from handovers h cross join json_to_recordset(h.items) as i (kind text, item_id uuid)
     where h.status = 'accepted' and (h.to_staff = :staff_id or h.from_staff = :staff_id)
     order by i.kind, i.item_id, h.answered_at desc)
select * from (
{_OWN_OR_SIGNED}
    union select 'request', r.request_id from requests r left join calls c on c.call_id = r.call_id
     where r.first_contact = :staff_id and r.registered_at >= :since and r.complete_by is null
       and r.answered_at is null and r.completed_at is null and (c.call_id is null or c.status <> 'wrapped_up')
) as t where not exists (select 1 from signed s where s.kind = t.kind and s.item_id = t.item_id and not s.held)
union
select 'missed_call', call_id from missed_calls where line = :line and ended_at is null
 order by 1, 2"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDuty:
    """One person at a moment: on the roster, at the post, or both."""

    shift_id: UUID
    name: str
    day: Any
    staff_id: str
    tier: str
    rostered: bool
    present: bool
    on_break: bool
    stands_in_for: str | None
    checked_in_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrosteredRow:
    """A line of 24 hours without a roster for a moment that comes, and until when the last shift of its rosters goes."""

    line: str
    name_zh: str
    name_en: str
    rostered_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRow:
    """A fault of duty."""

    fault_id: UUID
    shift_id: UUID
    line: str
    kind: str
    staff_id: str | None
    stands_in_for: str | None
    late_ms: int | None
    found_by: str | None
    began_at: datetime
    detected_at: datetime
    withdrawn_at: datetime | None


async def on_duty(store: Store, line: str, at: datetime) -> list[OnDuty]:
    """Return who was on the roster and who was there at a moment (A128)."""
    rows = await store.rows(_ON_DUTY, line=line, at=at)
    return [OnDuty(**row) for row in rows]


async def answering(store: Store, line: str, at: datetime) -> tuple[list[str], list[str]]:
    """Return who answers a line at a moment, and its duty chiefs then, there or not (A60)."""
    people = await on_duty(store, line, at)
    officers = [one.staff_id for one in people if one.tier == "duty_officer" and one.present and not one.on_break]
    return officers, [one.staff_id for one in people if one.tier == "duty_chief"]


async def actual_gaps(store: Store, line: str, window: Interval, now: datetime) -> list[Interval]:
    """Return when nobody rostered was signed in, as far as time has come (A06)."""
    until = min(window.end, now)
    if until <= window.start:
        return []
    rows = await store.execute(_TURNS, line=line, since=window.start, until=until)
    turns = [
        Turn(signed_in_at=since, left_at=left, rostered_from=rostered, breaks=tuple(zip(began, ended, strict=True)))
        for since, left, rostered, began, ended in rows
    ]
    return uncovered(Interval(window.start, until), turns)


async def planned_gaps(store: Store, line: str, window: Interval) -> list[Interval]:
    """Return when the roster has nobody (A06)."""
    rows = await store.execute(_ROSTERED, line=line, since=window.start, until=window.end)
    return gaps(window, [Interval(start, end) for start, end in rows if start < end])


async def unrostered(store: Store, at: datetime, *, after: str | None, limit: int) -> list[UnrosteredRow]:
    """Return the lines of 24 hours whose rosters have no shift for a moment (A06)."""
    rows = await store.rows(_UNROSTERED, at=at, after=after, most=limit)
    return [UnrosteredRow(**row) for row in rows]


async def shifts_beside(store: Store, shift_id: UUID) -> list[UUID]:
    """Return the shifts of the same line that end where this one begins or begin where it ends."""
    return [row[0] for row in await store.execute(_BESIDE, shift_id=shift_id)]


async def open_items(store: Store, staff_id: str, line: str, since: datetime) -> tuple[OpenItem, ...]:
    """Return all that a person leaves unfinished: calls and requests without their record, promises that were not kept,
    overdue or not, relays that were not acknowledged or answered, missed calls (A140). What they once signed for is theirs,
    what they handed on is not.
    """
    rows = await store.execute(_OPEN_ITEMS, staff_id=staff_id, line=line, since=since)
    return tuple(OpenItem(kind=OpenItemKind(kind), item_id=item_id) for kind, item_id in rows)


async def faults(
    store: Store, *, kind: str | None, staff_id: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[FaultRow]:
    """Return faults, newest first."""
    rows = await store.rows(
        f"select {_FAULT} from duty_faults where (cast(:kind as text) is null or kind = :kind) "
        "and (cast(:staff_id as text) is null or staff_id = :staff_id) and (cast(:at as timestamptz) is null "
        "or (detected_at, fault_id) < (:at, cast(:fault_id as uuid))) order by detected_at desc, fault_id desc limit :most",
        kind=kind,
        staff_id=staff_id,
        at=after[0] if after else None,
        fault_id=after[1] if after else None,
        most=limit,
    )
    return [FaultRow(**row) for row in rows]
