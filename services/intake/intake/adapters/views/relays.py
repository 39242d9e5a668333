"""What was taken for somebody, and where it stands: nothing that was not acknowledged leaves the list (A36, A38-A41, A155).

Each reader is shown what is theirs by the statement itself: the desk everything, a department what is meant for it, anybody
what is meant for them by name or by their post.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_events.catalogue.intake import (
    PersonErased,
    RelayAcknowledged,
    RelayAnswered,
    RelayDelayed,
    RelayReceiptChecked,
    RelayRelayed,
    RelayTaken,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import put
from hotline_events.sealing import KeyGoneError, box_of, unseal
from hotline_events.store import Keys
from intake.domain.relay import Whose

NAME = "intake.relays@1"
TEXTS = ("content", "place", "attendees", "answer")

_DDL = """
create table if not exists relays (
    relay_id uuid primary key, version integer not null, sender_id uuid not null, kind text not null, channel text not null,
    content text, place text, attendees text, answer text, addressee_kind text not null, addressee text not null,
    department text, because text, call_id uuid, request_id uuid, meets_at timestamptz, document_reference text,
    pages integer, acknowledge_by timestamptz not null, answer_by timestamptz, rule_version text not null,
    taken_by text not null, taken_at timestamptz not null, relayed_to text, relayed_at timestamptz, means text,
    acknowledged_by text, acknowledged_at timestamptz, answered_by text, answered_at timestamptz, arrived boolean,
    checked_at timestamptz, delayed text[] not null);
create index if not exists relays_taken on relays (taken_at desc, relay_id desc);
create index if not exists relays_open on relays (acknowledge_by, relay_id)
    where acknowledged_at is null or (answer_by is not null and answered_at is null);
create index if not exists relays_sender on relays (sender_id);
create table if not exists erased_senders (person_id uuid primary key)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayRow:
    """A relay as it stands, its texts in boxes until `unsealed`."""

    relay_id: UUID
    version: int
    sender_id: UUID
    kind: str
    channel: str
    content: str | None
    place: str | None
    attendees: str | None
    answer: str | None = None
    addressee_kind: str
    addressee: str
    department: str | None
    because: str | None
    call_id: UUID | None
    request_id: UUID | None
    meets_at: datetime | None
    document_reference: str | None
    pages: int | None
    acknowledge_by: datetime
    answer_by: datetime | None
    rule_version: str
    taken_by: str
    taken_at: datetime
    relayed_to: str | None = None
    relayed_at: datetime | None = None
    means: str | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    arrived: bool | None = None
    checked_at: datetime | None = None
    delayed: tuple[str, ...] = ()


_COLUMNS = ", ".join(field.name for field in fields(RelayRow))
_SELECT = text(f"select {_COLUMNS} from relays where relay_id = any(:ids)")
_ERASED = text("insert into erased_senders select unnest(cast(:people as uuid[])) on conflict do nothing")
_FORGET = text(
    """update relays set content = null, place = null, attendees = null, answer = null where sender_id = any(:people)
          and sender_id in (select person_id from erased_senders where person_id = any(:people))"""
)
_MINE = """(:desk or department = cast(:department as text) or (addressee_kind = 'staff' and addressee = :actor)
            or (addressee_kind = 'post' and addressee = :role and (department is null or department = :department)))"""
_OPEN = "(acknowledged_at is null or (answer_by is not null and answered_at is null))"


def _changed(row: RelayRow | None, envelope: Envelope) -> RelayRow | None:
    """Return the row after an event; one that it has seen already changes nothing."""
    event = envelope.event
    if isinstance(event, RelayTaken):
        return row or _taken(event)
    if row is None or envelope.version <= row.version:
        return row
    changes = _changes(row, event)
    return replace(row, version=envelope.version, **changes)


def _changes(row: RelayRow, event: object) -> Mapping[str, Any]:
    match event:
        case RelayRelayed(relayed_to=to, means=means, occurred_at=at):
            return {"relayed_to": to, "relayed_at": at, "means": means, "arrived": None}
        case RelayAcknowledged(acknowledged_by=somebody, occurred_at=at):
            return {"acknowledged_by": somebody, "acknowledged_at": at}
        case RelayAnswered(answered_by=somebody, answer=answer, occurred_at=at):
            acknowledged = {"acknowledged_by": row.acknowledged_by or somebody, "acknowledged_at": row.acknowledged_at or at}
            return {"answered_by": somebody, "answered_at": at, "answer": answer.box, **acknowledged}
        case RelayReceiptChecked(arrived=True, occurred_at=at):
            return {"arrived": True, "checked_at": at}
        case RelayReceiptChecked(acknowledge_by=acknowledge_by, occurred_at=at):
            again = {"acknowledge_by": acknowledge_by or row.acknowledge_by, "acknowledged_by": None, "acknowledged_at": None}
            return {"arrived": False, "checked_at": at, "relayed_to": None, "relayed_at": None, **again}
        case RelayDelayed(step=step):
            return {"delayed": tuple(sorted({*row.delayed, step.value}))}
        case _:
            return {}


