"""How a stint begins: the events of a transfer, with due times under the pack in force and the answer class (A74, A85-A88)."""

from datetime import datetime
from typing import Protocol

from hotline_events.catalogue.routing import WorkOrderEvent, WorkOrderSupportAsked, WorkOrderTransferred
from hotline_rules.pack import RulePack
from hotline_rules.sections.orders import AnswerClass
from routing.domain.tables import Chosen, Tables
from routing.domain.work_order.clocks import due_times
from routing.domain.work_order.guards import refuse_backwards
from routing.domain.work_order.state import WorkOrder, evolve
from routing.domain.work_order.supervised import owed_again
from routing.domain.work_order.waiting import late_before


class Sending(Protocol):
    """A command that sends an order to a department."""

    @property
    def rules(self) -> RulePack: ...
    @property
    def by(self) -> str: ...
    @property
    def now(self) -> datetime: ...


def answer_class_of(order: WorkOrder, rules: RulePack, given: str | None) -> AnswerClass | None:
    """Tell how soon the order is answered: as given at classification, else as the pack says for its kind (A85-A88)."""
    if given is not None:
        return AnswerClass(given)
    return rules.orders.class_of(order.request_type, order.dispatching.requester_class)


def transferred(
    order: WorkOrder, chosen: Chosen, command: Sending, *, answer_class: str | None, tables: Tables | None = None
) -> list[WorkOrderEvent]:
    """Put the order into the chosen department's queue and ask those who help; who is accused does not help."""
    refuse_backwards(order, command.now)
    last = order.stint
    answered = answer_class_of(order, command.rules, answer_class)
    support = tuple(code for code in chosen.support if not order.accuses(code))
    event = WorkOrderTransferred(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        department=chosen.department,
        hop=last.hop + 1 if last else 1,
        round=last.round if last else 1,
        **due_times(command.rules, order, command.now, answered),
        scope_version=tables.scope_version if tables else None,
        route=chosen.route,
        precedent_id=chosen.precedent_id,
        answer_class=answered,
        support_departments=support,
        transferred_by=command.by,
        rule_version=command.rules.number,
        occurred_at=command.now,
    )
    asked = support_asked(order, event.department, support, hop=event.hop, round_=event.round, now=command.now)
    supervised = owed_again(evolve(order, event), command.rules, command.now)
    return [*late_before(order, command.now), event, *asked, *supervised]


def support_asked(
    order: WorkOrder, lead: str, support: tuple[str, ...], *, hop: int, round_: int, now: datetime
) -> list[WorkOrderEvent]:
    """Tell each co-handling unit in its own queue that its part is asked for."""
    return [
        WorkOrderSupportAsked(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=department,
            lead_department=lead,
            hop=hop,
            round=round_,
            occurred_at=now,
        )
        for department in support
    ]
