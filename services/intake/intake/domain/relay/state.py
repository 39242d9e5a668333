"""What decisions about a relay read, and how events change it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    AddresseeKind,
    RelayAcknowledged,
    RelayAnswered,
    RelayDelayed,
    RelayEvent,
    RelayReceiptChecked,
    RelayRelayed,
    RelayStep,
    RelayTaken,
)
from intake.domain.relay.commands import Whose


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Something on its way to somebody."""

    sender_id: UUID | None = None
    request_id: UUID | None = None
    taken_at: datetime | None = None
    addressee_kind: AddresseeKind = AddresseeKind.STAFF
    addressee: str = ""
    department: str | None = None
    rule_version: str | None = None
    relayed_to: str | None = None
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    acknowledge_by: datetime | None = None
    answer_by: datetime | None = None
    delayed: frozenset[RelayStep] = frozenset()
    arrived: bool | None = None

    def is_meant_for(self, whose: Whose) -> bool:
        """Say whether somebody is the addressee: the person, who holds the post, or who belongs to the department."""
        match self.addressee_kind:
            case AddresseeKind.STAFF:
                return whose.actor_id == self.addressee
            case AddresseeKind.POST:
                return whose.role == self.addressee and self.department in (None, whose.department)
            case AddresseeKind.DEPARTMENT:
                return whose.department == self.addressee
            case _:
                assert_never(self.addressee_kind)


def evolve(relay: Relay, event: RelayEvent) -> Relay:
    match event:
        case RelayTaken():
            return Relay(
                sender_id=event.sender_id,
                request_id=event.request_id,
                taken_at=event.occurred_at,
                addressee_kind=event.addressee_kind,
                addressee=event.addressee,
                department=event.department,
                acknowledge_by=event.acknowledge_by,
                answer_by=event.answer_by,
                rule_version=event.rule_version,
            )
        case RelayRelayed():
            return replace(relay, relayed_to=event.relayed_to, arrived=None)
        case RelayAcknowledged():
            return replace(relay, acknowledged_at=event.occurred_at)
        case RelayAnswered():
            return replace(relay, answered_at=event.occurred_at, acknowledged_at=relay.acknowledged_at or event.occurred_at)
        case RelayReceiptChecked():
            if event.arrived:
                return replace(relay, arrived=True)
            return replace(
                relay,
                arrived=False,
                relayed_to=None,
                acknowledged_at=None,
                acknowledge_by=event.acknowledge_by,
                delayed=relay.delayed - {RelayStep.ACKNOWLEDGE},
            )
        case RelayDelayed():
            return replace(relay, delayed=relay.delayed | {event.step})
        case _:
            assert_never(event)
