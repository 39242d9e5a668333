"""What stands beside a work order and goes where it goes: an emergency, and escalations of its matter (A79, A82)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


@event("routing.work_order.emergency_declared")
class WorkOrderEmergencyDeclared:
    """The order's matter turned out to be an emergency (A79). `department` holds the order, which has ended if `over`."""

    work_order_id: UUID
    request_id: UUID
    department: str | None = None
    over: bool = False
    occurred_at: datetime


@event("routing.work_order.escalated")
class WorkOrderEscalated:
    """The order's matter goes up level by level (A82). `department` holds the order, which has ended if `over`."""

    work_order_id: UUID
    request_id: UUID
    escalation_id: UUID
    department: str | None = None
    over: bool = False
    occurred_at: datetime


WorkOrderBesideEvent: TypeAlias = WorkOrderEmergencyDeclared | WorkOrderEscalated
