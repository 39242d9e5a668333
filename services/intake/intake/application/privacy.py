"""The use cases of privacy: break-glass, disclosures, exports, and the directory (A130, A144-A149)."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID, uuid4

from hotline_chassis.confidentiality import Matter, Reading, matters_of
from hotline_chassis.signin import Principal
from hotline_events.aggregates import Aggregates, Done, Submission
from hotline_events.catalogue.intake.disclosure import DisclosureEvent
from hotline_events.decider import Decider
from hotline_events.envelope import decode_payload
from hotline_events.sealing import KeyGoneError
from hotline_rules.pack import RulePack
from intake import matters_now
from intake.application import read_identity
from intake.domain import clearance, directory, disclosure, note, person, request
from intake.domain.break_glass import BreakGlass, BreakGlassUnknownError
from intake.domain.refusals import (
    ConfidentialError,
    NotTheirRequestError,
    PersonErasedError,
    PersonNotRegisteredError,
    RelayToAccusedError,
)
from intake.vault import Vault

S = TypeVar("S")
Records = Sequence[Mapping[str, object]]
EXPORTED = ("request_id", "registered_at", "channel", "request_type", "category", "area", "answered_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """Who compares a caller with the record, by which rules and when."""

    actor_id: str
    rules: RulePack
    now: datetime
    submission: Submission


async def matter_of(aggregates: Aggregates, reader: Principal, request_id: UUID) -> Matter:
    """Return what decides who may read a matter, as it is stored now; one that is not there is refused as such."""
    for known in await _stored(aggregates, reader, [request_id]):
        return known
    raise BreakGlassUnknownError


async def require_readable(aggregates: Aggregates, reader: Principal, person_id: UUID, request_id: UUID | None) -> None:
    """Refuse to tell who is behind a matter that somebody may not read; the accused unit meets nobody at all (A144, A145).

    Where no matter is named, each of the person's counts, one registered a moment ago as well.
    """
    named = await _matters_behind(aggregates, reader, person_id) if request_id is None else [request_id]
    known = await _stored(aggregates, reader, named)
    if request_id is not None and person_id not in {matter.requester_id for matter in known}:
        raise NotTheirRequestError
    readings = {matter.for_(reader) for matter in known}
    if Reading.HIDDEN in readings:
        raise PersonNotRegisteredError
    if Reading.WITHHELD in readings:
        raise ConfidentialError


async def _matters_behind(aggregates: Aggregates, reader: Principal, person_id: UUID) -> Sequence[UUID]:
    since = await matters_now.applied_until(aggregates.store)
    applied = [matter.request_id for matter in await matters_of(aggregates.store, reader, person_id)]
    return list({*applied, *await matters_now.registered_since(aggregates.store, since, person_id)})


async def require_relayable(aggregates: Aggregates, reader: Principal, request_id: UUID, department: str) -> None:
    """Refuse to relay anything of a matter to the department that it accuses (A144)."""
    if any(matter.accused_department == department for matter in await _stored(aggregates, reader, [request_id])):
        raise RelayToAccusedError


async def is_hidden(aggregates: Aggregates, reader: Principal, request_id: UUID) -> bool:
    """Whether somebody must not learn that a matter exists: it accuses their department (A144)."""
    return any(matter.for_(reader) is Reading.HIDDEN for matter in await _stored(aggregates, reader, [request_id]))


async def _stored(aggregates: Aggregates, reader: Principal, request_ids: Sequence[UUID]) -> list[Matter]:
    """Read matters and their clearances, ahead of any read model; only what was appended since the last time is read."""
    deciders: tuple[Decider[Any, Any, Any], ...] = (request.decider, clearance.decider)
    found = await aggregates.load_many({decider.stream(one): decider for one in request_ids for decider in deciders})
    matters = []
    for request_id in request_ids:
        (_, known), (_, cleared) = (found[decider.stream(request_id)] for decider in deciders)
        if known.requester_id is not None:
            matters.append(_matter(request_id, known, cleared, reader))
    return matters


def _matter(request_id: UUID, known: request.Request, cleared: clearance.Clearance, reader: Principal) -> Matter:
    return Matter(
        request_id=request_id,
        requester_id=known.requester_id or request_id,
        confidentiality=cleared.level or known.confidentiality,
        accused_department=known.accused_department,
        first_contact=known.first_contact,
        named=reader.actor_id in cleared.named,
    )


async def present(aggregates: Aggregates, decider: Decider[Any, S, Any], aggregate_id: UUID | str) -> S:
    """Return an aggregate's state as it is stored now, whichever process changed it."""
    stream = decider.stream(aggregate_id)
    state: S = (await aggregates.load_many({stream: decider}))[stream][1]
    return state


