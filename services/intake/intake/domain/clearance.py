"""Who may read a confidential matter: its level is marked, people are named for it and named no more (A145)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import Confidentiality
from hotline_events.catalogue.intake.clearance import (
    ClearanceEvent,
    ClearanceGranted,
    ClearanceWithdrawn,
    ConfidentialityMarked,
)
from hotline_events.decider import Decider, RefusalError

_RANK = {level: rank for rank, level in enumerate(Confidentiality)}


class MarkReason(StrEnum):
    """Why a matter has another level."""

    REQUESTER_ASKED = "requester_asked"
    RETALIATION_FEARED = "retaliation_feared"
    STATE_SECRET = "state_secret"  # noqa: S105 - a reason, no password
    UNDER_INVESTIGATION = "under_investigation"
    NO_LONGER_NEEDED = "no_longer_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantClearance:
    request_id: UUID
    actor_id: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawClearance:
    request_id: UUID
    actor_id: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkConfidentiality:
    """Give a matter another level. Everyone at the desk may raise it; only the office lowers it."""

    request_id: UUID
    registered: Confidentiality
    level: Confidentiality
    reason: MarkReason
    may_lower: bool
    by: str
    now: datetime


ClearanceCommand: TypeAlias = GrantClearance | WithdrawClearance | MarkConfidentiality


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """What a decision about it reads: the level if it was ever marked, and who is named."""

    level: Confidentiality | None = None
    named: frozenset[str] = frozenset()


class OnlyRaisedError(RefusalError):
    """Only the office makes a matter less confidential (A145)."""

    code: ClassVar[str] = "confidentiality_only_raised"
    rule: ClassVar[str | None] = "A145"
    field: ClassVar[str | None] = "body.level"


def decide(clearance: Clearance, command: ClearanceCommand) -> list[ClearanceEvent]:
    match command:
        case GrantClearance():
            return _grant(clearance, command)
        case WithdrawClearance():
            return _withdraw(clearance, command)
        case MarkConfidentiality():
            return _mark(clearance, command)
        case _:
            assert_never(command)


def evolve(clearance: Clearance, event: ClearanceEvent) -> Clearance:
    match event:
        case ClearanceGranted():
            return replace(clearance, named=clearance.named | {event.actor_id})
        case ClearanceWithdrawn():
            return replace(clearance, named=clearance.named - {event.actor_id})
        case ConfidentialityMarked():
            return replace(clearance, level=event.to_level)
        case _:
            assert_never(event)


def _grant(clearance: Clearance, command: GrantClearance) -> list[ClearanceEvent]:
    if command.actor_id in clearance.named:
        return []
    granted = ClearanceGranted(
        request_id=command.request_id, actor_id=command.actor_id, granted_by=command.by, occurred_at=command.now
    )
    return [granted]


def _withdraw(clearance: Clearance, command: WithdrawClearance) -> list[ClearanceEvent]:
    if command.actor_id not in clearance.named:
        return []
    withdrawn = ClearanceWithdrawn(
        request_id=command.request_id, actor_id=command.actor_id, withdrawn_by=command.by, occurred_at=command.now
    )
    return [withdrawn]


def _mark(clearance: Clearance, command: MarkConfidentiality) -> list[ClearanceEvent]:
    present = clearance.level or command.registered
    if command.level is present:
        return []
    if _RANK[command.level] < _RANK[present] and not command.may_lower:
        raise OnlyRaisedError
    return [
        ConfidentialityMarked(
            request_id=command.request_id,
            from_level=present,
            to_level=command.level,
            reason=command.reason,
            marked_by=command.by,
            occurred_at=command.now,
        )
    ]


decider: Decider[ClearanceCommand, Clearance, ClearanceEvent] = Decider("clearance", decide, evolve, Clearance())
