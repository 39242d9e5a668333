"""What may be asked of a work order: the commands of every concern, joined.

Acts of a department carry the department that acts: another one's order is refused with the very answer for an order that
does not exist.
"""

from typing import TypeAlias

from routing.domain.work_order.clocks import ClockCommand, PassLimit
from routing.domain.work_order.dispatching import ClassifyOrder, DispatchingCommand, TransferOrder
from routing.domain.work_order.handling import ContactCaller, HandlingCommand, ResolveOrder, SignOrder
from routing.domain.work_order.lifecycle import (
    CloseOrder,
    LifecycleCommand,
    OpenWorkOrder,
    ReworkOrder,
    WithdrawOrder,
)
from routing.domain.work_order.returning import ReturningCommand, ReturnOrder

WorkOrderCommand: TypeAlias = LifecycleCommand | DispatchingCommand | ReturningCommand | HandlingCommand | ClockCommand
DepartmentAct: TypeAlias = HandlingCommand | ReturningCommand
"""What a department does: every one of these has a `department`."""

__all__ = [
    "ClassifyOrder",
    "ClockCommand",
    "CloseOrder",
    "ContactCaller",
    "DepartmentAct",
    "DispatchingCommand",
    "HandlingCommand",
    "LifecycleCommand",
    "OpenWorkOrder",
    "PassLimit",
    "ResolveOrder",
    "ReturnOrder",
    "ReturningCommand",
    "ReworkOrder",
    "SignOrder",
    "TransferOrder",
    "WithdrawOrder",
    "WorkOrderCommand",
]
