"""Like matters merged: one order leads, the others follow its resolution, each caller keeps a revisit of their own (D5).

The merged order is where it is decided who follows whom; the lead hears of it by a reaction, and declines when it has ended
meanwhile. A follower's clocks stand still and are its own again when it is unmerged.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.routing import (
    MergeReason,
    UnmergeReason,
    WorkOrderEvent,
    WorkOrderFollowerDeclined,
    WorkOrderFollowerJoined,
    WorkOrderFollowerLeft,
    WorkOrderMerged,
)
from hotline_events.decider import RefusalError
from hotline_rules.book import RuleBook
from routing.domain.work_order import refusals
from routing.domain.work_order.dispatching import InArbitrationError
from routing.domain.work_order.guards import refuse_backwards, refuse_ended
from routing.domain.work_order.likeness import refuse_unlike
from routing.domain.work_order.returning import taken_away
from routing.domain.work_order.standing import Status
from routing.domain.work_order.state import WorkOrder
from routing.domain.work_order.unmerging import let_go

_CAN_LEAD = frozenset({Status.OPENED, Status.CLASSIFIED, Status.TRANSFERRED, Status.SIGNED, Status.RETURNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeOrder:
    """Let the order follow another one, which is handed in as it stands."""

    lead: WorkOrder
    reason: MergeReason
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmergeOrder:
    """Let the order go its own way again; `lead_id` names the lead that a reaction speaks of."""

    reason: UnmergeReason
    lead_id: UUID | None = None
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFollower:
    """Asked of the lead: another order, of this category, was merged into it; or whom a follower accuses is known now."""

    follower_id: UUID
    accused_department: str | None
    category: str | None = None
    book: RuleBook
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFollower:
    """Asked of the lead: the other order goes its own way."""

    follower_id: UUID
    now: datetime


MergingCommand: TypeAlias = MergeOrder | UnmergeOrder | TakeFollower | ReleaseFollower


class LeadUnknownError(RefusalError):
    """There is no such order to follow, or it is the order itself."""

    code: ClassVar[str] = "unknown_lead"
    rule: ClassVar[str | None] = "merging"
    field: ClassVar[str | None] = "body.lead_id"
    status: ClassVar[int] = 422


class LeadCannotLeadError(RefusalError):
    """The other order has ended, or follows one itself: its resolution would resolve nothing."""

    code: ClassVar[str] = "lead_ended"
    rule: ClassVar[str | None] = "merging"
    field: ClassVar[str | None] = "body.lead_id"


class LeadsOthersError(RefusalError):
    """An order that others follow does not follow one itself."""

    code: ClassVar[str] = "leads_others"
    rule: ClassVar[str | None] = "merging"


class NotMergedError(RefusalError):
    """The order follows no other one."""

    code: ClassVar[str] = "not_merged"
    rule: ClassVar[str | None] = "merging"
    missing = "merge"


def decide(order: WorkOrder, command: MergingCommand) -> list[WorkOrderEvent]:
    match command:
        case MergeOrder():
            return _merge(order, command)
        case UnmergeOrder():
            return _unmerge(order, command)
        case TakeFollower():
            return _take(order, command)
        case ReleaseFollower():
            return _release(order, command)
        case _:
            assert_never(command)


def _merge(order: WorkOrder, command: MergeOrder) -> list[WorkOrderEvent]:
    lead, part = command.lead, order.dispatching
    if order.status is Status.MERGED and part.lead_id == lead.work_order_id:
        return []
    refuse_ended(order)
    if lead.status is Status.NEW or lead.work_order_id == order.work_order_id:
        raise LeadUnknownError
    if lead.status not in _CAN_LEAD:
        raise LeadCannotLeadError
    refuse_backwards(order, command.now)
    if part.followers:
        raise LeadsOthersError
    if part.in_arbitration:
        raise InArbitrationError
    if order.status is Status.SIGNED and order.department != lead.department:
        raise refusals.OrderSignedError
    if lead.holder is not None and order.accuses(lead.holder):
        raise refusals.AccusedDepartmentError
    refuse_unlike(order, lead, command.book)
    return [
        WorkOrderMerged(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            lead_id=lead.work_order_id,
            department=order.department,
            category=order.category,
            accused_department=order.accused_department,
            reason=command.reason,
            merged_by=command.by,
            occurred_at=command.now,
        )
    ]


def _unmerge(order: WorkOrder, command: UnmergeOrder) -> list[WorkOrderEvent]:
    """Restore where the order stood. A reaction that comes late, or speaks of another lead, changes nothing."""
    if order.dispatching.lead_id is None or command.lead_id not in (None, order.dispatching.lead_id):
        if command.lead_id is not None:
            return []
        raise NotMergedError
    return let_go(order, command)


def _take(order: WorkOrder, command: TakeFollower) -> list[WorkOrderEvent]:
    """Take a follower, or learn whom one accuses: whoever holds this order, in rework too, loses it to a dispatcher (A144).

    One that was merged just before this order got another category is unlike.
    """
    followers = order.dispatching.followers
    if command.follower_id in followers and command.accused_department in (None, followers[command.follower_id]):
        return []
    ids: dict[str, Any] = {
        "work_order_id": order.work_order_id,
        "request_id": order.request_id,
        "follower_id": command.follower_id,
    }
    if order.status not in _CAN_LEAD:
        return [WorkOrderFollowerDeclined(**ids, occurred_at=command.now)]
    if command.category not in (None, order.category):
        return [WorkOrderFollowerDeclined(**ids, reclassified=True, occurred_at=command.now)]
    joined = WorkOrderFollowerJoined(**ids, accused_department=command.accused_department, occurred_at=command.now)
    if order.holder is None or order.holder != command.accused_department:
        return [joined]
    return [joined, taken_away(order, order.holder, command.book.of(order.rule_version), command.now)]


def _release(order: WorkOrder, command: ReleaseFollower) -> list[WorkOrderEvent]:
    if command.follower_id not in order.dispatching.followers:
        return []
    return [
        WorkOrderFollowerLeft(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            follower_id=command.follower_id,
            occurred_at=command.now,
        )
    ]
