"""The envelope of an event, as stored and as published: CloudEvents 1.0, structured mode.

Metadata is stored under its CloudEvents attribute names, so publishing is joining stored bytes: the relay never decodes a
payload. Pydantic is used here and nowhere else in this library.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

import hotline_events.catalogue  # noqa: F401 - registers every event
from hotline_events.errors import UnknownVersionError
from hotline_events.registry import EventType, find, type_of
from hotline_events.sealing import BoxLabel, KeyGoneError, Sealed, SealError, label_of, seal
from hotline_events.upcasts import upcast


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: an id without personal data, the role acted in, and the department where there is one."""

    actor_id: str
    role: str
    department: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why events come to be: the request or event that started it all, the one just before, who, and the trace."""

    correlation_id: UUID
    causation_id: UUID
    actor: Actor
    traceparent: str | None = None


class StoredEvent(NamedTuple):
    """One row of the events table, its JSON kept as the bytes that were stored. A tuple: it is made for every row read."""

    position: int
    stream: str
    version: int
    id: UUID
    name: str
    schema_version: int
    payload: str
    metadata: str
    recorded_at: datetime
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An event with everything known about it. `event` is None when this code does not know the name."""

    id: UUID
    name: str
    schema_version: int
    stream: str
    version: int
    position: int
    epoch: int
    epoch_start: int
    correlation_id: UUID
    causation_id: UUID
    actor: Actor
    occurred_at: datetime
    recorded_at: datetime
    traceparent: str | None
    event: Any
    raw: str = field(repr=False, compare=False)


@cache
def adapter(cls: type) -> TypeAdapter[Any]:
    """Return the codec of an event class."""
    return TypeAdapter(cls)


# Five times quicker than UUID(text), for every one of the three ids of every event that is read.
_uuid = adapter(UUID).validator.validate_python


def people_of(event: object) -> UUID | None:
    """Return the person whose key this event's sealed fields need, None when it has none filled."""
    kind = type_of(event)
    if kind.sealed_by is None or all(getattr(event, field) is None for field in kind.sealed_fields):
        return None
    person: UUID = getattr(event, kind.sealed_by)
    return person


def encode_payload(event: object, *, stream: str, version: int, keys: Mapping[UUID, bytes]) -> str:
    """Return the payload as it will be stored, its open texts sealed for exactly this place."""
    kind = type_of(event)
    person = people_of(event)
    if person is not None:
        boxes = {
            field: Sealed(box=_box(text, BoxLabel(person, stream, version, field), keys))
            for field in kind.sealed_fields
            if (text := getattr(event, field)) is not None
        }
        event = replace(event, **boxes)  # type: ignore[type-var]  # every registered event is a dataclass
    return adapter(kind.cls).dump_json(event, exclude_none=True).decode()


def _box(sealed: Sealed, label: BoxLabel, keys: Mapping[UUID, bytes]) -> str:
    if sealed.text is None:
        message = "a box cannot be moved into another event"
        raise SealError(message)
    key = keys.get(label.person_id)
    if key is None:
        raise KeyGoneError(label.person_id)
    return seal(sealed.text, label, key)


def encode_metadata(event: object, cause: Cause) -> str:
    """Return the metadata as it will be stored: CloudEvents extension attributes."""
    actor = cause.actor
    occurred_at: datetime = event.occurred_at  # type: ignore[attr-defined]  # the registry demands it of every event
    attributes = {
        "time": occurred_at.isoformat(),
        "correlationid": cause.correlation_id,
        "causationid": cause.causation_id,
        "actorid": actor.actor_id,
        "actorrole": actor.role,
        "actordepartment": actor.department,
        "department": getattr(event, "department", None),
        "ruleversion": getattr(event, "rule_version", None),
        "traceparent": cause.traceparent,
    }
    kept = {name: value for name, value in attributes.items() if value is not None}
    return to_json(kept).decode()


