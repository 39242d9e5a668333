"""What is asked of the duty read model about single shifts and handovers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from hotline_events.store import Store

_SHIFT = "shift_id, line, day, name, starts_at, ends_at, round_the_clock, follows, rule_version"
_PEOPLE = f"""
select {_SHIFT},
    (select coalesce(json_agg(json_build_object('staff_id', p.staff_id, 'tier', p.tier, 'until', p.until, 'reason', p.reason,
                'since', greatest(p.since, s.starts_at), 'put_on_by', p.put_on_by) order by p.since, p.staff_id), '[]')
       from shift_posts p where p.shift_id = s.shift_id) as posts,
    (select coalesce(json_agg(json_build_object('staff_id', p.staff_id, 'tier', p.tier, 'stands_in_for', p.stands_in_for,
                'since', p.since, 'left_at', p.left_at) order by p.since, p.staff_id), '[]')
       from shift_presences p where p.shift_id = s.shift_id) as presences,
    (select coalesce(json_agg(json_build_object('swap_id', w.swap_id, 'from_staff', w.from_staff, 'to_staff', w.to_staff,
                'reason', w.reason, 'asked_by', w.asked_by, 'status', coalesce(w.status, 'asked'),
                'decided_by', w.decided_by) order by w.asked_at, w.swap_id), '[]')
       from shift_swaps w where w.shift_id = s.shift_id) as swaps
  from shifts s where s.shift_id = :shift_id"""
_HANDOVER = (
    "shift_id, from_staff, offered_at, to_staff, relief_shift_id, items, note, coalesce(status, 'offered') as status, "
    "answered_at, refusal"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRow:
    """A shift of a roster."""

    shift_id: UUID
    line: str
    day: date
    name: str
    starts_at: datetime
    ends_at: datetime
    round_the_clock: bool
    follows: UUID | None
    rule_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRow:
    """A handover; its texts are boxes until they are opened."""

    shift_id: UUID
    from_staff: str
    offered_at: datetime
    to_staff: str
    relief_shift_id: UUID
    items: list[dict[str, str]]
    note: str | None
    status: str
    answered_at: datetime | None
    refusal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiefNoticeRow:
    """That a duty chief was told of a shift."""

    shift_id: UUID
    staff_id: str
    line: str
    starts_at: datetime
    notified_at: datetime


async def shifts(
    store: Store, *, line: str | None, staff_id: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[ShiftRow]:
    """Return shifts, the latest first: of a line, or of somebody who is or was on their roster."""
    rows = await store.rows(
        f"""select {_SHIFT} from shifts s where (cast(:line as text) is null or line = :line)
               and (cast(:staff_id as text) is null or exists (
                    select 1 from shift_posts p where p.shift_id = s.shift_id and p.staff_id = :staff_id))
               and (cast(:at as timestamptz) is null or (starts_at, shift_id) < (:at, cast(:shift_id as uuid)))
             order by starts_at desc, shift_id desc limit :most""",
        line=line,
        staff_id=staff_id,
        at=after[0] if after else None,
        shift_id=after[1] if after else None,
        most=limit,
    )
    return [ShiftRow(**row) for row in rows]


async def shift_with_people(store: Store, shift_id: UUID) -> Mapping[str, Any] | None:
    """Return a shift with its posts, who was at them, and its swaps."""
    rows = await store.rows(_PEOPLE, shift_id=shift_id)
    return rows[0] if rows else None


async def handovers(store: Store, shift_id: UUID) -> list[HandoverRow]:
    """Return the handovers of a shift, as they were offered."""
    rows = await store.rows(
        f"select {_HANDOVER} from handovers where shift_id = :shift_id order by offered_at, from_staff", shift_id=shift_id
    )
    return [HandoverRow(**row) for row in rows]


async def chief_notices(
    store: Store, staff_id: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[ChiefNoticeRow]:
    """Return what duty chiefs were told, or one of them, the latest first (A143)."""
    rows = await store.rows(
        """select shift_id, staff_id, line, starts_at, notified_at from chief_notices
            where (cast(:staff_id as text) is null or staff_id = :staff_id)
              and (cast(:at as timestamptz) is null or (notified_at, shift_id) < (:at, cast(:shift_id as uuid)))
            order by notified_at desc, shift_id desc limit :most""",
        staff_id=staff_id,
        at=after[0] if after else None,
        shift_id=after[1] if after else None,
        most=limit,
    )
    return [ChiefNoticeRow(**row) for row in rows]
