"""The table of precedents: what arbitration decided once holds for the next like case, until it is revoked (W10).

One stream holds all of them. A like case has the same category in the same area, exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.routing import PrecedentEvent, PrecedentRevoked, PrecedentSet, RevocationReason
from hotline_events.decider import Decider, RefusalError

Case: TypeAlias = tuple[str, str | None]
"""A category, and an area or none."""
_NAMESPACE = UUID("3c1d3a52-0a4f-5d53-9d55-70b1d1a5c001")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPrecedent:
    """Arbitration of an order decided."""

    category: str
    area: str | None
    department: str
    work_order_id: UUID
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokePrecedent:
    precedent_id: UUID
    reason: RevocationReason
    by: str
    now: datetime


PrecedentCommand: TypeAlias = SetPrecedent | RevokePrecedent


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """The last decision for one kind of case."""

    version: int
    category: str
    area: str | None
    department: str
    work_order_id: UUID
    in_force: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedents:
    rows: Mapping[UUID, Precedent] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def in_force(self) -> dict[Case, tuple[UUID, str]]:
        """Return, by case, the precedent to cite and its department."""
        return {(row.category, row.area): (key, row.department) for key, row in self.rows.items() if row.in_force}


class PrecedentUnknownError(RefusalError):
    """There is no such precedent."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


def precedent_id_of(category: str, area: str | None) -> UUID:
    """Return the id under which the precedent of a case is cited: the same for all its versions."""
    return uuid5(_NAMESPACE, f"{category}\x1f{area or ''}")


def decide(precedents: Precedents, command: PrecedentCommand) -> list[PrecedentEvent]:
    match command:
        case SetPrecedent():
            return _set(precedents, command)
        case RevokePrecedent():
            return _revoke(precedents, command)
        case _:
            assert_never(command)


def _set(precedents: Precedents, command: SetPrecedent) -> list[PrecedentEvent]:
    precedent_id = precedent_id_of(command.category, command.area)
    former = precedents.rows.get(precedent_id)
    if former is not None and former.in_force and former.department == command.department:
        return []
    return [
        PrecedentSet(
            precedent_id=precedent_id,
            precedent_version=former.version + 1 if former else 1,
            category=command.category,
            area=command.area,
            department=command.department,
            work_order_id=command.work_order_id,
            decided_by=command.by,
            occurred_at=command.now,
        )
    ]


def _revoke(precedents: Precedents, command: RevokePrecedent) -> list[PrecedentEvent]:
    row = precedents.rows.get(command.precedent_id)
    if row is None:
        raise PrecedentUnknownError
    if not row.in_force:
        return []
    return [
        PrecedentRevoked(
            precedent_id=command.precedent_id,
            precedent_version=row.version,
            category=row.category,
            area=row.area,
            department=row.department,
            reason=command.reason,
            revoked_by=command.by,
            occurred_at=command.now,
        )
    ]


def evolve(precedents: Precedents, event: PrecedentEvent) -> Precedents:
    match event:
        case PrecedentSet():
            row = Precedent(
                version=event.precedent_version,
                category=event.category,
                area=event.area,
                department=event.department,
                work_order_id=event.work_order_id,
            )
        case PrecedentRevoked():
            row = replace(precedents.rows[event.precedent_id], in_force=False)
        case _:
            assert_never(event)
    return Precedents(rows=MappingProxyType({**precedents.rows, event.precedent_id: row}))


decider: Decider[PrecedentCommand, Precedents, PrecedentEvent] = Decider("precedent", decide, evolve, Precedents())
