"""Departments: organisations with a queue of their own."""

from datetime import datetime
from typing import TypeAlias

from hotline_events.registry import event


@event("routing.department.registered")
class DepartmentRegistered:
    """A department has a queue of its own from now on."""

    department: str
    name_zh: str
    name_en: str
    occurred_at: datetime


@event("routing.department.renamed")
class DepartmentRenamed:
    """The department is called something else; its code never changes."""

    department: str
    name_zh: str
    name_en: str
    occurred_at: datetime


@event("routing.department.closed")
class DepartmentClosed:
    """The department takes no more orders; its queue is removed."""

    department: str
    occurred_at: datetime


DepartmentEvent: TypeAlias = DepartmentRegistered | DepartmentRenamed | DepartmentClosed
