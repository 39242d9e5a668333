"""Who may read a matter, in every service alike: by its level, when named, and never those whom it accuses (A144, A145).

Each service keeps this one read model of intake's events beside its own. A matter of which it has not heard yet is withheld.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_chassis.problems import not_found
from hotline_chassis.rights import LEVELS
from hotline_chassis.signin import Principal
from hotline_events.catalogue.intake import Confidentiality, RequestCorrected, RequestRegistered
from hotline_events.catalogue.intake.clearance import ClearanceGranted, ClearanceWithdrawn, ConfidentialityMarked
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.store import Store

NAME: Final = "confidentiality@1"
_DDL = """
create table if not exists matter_levels (request_id uuid primary key, requester_id uuid not null,
    confidentiality text not null, accused_department text, first_contact text not null);
create index if not exists matter_levels_requester on matter_levels (requester_id);
create table if not exists clearances (request_id uuid, actor_id text, primary key (request_id, actor_id))
"""
_REGISTER = """
insert into matter_levels select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
    on conflict (request_id) do update set confidentiality = excluded.confidentiality,
       accused_department = excluded.accused_department"""
_MARK = """
update matter_levels set confidentiality = marked.confidentiality
  from unnest($1::uuid[], $2::text[]) marked (request_id, confidentiality)
 where matter_levels.request_id = marked.request_id"""
_ACCUSE = """
update matter_levels set accused_department = corrected.department
  from unnest($1::uuid[], $2::text[]) corrected (request_id, department)
 where matter_levels.request_id = corrected.request_id"""
_CLEAR = "insert into clearances select * from unnest($1::uuid[], $2::text[]) on conflict do nothing"
_WITHDRAW = """
delete from clearances using unnest($1::uuid[], $2::text[]) gone (request_id, actor_id)
 where clearances.request_id = gone.request_id and clearances.actor_id = gone.actor_id"""
_LEVELS = """
select l.request_id, l.requester_id, l.confidentiality, l.accused_department, l.first_contact,
       exists (select 1 from clearances c where c.request_id = l.request_id and c.actor_id = :reader) as named
  from matter_levels l"""


class OfMatter(BaseModel):
    """What a screen shows of a matter. `withheld` says that its words are not for whoever asks."""

    request_id: UUID = Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e10"])
    withheld: bool = Field(default=False, examples=[False])


M = TypeVar("M", bound=OfMatter)


class Reading(StrEnum):
    """What a matter is for somebody: to be read, to be known of without its words, or not there at all."""

    OPEN = "open"
    WITHHELD = "withheld"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What decides who may read it. `named` is whether the one who asks was named for it."""

    request_id: UUID
    requester_id: UUID
    confidentiality: Confidentiality
    accused_department: str | None
    first_contact: str
    named: bool = False

    @classmethod
    def of(cls, event: RequestRegistered) -> "Matter":
        """Return a matter as it was registered, for the moment before the read model knows it."""
        return cls(
            request_id=event.request_id,
            requester_id=event.requester_id,
            confidentiality=event.confidentiality,
            accused_department=event.accused_department,
            first_contact=event.first_contact,
        )

    def for_(self, reader: Principal) -> Reading:
        """Say what the matter is for somebody. Who wrote it down may read it; a member of the accused unit may not."""
        if reader.department is not None and reader.department == self.accused_department:
            return Reading.HIDDEN
        if self.named or reader.actor_id == self.first_contact or reader.role in LEVELS[self.confidentiality]:
            return Reading.OPEN
        return Reading.WITHHELD


async def matters(store: Store, reader: Principal, request_ids: Iterable[UUID]) -> Mapping[UUID, Matter]:
    """Return what decides who may read these matters, as far as they are known."""
    rows = await store.execute(f"{_LEVELS} where l.request_id = any(:ids)", ids=list(set(request_ids)), reader=reader.actor_id)
    return MappingProxyType({matter.request_id: matter for matter in map(_matter, rows)})


