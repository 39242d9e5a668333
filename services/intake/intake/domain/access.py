"""A user's roles and rights, narrowed by the hotline: revoked and granted again, withdrawn and returned (A150).

Roles come from the sign-in provider. The hotline never widens them: what it grants is what it had revoked.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.intake.access import (
    AccessEvent,
    RightReturned,
    RightWithdrawn,
    RoleGranted,
    RoleRevoked,
)
from hotline_events.decider import Decider, RefusalError

_USERS = UUID("b6d6f3f4-1f55-5f0e-9d6b-12345c0de003")


class Reason(StrEnum):
    """Why something is taken from a user."""

    LEFT = "left"
    OTHER_POST = "other_post"
    MISUSE = "misuse"
    UNDER_INVESTIGATION = "under_investigation"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRole:
    """Take a role from a user; `of_department` names the one department where, None means everywhere."""

    actor_id: str
    role: str
    of_department: str | None
    reason: Reason
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRole:
    actor_id: str
    role: str
    of_department: str | None
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRight:
    actor_id: str
    right: str
    reason: Reason
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRight:
    actor_id: str
    right: str
    by: str
    now: datetime


def access_id_of(actor_id: str) -> UUID:
    """Return the id of a user's access: what the sign-in provider calls them need not fit a stream's name."""
    return uuid5(_USERS, actor_id)


AccessCommand: TypeAlias = RevokeRole | GrantRole | WithdrawRight | ReturnRight


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the hotline has taken from a user."""

    revoked: frozenset[tuple[str, str | None]] = frozenset()
    withdrawn: frozenset[str] = frozenset()


class OwnAccessError(RefusalError):
    """Nobody changes what they themselves may do (A150)."""

    code: ClassVar[str] = "own_access"
    rule: ClassVar[str | None] = "A150"


def decide(access: Access, command: AccessCommand) -> list[AccessEvent]:
    if command.actor_id == command.by:
        raise OwnAccessError
    match command:
        case RevokeRole():
            return _revoke(access, command)
        case GrantRole():
            return _grant(access, command)
        case WithdrawRight():
            return _withdraw(access, command)
        case ReturnRight():
            return _return(access, command)
        case _:
            assert_never(command)


def evolve(access: Access, event: AccessEvent) -> Access:
    match event:
        case RoleRevoked():
            return replace(access, revoked=access.revoked | {(event.role, event.of_department)})
        case RoleGranted():
            return replace(access, revoked=access.revoked - {(event.role, event.of_department)})
        case RightWithdrawn():
            return replace(access, withdrawn=access.withdrawn | {event.right})
        case RightReturned():
            return replace(access, withdrawn=access.withdrawn - {event.right})
        case _:
            assert_never(event)


def _revoke(access: Access, command: RevokeRole) -> list[AccessEvent]:
    if (command.role, command.of_department) in access.revoked:
        return []
    return [
        RoleRevoked(
            actor_id=command.actor_id,
            role=command.role,
            of_department=command.of_department,
            reason=command.reason,
            revoked_by=command.by,
            occurred_at=command.now,
        )
    ]


def _grant(access: Access, command: GrantRole) -> list[AccessEvent]:
    if (command.role, command.of_department) not in access.revoked:
        return []
    return [
        RoleGranted(
            actor_id=command.actor_id,
            role=command.role,
            of_department=command.of_department,
            granted_by=command.by,
            occurred_at=command.now,
        )
    ]


def _withdraw(access: Access, command: WithdrawRight) -> list[AccessEvent]:
    if command.right in access.withdrawn:
        return []
    return [
        RightWithdrawn(
            actor_id=command.actor_id,
            right=command.right,
            reason=command.reason,
            withdrawn_by=command.by,
            occurred_at=command.now,
        )
    ]


def _return(access: Access, command: ReturnRight) -> list[AccessEvent]:
    if command.right not in access.withdrawn:
        return []
    return [RightReturned(actor_id=command.actor_id, right=command.right, returned_by=command.by, occurred_at=command.now)]


decider: Decider[AccessCommand, Access, AccessEvent] = Decider("access", decide, evolve, Access())
