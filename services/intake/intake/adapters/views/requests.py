"""The registered matters, newest first, with their sealed texts; nothing here says who the requester is.

When a person is erased their texts leave the table too; the rest of the row stays, so statistics do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake import PersonErased, RequestAnsweredDirectly, RequestRegistered
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.sealing import KeyGoneError, Sealed, unseal
from hotline_events.store import Keys

NAME = "intake.requests@1"

_COLUMNS = {
    "request_id": "uuid",
    "version": "integer",
    "requester_id": "uuid",
    "channel": "text",
    "request_type": "text",
    "title": "text",
    "matter": "text",
    "place": "text",
    "category": "text",
    "area": "text",
    "call_id": "uuid",
    "source_reference": "text",
    "first_contact": "text",
    "registered_at": "timestamptz",
    "reply": "text",
    "answered_by": "text",
    "answered_at": "timestamptz",
}
_DDL = f"""
create table if not exists requests ({", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())},
                                     primary key (request_id));
create index if not exists requests_registered on requests (registered_at desc, request_id desc);
create index if not exists requests_requester on requests (requester_id);
create table if not exists erased_requesters (person_id uuid primary key)
"""
_CHANGES = ", ".join(
    f"{name} = {'greatest' if name == 'version' else 'coalesce'}(excluded.{name}, requests.{name})"
    for name in _COLUMNS
    if name != "request_id"
)
_ARRAYS = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_COLUMNS.values(), 1))
_UPSERT = (
    f"insert into requests ({', '.join(_COLUMNS)}) select * from unnest({_ARRAYS}) "
    f"on conflict (request_id) do update set {_CHANGES}"
)
_ERASED = "insert into erased_requesters select unnest($1::uuid[]) on conflict do nothing"
_FORGET = """update requests set title = null, matter = null, place = null, reply = null
              where requester_id = any($1::uuid[])
                and requester_id in (select person_id from erased_requesters where person_id = any($1::uuid[]))"""
_READ = f"""select {", ".join(f"requests.{name}" for name in _COLUMNS)},
                   exists (select 1 from erased_requesters where person_id = requester_id) as erased
              from requests"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A request as it stands. The texts are boxes until `unsealed`; an erased person's are gone."""

    request_id: UUID
    version: int
    requester_id: UUID
    channel: str
    request_type: str
    title: str | None
    matter: str | None
    place: str | None
    category: str | None
    area: str | None
    call_id: UUID | None
    source_reference: str | None
    first_contact: str
    registered_at: datetime
    reply: str | None
    answered_by: str | None
    answered_at: datetime | None
    erased: bool


def _change(event: object) -> Mapping[str, Any] | None:
    match event:
        case RequestRegistered():
            return {
                "requester_id": event.requester_id,
                "channel": event.channel.value,
                "request_type": event.request_type.value,
                "title": event.title.box,
                "matter": event.matter.box,
                "place": _box(event.place),
                "category": event.category,
                "area": event.area,
                "call_id": event.call_id,
                "source_reference": event.source_reference,
                "first_contact": event.first_contact,
                "registered_at": event.occurred_at,
            }
        case RequestAnsweredDirectly():
            return {
                "requester_id": event.requester_id,
                "reply": event.reply.box,
                "answered_by": event.answered_by,
                "answered_at": event.occurred_at,
            }
        case _:
            return None


def _box(sealed: Sealed | None) -> str | None:
    return None if sealed is None else sealed.box


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    rows: dict[UUID, dict[str, Any]] = {}
    erased: set[UUID] = set()
    for envelope in envelopes:
        if isinstance(envelope.event, PersonErased):
            erased.add(envelope.event.person_id)
        elif (change := _change(envelope.event)) is not None:
            row = rows.setdefault(envelope.event.request_id, {"request_id": envelope.event.request_id})
            row.update(change, version=envelope.version)
    if rows:
        arrays = tuple([row.get(name) for row in rows.values()] for name in _COLUMNS)
        await connection.exec_driver_sql(_UPSERT, arrays)
    if erased:
        await connection.exec_driver_sql(_ERASED, (list(erased),))
    if people := erased | {row["requester_id"] for row in rows.values()}:
        await connection.exec_driver_sql(_FORGET, (list(people),))


VIEW = View(name=NAME, tables=("requests", "erased_requesters"), ddl=_DDL, sources=("intake",), apply=_apply)


async def request(engine: AsyncEngine, request_id: UUID) -> RequestRow | None:
    """Return one request, its texts in boxes."""
    statement = text(f"{_READ} where request_id = :request_id")
    async with engine.connect() as connection:
        row = (await connection.execute(statement, {"request_id": request_id})).first()
    return None if row is None else RequestRow(**row._asdict())


async def requests(engine: AsyncEngine, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[RequestRow]:
    """Return requests, newest first, after a place in that order, their texts in boxes."""
    where = "where (registered_at, request_id) < (:registered_at, :request_id)" if after else ""
    values: dict[str, Any] = {"limit": limit}
    if after:
        values |= {"registered_at": after[0], "request_id": after[1]}
    statement = text(f"{_READ} {where} order by registered_at desc, request_id desc limit :limit")
    async with engine.connect() as connection:
        return [RequestRow(**row._asdict()) for row in (await connection.execute(statement, values)).all()]


async def between(
    engine: AsyncEngine, start: datetime, end: datetime, columns: Sequence[str], *, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return these columns of the requests registered in [`start`, `end`), oldest first, without the secret ones."""
    statement = text(
        f"select {', '.join(columns)} from requests where registered_at >= :start and registered_at < :end "
        "and request_id in (select request_id from matter_levels where confidentiality <> 'secret') "
        "order by registered_at, request_id limit :limit"
    )
    async with engine.connect() as connection:
        found = await connection.execute(statement, {"start": start, "end": end, "limit": limit})
        return [dict(row) for row in found.mappings()]


async def unsealed(rows: Sequence[RequestRow], keys: Keys) -> list[RequestRow]:
    """Open the boxes for a screen; what has no key any more is empty and marked as erased."""
    opened = await keys.get_many([row.requester_id for row in rows if not row.erased])
    return [_open(row, opened) for row in rows]


def _open(row: RequestRow, keys: Mapping[UUID, bytes]) -> RequestRow:
    def opened(box: str | None) -> str | None:
        return None if box is None else unseal(box, keys)

    try:
        return replace(
            row, title=opened(row.title), matter=opened(row.matter), place=opened(row.place), reply=opened(row.reply)
        )
    except KeyGoneError:
        return replace(row, erased=True, title=None, matter=None, place=None, reply=None)
