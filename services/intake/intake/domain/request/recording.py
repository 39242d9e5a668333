"""Completing a record: the elements of its kind are all there, or what is missing is named (A25-A29, A34, A35)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline_events.catalogue.intake import (
    RequesterClass,
    RequestEvent,
    RequestRecordCompleted,
)
from hotline_rules.pack import RulePack
from hotline_rules.sections.recording import Element
from intake.domain.request.refusals import RecordIncompleteError
from intake.domain.request.registering import require_registered
from intake.domain.request.state import Request

_OF_THE_PERSON = frozenset({Element.NAME, Element.GENDER, Element.PHONE, Element.ORGANISATION})


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteRecord:
    """Say that the record is complete; `facts` are those that the vault keeps of the requester."""

    request_id: UUID
    facts: frozenset[str]
    rules: RulePack
    completed_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How much of what its kind asks for a record holds, in per cent, and what is missing."""

    score: int
    missing: tuple[str, ...]


def completeness(
    rules: RulePack, kind: str, present: Collection[str], facts: Collection[str], *, organisation: bool
) -> Completeness:
    """Weigh a record. Who stays anonymous leaves no facts, so none is missing (A144); an organisation has its name (A26)."""
    wanted = dict.fromkeys(rules.recording.elements_of(kind))
    if organisation:
        wanted[Element.ORGANISATION] = None
    asked = [element for element in wanted if facts or element not in _OF_THE_PERSON]
    missing = tuple(element.value for element in asked if element not in present and element not in facts)
    return Completeness(score=100 * (len(asked) - len(missing)) // len(asked) if asked else 100, missing=missing)


def decide(request: Request, command: CompleteRecord) -> list[RequestEvent]:
    require_registered(request)
    if request.completed_at is not None:
        return []
    organisation = request.requester_class is RequesterClass.ORGANISATION
    kind = request.request_type.value
    found = completeness(command.rules, kind, request.elements, command.facts, organisation=organisation)
    if found.missing:
        raise RecordIncompleteError(found.missing)
    return [
        RequestRecordCompleted(
            request_id=command.request_id,
            elements=tuple(sorted(request.elements | (command.facts & _OF_THE_PERSON))),
            rule_version=command.rules.number,
            completed_by=command.completed_by,
            occurred_at=command.now,
        )
    ]
