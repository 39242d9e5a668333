"""A second person reads what a department says: its reply, and that a matter cannot be resolved (A69, A97, A99)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.routing import (
    ReviewResult,
    UnresolvableReason,
    WorkOrderEvent,
    WorkOrderReplyCorrected,
    WorkOrderReplyReviewed,
    WorkOrderUnresolvableFiled,
    WorkOrderUnresolvableReviewed,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_rules.book import RuleBook
from routing.domain.work_order import refusals
from routing.domain.work_order.guards import own_stint, refuse_before_result
from routing.domain.work_order.handling import EvidenceMissingError, resolved, signed_stint
from routing.domain.work_order.standing import Status
from routing.domain.work_order.state import WorkOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReply:
    result: ReviewResult
    reason: Sealed | None
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectReply:
    department: str
    reply: Sealed
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUnresolvable:
    department: str
    reason: UnresolvableReason
    finding: Sealed
    evidence: tuple[UUID, ...]
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewUnresolvable:
    """`reply` is what the caller is told when the second person agrees."""

    agreed: bool
    reply: Sealed | None
    note: Sealed | None
    by: str
    now: datetime


ReviewingCommand: TypeAlias = ReviewReply | CorrectReply | FileUnresolvable | ReviewUnresolvable


class ReasonMissingError(RefusalError):
    """What is sent back is sent back with a reason (A97)."""

    code: ClassVar[str] = "reason_missing"
    rule: ClassVar[str | None] = "A97"
    field: ClassVar[str | None] = "body.reason"
    status: ClassVar[int] = 422


class ReplySentBackOnceError(RefusalError):
    """A reply is sent back once in a round (A97)."""

    code: ClassVar[str] = "reply_sent_back_once"
    rule: ClassVar[str | None] = "A97"


class ReplyNotCorrectedError(RefusalError):
    """The reply was sent back and is not yet corrected (A97)."""

    code: ClassVar[str] = "reply_not_corrected"
    rule: ClassVar[str | None] = "A97"
    missing = "reply_corrected"


class ReplyNotSentBackError(RefusalError):
    """Only a reply that was sent back is corrected (A97)."""

    code: ClassVar[str] = "reply_not_sent_back"
    rule: ClassVar[str | None] = "A97"
    missing = "reply_sent_back"


class UnresolvableNotFiledError(RefusalError):
    """No filing waits for a second person (A99)."""

    code: ClassVar[str] = "unresolvable_not_filed"
    rule: ClassVar[str | None] = "A99"
    missing = "unresolvable_filed"


class CallerNotToldError(RefusalError):
    """Who agrees that a matter cannot be resolved says what the caller is told (A69)."""

    code: ClassVar[str] = "caller_not_told"
    rule: ClassVar[str | None] = "A69"
    field: ClassVar[str | None] = "body.reply"
    status: ClassVar[int] = 422


def decide(order: WorkOrder, command: ReviewingCommand) -> list[WorkOrderEvent]:
    match command:
        case ReviewReply():
            return _review(order, command)
        case CorrectReply():
            return _correct(order, command)
        case FileUnresolvable():
            return _file(order, command)
        case ReviewUnresolvable():
            return _judge(order, command)
        case _:
            assert_never(command)


def _review(order: WorkOrder, command: ReviewReply) -> list[WorkOrderEvent]:
    _refuse_unresolved(order)
    if command.result is ReviewResult.SENT_BACK and command.reason is None:
        raise ReasonMissingError
    handling = order.handling
    if handling.resolved_by == command.by:
        raise refusals.SamePersonError
    if handling.review is command.result:
        return []
    if handling.review is ReviewResult.SENT_BACK:
        raise ReplyNotCorrectedError
    if handling.sent_back and command.result is ReviewResult.SENT_BACK:
        raise ReplySentBackOnceError
    refuse_before_result(order, command.now)
    return [
        WorkOrderReplyReviewed(**_ids(order, command.now), result=command.result, reason=command.reason, reviewed_by=command.by)
    ]


def _correct(order: WorkOrder, command: CorrectReply) -> list[WorkOrderEvent]:
    own_stint(order, command.department)
    _refuse_unresolved(order)
    if order.handling.corrected:
        return []
    if order.handling.review is not ReviewResult.SENT_BACK:
        raise ReplyNotSentBackError
    refuse_before_result(order, command.now)
    return [WorkOrderReplyCorrected(**_ids(order, command.now), reply=command.reply, corrected_by=command.by)]


def _file(order: WorkOrder, command: FileUnresolvable) -> list[WorkOrderEvent]:
    signed_stint(order, command.department, command.now)
    if not command.evidence:
        raise EvidenceMissingError
    if order.handling.filed is not None:
        return []
    return [
        WorkOrderUnresolvableFiled(
            **_ids(order, command.now),
            reason=command.reason,
            finding=command.finding,
            evidence=command.evidence,
            filed_by=command.by,
        )
    ]


def _judge(order: WorkOrder, command: ReviewUnresolvable) -> list[WorkOrderEvent]:
    """Agree, and the order is resolved as such with what the caller is told; or not, and the department goes on."""
    handling = order.handling
    if handling.filed is None:
        if command.agreed and handling.unresolvable is not None:
            return []
        raise UnresolvableNotFiledError
    if handling.filed_by == command.by:
        raise refusals.SamePersonError
    if command.agreed and command.reply is None:
        raise CallerNotToldError
    reviewed = WorkOrderUnresolvableReviewed(
        **_ids(order, command.now), reason=handling.filed, agreed=command.agreed, note=command.note, reviewed_by=command.by
    )
    if command.reply is None or not command.agreed:
        return [reviewed]
    return [reviewed, resolved(order, command.reply, by=handling.filed_by or command.by, now=command.now)]


def _refuse_unresolved(order: WorkOrder) -> None:
    if order.status in {Status.CLOSED, Status.WITHDRAWN}:
        raise refusals.OrderClosedError
    if order.status is not Status.RESOLVED:
        raise refusals.OrderNotResolvedError


def _ids(order: WorkOrder, now: datetime) -> dict[str, Any]:
    stint = order.stint
    assert stint is not None  # noqa: S101 - whatever is reviewed was in hands
    return {
        "work_order_id": order.work_order_id,
        "request_id": order.request_id,
        "requester_id": order.requester_id,
        "department": stint.department,
        "round": stint.round,
        "occurred_at": now,
    }
