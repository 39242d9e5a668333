"""What was done about each matter after its registration, act by act, and what a record's completeness is weighed by.

An act's texts are sealed with the requester's key and leave with it. A row is written once: nothing is overwritten (A43).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake import (
    CallEnded,
    PersonErased,
    PersonFactsAdded,
    PersonRegistered,
    RequestCoOwnerAdded,
    RequestCorrected,
    RequestDeferralExplained,
    RequestDepartmentContacted,
    RequestNotAccepted,
    RequestProcessExplained,
    RequestSearched,
    RequestTypeChanged,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.sealing import KeyGoneError, box_of, label_of, unseal
from hotline_events.store import Keys

NAME = "intake.records@1"

_DDL = """
create table if not exists request_acts (
    request_id uuid not null, version integer not null, requester_id uuid, kind text not null, at timestamptz not null,
    actor text not null, code text, was_value text, became_value text, was text, became text, note text, said_yes boolean,
    primary key (request_id, version));
create index if not exists request_acts_co_owners on request_acts (became_value, request_id) where kind = 'co_owner_added';
create index if not exists request_acts_requester on request_acts (requester_id);
create table if not exists requester_facts (person_id uuid primary key, fields text[] not null);
create table if not exists call_ends (call_id uuid primary key, ended_at timestamptz not null);
create table if not exists erased_speakers (person_id uuid primary key)
"""
_TABLES = ("request_acts", "requester_facts", "call_ends", "erased_speakers")
_INSERT = {
    table: text(
        f"insert into {table} select * from json_populate_recordset(cast(null as {table}), cast(:rows as json)) "
        "on conflict do nothing"
    )
    for table in _TABLES
}
_INSERT["requester_facts"] = text(
    """insert into requester_facts
       select * from json_populate_recordset(cast(null as requester_facts), cast(:rows as json))
           on conflict (person_id) do update
          set fields = array(select distinct unnest(requester_facts.fields || excluded.fields) order by 1)"""
)
_FORGET = (
    """update request_acts set was = null, became = null, note = null where requester_id = any(:people)
          and requester_id in (select person_id from erased_speakers where person_id = any(:people))""",
    """delete from requester_facts where person_id = any(:people)
          and person_id in (select person_id from erased_speakers where person_id = any(:people))""",
)
_SEALED = ("was", "became", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that was done about a matter. `code` says what of, the values what it was and what it became."""

    request_id: UUID
    version: int
    requester_id: UUID | None = None
    kind: str
    at: datetime
    actor: str
    code: str | None = None
    was_value: str | None = None
    became_value: str | None = None
    was: str | None = None
    became: str | None = None
    note: str | None = None
    said_yes: bool | None = None


def _act(envelope: Envelope) -> Act | None:
    """Return the row of an event, None for an event of something else."""
    event = envelope.event
    told = _told(event)
    if told is None:
        return None
    kind = envelope.name.rpartition(".")[2]
    return Act(request_id=event.request_id, version=envelope.version, kind=kind, at=event.occurred_at, **told)


def _told(event: object) -> Mapping[str, Any] | None:
    match event:
        case RequestCorrected():
            return _corrected(event)
        case RequestTypeChanged():
            return _retyped(event)
        case RequestCoOwnerAdded():
            return {"actor": event.added_by, "code": event.reason, "became_value": event.co_owner}
        case RequestNotAccepted():
            return {"actor": event.decided_by, "code": event.ground, "said_yes": event.basis_told}
        case RequestProcessExplained():
            return {"actor": event.explained_by, "code": event.rule_version, "became_value": event.deadline.isoformat()}
        case RequestSearched():
            return _of_person(event, event.searched_by, code=event.source, note=box_of(event.sought), said_yes=event.found)
        case RequestDeferralExplained():
            box = box_of(event.explanation)
            return _of_person(event, event.explained_by, code=event.reason, note=box, said_yes=event.understood)
        case RequestDepartmentContacted():
            department, note = event.spoken_to_department, box_of(event.result)
            return _of_person(event, event.contacted_by, code=department, became=event.contact.box, note=note)
        case _:
            return None


def _of_person(
    event: RequestSearched | RequestDeferralExplained | RequestDepartmentContacted,
    actor: str,
    **values: Any,  # noqa: ANN401 - columns of an act
) -> Mapping[str, Any]:
    return {"requester_id": event.requester_id, "actor": actor, **values}