def to_cloudevent(row: StoredEvent, *, epoch: int, epoch_start: int) -> bytes:
    """Return the structured-mode CloudEvent of a stored row: one JSON object around the stored bytes."""
    service = row.name.partition(".")[0]
    return (
        f'{{"specversion":"1.0","id":"{row.id}","source":"/hotline/{service}","type":"{row.name}","subject":"{row.stream}",'
        f'"datacontenttype":"application/json","schemaversion":{row.schema_version},"streamversion":{row.version},'
        f'"position":{row.position},"epoch":{epoch},"epochstart":{epoch_start},'
        f'"recordedat":"{row.recorded_at.isoformat()}","chainhash":"{row.hash.hex()}",'
        f'{row.metadata[1:-1]},"data":{row.payload}}}'
    ).encode()


def from_cloudevent(body: bytes | str) -> Envelope:
    """Decode one published event. Raises UnknownVersionError for a version this code does not know."""
    raw = from_json(body)
    kind = find(raw["type"])
    stream, version = raw["subject"], raw["streamversion"]
    return Envelope(
        id=_uuid(raw["id"]),
        name=raw["type"],
        schema_version=raw["schemaversion"],
        stream=stream,
        version=version,
        position=raw["position"],
        epoch=raw["epoch"],
        epoch_start=raw["epochstart"],
        correlation_id=_uuid(raw["correlationid"]),
        causation_id=_uuid(raw["causationid"]),
        actor=Actor(raw["actorid"], raw["actorrole"], raw.get("actordepartment")),
        occurred_at=datetime.fromisoformat(raw["time"]),
        recorded_at=datetime.fromisoformat(raw["recordedat"]),
        traceparent=raw.get("traceparent"),
        event=None if kind is None else _decode(kind, raw["schemaversion"], raw["data"], stream, version),
        raw=body if isinstance(body, str) else body.decode(),
    )


def from_row(row: StoredEvent, *, epoch: int = 1, epoch_start: int = 0) -> Envelope:
    """Decode one stored row: the same path as a published event, so both always mean the same."""
    return from_cloudevent(to_cloudevent(row, epoch=epoch, epoch_start=epoch_start))


def decode_payload(row: StoredEvent) -> Any:  # noqa: ANN401 - any registered event
    """Decode only the event of a row, upcast to its current version: what folding a stream needs."""
    kind = find(row.name)
    if kind is None:
        message = f"{row.name} is not in the catalogue"
        raise UnknownVersionError(message)
    if row.schema_version != kind.version:
        return _decode(kind, row.schema_version, from_json(row.payload), row.stream, row.version)
    # Without the dictionaries between text and event: that is two fifths of decoding.
    return _checked(kind, adapter(kind.cls).validator.validate_json(row.payload), row.stream, row.version)


def _decode(kind: EventType, schema_version: int, payload: dict[str, Any], stream: str, version: int) -> Any:  # noqa: ANN401
    if schema_version != kind.version:
        if schema_version > kind.version:
            message = f"{kind.name} version {schema_version} is newer than this code knows ({kind.version})"
            raise UnknownVersionError(message)
        payload = upcast(kind.name, schema_version, kind.version, payload)
    return _checked(kind, adapter(kind.cls).validator.validate_python(payload), stream, version)


def _checked(kind: EventType, event: Any, stream: str, version: int) -> Any:  # noqa: ANN401
    """Return an event whose boxes were all made for it."""
    for name in kind.sealed_fields:
        sealed: Sealed | None = getattr(event, name)
        if sealed is not None and sealed.box is not None:
            label = label_of(sealed.box)
            if (label.stream, label.version, label.field) != (stream, version, name):
                message = f"{kind.name} {name}: the box was made for another event"
                raise SealError(message)
    return event


def boxes_of(event: object) -> Sequence[str]:
    """Return every box of an event: what a screen may ask to be unsealed."""
    texts: list[Sealed | None] = [getattr(event, name) for name in type_of(event).sealed_fields]
    return [sealed.box for sealed in texts if sealed and sealed.box]
