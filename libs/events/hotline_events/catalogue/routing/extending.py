"""Extensions of a work order's limit: asked by the department, explained to the caller, decided by somebody else (A70, A89)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.routing.urging import Rung
from hotline_events.registry import event
from hotline_events.sealing import Sealed


@event("routing.work_order.extension_requested", sealed_by="requester_id")
class WorkOrderExtensionRequested:
    """The department asked for more time before the order was due."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    extension_id: UUID
    department: str
    reason: Sealed
    resolve_due_at: datetime
    asked_until: datetime
    requested_by: str
    occurred_at: datetime


@event("routing.work_order.deferral_explained")
class WorkOrderDeferralExplained:
    """The caller was told why it takes longer; `understood` says whether they accepted that (取得客户的谅解, A70)."""

    work_order_id: UUID
    request_id: UUID
    extension_id: UUID
    department: str
    understood: bool
    explained_by: str
    occurred_at: datetime


@event("routing.work_order.extension_granted")
class WorkOrderExtensionGranted:
    """A second person granted more time: the resolve clock and the ladder run to the new due time."""

    work_order_id: UUID
    request_id: UUID
    extension_id: UUID
    department: str
    hop: int
    round: int
    due_before: datetime
    resolve_due_at: datetime
    granted_by: str
    next_rung: Rung | None = None
    next_rung_at: datetime | None = None
    rule_version: str
    occurred_at: datetime


@event("routing.work_order.extension_denied", sealed_by="requester_id")
class WorkOrderExtensionDenied:
    """A second person refused more time; the due time stays."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    extension_id: UUID
    department: str
    resolve_due_at: datetime
    reason: Sealed
    denied_by: str
    occurred_at: datetime


WorkOrderExtendingEvent: TypeAlias = (
    WorkOrderExtensionRequested | WorkOrderDeferralExplained | WorkOrderExtensionGranted | WorkOrderExtensionDenied
)
