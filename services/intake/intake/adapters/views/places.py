"""`intake.places@1`: the units with their opening hours, and what was left for the extensions (A54, A55, A62)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.intake import (
    DoNotDisturbCleared,
    DoNotDisturbSet,
    MessagePassedOn,
    MessageTaken,
    UnitHoursPublished,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import put
from hotline_events.store import Store
from intake.adapters.views.rows import change

NAME = "intake.places@1"
_DDL = """
create table if not exists units (unit text primary key, name_zh text not null, name_en text not null, hours json not null);
create table if not exists quiet_extensions (extension text primary key, quiet_until timestamptz);
create table if not exists extension_messages (
    message_id uuid primary key, extension text not null, call_id uuid not null, because text not null, message text not null,
    sealed_for uuid not null, taken_by text not null, taken_at timestamptz not null, passed_on_at timestamptz,
    passed_on_by text);
create index if not exists extension_messages_taken on extension_messages (extension, taken_at desc, message_id desc)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit with its opening hours."""

    unit: str
    name_zh: str
    name_en: str
    hours: list[dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A message for an extension; its text is a box until it is opened."""

    message_id: UUID
    extension: str
    call_id: UUID
    because: str
    message: str | None
    sealed_for: UUID
    taken_by: str
    taken_at: datetime
    passed_on_at: datetime | None
    passed_on_by: str | None


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    units: list[dict[str, Any]] = []
    quiet: list[dict[str, Any]] = []
    taken: list[dict[str, Any]] = []
    passed_on: list[dict[str, Any]] = []
    for envelope in envelopes:
        match envelope.event:
            case UnitHoursPublished() as event:
                row = {name: getattr(event, name) for name in ("unit", "name_zh", "name_en")}
                units.append(row | {"hours": [asdict(span) for span in event.hours]})
            case DoNotDisturbSet(extension=extension, ends_at=ends_at):
                quiet.append({"extension": extension, "quiet_until": ends_at})
            case DoNotDisturbCleared(extension=extension):
                quiet.append({"extension": extension, "quiet_until": None})
            case MessageTaken() as event:
                names = ("message_id", "extension", "call_id", "sealed_for", "taken_by")
                row = {name: getattr(event, name) for name in names}
                message, because = event.message.box, event.because.value
                taken.append(row | {"message": message, "because": because, "taken_at": event.occurred_at})
            case MessagePassedOn(message_id=message_id, passed_on_by=by, occurred_at=at):
                passed_on.append({"message_id": message_id, "passed_on_by": by, "passed_on_at": at})
            case _:
                pass
    await put(connection, "units", ["unit"], units)
    await put(connection, "quiet_extensions", ["extension"], quiet)
    await put(connection, "extension_messages", ["message_id"], taken)
    same = "t.message_id = c.message_id"
    await change(connection, "extension_messages", same, passed_on, "passed_on_at", "passed_on_by")


VIEW = View(
    name=NAME,
    tables=("units", "quiet_extensions", "extension_messages"),
    ddl=_DDL,
    sources=("intake",),
    apply=_apply,
)


async def unit(store: Store, code: str) -> UnitRow | None:
    """Return a unit by its code."""
    rows = await store.rows("select unit, name_zh, name_en, hours from units where unit = :code", code=code)
    return UnitRow(**rows[0]) if rows else None


async def quiet_until(store: Store, extension: str) -> datetime | None:
    """Return until when an extension is not to be disturbed (A55)."""
    rows = await store.execute("select quiet_until from quiet_extensions where extension = :extension", extension=extension)
    return rows[0][0] if rows else None


async def messages(
    store: Store, extension: str, *, waiting: bool, after: tuple[datetime, UUID] | None, limit: int
) -> list[MessageRow]:
    """Return the messages for an extension, newest first, their texts in boxes."""
    rows = await store.rows(
        f"""select {", ".join(MessageRow.__slots__)} from extension_messages
             where extension = :extension and (not :waiting or passed_on_at is null)
               and (cast(:taken_at as timestamptz) is null or (taken_at, message_id) < (:taken_at, cast(:message_id as uuid)))
             order by taken_at desc, message_id desc limit :most""",
        extension=extension,
        waiting=waiting,
        taken_at=after[0] if after else None,
        message_id=after[1] if after else None,
        most=limit,
    )
    return [MessageRow(**row) for row in rows]
