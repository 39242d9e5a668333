"""The people behind calls and requests, who are only ever an id here (A144-A146)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


@event("intake.person.registered")
class PersonRegistered:
    """A person entered the vault; `fields` names which facts are kept there, never the facts."""

    person_id: UUID
    anonymous: bool
    fields: tuple[str, ...]
    occurred_at: datetime


@event("intake.person.facts_added")
class PersonFactsAdded:
    """More became known of a person (A25, A34): `fields` names what was told, `changed` those of it that were kept before."""

    person_id: UUID
    fields: tuple[str, ...]
    changed: tuple[str, ...]
    added_by: str
    occurred_at: datetime


@event("intake.person.identity_read")
class PersonIdentityRead:
    """Someone read facts of a person for a stated purpose (P1)."""

    person_id: UUID
    fields: tuple[str, ...]
    purpose: str
    request_id: UUID | None = None
    read_by: str
    occurred_at: datetime


@event("intake.person.erased")
class PersonErased:
    """The person's data key was deleted: every copy of every sealed text is unreadable from now on (P3)."""

    person_id: UUID
    reason: str
    occurred_at: datetime


PersonEvent: TypeAlias = PersonRegistered | PersonFactsAdded | PersonIdentityRead | PersonErased