async def read_through_glass(
    aggregates: Aggregates, vault: Vault, glass: BreakGlass, submission: Submission, *, now: datetime
) -> tuple[Done, Mapping[str, str]]:
    """Record the reading, then read; the right to do so was checked on `glass` as it stands now."""
    reading = person.ReadIdentity(
        person_id=glass.person_id,
        fields=[person.Fact(name) for name in glass.fields],
        purpose=person.Purpose.BREAK_GLASS,
        request_id=glass.request_id,
        read_by=glass.opened_by,
        now=now,
    )
    return await read_identity(aggregates, vault, reading, submission)


async def require_registered(aggregates: Aggregates, person_id: UUID) -> None:
    """Refuse what is about somebody whom the vault does not know."""
    if not (await present(aggregates, person.decider, person_id)).registered:
        raise PersonNotRegisteredError


async def take_note(aggregates: Aggregates, command: note.TakeNote, submission: Submission) -> Done:
    """Keep a note about a person, sealed with their key."""
    await require_registered(aggregates, command.person_id)
    try:
        return await aggregates.execute(note.decider, command.note_id, command, submission)
    except KeyGoneError as error:
        raise PersonErasedError from error


async def verify(
    aggregates: Aggregates, vault: Vault, matter: Matter, claims: Mapping[str, str], by: Verifier
) -> disclosure.Identity:
    """Compare what a caller claims with the vault. The comparison is a reading, and on record as one.

    Of whom fewer facts are kept than the rules ask for, nobody can show that they are it.
    """
    known = await present(aggregates, person.decider, matter.requester_id)
    kept = known.fields - {person.Fact.GENDER}
    enough = by.rules.privacy.disclosure_facts
    if len(kept & claims.keys()) < enough:
        return disclosure.Identity.UNKNOWN
    reading = person.ReadIdentity(
        person_id=matter.requester_id,
        fields=[person.Fact(name) for name in claims],
        purpose=person.Purpose.VERIFY_CALLER,
        request_id=matter.request_id,
        read_by=by.actor_id,
        now=by.now,
    )
    derived = replace(by.submission, command_id=uuid4(), expected_version=None)
    _, facts = await read_identity(aggregates, vault, reading, derived)
    return disclosure.compare(claims, facts, enough=enough)


async def decided(aggregates: Aggregates, done: Done) -> DisclosureEvent:
    """Return what was decided when it was first asked; who repeats the question has the same answer."""
    if done.events:
        (event,) = done.events
    else:
        (row,) = await aggregates.store.read_stream(done.stream, done.version - 1, limit=1)
        event = decode_payload(row)
    known: DisclosureEvent = event
    return known


async def look_up(aggregates: Aggregates, command: directory.LookUpNumber, submission: Submission) -> str | None:
    """Return a published number; asking for any other is recorded and answered with none."""
    known = await present(aggregates, directory.decider, directory.MAIN)
    done = await aggregates.execute(directory.decider, directory.MAIN, command, submission)
    entry = known.entry(command.code)
    return None if done.events or done.repeated or entry is None else entry.number


def watermark_of(export_id: UUID, by: str) -> str:
    """Return the mark that every row of an export bears: it leads back to who took it."""
    return sha256(f"{export_id}:{by}".encode()).hexdigest()[:16]


def as_csv(records: Records, watermark: str) -> str:
    """Write records as CSV, the mark in every row. A cell that a spreadsheet would run as a formula is defused."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*EXPORTED, "watermark"])
    for record in records:
        writer.writerow([*(_defused(record[column]) for column in EXPORTED), watermark])
    return text.getvalue()


def _defused(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
