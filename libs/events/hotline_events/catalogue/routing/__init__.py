"""What routing decides. One module an aggregate; importing this package registers all of them."""

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
    WorkOrderEvent,
    WorkOrderLimitPassed,
    WorkOrderOpened,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderSigned,
    WorkOrderTransferred,
    WorkOrderWithdrawn,
)

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
    "WorkOrderLimitPassed",
    "WorkOrderOpened",
    "WorkOrderReopened",
    "WorkOrderResolved",
    "WorkOrderReturned",
    "WorkOrderSigned",
    "WorkOrderTransferred",
    "WorkOrderWithdrawn",
]
