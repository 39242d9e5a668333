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

from hotline_events.catalogue.intake import (
    PersonErased,
    RequestAnsweredDirectly,
    RequestCorrected,
    RequestNotAccepted,
    RequestProcessExplained,
    RequestRecordCompleted,
    RequestRegistered,
    RequestTypeChanged,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.sealing import KeyGoneError, box_of, unseal
from hotline_events.store import Keys

NAME = "intake.requests@2"
TEXTS = ("title", "matter", "place", "accused", "reply")

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
# A table of the first version gains these columns and is filled from history.
_ADDED = {
    "requester_class": "text",
    "confidentiality": "text",
    "emergency": "boolean",
    "accused": "text",
    "accused_department": "text",
    "happened_at": "timestamptz",
    "inquiry_type": "text",
    "read_back": "boolean",
    "rule_version": "text",
    "complete_by": "timestamptz",
    "completed_at": "timestamptz",
    "completed_version": "integer",
    "retyped_version": "integer",
    "ground": "text",
    "declined_at": "timestamptz",
    "deadline_told": "timestamptz",
    "explained_at": "timestamptz",
    "article_code": "text",
    "article_version": "integer",
}
_DDL = f"""
create table if not exists requests ({", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())},
                                     primary key (request_id));
create index if not exists requests_registered on requests (registered_at desc, request_id desc);
create index if not exists requests_requester on requests (requester_id);
create table if not exists erased_requesters (person_id uuid primary key);
alter table requests {", ".join(f"add column if not exists {name} {kind}" for name, kind in _ADDED.items())};
create index if not exists requests_unfinished on requests (first_contact)
    where complete_by is not null and (completed_version is null or retyped_version > completed_version);
create index if not exists requests_incomplete on requests (complete_by, request_id) where complete_by is not null
"""
_COLUMNS |= _ADDED
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
_FORGET = """update requests set title = null, matter = null, place = null, accused = null, reply = null
              where requester_id = any($1::uuid[])
                and requester_id in (select person_id from erased_requesters where person_id = any($1::uuid[]))"""
READ = f"""select {", ".join(f"requests.{name}" for name in _COLUMNS)},
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
    requester_class: str
    confidentiality: str
    emergency: bool
    accused: str | None
    accused_department: str | None
    happened_at: datetime | None
    inquiry_type: str | None
    read_back: bool
    rule_version: str | None
    complete_by: datetime | None
    completed_at: datetime | None
    completed_version: int | None
    retyped_version: int | None
    ground: str | None
    declined_at: datetime | None
    deadline_told: datetime | None
    explained_at: datetime | None
    article_code: str | None
    article_version: int | None
    erased: bool

    @property
    def complete(self) -> bool:
        """Whether the record was completed for the kind that it has now."""
        return self.completed_version is not None and self.completed_version > (self.retyped_version or 0)


def _change(envelope: Envelope) -> Mapping[str, Any] | None:
    """Return the columns that an event sets, None for an event of something else."""
    match event := envelope.event:
        case RequestRegistered():
            return _registration(event)
        case RequestAnsweredDirectly():
            return {
                "requester_id": event.requester_id,
                "reply": event.reply.box,
                "answered_by": event.answered_by,
                "answered_at": event.occurred_at,
                "article_code": event.article_code,
                "article_version": event.article_version,
            }
        case RequestCorrected():
            return {"requester_id": event.requester_id, **_corrected(event)}
        case RequestTypeChanged():
            return {"request_type": event.to_type.value, "retyped_version": envelope.version}
        case RequestNotAccepted():
            return {"ground": event.ground, "declined_at": event.occurred_at}
        case RequestProcessExplained():
            return {"deadline_told": event.deadline, "explained_at": event.occurred_at}
        case RequestRecordCompleted():
            return {"completed_at": event.occurred_at, "completed_version": envelope.version}
        case _:
            return None


def _registration(event: RequestRegistered) -> Mapping[str, Any]:
    return {
        "requester_id": event.requester_id,
        "channel": event.channel.value,
        "request_type": event.request_type.value,
        "title": event.title.box,
        "matter": event.matter.box,
        "place": box_of(event.place),
        "category": event.category,
        "area": event.area,
        "call_id": event.call_id,
        "source_reference": event.source_reference,
        "first_contact": event.first_contact,
        "registered_at": event.occurred_at,
        "requester_class": event.requester_class.value,
        "confidentiality": event.confidentiality.value,
        "emergency": event.emergency,
        "accused": box_of(event.accused),
        "accused_department": event.accused_department,
        "happened_at": event.happened_at,
        "inquiry_type": event.inquiry_type,
        "read_back": event.read_back,
        "rule_version": event.rule_version,
        "complete_by": event.complete_by,
    }


def _corrected(event: RequestCorrected) -> Mapping[str, Any]:
    if event.became is not None:
        return {event.field: event.became.box}
    value = event.became_value
    return {event.field: datetime.fromisoformat(value) if value and event.field == "happened_at" else value}


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    rows: dict[UUID, dict[str, Any]] = {}
    erased: set[UUID] = set()
    for envelope in envelopes:
        if isinstance(envelope.event, PersonErased):
            erased.add(envelope.event.person_id)
        elif (change := _change(envelope)) is not None:
            row = rows.setdefault(envelope.event.request_id, {"request_id": envelope.event.request_id})
            row.update(change, version=envelope.version)
    if rows:
        arrays = tuple([row.get(name) for row in rows.values()] for name in _COLUMNS)
        await connection.exec_driver_sql(_UPSERT, arrays)
    if erased:
        await connection.exec_driver_sql(_ERASED, (list(erased),))
    if people := erased | {row["requester_id"] for row in rows.values() if "requester_id" in row}:
        await connection.exec_driver_sql(_FORGET, (list(people),))


VIEW = View(name=NAME, tables=("requests", "erased_requesters"), ddl=_DDL, sources=("intake",), apply=_apply)


async def request(engine: AsyncEngine, request_id: UUID) -> RequestRow | None:
    """Return one request, its texts in boxes."""
    statement = text(f"{READ} where request_id = :request_id")
    async with engine.connect() as connection:
        row = (await connection.execute(statement, {"request_id": request_id})).first()
    return None if row is None else RequestRow(**row._asdict())


async def requests(engine: AsyncEngine, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[RequestRow]:
    """Return requests, newest first, after a place in that order, their texts in boxes."""
    where = "where (registered_at, request_id) < (:registered_at, :request_id)" if after else ""
    values: dict[str, Any] = {"limit": limit}
    if after:
        values |= {"registered_at": after[0], "request_id": after[1]}
    statement = text(f"{READ} {where} order by registered_at desc, request_id desc limit :limit")
    async with engine.connect() as connection:
        return [RequestRow(**row._asdict()) for row in (await connection.execute(statement, values)).all()]


async def between(
    engine: AsyncEngine, start: datetime, end: datetime, columns: Sequence[str], *, but_of: str | None, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return these columns of the requests registered in [`start`, `end`), oldest first: none secret or accusing `but_of`."""
    statement = text(
        f"select {', '.join(columns)} from requests where registered_at >= :start and registered_at < :end "
        "and request_id in (select request_id from matter_levels where confidentiality <> 'secret' "
        "and (cast(:but_of as text) is null or accused_department is distinct from :but_of)) "
        "order by registered_at, request_id limit :limit"
    )
    async with engine.connect() as connection:
        found = await connection.execute(statement, {"start": start, "end": end, "but_of": but_of, "limit": limit})
        return [dict(row) for row in found.mappings()]


async def unsealed(rows: Sequence[RequestRow], keys: Keys) -> list[RequestRow]:
    """Open the boxes for a screen; what has no key any more is empty and marked as erased."""
    opened = await keys.get_many([row.requester_id for row in rows if not row.erased])
    return [_open(row, opened) for row in rows]


def _open(row: RequestRow, keys: Mapping[UUID, bytes]) -> RequestRow:
    boxes: dict[str, str | None] = {name: getattr(row, name) for name in TEXTS}
    try:
        opened = {name: None if box is None else unseal(box, keys) for name, box in boxes.items()}
    except KeyGoneError:
        return replace(row, erased=True, **dict.fromkeys(TEXTS))  # type: ignore[arg-type]  # texts are optional
    return replace(row, **opened)  # type: ignore[arg-type]  # texts are optional
