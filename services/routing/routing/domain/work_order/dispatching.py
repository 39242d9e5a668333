"""Classification and transfer: what an order is about, how soon it is answered, which department gets it (A72-A78, A85-A88)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never

from hotline_events.catalogue.intake import RequesterClass, RequestType
from hotline_events.catalogue.routing import (
    ReclassificationReason,
    Route,
    WorkOrderAccusedNamed,
    WorkOrderClassified,
    WorkOrderEvent,
    WorkOrderTypeChanged,
)
from hotline_events.decider import RefusalError
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack
from hotline_rules.sections.orders import AnswerClass
from routing.domain.table_refusals import LeadSupportsItselfError
from routing.domain.tables import Chosen, Tables
from routing.domain.work_order import refusals
from routing.domain.work_order.guards import refuse_ended
from routing.domain.work_order.returning import AssignmentForcedError, taken_away
from routing.domain.work_order.standing import HELD, Status
from routing.domain.work_order.state import WorkOrder
from routing.domain.work_order.stints import transferred


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyOrder:
    """Give the order its category, or another one with a reason.

    `confidence` is how sure the classifier is, in percent. Without an `answer_class` the one that was given before holds, else
    the category table's.
    """

    category: str
    confidence: int | None = None
    answer_class: AnswerClass | None = None
    requester_class: RequesterClass | None = None
    reason: ReclassificationReason | None = None
    tables: Tables
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOrder:
    """A dispatcher chooses the department, and who helps it; who of them takes orders, and a closed holder, is handed in."""

    department: str
    support: tuple[str, ...] = ()
    takes_orders: bool
    support_takes_orders: bool = True
    closed_holder: str | None = None
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequestType:
    """Intake gave the request another kind."""

    to_type: RequestType
    book: RuleBook
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAccused:
    """Intake corrected whom the matter accuses."""

    department: str
    book: RuleBook
    now: datetime


DispatchingCommand: TypeAlias = ClassifyOrder | TransferOrder | ChangeRequestType | NameAccused


class ReasonMissingError(RefusalError):
    """An order is never given another category silently: the reason stands beside both values (A73)."""

    code: ClassVar[str] = "reclassification_reason"
    rule: ClassVar[str | None] = "A73"
    field: ClassVar[str | None] = "body.reason"
    missing = "reason"


class ReturnedBeforeError(RefusalError):
    """A department that had the order gets it again by arbitration only: no order goes round in circles (W12)."""

    code: ClassVar[str] = "returned_before"
    rule: ClassVar[str | None] = "W12"
    field: ClassVar[str | None] = "body.department"
    missing = "arbitration"


class InArbitrationError(RefusalError):
    """Whose the order is, the office decides first (W10)."""

    code: ClassVar[str] = "in_arbitration"
    rule: ClassVar[str | None] = "W10"
    missing = "arbitration_decision"


class SupportNotOpenError(RefusalError):
    """A co-handling unit is not there, or takes no orders."""

    code: ClassVar[str] = "unknown_department"
    rule: ClassVar[str | None] = "department_open"
    field: ClassVar[str | None] = "body.support"
    status: ClassVar[int] = 422


def decide(order: WorkOrder, command: DispatchingCommand) -> list[WorkOrderEvent]:
    match command:
        case ClassifyOrder():
            return _classify(order, command)
        case TransferOrder():
            return _transfer(order, command)
        case ChangeRequestType():
            return _change_type(order, command)
        case NameAccused():
            return _name_accused(order, command)
        case _:
            assert_never(command)


def _classify(order: WorkOrder, command: ClassifyOrder) -> list[WorkOrderEvent]:
    """Classify, and transfer a never transferred order when protocol, precedent or scope table name its department.

    What accuses that department waits for a dispatcher (A144).
    """
    refuse_ended(order)
    if command.category not in command.tables.categories:
        raise refusals.CategoryUnknownError
    if _is_so_already(order, command):
        return []
    if order.category is not None and command.reason is None:
        raise ReasonMissingError
    classified = _classified(order, command)
    requester = command.requester_class or order.dispatching.requester_class
    chosen = command.tables.choose(command.category, order.area, requester, command.rules.orders.fallback)
    if order.stints or chosen is None or order.accuses(chosen.department):
        return [classified]
    return [classified, *transferred(order, chosen, command, answer_class=classified.answer_class, tables=command.tables)]


def _is_so_already(order: WorkOrder, command: ClassifyOrder) -> bool:
    part = order.dispatching
    same_class = command.answer_class in (None, part.answer_class)
    return order.category == command.category and same_class and command.requester_class in (None, part.requester_class)


def _classified(order: WorkOrder, command: ClassifyOrder) -> WorkOrderClassified:
    part = order.dispatching
    given = command.answer_class or (part.answer_class if part.class_given else None)
    return WorkOrderClassified(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        category=command.category,
        table_version=command.tables.category_version,
        confidence=command.confidence,
        answer_class=given or command.tables.classes.get(command.category),
        class_given=given is not None,
        requester_class=command.requester_class,
        from_category=order.category,
        reason=command.reason if order.category is not None else None,
        followers=tuple(sorted(part.followers)) if command.category != order.category else (),
        classified_by=command.by,
        occurred_at=command.now,
    )


def _transfer(order: WorkOrder, command: TransferOrder) -> list[WorkOrderEvent]:
    refuse_ended(order)
    if order.category is None:
        raise refusals.OrderNotClassifiedError
    if order.status in HELD and order.department == command.department:
        return []
    if order.dispatching.in_arbitration:
        raise InArbitrationError
    if order.holder is None or order.holder != command.closed_holder:
        _refuse_taking_away(order)
    _check_departments(order, command)
    chosen = Chosen(department=command.department, route=Route.DISPATCHER, support=command.support)
    return transferred(order, chosen, command, answer_class=order.dispatching.answer_class)


def _refuse_taking_away(order: WorkOrder) -> None:
    """Leave an order with who signed for it or was assigned by arbitration, unless it accuses them (W10, A144)."""
    if order.status not in HELD or order.accuses(order.stints[-1].department):
        return
    if order.dispatching.forced:
        raise AssignmentForcedError
    if order.status is Status.SIGNED:
        raise refusals.OrderSignedError


def _check_departments(order: WorkOrder, command: TransferOrder) -> None:
    if any(order.accuses(department) for department in (command.department, *command.support)):
        raise refusals.AccusedDepartmentError
    if not command.takes_orders:
        raise refusals.DepartmentNotOpenError
    if order.dispatching.bars(command.department):
        raise ReturnedBeforeError
    if command.department in command.support:
        raise LeadSupportsItselfError
    if not command.support_takes_orders:
        raise SupportNotOpenError


def _change_type(order: WorkOrder, command: ChangeRequestType) -> list[WorkOrderEvent]:
    """Follow the request's kind: the clocks that begin from now on are those of the new one (A30).

    A closed order follows too: what became a complaint is revisited after all, and rework may open it again (A112).
    """
    if order.status in {Status.NEW, Status.WITHDRAWN} or order.request_type is command.to_type:
        return []
    return [
        WorkOrderTypeChanged(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            from_type=order.request_type,
            to_type=command.to_type,
            occurred_at=command.now,
        )
    ]


def _name_accused(order: WorkOrder, command: NameAccused) -> list[WorkOrderEvent]:
    """Learn whom the matter accuses. Where it lies with them it is taken away, signed or not, for a dispatcher (A144).

    An order that has ended learns it too: rework may still come, or a superior's word about it.
    """
    if order.status is Status.NEW or order.accused_department == command.department:
        return []
    named = WorkOrderAccusedNamed(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        accused_department=command.department,
        lead_id=order.dispatching.lead_id,
        occurred_at=command.now,
    )
    if order.holder != command.department:
        return [named]
    began_under = command.book.of(order.rule_version)
    return [named, taken_away(order, command.department, began_under, command.now)]
