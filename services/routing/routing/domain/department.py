"""A department: an organisation with a queue of its own. Departments are data, not code; a code never changes."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never

from hotline_events.catalogue.routing import DepartmentClosed, DepartmentEvent, DepartmentRegistered, DepartmentRenamed
from hotline_events.decider import Decider, RefusalError


@dataclass(frozen=True, slots=True, kw_only=True)
class NameDepartment:
    """Register a department, or give it other names."""

    department: str
    name_zh: str
    name_en: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDepartment:
    department: str
    now: datetime


DepartmentCommand: TypeAlias = NameDepartment | CloseDepartment


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    registered: bool = False
    closed: bool = False
    names: tuple[str, str] = ("", "")

    @property
    def takes_orders(self) -> bool:
        return self.registered and not self.closed


class DepartmentUnknownError(RefusalError):
    """There is no such department."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class DepartmentIsClosedError(RefusalError):
    """A closed department stays closed; its successor gets a code of its own."""

    code: ClassVar[str] = "department_closed"
    rule: ClassVar[str | None] = "department_open"


def decide(department: Department, command: DepartmentCommand) -> list[DepartmentEvent]:
    match command:
        case NameDepartment():
            return _name(department, command)
        case CloseDepartment():
            return _close(department, command)
        case _:
            assert_never(command)


def evolve(department: Department, event: DepartmentEvent) -> Department:
    match event:
        case DepartmentRegistered() | DepartmentRenamed():
            return replace(department, registered=True, names=(event.name_zh, event.name_en))
        case DepartmentClosed():
            return replace(department, closed=True)
        case _:
            assert_never(event)


def _name(department: Department, command: NameDepartment) -> list[DepartmentEvent]:
    if department.closed:
        raise DepartmentIsClosedError
    if department.registered and department.names == (command.name_zh, command.name_en):
        return []
    event = DepartmentRenamed if department.registered else DepartmentRegistered
    return [event(department=command.department, name_zh=command.name_zh, name_en=command.name_en, occurred_at=command.now)]


def _close(department: Department, command: CloseDepartment) -> list[DepartmentEvent]:
    if not department.registered:
        raise DepartmentUnknownError
    if department.closed:
        return []
    return [DepartmentClosed(department=command.department, occurred_at=command.now)]


decider: Decider[DepartmentCommand, Department, DepartmentEvent] = Decider("department", decide, evolve, Department())
