"""What extension reads: how often it was granted, and what waits for a decision."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline_events.catalogue.routing import (
    WorkOrderClosed,
    WorkOrderDeferralExplained,
    WorkOrderEvent,
    WorkOrderExtensionDenied,
    WorkOrderExtensionGranted,
    WorkOrderExtensionRequested,
    WorkOrderMerged,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderTransferred,
    WorkOrderWithdrawn,
)
from hotline_events.replacing import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An extension that waits; `explained` says that the caller understood why."""

    extension_id: UUID
    until: datetime
    by: str
    explained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extending:
    """`granted` counts since the order came to its department, due at `first_due_at`; what waits lapses with the stint."""

    granted: int = 0
    first_due_at: datetime | None = None
    waiting: Asked | None = None
    decided: UUID | None = None
    was_granted: bool = False


def evolve_extending(part: Extending, event: WorkOrderEvent) -> Extending:
    match event:
        case WorkOrderExtensionRequested():
            asked = Asked(extension_id=event.extension_id, until=event.asked_until, by=event.requested_by)
            return replace(part, waiting=asked)
        case WorkOrderDeferralExplained(understood=True) if part.waiting is not None:
            return replace(part, waiting=replace(part.waiting, explained=True))
        case WorkOrderExtensionGranted():
            part = replace(part, granted=part.granted + 1, first_due_at=part.first_due_at or event.due_before)
            return replace(part, waiting=None, decided=event.extension_id, was_granted=True)
        case WorkOrderExtensionDenied():
            return replace(part, waiting=None, decided=event.extension_id, was_granted=False)
        case WorkOrderTransferred() | WorkOrderReopened():
            return Extending()
        case WorkOrderReturned() | WorkOrderMerged() | WorkOrderResolved() | WorkOrderWithdrawn() | WorkOrderClosed():
            return replace(part, waiting=None)
        case _:
            return part
