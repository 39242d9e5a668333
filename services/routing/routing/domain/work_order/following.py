"""What a merged order does after its lead: it gets the lead's category, its resolution, or ends with nobody to answer (D5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.routing import (
    ReclassificationReason,
    UnmergeReason,
    WorkOrderClassified,
    WorkOrderEvent,
    WorkOrderResolved,
    WorkOrderWithdrawn,
)
from hotline_events.sealing import Sealed
from hotline_rules.book import RuleBook
from routing.domain.work_order.merging import UnmergeOrder
from routing.domain.work_order.state import WorkOrder
from routing.domain.work_order.unmerging import let_go

_BY = "service:routing"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowClassification:
    """Asked of a follower: the lead, and so the matter that both are about, was given another category (A73).

    `answer_class` is the category table's, None where a person gave the lead its own.
    """

    lead_id: UUID
    category: str
    table_version: int
    answer_class: str | None
    reason: ReclassificationReason | None
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowResolution:
    """Asked of a follower: the lead was resolved. The reply is the lead's, sealed for the follower's own requester.

    `rule_version` is the lead's pack, for a follower that no clock of its own ever ran for. What the lead was not investigated
    or tracked for, its follower was not either.
    """

    lead_id: UUID
    department: str
    reply: Sealed
    rule_version: str | None = None
    investigated: bool = True
    tracked: bool = True
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndFollower:
    """Asked of a follower: the lead was resolved, and the follower's requester was erased: there is nobody to answer."""

    lead_id: UUID
    now: datetime


FollowingCommand: TypeAlias = FollowClassification | FollowResolution | EndFollower


def decide(order: WorkOrder, command: FollowingCommand) -> list[WorkOrderEvent]:
    """Do as the lead did; a follower that was unmerged meanwhile goes its own way."""
    if order.dispatching.lead_id != command.lead_id:
        return []
    match command:
        case FollowClassification():
            return _reclassify(order, command)
        case FollowResolution():
            return _follow(order, command)
        case EndFollower():
            return _end(order, command)
        case _:
            assert_never(command)


def _reclassify(order: WorkOrder, command: FollowClassification) -> list[WorkOrderEvent]:
    """Take over the lead's other category: merged matters are one, and stay alike. A class that a person gave stays."""
    part = order.dispatching
    if order.category == command.category:
        return []
    return [
        WorkOrderClassified(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            category=command.category,
            table_version=command.table_version,
            answer_class=part.answer_class if part.class_given else command.answer_class or part.answer_class,
            class_given=part.class_given,
            from_category=order.category,
            reason=command.reason,
            classified_by=command.by,
            occurred_at=command.now,
        )
    ]


def _follow(order: WorkOrder, command: FollowResolution) -> list[WorkOrderEvent]:
    """Resolve as the lead was; what accuses whom the lead was resolved by goes its own way (A144)."""
    part = order.dispatching
    if order.accuses(command.department):
        reason = UnmergeReason.LEAD_ACCUSED
        alone = UnmergeOrder(reason=reason, lead_id=part.lead_id, book=command.book, by=_BY, now=command.now)
        return let_go(order, alone)
    return [
        WorkOrderResolved(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            requester_id=order.requester_id,
            department=command.department,
            round=order.stint.round if order.stint else 1,
            reply=command.reply,
            request_type=order.request_type,
            rule_version=order.rule_version or command.rule_version,
            first_contact=part.first_contact,
            accepted_at=order.accepted_at,
            resolve_due_at=order.urging.ladder.due_at if order.urging.ladder else None,
            merged_into=command.lead_id,
            investigated=command.investigated,
            tracked=command.tracked,
            resolved_by=command.by,
            occurred_at=command.now,
        )
    ]


def _end(order: WorkOrder, command: EndFollower) -> list[WorkOrderEvent]:
    return [
        WorkOrderWithdrawn(
            work_order_id=order.work_order_id,
            request_id=order.request_id,
            department=order.department,
            requester_erased=True,
            occurred_at=command.now,
        )
    ]
