"""An emergency and escalations stand beside their order: it knows of them, says where it goes and when it ends (A79, A82)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from hotline_events.catalogue.routing import (
    WorkOrderEmergencyDeclared,
    WorkOrderEscalated,
    WorkOrderEvent,
    WorkOrderMerged,
    WorkOrderOpened,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderTransferred,
    WorkOrderUnmerged,
    WorkOrderWithdrawn,
)
from hotline_events.replacing import replace
from routing.domain.work_order.standing import Status
from routing.domain.work_order.state import WorkOrder

_ENDED = frozenset({Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN})
_TELL_EMERGENCY = (WorkOrderTransferred, WorkOrderReturned, WorkOrderResolved, WorkOrderWithdrawn)
_TELL_ESCALATIONS = (*_TELL_EMERGENCY, WorkOrderMerged, WorkOrderUnmerged)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEmergency:
    """An emergency was declared for the order; one that was registered as such, before the order is opened or with it."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEscalation:
    """The order's matter was reported to the first level."""

    escalation_id: UUID
    now: datetime


BesideCommand: TypeAlias = NoteEmergency | NoteEscalation


def decide(order: WorkOrder, command: BesideCommand) -> list[WorkOrderEvent]:
    known = order.beside
    is_known = known.emergency if isinstance(command, NoteEmergency) else command.escalation_id in known.escalations
    if is_known or order.status is Status.NEW:
        return []
    standing: dict[str, Any] = {
        "work_order_id": order.work_order_id,
        "request_id": order.request_id,
        "department": order.holder,
        "over": order.status in _ENDED,
        "occurred_at": command.now,
    }
    if isinstance(command, NoteEmergency):
        return [WorkOrderEmergencyDeclared(**standing)]
    return [WorkOrderEscalated(**standing, escalation_id=command.escalation_id)]


def told(order: WorkOrder, events: Sequence[WorkOrderEvent]) -> list[WorkOrderEvent]:
    """Let every step that what stands beside the order must follow name it; most orders have nothing beside them."""
    emergency = order.beside.emergency or any(isinstance(event, WorkOrderOpened) and event.emergency for event in events)
    escalations = tuple(sorted(order.beside.escalations))
    if not emergency and not escalations:
        return list(events)
    named: list[WorkOrderEvent] = []
    for event in events:
        if isinstance(event, _TELL_ESCALATIONS):
            event = replace(event, escalations=escalations)  # noqa: PLW2901 - the same step, told in full
        if isinstance(event, _TELL_EMERGENCY):
            event = replace(event, emergency=emergency)  # noqa: PLW2901
        named.append(event)
    return named
