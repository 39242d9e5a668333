"""Classification and transfer: what an order is about, and which department gets it (A72-A78)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never

from hotline_events.catalogue.routing import WorkOrderClassified, WorkOrderEvent, WorkOrderTransferred
from hotline_rules.pack import RulePack
from routing.domain.tables import Tables
from routing.domain.work_order import refusals
from routing.domain.work_order.clocks import due_times
from routing.domain.work_order.guards import refuse_ended
from routing.domain.work_order.standing import HELD, Status
from routing.domain.work_order.state import WorkOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyOrder:
    category: str
    tables: Tables
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOrder:
    """A dispatcher chooses the department; whether that one takes orders is handed in."""

    department: str
    takes_orders: bool
    rules: RulePack
    by: str
    now: datetime


DispatchingCommand: TypeAlias = ClassifyOrder | TransferOrder


def decide(order: WorkOrder, command: DispatchingCommand) -> list[WorkOrderEvent]:
    match command:
        case ClassifyOrder():
            return _classify(order, command)
        case TransferOrder():
            return _transfer(order, command)
        case _:
            assert_never(command)


def _classify(order: WorkOrder, command: ClassifyOrder) -> list[WorkOrderEvent]:
    """Classify, and transfer a never transferred order when the scope table names exactly one open department.

    What accuses that department waits for a dispatcher (A144).
    """
    refuse_ended(order)
    if command.category not in command.tables.categories:
        raise refusals.CategoryUnknownError
    if order.category == command.category:
        return []
    classified = WorkOrderClassified(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        category=command.category,
        table_version=command.tables.category_version,
        classified_by=command.by,
        occurred_at=command.now,
    )
    department = command.tables.department_for(command.category, order.area)
    if order.stints or department is None or order.accuses(department):
        return [classified]
    return [classified, _transferred(order, department, command, scope_version=command.tables.scope_version)]


def _transfer(order: WorkOrder, command: TransferOrder) -> list[WorkOrderEvent]:
    refuse_ended(order)
    if order.category is None:
        raise refusals.OrderNotClassifiedError
    if order.status in HELD and order.department == command.department:
        return []
    if order.status is Status.SIGNED:
        raise refusals.OrderSignedError
    if order.accuses(command.department):
        raise refusals.AccusedDepartmentError
    if not command.takes_orders:
        raise refusals.DepartmentNotOpenError
    return [_transferred(order, command.department, command, scope_version=None)]


def _transferred(
    order: WorkOrder, department: str, command: DispatchingCommand, *, scope_version: int | None
) -> WorkOrderTransferred:
    last = order.stint
    return WorkOrderTransferred(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        department=department,
        hop=last.hop + 1 if last else 1,
        round=last.round if last else 1,
        **due_times(command.rules, order.request_type, command.now),
        scope_version=scope_version,
        transferred_by=command.by,
        rule_version=command.rules.number,
        occurred_at=command.now,
    )
