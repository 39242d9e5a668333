"""What stands beside the order: whether it is an emergency, and which escalations of its matter are open."""

from dataclasses import dataclass
from uuid import UUID

from hotline_events.catalogue.routing import (
    WorkOrderEmergencyDeclared,
    WorkOrderEscalated,
    WorkOrderEvent,
    WorkOrderOpened,
    WorkOrderResolved,
    WorkOrderWithdrawn,
)
from hotline_events.replacing import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """They end with the order; those that come when it has ended never join it."""

    emergency: bool = False
    escalations: frozenset[UUID] = frozenset()


def evolve_beside(part: Beside, event: WorkOrderEvent) -> Beside:
    match event:
        case WorkOrderOpened(emergency=True) | WorkOrderEmergencyDeclared(over=False):
            return replace(part, emergency=True)
        case WorkOrderEscalated(over=False):
            return replace(part, escalations=part.escalations | {event.escalation_id})
        case WorkOrderResolved() | WorkOrderWithdrawn():
            return Beside()
        case _:
            return part