def _retyped(event: RequestTypeChanged) -> Mapping[str, Any]:
    return {
        "requester_id": event.requester_id,
        "actor": event.changed_by,
        "code": event.reason.value,
        "was_value": event.from_type.value,
        "became_value": event.to_type.value,
        "note": box_of(event.note),
    }


def _corrected(event: RequestCorrected) -> Mapping[str, Any]:
    return {
        "requester_id": event.requester_id,
        "actor": event.signed_by,
        "code": f"{event.field}:{event.reason.value}",
        "was_value": event.was_value,
        "became_value": event.became_value,
        "was": box_of(event.was),
        "became": box_of(event.became),
        "note": box_of(event.note),
        "said_yes": event.apologised,
    }


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    rows: dict[str, list[Mapping[str, Any]]] = {table: [] for table in _TABLES}
    facts: dict[UUID, set[str]] = {}
    for envelope in envelopes:
        match envelope.event:
            case PersonRegistered() | PersonFactsAdded() as person:
                facts.setdefault(person.person_id, set()).update(person.fields)
            case PersonErased() as erased:
                rows["erased_speakers"].append({"person_id": erased.person_id})
            case CallEnded() as ended:
                rows["call_ends"].append({"call_id": ended.call_id, "ended_at": ended.occurred_at})
            case _:
                if (act := _act(envelope)) is not None:
                    rows["request_acts"].append(asdict(act))
    rows["requester_facts"] = [{"person_id": person_id, "fields": sorted(fields)} for person_id, fields in facts.items()]
    for table, found in rows.items():
        if found:
            await connection.execute(_INSERT[table], {"rows": json.dumps(found, default=str)})
    people = {row["person_id"] for table in ("requester_facts", "erased_speakers") for row in rows[table]}
    people |= {row["requester_id"] for row in rows["request_acts"] if row["requester_id"] is not None}
    if people:
        for forget in _FORGET:
            await connection.execute(text(forget), {"people": list(people)})


VIEW = View(name=NAME, tables=_TABLES, ddl=_DDL, sources=("intake",), apply=_apply)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a record's completeness and its save latency are weighed by, beside the record itself."""

    facts: frozenset[str]
    contacted: bool
    searches: int
    co_owners: tuple[str, ...]
    ended_at: datetime | None


_STANDING = text(
    """select (select fields from requester_facts where person_id = :requester_id) as fields,
              (select ended_at from call_ends where call_id = :call_id) as ended_at,
              count(*) filter (where kind = 'department_contacted') as contacts,
              count(*) filter (where kind = 'searched') as searches,
              array_agg(became_value order by version) filter (where kind = 'co_owner_added') as co_owners
         from request_acts where request_id = :request_id"""
)


async def standing(engine: AsyncEngine, *, request_id: UUID, requester_id: UUID, call_id: UUID | None) -> Standing:
    """Return what is known beside a record."""
    values = {"request_id": request_id, "requester_id": requester_id, "call_id": call_id}
    async with engine.connect() as connection:
        row = (await connection.execute(_STANDING, values)).one()
    return Standing(
        facts=frozenset(row.fields or ()),
        contacted=row.contacts > 0,
        searches=row.searches,
        co_owners=tuple(row.co_owners or ()),
        ended_at=row.ended_at,
    )


async def acts(engine: AsyncEngine, request_id: UUID, after: int, limit: int) -> Sequence[Act]:
    """Return what was done about a matter, the first act first, its texts in boxes."""
    statement = text(
        "select * from request_acts where request_id = :request_id and version > :after order by version limit :limit"
    )
    values = {"request_id": request_id, "after": after, "limit": limit}
    async with engine.connect() as connection:
        return [Act(**row._asdict()) for row in (await connection.execute(statement, values)).all()]


async def unsealed(rows: Sequence[Act], keys: Keys) -> list[dict[str, Any]]:
    """Open the boxes for a screen; a text whose key is gone is None."""
    told = [asdict(row) for row in rows]
    people = {label_of(row[name]).person_id for row in told for name in _SEALED if row[name] is not None}
    known = await keys.get_many(list(people)) if people else {}
    return [row | {name: _opened(row[name], known) for name in _SEALED} for row in told]


def _opened(box: str | None, keys: Mapping[UUID, bytes]) -> str | None:
    try:
        return None if box is None else unseal(box, keys)
    except KeyGoneError:
        return None
