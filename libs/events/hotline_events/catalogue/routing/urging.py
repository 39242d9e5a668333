"""Reminders, urging and cards of a work order (A89, A90): the rungs of one ladder a stint.

Each rung that was climbed says which comes next and when, so that an order has one ladder timer at a time.
"""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event
from hotline_events.sealing import Sealed


class Rung(StrEnum):
    """A step of the ladder on the resolve clock."""

    REMINDER = "reminder"
    YELLOW_CARD = "yellow_card"
    URGE = "urge"
    RED_CARD = "red_card"
    CRITICISM = "criticism"


class Card(StrEnum):
    """What is shown beside an order: yellow before or at the due time, red after it."""

    YELLOW = "yellow"
    RED = "red"


@event("routing.work_order.reminded")
class WorkOrderReminded:
    """The department was reminded of the due time before it came (A89)."""

    work_order_id: UUID
    request_id: UUID
    department: str
    hop: int
    round: int
    resolve_due_at: datetime
    next_rung: Rung | None = None
    next_rung_at: datetime | None = None
    rule_version: str
    occurred_at: datetime


@event("routing.work_order.urged", sealed_by="requester_id")
class WorkOrderUrged:
    """The department was urged for the `number`th time in this stint (A90).

    By itself from the due time on (`by_hand` false), or by hand because the caller called again; `reason` is what they said.
    """

    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    hop: int
    round: int
    number: int
    by_hand: bool
    reason: Sealed | None = None
    urged_by: str
    next_rung: Rung | None = None
    next_rung_at: datetime | None = None
    rule_version: str
    occurred_at: datetime


@event("routing.work_order.card_shown")
class WorkOrderCardShown:
    """The order is shown with a card from now on (A89)."""

    work_order_id: UUID
    request_id: UUID
    department: str
    hop: int
    round: int
    card: Card
    next_rung: Rung | None = None
    next_rung_at: datetime | None = None
    rule_version: str
    occurred_at: datetime


@event("routing.work_order.criticism_marked")
class WorkOrderCriticismMarked:
    """The order has been urged and still has no result after the pack's span: it may be named in a notice of criticism."""

    work_order_id: UUID
    request_id: UUID
    department: str
    hop: int
    round: int
    first_urged_at: datetime
    next_rung: Rung | None = None
    next_rung_at: datetime | None = None
    rule_version: str
    occurred_at: datetime


WorkOrderUrgingEvent: TypeAlias = WorkOrderReminded | WorkOrderUrged | WorkOrderCardShown | WorkOrderCriticismMarked
