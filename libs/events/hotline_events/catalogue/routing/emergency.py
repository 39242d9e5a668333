"""An emergency: crew, department and leader are told at once, the field is kept in touch with (A79-A81)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event
from hotline_events.sealing import Sealed


class Party(StrEnum):
    """Who is told of an emergency, all three in parallel (A79)."""

    CREW = "crew"
    DEPARTMENT = "department"
    LEADER = "leader"


@event("routing.emergency.declared")
class EmergencyDeclared:
    """A matter is an emergency; `department` is the one that answers for the field, None while nobody knows it.

    The first contact with the field is owed before `next_due_at` (A80).
    """

    emergency_id: UUID
    request_id: UUID
    requester_id: UUID
    work_order_id: UUID
    department: str | None = None
    next_due_at: datetime
    declared_by: str
    rule_version: str
    occurred_at: datetime


@event("routing.emergency.notified")
class EmergencyNotified:
    """One of the three parties was told; it has to say that it knows before `acknowledge_by` (A79)."""

    emergency_id: UUID
    department: str | None = None
    party: Party
    acknowledge_by: datetime
    occurred_at: datetime


@event("routing.emergency.handed_over")
class EmergencyHandedOver:
    """Another department holds the order now: its crew and itself are told anew, and answer for the field (A79).

    Where the order was taken away from whom it accuses, none does, until a dispatcher has chosen one (A144).
    """

    emergency_id: UUID
    department: str | None = None
    from_department: str | None = None
    occurred_at: datetime


@event("routing.emergency.acknowledged")
class EmergencyAcknowledged:
    """A party said that it knows, `took_ms` milliseconds after it was told (A79)."""

    emergency_id: UUID
    department: str | None = None
    party: Party
    acknowledged_by: str
    took_ms: int
    occurred_at: datetime


@event("routing.emergency.acknowledgement_missed")
class EmergencyAcknowledgementMissed:
    """A party did not say in time that it knows; `occurred_at` is the moment at which the time was over (A79)."""

    emergency_id: UUID
    department: str | None = None
    party: Party
    occurred_at: datetime


@event("routing.emergency.field_reported", sealed_by="requester_id")
class EmergencyFieldReported:
    """Somebody spoke with the field; the next contact is owed before `next_due_at` (A80)."""

    emergency_id: UUID
    requester_id: UUID
    department: str | None = None
    contact: int
    note: Sealed | None = None
    next_due_at: datetime
    reported_by: str
    occurred_at: datetime


@event("routing.emergency.heartbeat_missed")
class EmergencyHeartbeatMissed:
    """Nobody spoke with the field in time; `missed` counts since the last contact; the next is due at `next_due_at` (A80)."""

    emergency_id: UUID
    department: str | None = None
    contact: int
    missed: int
    next_due_at: datetime
    occurred_at: datetime


@event("routing.emergency.vehicle_dispatched")
class EmergencyVehicleDispatched:
    """A vehicle has set out (A81). `vehicle` is the fleet's number of it."""

    emergency_id: UUID
    department: str | None = None
    vehicle: str
    dispatched_by: str
    occurred_at: datetime


@event("routing.emergency.settled")
class EmergencySettled:
    """The danger is over; the order goes on like any other."""

    emergency_id: UUID
    department: str | None = None
    settled_by: str
    occurred_at: datetime


EmergencyEvent: TypeAlias = (
    EmergencyDeclared
    | EmergencyNotified
    | EmergencyHandedOver
    | EmergencyAcknowledged
    | EmergencyAcknowledgementMissed
    | EmergencyFieldReported
    | EmergencyHeartbeatMissed
    | EmergencyVehicleDispatched
    | EmergencySettled
)
