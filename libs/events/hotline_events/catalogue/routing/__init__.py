"""What routing decides. One module an aggregate; importing this package registers all of them."""

from typing import TypeAlias

from hotline_events.catalogue.routing import emergency, escalation, instruction, sensitive_period
from hotline_events.catalogue.routing.department import (
    DepartmentClosed,
    DepartmentEvent,
    DepartmentRegistered,
    DepartmentRenamed,
)
from hotline_events.catalogue.routing.tables import Category, CategoryTablePublished, Scope, ScopeTablePublished
from hotline_events.catalogue.routing.work_order import (
    LimitKind,
    ReturnReason,
    WorkOrderCallerContacted,
    WorkOrderClassified,
    WorkOrderClosed,
    WorkOrderLifeEvent,
    WorkOrderLimitPassed,
    WorkOrderOpened,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderSigned,
    WorkOrderTransferred,
    WorkOrderWithdrawn,
)

WorkOrderEvent: TypeAlias = WorkOrderLifeEvent
"""Every event of a work order: the concerns' own unions, joined."""

__all__ = [
    "Category",
    "CategoryTablePublished",
    "DepartmentClosed",
    "DepartmentEvent",
    "DepartmentRegistered",
    "DepartmentRenamed",
    "LimitKind",
    "ReturnReason",
    "Scope",
    "ScopeTablePublished",
    "WorkOrderCallerContacted",
    "WorkOrderClassified",
    "WorkOrderClosed",
    "WorkOrderEvent",
    "WorkOrderLifeEvent",
    "WorkOrderLimitPassed",
    "WorkOrderOpened",
    "WorkOrderReopened",
    "WorkOrderResolved",
    "WorkOrderReturned",
    "WorkOrderSigned",
    "WorkOrderTransferred",
    "WorkOrderWithdrawn",
    "emergency",
    "escalation",
    "instruction",
    "sensitive_period",
]
