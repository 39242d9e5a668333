"""What stands beside an order goes with the order: an emergency and escalations follow it and end with it (A79, A80, A82).

The order is told of them, and its events from then on name them: where nothing stands beside an order, nothing is looked at.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hotline_events.catalogue.routing import (
    WorkOrderEmergencyDeclared,
    WorkOrderEscalated,
    WorkOrderMerged,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderTransferred,
    WorkOrderUnmerged,
    WorkOrderWithdrawn,
)
from hotline_events.catalogue.routing.emergency import EmergencyDeclared
from hotline_events.catalogue.routing.escalation import EscalationRaised
from hotline_events.reaction_batch import Reaction
from hotline_rules.book import RuleBook
from routing.domain import emergency, escalation, work_order
from routing.domain.escalation import EndWithOrder, HandOver
from routing.domain.work_order.commands import BesideCommand, NoteEmergency, NoteEscalation
from routing.domain.work_order.standing import HELD

_BY = "service:routing"


def beside_of(event: object, book: RuleBook) -> Sequence[Reaction]:
    """Tell an order what stands beside it, or what stands beside it where the order went."""
    match event:
        case EmergencyDeclared():
            return [_asked_of(event.work_order_id, NoteEmergency(now=event.occurred_at))]
        case EscalationRaised():
            note = NoteEscalation(escalation_id=event.escalation_id, now=event.occurred_at)
            return [_asked_of(event.work_order_id, note)]
        case WorkOrderEmergencyDeclared():
            is_held = event.over or event.department is not None
            return _emergency(event, event.department, book, over=event.over) if is_held else []
        case WorkOrderEscalated():
            return [_escalation(event.escalation_id, event.occurred_at, event.department, over=event.over)]
        case WorkOrderTransferred() | WorkOrderResolved() | WorkOrderWithdrawn():
            over = not isinstance(event, WorkOrderTransferred)
            emergencies = _emergency(event, event.department, book, over=over) if event.emergency else ()
            at = event.occurred_at
            return [*emergencies, *(_escalation(one, at, event.department, over=over) for one in event.escalations)]
        case WorkOrderUnmerged():
            department = event.department if event.standing in HELD else None
            return [_escalation(one, event.occurred_at, department) for one in event.escalations]
        case WorkOrderReturned() if not event.reason.is_a_departments:
            emergencies = _emergency(event, None, book, over=False) if event.emergency else ()
            return [*emergencies, *(_escalation(one, event.occurred_at, None) for one in event.escalations)]
        case WorkOrderReturned() | WorkOrderMerged():
            return [_escalation(one, event.occurred_at, None) for one in event.escalations]
        case _:
            return []


def _emergency(
    order: WorkOrderEmergencyDeclared | WorkOrderTransferred | WorkOrderReturned | WorkOrderResolved | WorkOrderWithdrawn,
    department: str | None,
    book: RuleBook,
    *,
    over: bool,
) -> list[Reaction]:
    """Hand an emergency to whoever holds its order now; wait for the field no longer than for the order (A79, A80).

    One that a department gives back stays with it until another one has it: somebody answers for the field.
    """
    command: emergency.HandOverEmergency | emergency.EndEmergency
    if over:
        command = emergency.EndEmergency(by=_BY, now=order.occurred_at)
    else:
        command = emergency.HandOverEmergency(department=department, book=book, now=order.occurred_at)
    emergency_id = emergency.emergency_id_of(order.request_id)
    return [Reaction(decider=emergency.decider, aggregate_id=emergency_id, command=command)]


def _escalation(escalation_id: UUID, now: datetime, department: str | None, *, over: bool = False) -> Reaction:
    """Let an escalation lie with whoever holds its order now, with nobody while a dispatcher has it; end it with the order."""
    command = EndWithOrder(now=now) if over else HandOver(department=department, now=now)
    return Reaction(decider=escalation.decider, aggregate_id=escalation_id, command=command)


def _asked_of(order_id: UUID, command: BesideCommand) -> Reaction:
    return Reaction(decider=work_order.decider, aggregate_id=order_id, command=command)
