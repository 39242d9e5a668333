"""What the department that has an order does with it: sign, contact the requester, investigate, resolve (A92, A95, A98, W1)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.routing import (
    WorkOrderCallerContacted,
    WorkOrderEvent,
    WorkOrderInvestigationReported,
    WorkOrderResolved,
    WorkOrderSigned,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_rules.book import RuleBook
from hotline_rules.sections.orders import OrderStage
from routing.domain.work_order import refusals
from routing.domain.work_order.guards import SKEW, held, own_stint
from routing.domain.work_order.standing import Status, Stint
from routing.domain.work_order.state import WorkOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOrder:
    department: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCaller:
    department: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInvestigation:
    department: str
    finding: Sealed
    evidence: tuple[UUID, ...]
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveOrder:
    department: str
    reply: Sealed
    book: RuleBook
    by: str
    now: datetime


HandlingCommand: TypeAlias = SignOrder | ContactCaller | ReportInvestigation | ResolveOrder


class OrderNotInvestigatedError(RefusalError):
    """A complaint or a report is looked into before it is resolved (A92)."""

    code: ClassVar[str] = "order_not_investigated"
    rule: ClassVar[str | None] = "A92"
    missing = OrderStage.VERIFICATION.value


class EvidenceMissingError(RefusalError):
    """A finding that others judge by names its evidence (A92)."""

    code: ClassVar[str] = "evidence_missing"
    rule: ClassVar[str | None] = "A92"
    field: ClassVar[str | None] = "body.evidence"
    status: ClassVar[int] = 422


def decide(order: WorkOrder, command: HandlingCommand) -> list[WorkOrderEvent]:
    match command:
        case SignOrder():
            return _sign(order, command)
        case ContactCaller():
            return _contact(order, command)
        case ReportInvestigation():
            return _investigate(order, command)
        case ResolveOrder():
            return _resolve(order, command)
        case _:
            assert_never(command)


def _sign(order: WorkOrder, command: SignOrder) -> list[WorkOrderEvent]:
    if held(order, command.department, command.now).signed_at is not None:
        return []
    return [
        WorkOrderSigned(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=command.department,
            signed_by=command.by,
            occurred_at=command.now,
        )
    ]


def _contact(order: WorkOrder, command: ContactCaller) -> list[WorkOrderEvent]:
    if held(order, command.department, command.now).contacted_at is not None:
        return []
    return [
        WorkOrderCallerContacted(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=command.department,
            contacted_by=command.by,
            occurred_at=command.now,
        )
    ]


def _investigate(order: WorkOrder, command: ReportInvestigation) -> list[WorkOrderEvent]:
    """Report what was found; what is found later is reported again.

    A matter that became a complaint after its result is looked into by the department that had it last (A93).
    """
    if not _owes_investigation(order, command):
        signed_stint(order, command.department, command.now)
    if not command.evidence and must_be_verified(order, command.book):
        raise EvidenceMissingError
    return [
        WorkOrderInvestigationReported(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            requester_id=order.requester_id,
            department=command.department,
            finding=command.finding,
            evidence=command.evidence,
            investigated_by=command.by,
            occurred_at=command.now,
        )
    ]


def _owes_investigation(order: WorkOrder, command: ReportInvestigation) -> bool:
    """Say whether a result is there and the investigation that its kind demands is not."""
    owed = order.handling.investigated_at is None and must_be_verified(order, command.book)
    if order.status is not Status.RESOLVED or not owed:
        return False
    own_stint(order, command.department)
    return True


def _resolve(order: WorkOrder, command: ResolveOrder) -> list[WorkOrderEvent]:
    signed_at = signed_stint(order, command.department, command.now).signed_at
    if signed_at is not None and command.now < signed_at - SKEW:
        raise refusals.BeforeLastStepError
    if order.handling.investigated_at is None and must_be_verified(order, command.book):
        raise OrderNotInvestigatedError
    return [resolved(order, command.reply, by=command.by, now=command.now)]


def resolved(order: WorkOrder, reply: Sealed, *, by: str, now: datetime) -> WorkOrderResolved:
    """Say that the order is handled, with what followup needs to know of it."""
    stint = order.stint
    assert stint is not None  # noqa: S101 - whatever is resolved was in hands
    return WorkOrderResolved(
        work_order_id=order.work_order_id,
        request_id=order.request_id,
        requester_id=order.requester_id,
        department=stint.department,
        round=stint.round,
        reply=reply,
        request_type=order.request_type,
        rule_version=order.rule_version,
        first_contact=order.dispatching.first_contact,
        accepted_at=order.accepted_at,
        resolve_due_at=order.urging.ladder.due_at if order.urging.ladder else None,
        followers=tuple(sorted(order.dispatching.followers)),
        investigated=order.handling.investigated_at is not None,
        tracked=order.handling.tracked_at is not None,
        resolved_by=by,
        occurred_at=now,
    )


def signed_stint(order: WorkOrder, department: str, now: datetime) -> Stint:
    """Return the stint of a department that has signed."""
    stint = held(order, department, now)
    if stint.signed_at is None:
        raise refusals.OrderNotSignedError
    return stint


def must_be_verified(order: WorkOrder, book: RuleBook) -> bool:
    return OrderStage.VERIFICATION in book.of(order.rule_version).orders.stages_of(order.request_type)