def _taken(event: RelayTaken) -> RelayRow:
    same = (
        "relay_id", "sender_id", "addressee", "department", "because", "call_id", "request_id", "meets_at",
        "document_reference", "pages", "acknowledge_by", "answer_by", "rule_version", "taken_by",
    )  # fmt: skip
    return RelayRow(
        version=1,
        kind=event.kind.value,
        channel=event.channel.value,
        addressee_kind=event.addressee_kind.value,
        content=box_of(event.content),
        place=box_of(event.place),
        attendees=box_of(event.attendees),
        taken_at=event.occurred_at,
        **{name: getattr(event, name) for name in same},
    )


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    events = [envelope for envelope in envelopes if envelope.name.startswith("intake.relay.")]
    erased = [envelope.event.person_id for envelope in envelopes if isinstance(envelope.event, PersonErased)]
    rows: dict[UUID, RelayRow] = {}
    if events:
        ids = list({envelope.event.relay_id for envelope in events})
        found = (await connection.execute(_SELECT, {"ids": ids})).all()
        rows = {row.relay_id: _row(row) for row in found}
        for envelope in events:
            changed = _changed(rows.get(envelope.event.relay_id), envelope)
            if changed is not None:
                rows[changed.relay_id] = changed
        content = [{field.name: getattr(row, field.name) for field in fields(row)} for row in rows.values()]
        await put(connection, "relays", ["relay_id"], content)
    if erased:
        await connection.execute(_ERASED, {"people": erased})
    if people := {*erased, *(row.sender_id for row in rows.values())}:
        await connection.execute(_FORGET, {"people": list(people)})


VIEW = View(name=NAME, tables=("relays", "erased_senders"), ddl=_DDL, sources=("intake",), apply=_apply)


async def relay(engine: AsyncEngine, relay_id: UUID, whose: Whose) -> RelayRow | None:
    """Return what was taken, if it is for this reader."""
    found = await _rows(engine, f"relay_id = :relay_id and {_MINE} limit 1", whose, relay_id=relay_id)
    return found[0] if found else None


async def relays(
    engine: AsyncEngine, whose: Whose, *, kind: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[RelayRow]:
    """Return what is for this reader, newest first."""
    at, relay_id = after or (None, None)
    where = f"""{_MINE} and (cast(:kind as text) is null or kind = :kind)
                and (cast(:at as timestamptz) is null or (taken_at, relay_id) < (:at, cast(:relay_id as uuid)))
              order by taken_at desc, relay_id desc limit :limit"""
    return await _rows(engine, where, whose, kind=kind, at=at, relay_id=relay_id, limit=limit)


async def open_relays(
    engine: AsyncEngine, whose: Whose, *, late_at: datetime | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[RelayRow]:
    """Return what still waits for somebody, the most urgent first; only what is late at a moment when one is given."""
    at, relay_id = after or (None, None)
    where = f"""{_MINE} and {_OPEN}
                and (cast(:late_at as timestamptz) is null or (acknowledged_at is null and acknowledge_by <= :late_at)
                     or (answered_at is null and answer_by <= :late_at))
                and (cast(:at as timestamptz) is null or (acknowledge_by, relay_id) > (:at, cast(:relay_id as uuid)))
              order by acknowledge_by, relay_id limit :limit"""
    return await _rows(engine, where, whose, late_at=late_at, at=at, relay_id=relay_id, limit=limit)


async def _rows(engine: AsyncEngine, where: str, whose: Whose, **values: Any) -> Sequence[RelayRow]:  # noqa: ANN401 - of a query
    reader = {"desk": whose.desk, "department": whose.department, "actor": whose.actor_id, "role": whose.role}
    statement = text(f"select {_COLUMNS} from relays where {where}")
    async with engine.connect() as connection:
        return [_row(row) for row in (await connection.execute(statement, {**reader, **values})).all()]


def _row(row: Any) -> RelayRow:  # noqa: ANN401 - a database row
    return RelayRow(**{**row._asdict(), "delayed": tuple(row.delayed)})


async def unsealed(rows: Sequence[RelayRow], keys: Keys) -> list[RelayRow]:
    """Open the boxes for a screen; what has no key any more is empty."""
    known = await keys.get_many([row.sender_id for row in rows])
    return [_opened(row, known) for row in rows]


def _opened(row: RelayRow, keys: Mapping[UUID, bytes]) -> RelayRow:
    boxes: dict[str, str | None] = {name: getattr(row, name) for name in TEXTS}
    try:
        opened = {name: None if box is None else unseal(box, keys) for name, box in boxes.items()}
    except KeyGoneError:
        opened = dict.fromkeys(TEXTS)
    return replace(row, **opened)  # type: ignore[arg-type]  # texts are optional
