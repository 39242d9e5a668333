"""What is known of a caller when they ring: their matters, open promises, a restriction, notes (A23).

Each table hears one service only, so they are the same however the services' events interleave; a question puts them together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.sealing import KeyGoneError, unseal
from hotline_events.store import Keys

NAME = "intake.callers@2"
_DDL = """
create table if not exists caller_orders (request_id uuid primary key, status text not null, position bigint not null);
create table if not exists caller_calls_back (promise_id uuid primary key, person_id uuid not null, call_id uuid,
    request_id uuid, reason text not null, due_at timestamptz not null, made_at timestamptz not null);
create index if not exists caller_calls_back_person on caller_calls_back (person_id);
create table if not exists caller_calls_back_over (promise_id uuid primary key);
create table if not exists caller_restrictions (person_id uuid primary key, reason text not null, until timestamptz not null);
create table if not exists caller_notes (note_id uuid primary key, person_id uuid not null, call_id uuid, note text not null,
    taken_by text not null, taken_at timestamptz not null);
create index if not exists caller_notes_person on caller_notes (person_id, taken_at);
create table if not exists caller_numbers (number_id uuid primary key, person_id uuid not null);
create index if not exists caller_numbers_person on caller_numbers (person_id)
"""
_ORDERS = """
insert into caller_orders select * from unnest($1::uuid[], $2::text[], $3::bigint[])
    on conflict (request_id) do update set status = excluded.status, position = excluded.position
 where caller_orders.position < excluded.position"""
_PROMISES = """
insert into caller_calls_back
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[])
    on conflict do nothing"""
_ENDED = "insert into caller_calls_back_over select unnest($1::uuid[]) on conflict do nothing"
_RESTRICT = """
insert into caller_restrictions select * from unnest($1::uuid[], $2::text[], $3::timestamptz[])
    on conflict (person_id) do update set reason = excluded.reason, until = excluded.until"""
_LIFT = "delete from caller_restrictions where person_id = any($1::uuid[])"
_NOTES = """
insert into caller_notes select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[])
    on conflict do nothing"""
_NUMBERS = """
insert into caller_numbers select * from unnest($1::uuid[], $2::uuid[])
    on conflict (number_id) do update set person_id = excluded.person_id"""
_FORGET = (
    "delete from caller_notes where person_id = any($1::uuid[])",
    "delete from caller_numbers where person_id = any($1::uuid[]) or number_id = any($1::uuid[])",
)
_STATUSES = {
    "routing.work_order.opened": "opened",
    "routing.work_order.transferred": "transferred",
    "routing.work_order.signed": "signed",
    "routing.work_order.returned": "returned",
    "routing.work_order.resolved": "resolved",
    "routing.work_order.reopened": "reopened",
    "routing.work_order.closed": "closed",
    "routing.work_order.withdrawn": "withdrawn",
}
_OVER = frozenset({"followup.promise.kept", "followup.promise.released"})
_IDS = bindparam("unread", type_=ARRAY(PG_UUID(as_uuid=True)))
_Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMatter:
    """A matter of a caller without its words."""

    request_id: UUID
    request_type: str
    channel: str
    category: str | None
    status: str
    registered_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPromise:
    """A call back that the caller still waits for."""

    promise_id: UUID
    reason: str
    due_at: datetime
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Restricted:
    """Why and until when calls of this caller are marked."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """What somebody noted. `note` is a box until `opened`."""

    note_id: UUID
    call_id: UUID | None
    note: str | None
    taken_by: str
    taken_at: datetime


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    orders: dict[UUID, _Row] = {}
    promises: list[_Row] = []
    ended: list[UUID] = []
    for envelope in envelopes:
        event = envelope.event
        if (status := _STATUSES.get(envelope.name)) is not None:
            orders[event.request_id] = (event.request_id, status, envelope.position)
        elif envelope.name in {"intake.call.callback_promised", "followup.promise.made"} and _waits(envelope):
            about = (event.call_id, getattr(event, "request_id", None))
            promises.append((event.promise_id, event.caller_id, *about, event.reason, event.due_at, event.occurred_at))
        elif envelope.name in _OVER:
            ended.append(event.promise_id)
    await _put(connection, _ORDERS, list(orders.values()))
    await _put(connection, _PROMISES, promises)
    await _put(connection, _ENDED, [(promise_id,) for promise_id in ended])
    await _apply_callers(connection, envelopes)


async def _apply_callers(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    restricted: dict[UUID, _Row | None] = {}
    notes: dict[UUID, _Row] = {}
    numbers: dict[UUID, _Row] = {}
    erased: set[UUID] = set()
    for envelope in envelopes:
        event = envelope.event
        match envelope.name:
            case "intake.number.restricted":
                restricted[event.number_id] = (event.number_id, event.reason, event.until)
            case "intake.number.restriction_lifted":
                restricted[event.number_id] = None
            case "intake.note.taken":
                who = (event.note_id, event.person_id, event.call_id)
                notes[event.note_id] = (*who, event.note.box, event.taken_by, event.occurred_at)
            case "intake.call.caller_identified" if event.number_id is not None and not event.withheld:
                numbers[event.number_id] = (event.number_id, event.caller_id)
            case "intake.person.erased":
                erased.add(event.person_id)
            case _:
                continue
    await _put(connection, _RESTRICT, [row for row in restricted.values() if row is not None])
    await _put(connection, _LIFT, [(person_id,) for person_id, row in restricted.items() if row is None])
    await _put(connection, _NOTES, list(notes.values()))
    await _put(connection, _NUMBERS, list(numbers.values()))
    for forget in _FORGET:
        await _put(connection, forget, [(person_id,) for person_id in erased])


def _waits(envelope: Envelope) -> bool:
    """Say whether a promise is of a caller whom we know, and told by the service that it was given in."""
    given_in_a_call = envelope.event.call_id is not None
    return envelope.event.caller_id is not None and given_in_a_call == envelope.name.startswith("intake.")


async def _put(connection: AsyncConnection, statement: str, rows: Sequence[_Row]) -> None:
    if rows:
        await connection.exec_driver_sql(statement, tuple(list(column) for column in zip(*rows, strict=True)))


VIEW = View(
    name=NAME,
    tables=(
        "caller_orders",
        "caller_calls_back",
        "caller_calls_back_over",
        "caller_restrictions",
        "caller_notes",
        "caller_numbers",
    ),
    ddl=_DDL,
    sources=("intake", "routing", "followup"),
    apply=_apply,
)


async def matters(engine: AsyncEngine, request_ids: Sequence[UUID], limit: int) -> Sequence[PastMatter]:
    """Return these matters without a word of them, the newest first."""
    statement = text(
        """select r.request_id, r.request_type, r.channel, r.category, r.registered_at, r.answered_at,
                  case when r.answered_at is not null then 'answered' else coalesce(o.status, 'registered') end as status
             from requests r left join caller_orders o on o.request_id = r.request_id
            where r.request_id = any(:ids) order by r.registered_at desc, r.request_id limit :limit"""
    )
    rows = await _rows(engine, statement, {"ids": list(request_ids), "limit": limit})
    return [PastMatter(**row) for row in rows]


async def open_promises(
    engine: AsyncEngine, people: Sequence[UUID], limit: int, *, unread: Sequence[UUID] = ()
) -> Sequence[OpenPromise]:
    """Return the calls back that somebody still waits for, also those whose time has passed, the most urgent first.

    Those given for a matter that is among the `unread`, or in the call that it came by, are left out (A145).
    """
    statement = text(
        """select p.promise_id, p.reason, p.due_at, p.made_at from caller_calls_back p
            where p.person_id = any(:people)
              and not exists (select 1 from caller_calls_back_over e where e.promise_id = p.promise_id)
              and (p.request_id is null or p.request_id <> all(:unread))
              and not exists (select 1 from requests r where r.request_id = any(:unread) and r.call_id = p.call_id)
            order by p.due_at, p.promise_id limit :limit"""
    ).bindparams(_IDS)
    values = {"people": list(people), "unread": list(unread), "limit": limit}
    return [OpenPromise(**row) for row in await _rows(engine, statement, values)]


async def restriction(engine: AsyncEngine, people: Sequence[UUID], now: datetime) -> Restricted | None:
    """Return the restriction that holds now of a caller, or of a number that they are known to ring from."""
    statement = text(
        """select reason, until from caller_restrictions
            where until > :now and (person_id = any(:people)
                  or person_id in (select number_id from caller_numbers where person_id = any(:people)))
            order by until desc limit 1"""
    )
    rows = await _rows(engine, statement, {"people": list(people), "now": now})
    return Restricted(**rows[0]) if rows else None


async def notes(
    engine: AsyncEngine, people: Sequence[UUID], keys: Keys, limit: int, *, unread: Sequence[UUID] = ()
) -> Sequence[NoteRow]:
    """Return what was noted about a caller, the newest first; what has no key any more is empty.

    What was noted in the call that one of the `unread` matters came by is left out (A145).
    """
    statement = text(
        """select n.note_id, n.call_id, n.note, n.taken_by, n.taken_at from caller_notes n
            where n.person_id = any(:people)
              and not exists (select 1 from requests r where r.request_id = any(:unread) and r.call_id = n.call_id)
            order by n.taken_at desc, n.note_id limit :limit"""
    ).bindparams(_IDS)
    values = {"people": list(people), "unread": list(unread), "limit": limit}
    rows = [NoteRow(**row) for row in await _rows(engine, statement, values)]
    known = await keys.get_many(list(people)) if rows else {}
    return [_opened(row, known) for row in rows]


async def callers_of(engine: AsyncEngine, call_id: UUID) -> Sequence[UUID] | None:
    """Return who rings, then whom the number had been before they gave a name; nobody when it is withheld, None of no call.

    Until they say who they are, it is whoever was named last from that number (A23).
    """
    statement = text(
        """select c.caller_id, c.number_id, n.person_id from calls c left join caller_numbers n on n.number_id = c.number_id
            where c.call_id = :call_id"""
    )
    rows = await _rows(engine, statement, {"call_id": call_id})
    if not rows:
        return None
    caller_id, number_id, known_as = rows[0]["caller_id"], rows[0]["number_id"], rows[0]["person_id"]
    said = known_as or number_id if caller_id == number_id else caller_id
    return list(dict.fromkeys(one for one in (said or caller_id, number_id) if one is not None))


def _opened(row: NoteRow, keys: Mapping[UUID, bytes]) -> NoteRow:
    try:
        return replace(row, note=None if row.note is None else unseal(row.note, keys))
    except KeyGoneError:
        return replace(row, note=None)


async def _rows(engine: AsyncEngine, statement: Any, values: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: ANN401 - SQL
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(statement, values)).mappings()]
