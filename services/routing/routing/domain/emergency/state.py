"""What decisions about an emergency read, and how events change it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.routing.emergency import (
    EmergencyAcknowledged,
    EmergencyAcknowledgementMissed,
    EmergencyDeclared,
    EmergencyEvent,
    EmergencyFieldReported,
    EmergencyHandedOver,
    EmergencyHeartbeatMissed,
    EmergencyNotified,
    EmergencySettled,
    EmergencyVehicleDispatched,
    Party,
)
from hotline_events.replacing import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """How one party stands: told when, owes its word until when, gave it when, and whether the delay is on record."""

    told_at: datetime
    acknowledge_by: datetime
    acknowledged_at: datetime | None = None
    missed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """What a decision about an emergency reads."""

    declared: EmergencyDeclared | None = None
    notices: dict[Party, Notice] = field(default_factory=dict)
    contact: int = 0
    missed: int = 0
    contacted_at: datetime | None = None
    vehicles: frozenset[str] = frozenset()
    settled_at: datetime | None = None


def emergency_id_of(request_id: UUID) -> UUID:
    """Return the id of a request's emergency: one matter, one emergency, however often it is declared."""
    return uuid5(request_id, "emergency")


def evolve(emergency: Emergency, event: EmergencyEvent) -> Emergency:
    match event:
        case EmergencyDeclared():
            return replace(emergency, declared=event, contacted_at=event.occurred_at)
        case EmergencyNotified():
            notice = Notice(told_at=event.occurred_at, acknowledge_by=event.acknowledge_by)
            return replace(emergency, notices={**emergency.notices, event.party: notice})
        case EmergencyHandedOver():
            declared = emergency.declared and replace(emergency.declared, department=event.department)
            return replace(emergency, declared=declared)
        case EmergencyAcknowledged():
            return _noted(emergency, event.party, acknowledged_at=event.occurred_at)
        case EmergencyAcknowledgementMissed():
            return _noted(emergency, event.party, missed=True)
        case EmergencyFieldReported():
            return replace(emergency, contact=event.contact, missed=0, contacted_at=event.occurred_at)
        case EmergencyHeartbeatMissed():
            return replace(emergency, missed=event.missed)
        case EmergencyVehicleDispatched():
            return replace(emergency, vehicles=emergency.vehicles | {event.vehicle})
        case EmergencySettled():
            return replace(emergency, settled_at=event.occurred_at)
        case _:
            assert_never(event)


def _noted(emergency: Emergency, party: Party, **changes: Any) -> Emergency:  # noqa: ANN401 - fields of a notice
    return replace(emergency, notices={**emergency.notices, party: replace(emergency.notices[party], **changes)})
