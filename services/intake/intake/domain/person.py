"""A person of the vault: registered, known better, read for a stated purpose, erased (A25, A26, A144, A146, A148).

Events name which facts are kept and never the facts; those lie sealed in the vault. Erasing is for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    PersonErased,
    PersonEvent,
    PersonFactsAdded,
    PersonIdentityRead,
    PersonRegistered,
)
from hotline_events.decider import Decider
from intake.domain.refusals import (
    AnonymousWithFactsError,
    FactNotKeptError,
    PersonErasedError,
    PersonNotRegisteredError,
    UnknownCallerError,
    UnknownRequesterError,
)


class Fact(StrEnum):
    """What the vault may keep of a person (A25, A26)."""

    NAME = "name"
    GENDER = "gender"
    PHONE = "phone"
    ADDRESS = "address"
    ORGANISATION = "organisation"


class Purpose(StrEnum):
    """What an identity may be read for; anything else is no reason."""

    CALL_BACK = "call_back"
    VISIT = "visit"
    REVISIT = "revisit"
    EMERGENCY = "emergency"
    VERIFY_CALLER = "verify_caller"
    CORRECT_RECORD = "correct_record"
    QUALITY_INSPECTION = "quality_inspection"
    BREAK_GLASS = "break_glass"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPerson:
    person_id: UUID
    anonymous: bool
    fields: Sequence[Fact]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFacts:
    """Whoever is registered by their number alone has a whole record once they said the rest (A25, A34)."""

    person_id: UUID
    fields: Sequence[Fact]
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadIdentity:
    person_id: UUID
    fields: Sequence[Fact]
    purpose: Purpose
    request_id: UUID | None
    read_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePerson:
    person_id: UUID
    reason: str
    now: datetime


PersonCommand: TypeAlias = RegisterPerson | AddFacts | ReadIdentity | ErasePerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a decision about a person reads."""

    registered: bool = False
    erased: bool = False
    fields: frozenset[str] = frozenset()


def decide(person: Person, command: PersonCommand) -> list[PersonEvent]:
    match command:
        case RegisterPerson():
            return _register(person, command)
        case AddFacts():
            return _add(person, command)
        case ReadIdentity():
            return _read(person, command)
        case ErasePerson():
            return _erase(person, command)
        case _:
            assert_never(command)


def evolve(person: Person, event: PersonEvent) -> Person:
    match event:
        case PersonRegistered():
            return replace(person, registered=True, fields=frozenset(event.fields))
        case PersonFactsAdded():
            return replace(person, fields=person.fields | set(event.fields))
        case PersonIdentityRead():
            return person
        case PersonErased():
            return replace(person, erased=True, fields=frozenset())
        case _:
            assert_never(event)


def require_requester(person: Person) -> None:
    """Refuse to register a matter of somebody whom the vault does not know, or knows no more."""
    if person.erased:
        raise PersonErasedError
    if not person.registered:
        raise UnknownRequesterError


def require_caller(person: Person) -> None:
    """Refuse to name somebody as a caller whom the vault does not know, or knows no more."""
    if person.erased:
        raise PersonErasedError
    if not person.registered:
        raise UnknownCallerError


def _register(person: Person, command: RegisterPerson) -> list[PersonEvent]:
    if person.erased:
        raise PersonErasedError
    if command.anonymous and command.fields:
        raise AnonymousWithFactsError
    if person.registered:
        return []
    fields = tuple(sorted(set(command.fields)))
    return [PersonRegistered(person_id=command.person_id, anonymous=command.anonymous, fields=fields, occurred_at=command.now)]


def _add(person: Person, command: AddFacts) -> list[PersonEvent]:
    _require_known(person)
    told = set(command.fields)
    return [
        PersonFactsAdded(
            person_id=command.person_id,
            fields=tuple(sorted(told)),
            changed=tuple(sorted(told & person.fields)),
            added_by=command.by,
            occurred_at=command.now,
        )
    ]


def _read(person: Person, command: ReadIdentity) -> list[PersonEvent]:
    _require_known(person)
    fields = tuple(sorted(person.fields & set(command.fields)))
    if not fields:
        raise FactNotKeptError
    return [
        PersonIdentityRead(
            person_id=command.person_id,
            fields=fields,
            purpose=command.purpose,
            request_id=command.request_id,
            read_by=command.read_by,
            occurred_at=command.now,
        )
    ]


def _erase(person: Person, command: ErasePerson) -> list[PersonEvent]:
    if person.erased:
        return []
    _require_known(person)
    return [PersonErased(person_id=command.person_id, reason=command.reason, occurred_at=command.now)]


def _require_known(person: Person) -> None:
    if person.erased:
        raise PersonErasedError
    if not person.registered:
        raise PersonNotRegisteredError


decider: Decider[PersonCommand, Person, PersonEvent] = Decider("person", decide, evolve, Person())
