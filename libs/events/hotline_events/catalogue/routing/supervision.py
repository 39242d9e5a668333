"""Supervision of a work order (督办): a case with a deadline and an answer of its own (A90, A91)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.routing.urging import Rung
from hotline_events.registry import event
from hotline_events.sealing import Sealed


class SupervisionGround(StrEnum):
    """Why an order is supervised. Urged, and dissatisfied after rework: it opened by itself."""

    URGED = "urged"
    LEADER_INSTRUCTION = "leader_instruction"
    HOT_ISSUE = "hot_issue"
    REPEATED_COMPLAINT = "repeated_complaint"
    INSPECTION = "inspection"
    DISSATISFIED = "dissatisfied"


@event("routing.work_order.supervision_opened", sealed_by="requester_id")
class WorkOrderSupervisionOpened:
    """The order is supervised: the department owes the supervisor an answer by `due_at`.

    `continues` is the case that lapsed with the department before, or the round before, and was never
    closed: its instruction holds.
    """

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    supervision_id: UUID
    department: str
    hop: int
    round: int
    ground: SupervisionGround
    instruction: Sealed | None = None
    continues: UUID | None = None
    due_at: datetime
    opened_by: str
    rule_version: str
    occurred_at: datetime


@event("routing.work_order.supervision_answered", sealed_by="requester_id")
class WorkOrderSupervisionAnswered:
    """The department answered the supervisor; the supervisor reviews the answer."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    supervision_id: UUID
    department: str
    answer: Sealed
    answered_by: str
    occurred_at: datetime


@event("routing.work_order.supervision_sent_back", sealed_by="requester_id")
class WorkOrderSupervisionSentBack:
    """The supervisor was not content with the answer; another one is owed by the same deadline."""

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    supervision_id: UUID
    department: str
    reason: Sealed
    sent_back_by: str
    occurred_at: datetime


@event("routing.work_order.supervision_overdue")
class WorkOrderSupervisionOverdue:
    """The supervision's own deadline passed without an answer; `occurred_at` is the deadline itself."""

    work_order_id: UUID
    request_id: UUID
    supervision_id: UUID
    department: str
    occurred_at: datetime


@event("routing.work_order.supervision_closed")
class WorkOrderSupervisionClosed:
    """The supervisor accepted the answer. An order that is still in the department's hands is urged again from here."""

    work_order_id: UUID
    request_id: UUID
    supervision_id: UUID
    department: str
    hop: int
    round: int
    closed_by: str
    next_rung: Rung | None = None
    next_rung_at: datetime | None = None
    rule_version: str
    occurred_at: datetime


WorkOrderSupervisionEvent: TypeAlias = (
    WorkOrderSupervisionOpened
    | WorkOrderSupervisionAnswered
    | WorkOrderSupervisionSentBack
    | WorkOrderSupervisionOverdue
    | WorkOrderSupervisionClosed
)