async def is_hidden(store: Store, reader: Principal, request_id: UUID) -> bool:
    """Whether somebody must not learn that a matter exists: it accuses their department (A144)."""
    if reader.department is None:
        return False
    known = (await matters(store, reader, [request_id])).get(request_id)
    return known is not None and known.for_(reader) is Reading.HIDDEN


async def matters_of(store: Store, reader: Principal, requester_id: UUID) -> Sequence[Matter]:
    """Return what decides who may read the matters of one person."""
    rows = await store.execute(f"{_LEVELS} where l.requester_id = :id", id=requester_id, reader=reader.actor_id)
    return [_matter(row) for row in rows]


async def screened(store: Store, reader: Principal, shown: Sequence[M], *, withheld: Sequence[str]) -> list[M]:
    """Return what a screen shows as somebody may see it: `withheld` names the fields that are empty where they may not read.

    Each one names its `request_id`; one of a matter that is hidden from them is left out.
    """
    known = await matters(store, reader, [one.request_id for one in shown])
    empty = {**dict.fromkeys(withheld), "withheld": True}
    seen = []
    for one in shown:
        matter = known.get(one.request_id)
        reading = Reading.WITHHELD if matter is None else matter.for_(reader)
        if reading is not Reading.HIDDEN:
            seen.append(one if reading is Reading.OPEN else one.model_copy(update=empty))
    return seen


async def screened_one(store: Store, reader: Principal, shown: M, *, withheld: Sequence[str]) -> M:
    """Return one thing as somebody may see it; what is hidden from them is not there."""
    for seen in await screened(store, reader, [shown], withheld=withheld):
        return seen
    raise not_found()


def _matter(row: Any) -> Matter:  # noqa: ANN401 - a database row
    columns = row._asdict()
    return Matter(**{**columns, "confidentiality": Confidentiality(columns["confidentiality"])})


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    registered: dict[UUID, RequestRegistered] = {}
    marked: dict[UUID, str] = {}
    accused: dict[UUID, str | None] = {}
    named: dict[tuple[UUID, str], bool] = {}
    for envelope in envelopes:
        match envelope.event:
            case RequestRegistered() as event:
                registered[event.request_id] = event
            case ConfidentialityMarked() as event:
                marked[event.request_id] = event.to_level.value
            case RequestCorrected(field="accused_department") as event:
                accused[event.request_id] = event.became_value
            case ClearanceGranted() as event:
                named[event.request_id, event.actor_id] = True
            case ClearanceWithdrawn() as event:
                named[event.request_id, event.actor_id] = False
            case _:
                continue
    await _store(connection, registered, marked, accused, named)


async def _store(
    connection: AsyncConnection,
    registered: Mapping[UUID, RequestRegistered],
    marked: Mapping[UUID, str],
    accused: Mapping[UUID, str | None],
    named: Mapping[tuple[UUID, str], bool],
) -> None:
    if registered:
        await connection.exec_driver_sql(_REGISTER, _columns([_level(event) for event in registered.values()]))
    if marked:
        await connection.exec_driver_sql(_MARK, _columns(list(marked.items())))
    if accused:
        await connection.exec_driver_sql(_ACCUSE, _columns(list(accused.items())))
    for wanted, statement in ((True, _CLEAR), (False, _WITHDRAW)):
        if people := [key for key, is_named in named.items() if is_named is wanted]:
            await connection.exec_driver_sql(statement, _columns(people))


def _level(event: RequestRegistered) -> tuple[Any, ...]:
    who = (event.request_id, event.requester_id)
    return (*who, event.confidentiality.value, event.accused_department, event.first_contact)


def _columns(rows: Sequence[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    return tuple(list(column) for column in zip(*rows, strict=True))


VIEW = View(name=NAME, tables=("matter_levels", "clearances"), ddl=_DDL, sources=("intake",), apply=_apply)
